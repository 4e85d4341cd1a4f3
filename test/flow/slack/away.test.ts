import { afterAll, beforeAll, expect, test } from 'vitest';
import { createGroupsOf } from '../../../src/adapters/slack/groups-of.ts';
import { Failure } from '../../../src/core/failure.ts';
import type { Request } from '../../../src/core/incident/incident.ts';
import { seedWorkspace } from '../../../sandbox/slack/workspace.ts';
import { openTestRedis, type TestRedis } from '../../redis.ts';
import { openBotWorld, silentLog } from '../show/bot-world.ts';
import { personNamed, proposed, startTalking, whispers } from './talking-bot.ts';
import { eventually } from '../../eventually.ts';

/*
 * What others do not answer in time or at all: nobody who clicked is left without a sentence.
 */
let redis: TestRedis;
beforeAll(async () => {
  redis = await openTestRedis();
});
afterAll(async () => {
  await redis.stop();
});

test('an answer that Slack cannot take for a moment comes later, once', async () => {
  const world = await openBotWorld(redis.url);
  await startTalking(world);
  world.slack.faults.inject({ kind: 'api-down', method: 'response_url', count: 1 });
  const { control } = world.slack;

  const typed = await control.command({ user: 'sam', channel: world.channel, text: '/oom help' });

  expect(typed.ok).toBe(true);
  await eventually(() => expect(whispers(world)).toEqual([expect.stringContaining('/oom list')]));
});

test('a click whose recording was not confirmed is answered so, and the next one works', async () => {
  const world = await openBotWorld(redis.url);
  let lost = true;
  const recordRequest = async (request: Request) => {
    if (!lost) return world.store.recordRequest(request);
    throw new Failure('redis-unreachable', 'Redis is down.', { retry: 'backoff' });
  };
  const bot = await startTalking(world, { store: { ...world.store, recordRequest } });
  const { id, ts } = await proposed(world);
  const click = async () => world.slack.control.click({ user: 'sam', channel: world.channel, ts, actionId: 'apply' });

  await click();
  await eventually(() =>
    expect(whispers(world)).toEqual([expect.stringMatching(/do not know whether.*try again in a minute/)]),
  );
  lost = false;
  await click();

  await eventually(() => expect(bot.advanced).toEqual([id]));
  expect((await world.store.load(id))?.requests).toHaveLength(1);
});

test('a listener that breaks still answers', async () => {
  const world = await openBotWorld(redis.url);
  const broken = async (): Promise<never> => Promise.reject(new TypeError('a bug'));
  await startTalking(world, { clusters: broken });
  const { ts } = await proposed(world);

  await world.slack.control.click({ user: 'sam', channel: world.channel, ts, actionId: 'apply' });

  await eventually(() => expect(whispers(world)).toEqual([expect.stringContaining('Something went wrong on my side')]));
});

test('the groups of whoever clicks go with the request, and Slack is asked for them once a minute', async () => {
  const world = await openBotWorld(redis.url);
  const bot = await startTalking(world);
  const { id, ts } = await proposed(world);
  const group = world.slack.workspace.groups.find(({ members }) => members.includes(personNamed(world, 'sam')));
  const asked = (): number => world.slack.requestLog().filter(({ method }) => method === 'usergroups.list').length;

  for (const actionId of ['apply', 'acknowledge']) {
    await world.slack.control.click({ user: 'sam', channel: world.channel, ts, actionId });
  }

  await eventually(() => expect(bot.advanced).toEqual([id, id]));
  expect((await world.store.load(id))?.requests).toMatchObject([{ groups: [group?.id] }, { groups: [group?.id] }]);
  expect(asked()).toBe(1);
});

test('without the right to see groups nobody is in one, and Slack is not asked at each click', async () => {
  const scopes = seedWorkspace().scopes.filter((scope) => scope !== 'usergroups:read');
  const world = await openBotWorld(redis.url, { workspace: { scopes } });
  const { app } = await startTalking(world);
  let now = 0;
  const groupsOf = createGroupsOf(app.client, { now: () => now, log: silentLog });
  const asked = (): number => world.slack.requestLog().filter(({ method }) => method === 'usergroups.list').length;

  const first = await groupsOf(personNamed(world, 'sam'));
  await groupsOf(personNamed(world, 'amira'));
  const within = asked();
  now = 60_000;
  await groupsOf(personNamed(world, 'amira'));

  expect(first).toEqual([]);
  expect([within, asked()]).toEqual([1, 2]);
});
