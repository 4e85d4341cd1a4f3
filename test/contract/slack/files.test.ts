import { describe, expect, test, vi } from 'vitest';
import { refusalOf, startTestSlack, type TestSlack } from './slack-world.ts';

/** The smallest PNG there is: one pixel. */
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const log = 'first line\nsecond line\n';

async function eventually(check: () => void | Promise<void>): Promise<void> {
  await vi.waitFor(check, { timeout: 5_000, interval: 10 });
}

interface Reserved {
  readonly id: string;
  readonly url: string;
}

async function reserve(slack: TestSlack, filename: string, length: number, more: object = {}): Promise<Reserved> {
  const answer = await slack.client.apiCall('files.getUploadURLExternal', { filename, length, ...more });
  const { file_id: id = '', upload_url: url = '' } = answer as { file_id?: string; upload_url?: string };
  return { id, url };
}

async function upload(slack: TestSlack, filename: string, content: Buffer, more: object = {}): Promise<string> {
  const { id, url } = await reserve(slack, filename, content.length, more);
  await fetch(url, { method: 'POST', body: new Uint8Array(content) });
  return id;
}

describe('files', () => {
  test("the SDK's filesUploadV2 shares a file into a thread, with a comment and without metadata", async () => {
    const slack = await startTestSlack();
    const { alerts, client } = slack;
    const { ts = '' } = await client.chat.postMessage({ channel: alerts, text: 'root' });

    await client.filesUploadV2({
      channel_id: alerts,
      thread_ts: ts,
      filename: 'checkout.log',
      title: 'Last lines',
      content: log,
      initial_comment: 'The log before the kill',
    });
    await eventually(async () => {
      const thread = await client.conversations.replies({ channel: alerts, ts, include_all_metadata: true });
      expect(thread.messages).toMatchObject([
        { text: 'root', reply_count: 1 },
        {
          text: 'The log before the kill',
          user: slack.workspace.bot.userId,
          bot_id: slack.workspace.bot.botId,
          files: [
            {
              name: 'checkout.log',
              title: 'Last lines',
              mimetype: 'text/plain',
              filetype: 'text',
              size: log.length,
              permalink: expect.stringContaining('/files/'),
              preview: log,
              shares: { public: { [alerts]: [{ thread_ts: ts }] } },
            },
          ],
        },
      ]);
      expect(thread.messages?.[1]).not.toHaveProperty('metadata');
    });

    expect(slack.complaints).toEqual([]);
    expect(slack.messageLog()).toHaveLength(1);
  });

  test('several files are shared in one message', async () => {
    const slack = await startTestSlack({ fileProcessingMs: 0 });

    await slack.client.filesUploadV2({
      channel_id: slack.alerts,
      file_uploads: [
        { filename: 'chart.png', file: png },
        { filename: 'change.diff', content: '-a\n+b' },
      ],
    });
    const history = await slack.client.conversations.history({ channel: slack.alerts });

    expect(history.messages).toMatchObject([
      {
        files: [
          { name: 'chart.png', filetype: 'png', thumb_360: expect.stringContaining('chart.png') },
          { filetype: 'diff' },
        ],
      },
    ]);
  });

  test('a file has no type and is nowhere until Slack has looked at it', async () => {
    const slack = await startTestSlack({ fileProcessingMs: 150 });
    const id = await upload(slack, 'chart.png', png, { alt_txt: 'Usage climbs to 256Mi' });

    const answer = await slack.client.files.completeUploadExternal({ files: [{ id }], channel_id: slack.alerts });
    const picture = { type: 'image' as const, slack_file: { id }, alt_text: 'chart' };
    const early = await refusalOf(
      slack.client.chat.postMessage({ channel: slack.alerts, text: 'x', blocks: [picture] }),
    );
    await eventually(async () => {
      const { file } = await slack.client.files.info({ file: id });
      expect(file).toMatchObject({ mimetype: 'image/png', channels: [slack.alerts], alt_txt: 'Usage climbs to 256Mi' });
    });
    const later = await slack.client.chat.postMessage({ channel: slack.alerts, text: 'x', blocks: [picture] });

    expect(answer.files).toMatchObject([{ id, title: 'chart.png', mimetype: '', filetype: '', channels: [] }]);
    expect(early).toMatchObject({
      error: 'invalid_blocks',
      errors: ['invalid slack file [json-pointer:/blocks/0/slack_file]'],
    });
    expect(later.ok).toBe(true);
  });

  test('a picture block takes a file by id, by url_private and by permalink, and only a picture', async () => {
    const slack = await startTestSlack({ fileProcessingMs: 0 });
    const picture = await upload(slack, 'chart.png', png);
    const text = await upload(slack, 'a.txt', Buffer.from('text'));
    await slack.client.files.completeUploadExternal({ files: [{ id: picture }, { id: text }] });
    const { file } = await slack.client.files.info({ file: picture });
    const post = async (slackFile: object): Promise<string> =>
      slack.client
        .apiCall('chat.postMessage', {
          channel: slack.alerts,
          text: 'x',
          blocks: [{ type: 'image', slack_file: slackFile, alt_text: 'chart' }],
        })
        .then(
          () => 'ok',
          (error: unknown) => String((error as { data?: { errors?: unknown } }).data?.errors),
        );

    const taken = [
      await post({ id: picture }),
      await post({ url: file?.url_private }),
      await post({ url: file?.permalink }),
    ];
    const refused = [
      await post({ id: text }),
      await post({ id: 'F404' }),
      await post({ id: picture, url: 'http://x' }),
    ];

    expect(taken).toEqual(['ok', 'ok', 'ok']);
    expect(refused).toEqual([
      'invalid slack file [json-pointer:/blocks/0/slack_file]',
      'invalid slack file [json-pointer:/blocks/0/slack_file]',
      'must define exactly one of: id, url [json-pointer:/blocks/0/slack_file]',
    ]);
  });

  test('a name that ends in .png is no picture when the bytes are none', async () => {
    const slack = await startTestSlack({ fileProcessingMs: 0 });
    const id = await upload(slack, 'chart.png', Buffer.from('<script>'));

    await slack.client.files.completeUploadExternal({ files: [{ id }] });
    const { file } = await slack.client.files.info({ file: id });

    expect(file).toMatchObject({ mimetype: 'application/octet-stream' });
    expect(file).not.toHaveProperty('thumb_360');
  });

  test('the upload takes raw bytes and forms, once, and exactly as many bytes as were announced', async () => {
    const slack = await startTestSlack();
    const raw = await reserve(slack, 'a.txt', 4);
    const form = await reserve(slack, 'b.txt', 4);
    const post = async (url: string, body: string | FormData): Promise<unknown> => {
      const response = await fetch(url, { method: 'POST', body });
      return [response.status, await response.text()];
    };
    const data = new FormData();
    data.append('file', new Blob(['text']), 'b.txt');

    const short = await post(raw.url, 'tex');
    const unfinished = await refusalOf(slack.client.files.completeUploadExternal({ files: [{ id: raw.id }] }));
    const exact = await post(raw.url, 'text');
    const again = await post(raw.url, 'text');
    const asForm = await post(form.url, data);

    expect([short, exact, again, asForm]).toEqual([
      [400, 'wrong_length'],
      [200, 'OK - 4'],
      [404, 'unknown_upload'],
      [200, 'OK - 4'],
    ]);
    expect(unfinished.error).toBe('file_not_found');
  });

  test.for([
    ['an unknown file', 'file_not_found', { files: [{ id: 'F404' }] }],
    ['no file at all', 'invalid_arguments', { files: [] }],
    ['an unknown channel', 'channel_not_found', { channel_id: 'C404' }],
    ['a channel without the bot', 'not_in_channel', { channel_id: 'general' }],
    ['a thread that is not there', 'thread_not_found', { channel_id: 'oom-alerts', thread_ts: '1.2' }],
    ['a thread without a channel', 'invalid_arguments', { thread_ts: '1.2' }],
  ] as const)('completing an upload with %s: %s', async ([, code, changes]) => {
    const slack = await startTestSlack({ fileProcessingMs: 0 });
    const id = await upload(slack, 'a.txt', Buffer.from('text'));
    const ids = Object.fromEntries(slack.store.channels().map((channel) => [channel.name, channel.id]));
    const place = 'channel_id' in changes ? { channel_id: ids[changes.channel_id] ?? changes.channel_id } : {};

    const refusal = await refusalOf(
      slack.client.apiCall('files.completeUploadExternal', { files: [{ id }], ...changes, ...place }),
    );

    expect(refusal.error).toBe(code);
    expect(slack.store.timeline(slack.alerts)).toEqual([]);
  });

  test.for([
    ['nothing', 'missing_argument', { length: 0 }],
    ['an alternative text that is too long', 'alt_txt_too_large', { alt_txt: 'x'.repeat(1001) }],
    ['a snippet of an unknown kind', 'unknown_snippet_type', { snippet_type: 'klingon' }],
    ['a snippet that is too large', 'snippet_too_large', { snippet_type: 'yaml', length: 1024 * 1024 + 1 }],
    ['no name', 'invalid_arguments', { filename: '' }],
  ] as const)('an upload URL for %s: %s', async ([, code, changes]) => {
    const { client } = await startTestSlack();

    const refusal = await refusalOf(
      client.apiCall('files.getUploadURLExternal', { filename: 'a.txt', length: 4, ...changes }),
    );

    expect(refusal.error).toBe(code);
  });

  test('uploading needs files:write, looking needs files:read', async () => {
    const { client } = await startTestSlack({ workspace: { scopes: ['chat:write'] } });

    const write = await refusalOf(client.files.getUploadURLExternal({ filename: 'a.txt', length: 4 }));
    const read = await refusalOf(client.files.info({ file: 'F1' }));

    expect(write).toMatchObject({ error: 'missing_scope', needed: 'files:write' });
    expect(read).toMatchObject({ error: 'missing_scope', needed: 'files:read' });
  });

  test('a file with an alternative text that is no picture is never shared, and the log says so', async () => {
    const slack = await startTestSlack({ fileProcessingMs: 0 });
    const id = await upload(slack, 'a.log', Buffer.from('text'), { alt_txt: 'The log' });

    const answer = await slack.client.files.completeUploadExternal({ files: [{ id }], channel_id: slack.alerts });

    expect(answer.ok).toBe(true);
    expect(slack.store.timeline(slack.alerts)).toEqual([]);
    expect(slack.complaints).toMatchObject([{ fields: { files: ['a.log'] } }]);
  });

  test("the SDK's alt_text is an argument that Slack does not know", async () => {
    const slack = await startTestSlack({ fileProcessingMs: 0 });

    await slack.client.filesUploadV2({ channel_id: slack.alerts, filename: 'c.png', file: png, alt_text: 'A chart' });
    const history = await slack.client.conversations.history({ channel: slack.alerts });

    expect(history.messages?.[0]?.files?.[0]).not.toHaveProperty('alt_txt');
    expect(slack.complaints).toMatchObject([{ fields: { unknown: ['alt_text'] } }]);
  });

  test('url_private gives the bytes for the bot token and a sign-in page for anybody else', async () => {
    const slack = await startTestSlack({ fileProcessingMs: 0 });
    const id = await upload(slack, 'chart.png', png);
    await slack.client.files.completeUploadExternal({ files: [{ id }] });
    const { file } = await slack.client.files.info({ file: id });
    const get = async (token: string): Promise<Response> =>
      fetch(file?.url_private ?? '', { headers: { authorization: `Bearer ${token}` } });

    const own = await get(slack.botToken);
    const other = await get('xoxb-other');

    expect(own.headers.get('content-type')).toBe('image/png');
    expect(Buffer.from(await own.arrayBuffer()).equals(png)).toBe(true);
    expect(other.headers.get('content-type')).toContain('text/html');
  });

  test('a deleted file leaves a tombstone in its message', async () => {
    const slack = await startTestSlack({ fileProcessingMs: 0 });
    await slack.client.filesUploadV2({ channel_id: slack.alerts, filename: 'a.log', content: log });
    const before = await slack.client.conversations.history({ channel: slack.alerts });
    const id = before.messages?.[0]?.files?.[0]?.id ?? '';

    await slack.client.files.delete({ file: id });
    const after = await slack.client.conversations.history({ channel: slack.alerts });
    const again = await refusalOf(slack.client.files.delete({ file: id }));

    expect(after.messages?.[0]?.files).toEqual([{ id, mode: 'tombstone' }]);
    expect(again.error).toBe('file_not_found');
  });
});
