import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestRedis, type TestRedis } from '../../redis.ts';
import type { Downtime } from '../../../src/core/kill/downtime.ts';
import { type Bot, type BotWorld, openBotWorld } from './bot-world.ts';

/* What happened while nobody watched is told in a root each, or of more than five in one summary. */

let redis: TestRedis;
beforeAll(async () => {
  redis = await openTestRedis();
});
afterAll(async () => {
  await redis.stop();
});

const downtime = { from: Date.UTC(2026, 10, 24, 2, 50), until: Date.UTC(2026, 10, 24, 3, 20) };
const finishedAt = '2026-11-24T03:12:00Z';

async function killsWhileDown(
  world: BotWorld,
  count: number,
  prefix = 'shop',
  away: Downtime = downtime,
): Promise<readonly string[]> {
  const names = Array.from({ length: count }, (_, at) => `${prefix}-${at}`);
  return Promise.all(names.map(async (name) => world.kill(name, undefined, 'shop', { away, finishedAt })));
}

const showEach = async (bot: Bot, ids: readonly string[]) => Promise.all(ids.map(async (id) => bot.show(id)));
const summaries = (world: BotWorld) => world.roots().filter(({ text }) => text.includes('STORM-'));

test('five incidents of a downtime get a root each when no more have come, and each says when it was', async () => {
  const world = await openBotWorld(redis.url);
  const bot = await world.bot(undefined, 5);
  const ids = await killsWhileDown(world, 5);

  const early = await showEach(bot, ids);
  const before = world.roots();
  world.wait(5_000);
  await showEach(bot, ids);

  expect(early.map(({ is }) => is)).toEqual(Array.from({ length: 5 }, () => 'postponed'));
  expect(before).toEqual([]);
  expect(world.roots()).toHaveLength(5);
  for (const { text } of world.roots())
    expect(text).toContain('killed at 03:12:00 UTC while I was away (02:50:00 UTC to 03:20:00 UTC)');
});

test('more than five are one summary that lists each, to be opened like in a storm', async () => {
  const world = await openBotWorld(redis.url);
  const bots = [await world.bot(undefined, 5), await world.bot(undefined, 5)] as const;
  const ids = await killsWhileDown(world, 12);

  await Promise.all(bots.map(async (bot) => showEach(bot, ids)));
  await showEach(bots[0], ids);
  const storm = (await world.postings.read(ids[0] ?? ''))?.fold?.storm ?? '';
  await bots[0].showStorm(storm);
  await bots[1].open(ids[3] ?? '', 'USAM');
  await world.showAll(bots[1], ids[3] ?? '');

  expect(summaries(world)).toEqual([
    expect.objectContaining({ text: expect.stringContaining('While I was away 12 incidents · 12 of 12') }),
  ]);
  expect(summaries(world)[0]?.text).toContain('while I was away (02:50:00 UTC to 03:20:00 UTC)');
  for (const id of ids) expect(world.replies().filter(({ text }) => text.includes(id))).toHaveLength(1);
  expect(world.roots()).toHaveLength(2);
});

test('what a second start finds of the same downtime joins its summary, and nothing is told twice', async () => {
  const world = await openBotWorld(redis.url);
  const ids = await killsWhileDown(world, 8);
  const first = await world.bot(undefined, 5);
  await showEach(first, ids);
  await showEach(first, ids);
  const storm = (await world.postings.read(ids[0] ?? ''))?.fold?.storm ?? '';
  await first.showStorm(storm);
  await first.stop();

  const later = await killsWhileDown(world, 1, 'late');
  const second = await world.bot(undefined, 5);
  await showEach(second, [...ids, ...later]);
  world.wait(10_000);
  await second.showStorm(storm);

  expect(summaries(world)).toHaveLength(1);
  expect(world.roots()).toHaveLength(1);
  expect(world.roots()[0]?.text).toContain('While I was away 9 incidents');
});

test('what a start without a checkpoint finds is no line in the summary of another such start, days before', async () => {
  const world = await openBotWorld(redis.url);
  const bot = await world.bot(undefined, 5);
  const day = 24 * 60 * 60_000;
  const ids = await killsWhileDown(world, 7, 'shop', { from: null, until: downtime.until });
  await showEach(bot, ids);
  await showEach(bot, ids);
  const later = await killsWhileDown(world, 1, 'late', { from: null, until: downtime.until + 5 * day });

  await showEach(bot, later);
  world.wait(5_000);
  await showEach(bot, later);

  expect(world.roots().map(({ text }) => text)).toEqual([expect.stringContaining(later[0] ?? '-')]);
});

test('a kill that happens now is no part of the summary, and the summary takes in no flood', async () => {
  const world = await openBotWorld(redis.url);
  const bot = await world.bot(undefined, 5);
  const ids = await killsWhileDown(world, 7);
  await showEach(bot, ids);
  await showEach(bot, ids);
  const now = await world.kill('now');

  await world.showAll(bot, now);

  expect(world.roots().map(({ text }) => text)).toEqual([expect.stringContaining(now)]);
  expect(await world.storms.newest(world.channel)).toBeNull();
});

test('where folding is off, each has its root at once', async () => {
  const world = await openBotWorld(redis.url);
  const bot = await world.bot();

  await showEach(bot, await killsWhileDown(world, 7));

  expect(world.roots()).toHaveLength(7);
});
