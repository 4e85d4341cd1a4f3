import { describe, expect, test } from 'vitest';
import { createHandClock } from '../../../sandbox/hand-clock.ts';
import { refusalOf, startTestSlack, type TestSlack } from './slack-world.ts';
import { eventually } from '../../eventually.ts';

/** The smallest PNG there is: one pixel. */
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const log = 'first line\nsecond line\n';

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
  test('are shared into a thread, in a message without metadata', async () => {
    const slack = await startTestSlack();
    const { alerts, client } = slack;
    const { ts = '' } = await client.chat.postMessage({ channel: alerts, text: 'root' });

    const id = await upload(slack, 'checkout.log', Buffer.from(log));
    await client.files.completeUploadExternal({
      files: [{ id, title: 'Last lines' }],
      channel_id: alerts,
      thread_ts: ts,
    });
    await eventually(async () => {
      const thread = await client.conversations.replies({ channel: alerts, ts, include_all_metadata: true });
      expect(thread.messages).toMatchObject([
        { text: 'root', reply_count: 1 },
        {
          user: slack.workspace.bot.userId,
          bot_id: slack.workspace.bot.botId,
          files: [{ id: expect.any(String) }],
        },
      ]);
      expect(thread.messages?.[1]).not.toHaveProperty('metadata');
    });
    const [file] = Object.values(slack.control.state()['files'] as object);

    expect(file).toMatchObject({ title: 'Last lines', shown_as: 'text', text: log, is_cut: false });
    expect(slack.complaints).toEqual([]);
    expect(slack.messageLog()).toHaveLength(1);
  });

  test('a file has no type and is nowhere until Slack has looked at it', async () => {
    const clock = createHandClock();
    const slack = await startTestSlack({ clock, fileProcessingMs: 150 });
    const id = await upload(slack, 'chart.png', png, { alt_txt: 'Usage climbs to 256Mi' });

    const answer = await slack.client.files.completeUploadExternal({ files: [{ id }], channel_id: slack.alerts });
    const picture = { type: 'image' as const, slack_file: { id }, alt_text: 'chart' };
    const early = await refusalOf(
      slack.client.chat.postMessage({ channel: slack.alerts, text: 'x', blocks: [picture] }),
    );
    const files = (): object => slack.control.state()['files'] as object;
    const before = files();
    await clock.advance(150);
    const after = files();
    const later = await slack.client.chat.postMessage({ channel: slack.alerts, text: 'x', blocks: [picture] });

    expect(answer.files).toEqual([{ id, title: 'chart.png' }]);
    expect(before).toEqual({});
    expect(after).toMatchObject({ [id]: { shown_as: 'image', alt_txt: 'Usage climbs to 256Mi' } });
    expect(early).toMatchObject({
      error: 'invalid_blocks',
      errors: ['invalid slack file [json-pointer:/blocks/0/slack_file]'],
    });
    expect(later.ok).toBe(true);
  });

  test('the upload takes bytes once, and exactly as many as were announced', async () => {
    const slack = await startTestSlack();
    const raw = await reserve(slack, 'a.txt', 4);
    const post = async (url: string, body: string): Promise<unknown> => {
      const response = await fetch(url, { method: 'POST', body });
      return [response.status, await response.text()];
    };

    const short = await post(raw.url, 'tex');
    const unfinished = await refusalOf(slack.client.files.completeUploadExternal({ files: [{ id: raw.id }] }));
    const exact = await post(raw.url, 'text');
    const again = await post(raw.url, 'text');

    expect([short, exact, again]).toEqual([
      [400, 'wrong_length'],
      [200, 'OK - 4'],
      [404, 'unknown_upload'],
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
    ['no name', 'invalid_arguments', { filename: '' }],
  ] as const)('an upload URL for %s: %s', async ([, code, changes]) => {
    const { client } = await startTestSlack();

    const refusal = await refusalOf(
      client.apiCall('files.getUploadURLExternal', { filename: 'a.txt', length: 4, ...changes }),
    );

    expect(refusal.error).toBe(code);
  });

  test('uploading needs files:write', async () => {
    const { client } = await startTestSlack({ workspace: { scopes: ['chat:write'] } });

    const write = await refusalOf(client.files.getUploadURLExternal({ filename: 'a.txt', length: 4 }));

    expect(write).toMatchObject({ error: 'missing_scope', needed: 'files:write' });
  });

  test('a file with an alternative text that is no picture is never shared, and the log says so', async () => {
    const slack = await startTestSlack({ fileProcessingMs: 0 });
    const id = await upload(slack, 'a.log', Buffer.from('text'), { alt_txt: 'The log' });

    const answer = await slack.client.files.completeUploadExternal({ files: [{ id }], channel_id: slack.alerts });

    expect(answer.ok).toBe(true);
    expect(slack.store.timeline(slack.alerts)).toEqual([]);
    expect(slack.complaints).toMatchObject([{ fields: { files: ['a.log'] } }]);
  });

  test('only what is a picture by its bytes may stand in a block', async () => {
    const slack = await startTestSlack({ fileProcessingMs: 0 });
    const id = await upload(slack, 'chart.png', Buffer.from('<script>'));
    await slack.client.files.completeUploadExternal({ files: [{ id }] });
    const picture = { type: 'image' as const, slack_file: { id }, alt_text: 'chart' };

    const refusal = await refusalOf(
      slack.client.chat.postMessage({ channel: slack.alerts, text: 'x', blocks: [picture] }),
    );

    expect(refusal['errors']).toEqual(['invalid slack file [json-pointer:/blocks/0/slack_file]']);
    expect(slack.control.state()['files']).toMatchObject({ [id]: { shown_as: 'download' } });
  });
});
