import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPausesTold } from '../../../src/adapters/redis/slack/pauses-told.ts';
import { closeRedis, connectRedis } from '../../../src/adapters/redis/connection.ts';
import type { PauseChange } from '../../../src/core/approve/pause-change.ts';
import { aRemediation, anExplanation } from '../../fixtures/incidents.ts';
import { openTestRedis, type TestRedis } from '../../redis.ts';
import { type BotWorld, openBotWorld } from './bot-world.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await openTestRedis();
});
afterAll(async () => {
  await redis.stop();
});

const at = Date.UTC(2026, 10, 24, 14, 3, 0);
const pause = { by: 'USAM', at, reason: 'release <!channel> freeze' };

async function change(world: BotWorld, what: PauseChange['what'], reason = pause.reason): Promise<void> {
  const by = what === 'paused' ? 'USAM' : 'UAMIRA';
  await world.store.keepPause(what === 'resumed' ? null : { ...pause, reason }, {
    what,
    by,
    at: Date.now(),
    reason: what === 'resumed' ? '' : reason,
  });
}

async function shownIncident(world: BotWorld, changes = {}, workload = 'checkout'): Promise<string> {
  const id = await world.kill(workload);
  await world.update(id, { explained: anExplanation(), remediations: [aRemediation('proposed')], ...changes });
  await world.showAll(await world.bot(), id);
  return id;
}

test('an open root says beside its buttons that changes are paused, by whom and why, and no longer after the resume', async () => {
  const world = await openBotWorld(redis.url);
  const bot = await world.bot();
  const id = await shownIncident(world);
  const before = await world.postings.due(10);

  await change(world, 'paused');
  const due = await world.postings.due(10);
  await world.showAll(bot, id);
  const paused = world.roots()[0]?.blocks ?? '';
  await change(world, 'reason-changed', 'database move');
  await world.showAll(bot, id);
  const [again] = world.roots();
  await change(world, 'resumed');
  await world.showAll(bot, id);

  expect([before, due]).toEqual([[], [id]]);
  expect(paused).toMatch(/"decide"[\s\S]*\*Changes in \S+ are paused\* by <@USAM> since 14:03:00 UTC: release/);
  expect(paused).not.toContain('<!channel>');
  expect(again?.text).toContain('are paused by <@USAM> since 14:03:00 UTC: database move.');
  expect(world.roots()[0]?.blocks).not.toContain('paused');
  expect(await world.postings.due(10)).toEqual([]);
});

test('a root that is posted during a pause says so, and one that is closed or observe-only does not', async () => {
  const world = await openBotWorld(redis.url);
  await change(world, 'paused');

  await shownIncident(world);
  const open = world.roots()[0]?.text;
  await shownIncident(world, { state: { is: 'closed', outcome: 'quiet', at } });
  await shownIncident(world, { mode: 'observe' }, 'cart');

  expect(open).toContain('are paused');
  expect(world.roots().map(({ text }) => text.includes('are paused'))).toEqual([false, false]);
});

test('a pause that comes while an incident is being shown is shown too', async () => {
  const world = await openBotWorld(redis.url);
  const bot = await world.bot();
  const id = await shownIncident(world);
  await world.update(id, { acknowledged: { by: 'UAMIRA', at } });
  await bot.show(id);
  const posting = await world.postings.read(id);
  await change(world, 'paused');

  const settled = await world.postings.settle(id);

  expect(posting?.shownPause).toBe(0);
  expect(settled).toBe(false);
});

test('each channel of the cluster is told once of a pause, of another reason and of the resume', async () => {
  const world = await openBotWorld(redis.url);
  const client = connectRedis(redis.url, { role: 'store', onError: () => undefined });
  const told = createPausesTold(client, world.cluster);
  const [one, other] = [await world.bot(), await world.bot()];
  const cluster = { name: world.cluster, store: world.store, pausesTold: told };
  const tellAll = async (): Promise<void> => {
    for (const bot of [one, other, one]) await bot.tellPause(cluster);
  };

  await tellAll();
  await change(world, 'paused');
  await tellAll();
  await change(world, 'reason-changed', 'database move');
  await tellAll();
  await change(world, 'resumed');
  await Promise.all([one.tellPause(cluster), other.tellPause(cluster)]);
  await tellAll();
  await closeRedis(client);

  const expected = [
    expect.stringMatching(/^Changes in \S+ are paused by <@USAM>: release .* freeze\./),
    expect.stringMatching(/^Changes in \S+ are still paused; <@UAMIRA> changed the reason: database move\./),
    expect.stringMatching(/^Changes in \S+ go on: <@UAMIRA> ended the pause\./),
  ];
  expect(world.roots().map(({ text }) => text)).toEqual(expected);
  expect(world.roots(world.routed).map(({ text }) => text)).toEqual(expected);
  expect(
    world
      .roots()
      .map(({ text }) => text)
      .join(),
  ).not.toContain('<!channel>');
});

test('a bot that died after it had posted leaves nothing to be posted again', async () => {
  const world = await openBotWorld(redis.url);
  const client = connectRedis(redis.url, { role: 'store', onError: () => undefined });
  const told = createPausesTold(client, world.cluster);
  await change(world, 'paused');
  const dying = {
    ...told,
    write: async (channel: string, next: Parameters<typeof told.write>[1]) =>
      next.told > 0 ? Promise.reject(new Error('it died')) : told.write(channel, next),
  };
  const [dead, alive] = [await world.bot(), await world.bot()];

  await dead.tellPause({ name: world.cluster, store: world.store, pausesTold: dying }).catch(() => undefined);
  const posted = world.roots().length;
  for (let tries = 0; tries < 3; tries += 1)
    await alive.tellPause({ name: world.cluster, store: world.store, pausesTold: told });
  await closeRedis(client);

  expect(posted).toBe(1);
  expect(world.roots()).toHaveLength(1);
  expect((await told.read(world.channel).catch(() => null))?.told ?? 1).toBe(1);
});
