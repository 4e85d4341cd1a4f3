import { describe, expect, test } from 'vitest';
import { createHandClock } from '../../../sandbox/hand-clock.ts';
import { coveredMethods } from '../../../sandbox/slack/web-api/web-api.ts';
import { seedWorkspace } from '../../../sandbox/slack/workspace.ts';
import { refusalOf, startTestSlack } from './slack-world.ts';

const metadata = {
  event_type: 'oomkeeper_incident',
  event_payload: { incident: 'INC-7F3K', version: 3, open: true },
};

const line = { type: 'section' as const, text: { type: 'mrkdwn' as const, text: 'x' } };

describe('the Web API, seen by @slack/web-api', () => {
  test('lists exactly the methods that it answers', async () => {
    const { apiUrl } = await startTestSlack();
    const wanted = [
      'api.test',
      'apps.connections.open',
      'auth.test',
      'bots.info',
      'chat.delete',
      'chat.getPermalink',
      'chat.postEphemeral',
      'chat.postMessage',
      'chat.update',
      'conversations.history',
      'conversations.list',
      'conversations.replies',
      'files.completeUploadExternal',
      'files.getUploadURLExternal',
      'usergroups.list',
      'users.info',
      'views.open',
      'views.publish',
      'views.update',
    ];

    const answers = await Promise.all(
      coveredMethods.map(async (method): Promise<unknown> =>
        (await fetch(`${apiUrl}${method}`, { method: 'POST' })).json(),
      ),
    );

    expect(coveredMethods).toEqual(wanted);
    for (const answer of answers) expect(answer).not.toMatchObject({ error: 'unknown_method' });
  });

  test('refuses a method that it does not cover and says so in the log', async () => {
    const slack = await startTestSlack();

    const refusal = await refusalOf(slack.client.apiCall('pins.add', { channel: 'x' }));

    expect(refusal).toMatchObject({ error: 'unknown_method' });
    expect(slack.requestLog()).toMatchObject([{ kind: 'api', method: 'pins.add', ok: false, error: 'unknown_method' }]);
    expect(slack.complaints).toHaveLength(1);
  });

  test('ignores an unknown argument as Slack does, but logs it as an error', async () => {
    const slack = await startTestSlack();

    const answer = await slack.client.apiCall('chat.postMessage', { channel: slack.alerts, text: 'hi', colour: 'red' });

    expect(answer.ok).toBe(true);
    expect(slack.requestLog()).toMatchObject([{ ok: true, error: 'unknown_arguments: colour' }]);
    expect(slack.complaints).toMatchObject([{ fields: { method: 'chat.postMessage', unknown: ['colour'] } }]);
  });

  test('says who the bot is and where it works', async () => {
    const { client, workspace } = await startTestSlack();

    const who = await client.auth.test();

    expect(who).toMatchObject({
      user_id: workspace.bot.userId,
      bot_id: workspace.bot.botId,
      team_id: workspace.team.id,
    });
  });

  test('takes JSON bodies as well as forms', async () => {
    const slack = await startTestSlack();

    const response = await fetch(`${slack.apiUrl}chat.postMessage`, {
      method: 'POST',
      headers: { authorization: `Bearer ${slack.botToken}`, 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({ channel: slack.alerts, text: 'hi', metadata }),
    });

    expect(await response.json()).toMatchObject({ ok: true, message: { text: 'hi', metadata } });
  });

  test('posts by channel name, with ids for blocks and actions, and remembers it in the message log', async () => {
    const slack = await startTestSlack();
    const button = { type: 'button' as const, text: { type: 'plain_text' as const, text: 'Apply' } };

    const posted = await slack.client.chat.postMessage({
      channel: '#oom-alerts',
      text: 'killed',
      blocks: [{ type: 'actions', elements: [button] }],
      metadata,
    });

    expect(posted.channel).toBe(slack.alerts);
    expect(posted.ts).toMatch(/^\d{10}\.\d{6}$/);
    expect(posted.message?.blocks).toMatchObject([
      { block_id: expect.any(String), elements: [{ action_id: expect.any(String), text: { emoji: true } }] },
    ]);
    expect(slack.messageLog()).toMatchObject([
      { channel: slack.alerts, ts: posted.ts, metadata, acceptedAt: expect.any(Number) },
    ]);
  });

  test('gives every message its own time stamp, also within one millisecond', async () => {
    const slack = await startTestSlack({ clock: createHandClock() });

    const posts = await Promise.all(
      [1, 2, 3].map((n) => slack.client.chat.postMessage({ channel: slack.alerts, text: `${n}` })),
    );

    expect(new Set(posts.map((post) => post.ts)).size).toBe(3);
  });

  test('cuts a text after 40 000 characters when posting and refuses more than 4 000 in an update', async () => {
    const { alerts, client } = await startTestSlack();

    const posted = await client.chat.postMessage({ channel: alerts, text: 'x'.repeat(40_001) });
    const refusal = await refusalOf(
      client.chat.update({ channel: alerts, ts: posted.ts ?? '', text: 'x'.repeat(4_001) }),
    );

    expect(posted.message?.text).toHaveLength(40_000);
    expect(refusal.error).toBe('msg_too_long');
  });

  test('replaces blocks by a text alone, keeps them without a text, keeps metadata', async () => {
    const { alerts, client } = await startTestSlack();
    const { ts = '' } = await client.chat.postMessage({
      channel: alerts,
      text: 'a',
      blocks: [line],
      metadata,
    });

    const kept = await client.chat.update({ channel: alerts, ts, blocks: [line, line] });
    const plain = await client.chat.update({ channel: alerts, ts, text: 'b' });

    expect(kept.message).toMatchObject({ text: 'a', metadata });
    expect(plain.message).toMatchObject({ text: 'b', metadata });
    expect(plain.message).not.toHaveProperty('blocks');
  });

  test('shows history newest first, without replies, in pages that new messages do not shift', async () => {
    const { alerts, client } = await startTestSlack();
    const sent: string[] = [];
    for (const text of ['1', '2', '3', '4', '5']) {
      sent.push((await client.chat.postMessage({ channel: alerts, text })).ts ?? '');
    }
    await client.chat.postMessage({ channel: alerts, text: 'reply', thread_ts: sent[0] ?? '' });

    const first = await client.conversations.history({ channel: alerts, limit: 2 });
    await client.chat.postMessage({ channel: alerts, text: '6' });
    const cursor = first.response_metadata?.next_cursor ?? '';
    const second = await client.conversations.history({ channel: alerts, limit: 2, cursor });
    const between = await client.conversations.history({
      channel: alerts,
      oldest: sent[1] ?? '',
      latest: sent[3] ?? '',
    });

    expect(first).toMatchObject({ has_more: true, messages: [{ text: '5' }, { text: '4' }] });
    expect(second.messages).toMatchObject([{ text: '3' }, { text: '2' }]);
    expect(between.messages).toMatchObject([{ text: '3' }]);
  });

  test('shows the payload of metadata only when asked', async () => {
    const { alerts, client } = await startTestSlack();
    await client.chat.postMessage({ channel: alerts, text: 'a', metadata });

    const without = await client.conversations.history({ channel: alerts });
    const withAll = await client.conversations.history({ channel: alerts, include_all_metadata: true });

    expect(without.messages?.[0]?.metadata).toEqual({ event_type: metadata.event_type });
    expect(withAll.messages?.[0]?.metadata).toEqual(metadata);
  });

  test('keeps threads: replies in order, counts on the root, a broadcast in the channel too', async () => {
    const { alerts, client } = await startTestSlack();
    const { ts = '' } = await client.chat.postMessage({ channel: alerts, text: 'root' });
    await client.chat.postMessage({ channel: alerts, text: 'one', thread_ts: ts });
    await client.chat.postMessage({ channel: alerts, text: 'two', thread_ts: ts, reply_broadcast: true });

    const thread = await client.conversations.replies({ channel: alerts, ts });
    const channel = await client.conversations.history({ channel: alerts });

    expect(thread.messages).toMatchObject([{ text: 'root', reply_count: 2 }, { text: 'one' }, { text: 'two' }]);
    expect(channel.messages).toMatchObject([{ text: 'two', subtype: 'thread_broadcast' }, { text: 'root' }]);
  });

  test('deletes a message; a root with replies leaves a tombstone', async () => {
    const { alerts, client } = await startTestSlack();
    const alone = await client.chat.postMessage({ channel: alerts, text: 'alone' });
    const root = await client.chat.postMessage({ channel: alerts, text: 'root' });
    await client.chat.postMessage({ channel: alerts, text: 'reply', thread_ts: root.ts ?? '' });

    await client.chat.delete({ channel: alerts, ts: alone.ts ?? '' });
    await client.chat.delete({ channel: alerts, ts: root.ts ?? '' });
    const history = await client.conversations.history({ channel: alerts });

    expect(history.messages).toMatchObject([{ subtype: 'tombstone', user: 'USLACKBOT', reply_count: 1 }]);
  });

  test('shows an ephemeral message to one person and to no method', async () => {
    const { alerts, client, control, people } = await startTestSlack();

    const sent = await client.chat.postEphemeral({ channel: alerts, user: people.sam, text: 'only you' });
    const history = await client.conversations.history({ channel: alerts });
    const refusal = await refusalOf(client.chat.update({ channel: alerts, ts: sent.message_ts ?? '', text: 'x' }));

    expect(control.state()['ephemerals']).toMatchObject([{ channel: alerts, user: people.sam, text: 'only you' }]);
    expect(history.messages).toEqual([]);
    expect(refusal.error).toBe('message_not_found');
  });

  test('shows an ephemeral message in a thread, and none where nobody has replied yet', async () => {
    const { alerts, client, control, people } = await startTestSlack();
    const { ts = '' } = await client.chat.postMessage({ channel: alerts, text: 'root' });
    const whisper = async (text: string): Promise<unknown> =>
      client.chat.postEphemeral({ channel: alerts, user: people.sam, text, thread_ts: ts });

    await whisper('to nobody');
    await client.chat.postMessage({ channel: alerts, text: 'reply', thread_ts: ts });
    await whisper('to sam');
    const replies = await client.conversations.replies({ channel: alerts, ts });

    expect(control.state()['ephemerals']).toMatchObject([{ thread_ts: ts, text: 'to sam' }]);
    expect(replies.messages?.map(({ text }) => text)).toEqual(['root', 'reply']);
  });

  test('links to a message and to a reply', async () => {
    const { alerts, client } = await startTestSlack();
    const { ts = '' } = await client.chat.postMessage({ channel: alerts, text: 'root' });
    const reply = await client.chat.postMessage({ channel: alerts, text: 'reply', thread_ts: ts });

    const link = await client.chat.getPermalink({ channel: alerts, message_ts: ts });
    const replyLink = await client.chat.getPermalink({ channel: alerts, message_ts: reply.ts ?? '' });

    expect(link.permalink).toBe(`https://sandbox.slack.com/archives/${alerts}/p${ts.replace('.', '')}`);
    expect(replyLink.permalink).toContain(`?thread_ts=${ts}&cid=${alerts}`);
  });

  test('lists channels in pages, and user groups with their members', async () => {
    const { client, people } = await startTestSlack();

    const first = await client.conversations.list({ limit: 2 });
    const cursor = first.response_metadata?.next_cursor ?? '';
    const second = await client.conversations.list({ limit: 2, cursor });
    const groups = await client.usergroups.list({ include_users: true });

    expect(first.channels?.map(({ is_member, name }) => [name, is_member])).toEqual([
      ['oom-alerts', true],
      ['payments', true],
    ]);
    expect(second.channels).toMatchObject([{ name: 'general', is_member: false }]);
    expect(groups.usergroups?.map(({ handle, users }) => [handle, users])).toEqual([
      ['oncall', [people.amira]],
      ['shop-team', [people.sam, people.lena]],
    ]);
  });

  test('says what somebody is: member, guest, deactivated, bot, or of another workspace', async () => {
    const [member, ...others] = seedWorkspace().people;
    if (member === undefined) throw new Error('nobody');
    const guest = { ...member, id: 'U0GUEST', standing: 'single-channel-guest' as const };
    const gone = { ...member, id: 'U0GONE', standing: 'deactivated' as const };
    const other = { ...member, id: 'U0OTHER', teamId: 'T0OTHER' };
    const { client, workspace } = await startTestSlack({
      workspace: { people: [member, ...others, guest, gone, other] },
    });
    const about = async (user: string): Promise<unknown> => (await client.users.info({ user })).user;

    expect(await about(member.id)).toMatchObject({
      team_id: workspace.team.id,
      is_restricted: false,
      is_ultra_restricted: false,
      is_bot: false,
    });
    expect(await about('U0GUEST')).toMatchObject({ is_restricted: true, is_ultra_restricted: true });
    expect(await about('U0GONE')).toMatchObject({ deleted: true });
    expect(await about('U0OTHER')).toMatchObject({ team_id: 'T0OTHER' });
    expect(await about('U0OTHER')).not.toHaveProperty('is_restricted');
    expect(await about(workspace.bot.userId)).toMatchObject({ is_bot: true });
    // As Slack does.
    expect(await about('USLACKBOT')).toMatchObject({ is_bot: false });
    expect(await refusalOf(client.users.info({ user: 'U0NOBODY' }))).toMatchObject({ error: 'user_not_found' });
  });
});
