import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aPlan, anExplanation } from '../../fixtures/incidents.ts';
import { openTestRedis, type TestRedis } from '../../redis.ts';
import { type BotWorld, openBotWorld } from '../show/bot-world.ts';
import {
  bounds,
  choose,
  command,
  dialogOf,
  personNamed,
  proposed,
  startTalking,
  type TalkingBot,
  type TalkingOptions,
  whispers,
} from './talking-bot.ts';
import { eventually } from '../../eventually.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await openTestRedis();
});
afterAll(async () => {
  await redis.stop();
});

async function startHttp(
  options: TalkingOptions = {},
): Promise<{ readonly world: BotWorld; readonly bot: TalkingBot }> {
  const world = await openBotWorld(redis.url);
  return { world, bot: await startTalking(world, { ...options, http: true }) };
}

async function click(world: BotWorld, ts: string, actionId: string): Promise<unknown> {
  return world.slack.control.click({ user: 'sam', channel: world.channel, ts, actionId, stale: true });
}

interface Signing {
  readonly secret?: string;
  /** Seconds that the time stamp is behind. */
  readonly age?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request as Slack signs it, or as somebody does who is not Slack. */
async function post(bot: TalkingBot, secret: string, body: string, how: Signing = {}): Promise<Response> {
  const seconds = Math.floor(Date.now() / 1000) - (how.age ?? 0);
  const hash = createHmac('sha256', how.secret ?? secret)
    .update(`v0:${seconds}:${body}`)
    .digest('hex');
  const signed = { 'x-slack-request-timestamp': `${seconds}`, 'x-slack-signature': `v0=${hash}` };
  const type = body.startsWith('{') ? 'application/json' : 'application/x-www-form-urlencoded';
  return fetch(bot.url ?? '', { method: 'POST', body, headers: { 'content-type': type, ...(how.headers ?? signed) } });
}

test('commands, clicks and answers go the same ways as over sockets', async () => {
  const { world, bot } = await startHttp();
  const { id, ts } = await proposed(world);

  const list = await command(world, '/oom list');
  const clicked = await click(world, ts, 'apply');
  await eventually(() => expect(bot.advanced).toEqual([id]));
  await choose(world, ts, 'Why?');

  expect(list).toContain(id);
  expect(clicked).toMatchObject({ ok: true });
  await eventually(() => expect(whispers(world).at(-1)).toContain('for: flat for 6 h'));
  expect((await world.store.load(id))?.requests).toMatchObject([
    { action: 'apply', plan: aPlan().id, by: personNamed(world, 'sam') },
  ]);
  expect(bot.app.health()).toBeNull();
});

test('a dialog opens, says what is wrong beside the input, and is recorded', async () => {
  const { world, bot } = await startHttp();
  const { id, ts } = await proposed(world, { explained: anExplanation({ bounds }) });
  await click(world, ts, 'edit');
  await eventually(() => expect(dialogOf(world)?.words ?? '').toContain('"input"'));

  const wrong = await world.slack.control.viewSubmit({ user: 'sam', values: { limit: '512' } });
  const said = dialogOf(world)?.errors;
  const right = await world.slack.control.viewSubmit({ user: 'sam', values: { limit: '768Mi' } });

  expect(wrong).toMatchObject({ ok: true, became: { action: 'errors' } });
  expect(said).toEqual({ limit: expect.stringContaining('Did you mean 512Mi?') });
  expect(right).toMatchObject({ ok: true, became: { action: 'closed' } });
  await eventually(() => expect(bot.advanced).toEqual([id]));
  expect((await world.store.load(id))?.requests).toMatchObject([{ action: 'edit', value: '768Mi' }]);
});

const forged: readonly [string, Signing][] = [
  ['a wrong signature', { secret: 'somebody else' }],
  ['a time stamp of six minutes ago', { age: 360 }],
  ['no signature', { headers: {} }],
  ['no time stamp', { headers: { 'x-slack-signature': 'v0=00' } }],
  ['a time stamp that is none', { headers: { 'x-slack-signature': 'v0=00', 'x-slack-request-timestamp': 'soon' } }],
];

test.each(forged)('a click with %s is refused with 401, and nothing is recorded', async (_, how) => {
  const { world, bot } = await startHttp();
  const { id, ts } = await proposed(world);
  await click(world, ts, 'acknowledge');
  await eventually(() => expect(bot.advanced).toEqual([id]));
  const real = world.slack.control.http.sent().at(-1)?.body ?? '';
  // Another use of another button, so that only the signature stands between it and the store.
  const body = real.replaceAll('acknowledge', 'apply').replace(/trigger_id%22%3A%22/, '$&x');

  const answer = await post(bot, world.slack.signingSecret, body, how);

  expect(answer.status).toBe(401);
  expect((await world.store.load(id))?.requests).toHaveLength(1);
});

test('a click that is replayed byte for byte, also to another bot, is recorded once', async () => {
  const { world, bot } = await startHttp();
  const { id, ts } = await proposed(world);
  const { control } = world.slack;
  await click(world, ts, 'apply');
  await eventually(() => expect(bot.advanced).toEqual([id]));
  const click1 = control.http.sent().at(-1);

  const same = await control.http.replay(click1?.n);
  const other = await startTalking(world, { http: true });
  const elsewhere = await fetch(other.url ?? '', {
    method: 'POST',
    headers: { ...click1?.headers },
    body: click1?.body ?? '',
  });

  expect(same).toMatchObject({ status: 200 });
  expect(elsewhere.status).toBe(200);
  await eventually(() => expect(other.advanced).toEqual([id]));
  expect((await world.store.load(id))?.requests).toHaveLength(1);
  expect(whispers(world)).toEqual([]);
});

test('a submission that is replayed is recorded once and answered alike', async () => {
  const { world, bot } = await startHttp();
  const { id, ts } = await proposed(world, { explained: anExplanation({ bounds }) });
  const { control } = world.slack;
  await click(world, ts, 'edit');
  await eventually(() => expect(dialogOf(world)?.words ?? '').toContain('"input"'));
  await control.viewSubmit({ user: 'sam', values: { limit: '768Mi' } });
  await eventually(() => expect(bot.advanced).toEqual([id]));
  await world.update(id, { remediations: [] });

  const again = await control.http.replay();

  expect(again).toMatchObject({ status: 200, body: '' });
  expect((await world.store.load(id))?.requests).toHaveLength(1);
});

test('an event that Slack repeats is acknowledged each time', async () => {
  const { world, bot } = await startHttp();
  const { bot: app, team } = world.slack.workspace;
  const event = {
    type: 'app_home_opened',
    user: personNamed(world, 'sam'),
    tab: 'home',
    event_ts: '1790000000.000100',
  };
  const body = JSON.stringify({
    type: 'event_callback',
    event_id: 'Ev1',
    team_id: team.id,
    api_app_id: app.appId,
    event_time: 1_790_000_000,
    event,
  });

  const first = await post(bot, world.slack.signingSecret, body);
  const again = await post(bot, world.slack.signingSecret, body);

  expect([first.status, again.status]).toEqual([200, 200]);
});

test('the checks that Slack makes of a URL are answered', async () => {
  const { world, bot } = await startHttp();

  expect(await world.slack.control.http.verify(bot.url ?? '')).toEqual({ sslCheck: true, challenge: true });
});

test('a body of more than 4 MB is refused with 413, and one that is no form with 400', async () => {
  const { world, bot } = await startHttp();
  const { signingSecret } = world.slack;

  const large = await post(bot, signingSecret, `payload=${'x'.repeat(5 * 2 ** 20)}`);
  const odd = await post(bot, signingSecret, '{"type":');

  expect([large.status, odd.status]).toEqual([413, 400]);
  expect(await command(world, '/oom help')).toContain('/oom');
});

test('another path, and a look with a browser, are told so', async () => {
  const { bot } = await startHttp();
  const url = new URL(bot.url ?? '');

  const answers = await Promise.all([fetch(url), fetch(new URL('/other', url), { method: 'POST', body: 'x' })]);

  expect(answers.map(({ status }) => status)).toEqual([405, 404]);
  expect(answers[0]?.headers.get('allow')).toBe('POST');
});
