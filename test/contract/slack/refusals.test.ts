import { describe, expect, test } from 'vitest';
import { createHandClock } from '../../../sandbox/hand-clock.ts';
import { refusalOf, startTestSlack } from './slack-world.ts';

const channels = [
  { name: 'oom-alerts' },
  { name: 'quiet', isArchived: true },
  { name: 'elsewhere', botIsMember: false },
  { name: 'secret', isPrivate: true, botIsMember: false },
];

const sections = (count: number, length: number) =>
  Array.from({ length: count }, () => ({ type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(length) } }));

const cases: readonly (readonly [string, string, string, Record<string, unknown>])[] = [
  ['an unknown channel', 'channel_not_found', 'chat.postMessage', { channel: 'C404', text: 'x' }],
  ['a private channel without the bot', 'channel_not_found', 'chat.postMessage', { channel: 'secret', text: 'x' }],
  ['a channel without the bot', 'not_in_channel', 'chat.postMessage', { channel: 'elsewhere', text: 'x' }],
  ['an archived channel', 'is_archived', 'chat.postMessage', { channel: 'quiet', text: 'x' }],
  ['a message that says nothing', 'no_text', 'chat.postMessage', { channel: 'oom-alerts' }],
  ['a channel that is not given', 'invalid_arguments', 'chat.postMessage', { text: 'x' }],
  [
    'a thread that is not there',
    'thread_not_found',
    'chat.postMessage',
    { channel: 'oom-alerts', text: 'x', thread_ts: '1.2' },
  ],
  ['blocks that are no list', 'invalid_blocks_format', 'chat.postMessage', { channel: 'oom-alerts', blocks: '{"a"' }],
  [
    'metadata without a type',
    'invalid_metadata_format',
    'chat.postMessage',
    { channel: 'oom-alerts', text: 'x', metadata: { event_payload: {} } },
  ],
  [
    '9 200 characters in all blocks',
    'msg_blocks_too_long',
    'chat.postMessage',
    { channel: 'oom-alerts', blocks: sections(4, 2300) },
  ],
  ['a page size of zero', 'invalid_limit', 'conversations.list', { limit: 0 }],
  ['a made-up cursor', 'invalid_cursor', 'conversations.list', { cursor: 'bm9uc2Vuc2U=' }],
];

describe('what the Web API refuses', () => {
  test.for(cases)('%s: %s', async ([, code, method, args]) => {
    const slack = await startTestSlack({ workspace: { channels } });

    const refusal = await refusalOf(slack.client.apiCall(method, args));

    expect(refusal.error).toBe(code);
    expect(slack.messageLog()).toEqual([]);
  });

  test('names a missing argument', async () => {
    const { client } = await startTestSlack();

    const refusal = await refusalOf(client.apiCall('chat.update', { channel: 'C1' }));

    expect(refusal).toMatchObject({ response_metadata: { messages: ['[ERROR] missing required field: ts'] } });
  });

  test('edits nothing that is gone, in an archived channel, too old or by somebody else', async () => {
    const clock = createHandClock();
    const slack = await startTestSlack({ clock, editWindowMs: 60_000 });
    const { alerts, client, store } = slack;
    const { ts = '' } = await client.chat.postMessage({ channel: alerts, text: 'x' });
    const notice = store.post({ channel: alerts, user: 'USLACKBOT', text: 'notice', blocks: [] });
    const edit = async (of: string): Promise<string> =>
      (await refusalOf(client.chat.update({ channel: alerts, ts: of, text: 'y' }))).error;

    const gone = await edit('1.000001');
    const foreign = await edit(notice.ts);
    await clock.advance(60_001);
    const old = await edit(ts);
    Object.assign(store.channel(alerts) ?? {}, { isArchived: true });
    const archived = await edit(ts);

    expect({ gone, foreign, old, archived }).toEqual({
      gone: 'message_not_found',
      foreign: 'cant_update_message',
      old: 'edit_window_closed',
      archived: 'is_inactive',
    });
  });

  test('tells tokens apart: none, wrong, of the wrong kind', async () => {
    const { appToken, clientWith } = await startTestSlack();

    const none = await refusalOf(clientWith(undefined).auth.test());
    const wrong = await refusalOf(clientWith('xoxb-other').auth.test());
    const kind = await refusalOf(clientWith(appToken).auth.test());

    expect([none.error, wrong.error, kind.error]).toEqual(['not_authed', 'invalid_auth', 'not_allowed_token_type']);
  });

  test('names the scope that is missing and those that there are', async () => {
    const { client } = await startTestSlack({ workspace: { scopes: ['chat:write', 'commands'] } });

    const refusal = await refusalOf(client.usergroups.list({}));

    expect(refusal).toMatchObject({
      error: 'missing_scope',
      needed: 'usergroups:read',
      provided: 'chat:write,commands',
      response_metadata: { scopes: ['chat:write', 'commands'], acceptedScopes: ['usergroups:read'] },
    });
  });
});
