import { expect, test } from 'vitest';
import { createHandClock } from '../../../sandbox/hand-clock.ts';
import { coveredHomeBlocks } from '../../../sandbox/slack/blocks/block-types.ts';
import { refusalOf, startTestSlack, startWithApp, type TestSlack } from './slack-world.ts';
import { eventually } from '../../eventually.ts';

/* The Home tab: what Slack accepts in it, tells the app when somebody opens it, and sends when they click there. */

const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });
const plain = (text: string) => ({ type: 'plain_text', text });
const button = (actionId: string, changes: object = {}) => ({
  type: 'button',
  action_id: actionId,
  text: plain('Approve'),
  value: 'v1',
  ...changes,
});
const home = (changes: object = {}) => ({ type: 'home', blocks: [section('hello')], ...changes });

async function publish(slack: TestSlack, view: object, more: object = {}): Promise<Record<string, unknown>> {
  const answer = await slack.client.apiCall('views.publish', { user_id: slack.people.amira, view, ...more });
  return (answer as { view?: Record<string, unknown> }).view ?? {};
}

const shownTo = (slack: TestSlack, user: 'amira' | 'sam'): unknown =>
  (slack.control.state()['homes'] as readonly { user: string; view: unknown }[]).find(
    (one) => one.user === slack.people[user],
  )?.view;

test('what is published is one person’s, replaces what was there, and has a new hash each time', async () => {
  const slack = await startTestSlack();

  const first = await publish(slack, home({ callback_id: 'home', private_metadata: 'm' }));
  const second = await publish(slack, home({ blocks: [{ type: 'header', text: plain('Now') }, { type: 'divider' }] }));

  expect(first).toMatchObject({
    type: 'home',
    callback_id: 'home',
    private_metadata: 'm',
    bot_id: slack.workspace.bot.botId,
    state: { values: {} },
  });
  expect(second['id']).toBe(first['id']);
  expect(second['hash']).not.toBe(first['hash']);
  expect(shownTo(slack, 'amira')).toMatchObject({ blocks: [{ type: 'header' }, { type: 'divider' }] });
  expect(shownTo(slack, 'sam')).toBeUndefined();
});

test('an old hash is refused, the present one is not', async () => {
  const slack = await startTestSlack();
  const { hash: old } = await publish(slack, home());
  const { hash } = await publish(slack, home());

  expect(await refusalOf(publish(slack, home(), { hash: old }))).toMatchObject({ error: 'hash_conflict' });
  expect(await publish(slack, home(), { hash })).toMatchObject({ type: 'home' });
});

const many = (count: number) => Array.from({ length: count }, () => section('x'));

test.each([
  ['101 blocks', home({ blocks: many(101) }), 'no more than 100 items allowed [json-pointer:/view/blocks]'],
  ['a modal', { ...home(), type: 'modal', title: plain('x') }, 'must be a valid enum value: home'],
  ['a title', home({ title: plain('x') }), 'invalid additional property: title'],
  ['no blocks at all', { type: 'home' }, 'missing required field: blocks'],
  [
    'a header of 151 characters',
    home({ blocks: [{ type: 'header', text: plain('x'.repeat(151)) }] }),
    'must be less than 151 characters',
  ],
  [
    'two blocks of the same id',
    home({
      blocks: [
        { ...section('a'), block_id: 'b' },
        { ...section('a'), block_id: 'b' },
      ],
    }),
    'block_id',
  ],
  [
    '26 buttons in a row',
    home({ blocks: [{ type: 'actions', elements: Array.from({ length: 26 }, (_, at) => button(`a${at}`)) }] }),
    'no more than 25 items',
  ],
])('%s is refused, with where it is', async (_, view, message) => {
  const slack = await startTestSlack();

  const { error, response_metadata: more } = await refusalOf(publish(slack, view));

  expect(error).toBe('invalid_arguments');
  expect(JSON.stringify(more)).toContain(message);
});

test('100 blocks and 250 kB are accepted, more is too large', async () => {
  const slack = await startTestSlack();
  const big = (length: number) => home({ blocks: Array.from({ length: 100 }, () => section('x'.repeat(length))) });

  expect(await publish(slack, home({ blocks: many(100) }))).toMatchObject({ type: 'home' });
  expect(await publish(slack, big(2_400))).toMatchObject({ type: 'home' });
  expect(await refusalOf(publish(slack, big(2_600)))).toMatchObject({ error: 'view_too_large' });
});

test('an app without a Home tab, and a person who does not exist, are told so', async () => {
  const without = await startTestSlack({ workspace: { homeTab: false } });
  const slack = await startTestSlack();

  expect(await refusalOf(publish(without, home()))).toMatchObject({ error: 'not_enabled' });
  expect(await refusalOf(publish(slack, home(), { user_id: 'U0NOBODY' }))).toMatchObject({ error: 'user_not_found' });
});

test('publishing too often is refused with how long to wait', async () => {
  const slack = await startTestSlack({ limits: 'slack', clock: createHandClock() });

  for (let nth = 0; nth < 100; nth += 1) await publish(slack, home());

  await expect(publish(slack, home())).rejects.toMatchObject({ retryAfter: 1 });
});

test('whoever opens it is told to the app that subscribed, with what was last published', async () => {
  const events: object[] = [];
  const slack = await startWithApp((app) =>
    app.event('app_home_opened', async ({ event, client }) => {
      events.push(event);
      await client.views.publish({ user_id: event.user, view: { type: 'home', blocks: [] } });
    }),
  );

  const opened = await slack.control.homeOpen('amira');
  await eventually(() => expect(shownTo(slack, 'amira')).toBeDefined());
  await slack.control.homeOpen('amira');
  await eventually(() => expect(events).toHaveLength(2));

  expect(opened).toMatchObject({ ok: true });
  expect(events[0]).toMatchObject({ type: 'app_home_opened', user: slack.people.amira, tab: 'home' });
  expect(events[0]).not.toHaveProperty('view');
  expect(events[1]).toMatchObject({ view: { type: 'home' } });
});

test('an app that did not subscribe hears nothing', async () => {
  const heard: object[] = [];
  const slack = await startWithApp((app) => app.event('app_home_opened', async ({ event }) => void heard.push(event)), {
    workspace: { events: [] },
  });

  expect(await slack.control.homeOpen('amira')).toEqual({ ok: true });
  expect(slack.requestLog().some(({ method }) => method === 'events_api')).toBe(false);
  expect(heard).toEqual([]);
});

test('a click in it comes with the view and a trigger, without a channel and without a response_url', async () => {
  const bodies: object[] = [];
  const slack = await startWithApp((app) =>
    app.action('approve', async ({ ack, body, client }) => {
      bodies.push(body);
      await ack();
      if (body.type === 'block_actions')
        await client.views.open({
          trigger_id: body.trigger_id,
          view: { type: 'modal', title: { type: 'plain_text', text: 'Done' }, blocks: [] },
        });
    }),
  );
  await publish(slack, home({ blocks: [{ type: 'actions', elements: [button('approve')] }] }));

  const result = await slack.control.homeAct({ user: 'amira', actionId: 'approve', value: 'v1' });
  const nothing = await slack.control.homeAct({ user: 'amira', actionId: 'reject' });
  const nobody = await slack.control.homeAct({ user: 'sam', actionId: 'approve' });

  expect(result).toMatchObject({ ok: true });
  expect(nothing).toEqual({ ok: false, error: 'no_such_action' });
  expect(nobody).toEqual({ ok: false, error: 'view_not_found' });
  const [body] = bodies;
  expect(body).toMatchObject({
    type: 'block_actions',
    user: { id: slack.people.amira },
    container: { type: 'view' },
    view: { type: 'home' },
    actions: [{ action_id: 'approve', value: 'v1' }],
  });
  expect(body).not.toHaveProperty('channel');
  expect(body).not.toHaveProperty('message');
  expect(body).not.toHaveProperty('response_url');
  await eventually(() => expect(slack.control.state()['modals']).toHaveLength(1));
});

test('an event that is not acknowledged comes again, at once, after a minute and after five', async () => {
  const clock = createHandClock();
  const slack = await startTestSlack({ clock, delivery: { mode: 'http', url: 'http://127.0.0.1:9/' } });
  const heads = () => slack.control.http.sent().map(({ headers }) => headers['x-slack-retry-num']);

  const failed = () => slack.requestLog().filter(({ kind, method }) => kind === 'http-out' && method === 'events_api');
  /** This many attempts have failed, and only the timer of the next one waits. */
  const waits = (attempts: number) =>
    eventually(() => expect([failed().length, clock.pending()]).toEqual([attempts, 1]));

  await slack.control.homeOpen('amira');
  await waits(2);
  expect(heads()).toEqual([undefined, '1']);
  await clock.advance(60_000);
  await waits(3);
  expect(heads()).toEqual([undefined, '1', '2']);
  await clock.advance(300_000);
  await eventually(() => expect(heads()).toEqual([undefined, '1', '2', '3']));

  const [first] = slack.control.http.sent();
  expect(first?.headers['content-type']).toBe('application/json');
  expect(JSON.parse(first?.body ?? '{}')).toMatchObject({
    type: 'event_callback',
    team_id: slack.workspace.team.id,
    event: { type: 'app_home_opened', user: slack.people.amira },
    authorizations: [{ is_bot: true }],
  });
});

test('it has block types that are listed', () => {
  expect(coveredHomeBlocks).toEqual(['section', 'context', 'actions', 'header', 'divider']);
});
