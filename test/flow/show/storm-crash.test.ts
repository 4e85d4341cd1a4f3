import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestRedis, type TestRedis } from '../../redis.ts';
import { type BotWorld, openBotWorld } from './bot-world.ts';
import { mortal } from './mortal.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await openTestRedis();
});
afterAll(async () => {
  await redis.stop();
});

/** Eight at once, shown by a bot that folds and tells until it dies. */
async function floodAndDie(world: BotWorld, calls: number, when: 'before' | 'after') {
  const ids = await Promise.all(Array.from({ length: 8 }, async (_, at) => world.kill(`shop-${at}`)));
  const { wrap, died } = mortal(calls, when);
  const bot = await world.bot(undefined, 5, wrap);
  const works = (async () => {
    await Promise.all(ids.map(async (id) => bot.show(id)));
    const newest = await world.storms.newest(world.channel);
    if (newest !== null) await bot.showStorm(newest.id);
    await bot.open(ids[7] ?? '', 'UAMIRA');
    await bot.show(ids[7] ?? '');
    if (newest !== null) await bot.showStorm(newest.id);
  })();
  await Promise.race([died, works]);
  await world.bury();
  return ids;
}

const moments = Array.from({ length: 40 }, (_, at) => [at * 5 + 1, at % 2 === 0 ? 'before' : 'after'] as const);

test.each(moments)(
  'a bot that dies at its call %i, %s it was done, leaves nothing lost and nothing double to the next',
  async (calls, when) => {
    const world = await openBotWorld(redis.url);
    const ids = await floodAndDie(world, calls, when);

    const next = await world.bot(undefined, 5);
    await Promise.all(ids.map(async (id) => world.showAll(next, id)));
    if ((await world.storms.newest(world.channel)) !== null) await world.showStorm(next);

    const storms = world.roots().filter(({ text }) => text.includes('STORM-'));
    const own = world.roots().filter(({ text }) => !text.includes('STORM-'));
    const lines = world.replies().flatMap(({ text }) => text.split('\n'));
    const states = await Promise.all(ids.map(world.stateOf));
    const seen = ids.map((id, at) => ({
      state: states[at],
      roots: own.filter(({ text }) => text.includes(id)).length,
      lines: lines.filter((line) => line.includes(id)).length,
    }));
    expect(storms.length).toBeLessThanOrEqual(1);
    for (const one of seen) {
      const isFolded = one.state === 'folded';
      expect(['folded', 'posted']).toContain(one.state);
      expect(one.roots).toBe(isFolded ? 0 : 1);
      expect(one.lines).toBeLessThanOrEqual(1);
      expect(one.roots + one.lines).toBeGreaterThanOrEqual(1);
    }
    expect(await world.postings.due(100)).toEqual([]);
  },
);
