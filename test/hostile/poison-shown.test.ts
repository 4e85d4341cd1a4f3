import { describe, expect, it } from 'vitest';
import { clusterKeys } from '../../src/adapters/redis/keys.ts';
import { Failure } from '../../src/core/failure.ts';
import { asideMs, mostCrashes } from '../../src/core/incident/set-aside.ts';
import type { Content } from '../../src/flow/show/needs.ts';
import { eventually } from '../eventually.ts';
import { type BotWorld, openBotWorld, type Wrap } from '../flow/show/bot-world.ts';
import { waylaid } from '../flow/show/mortal.ts';
import { sam, useWorlds, type WorkerWorld } from '../flow/worker/worker-world.ts';

const worlds = useWorlds();

async function open(): Promise<{ readonly world: BotWorld; readonly redis: WorkerWorld['redis'] }> {
  const { redis, redisUrl } = await worlds.open();
  return { world: await openBotWorld(redisUrl), redis };
}

/**
 * A bot that ends, as by the kernel, when it renders this incident's root, or when it has sent it and waits for the
 * answer: nothing of it is heard of any more.
 */
function endsWith(incident: string, when: 'renders' | 'waits' = 'renders') {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const { promise: never } = Promise.withResolvers<never>();
  let isDead = false;
  const wrap: Wrap = (world) =>
    new Proxy(world, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return async (...args: readonly unknown[]) => {
          if (isDead) return never;
          if (name !== 'post' || !isRootOf(incident, args[1])) return Reflect.apply(member, target, args) as unknown;
          if (when === 'renders') isDead = true;
          setTimeout(() => {
            isDead = true;
            resolve();
          }, 20);
          return never;
        };
      },
    });
  return { wrap, ended };
}

function isRootOf(incident: string, content: unknown): boolean {
  // Whatever waylays a call passes on what it was called with.
  const shown = content as Content;
  return shown.of === 'incident' && shown.loaded.incident.id === incident;
}

async function endBots(count: number, incident: string, world: BotWorld, when?: 'renders' | 'waits'): Promise<void> {
  for (let ends = 0; ends < count; ends += 1) {
    const { wrap, ended } = endsWith(incident, when);
    // A claim of the bot before is old by then.
    world.wait(10_000);
    void (await world.bot(undefined, 0, wrap)).show(incident);
    await ended;
    await world.bury();
  }
}

const texts = (world: BotWorld) => world.roots().map(({ text }) => text);

describe('an incident that ends each bot that shows it', () => {
  it('is said to be set aside once Slack is back, where Slack was away at first', async () => {
    const { world } = await open();
    const poison = await world.kill('poison');
    await endBots(mostCrashes, poison, world);
    world.wait(10_000);
    let isAway = true;
    const bot = await world.bot(
      undefined,
      0,
      waylaid('post', async (call) => {
        if (isAway) throw new Failure('chat-unreachable', 'Slack cannot be reached', { retry: 'backoff' });
        return call();
      }),
    );

    await bot.show(poison);
    const before = texts(world);
    isAway = false;
    await bot.show(poison);
    await bot.show(poison);

    expect(before).toEqual([]);
    expect(texts(world).map((text) => text.includes('cannot be shown for now'))).toEqual([true]);
  });

  it('is not shown any more after three ends, says so in its place, and all others are shown', async () => {
    const { world, redis } = await open();
    const poison = await world.kill('poison');
    await endBots(mostCrashes, poison, world);
    const other = await world.kill('honest');

    const bot = await world.bot(undefined, 0, endsWith(poison).wrap);
    const shown = await bot.show(poison);
    await world.showAll(bot, other);

    expect(shown).toMatchObject({ is: 'postponed' });
    expect(shown.is === 'postponed' ? shown.until : 0).toBeGreaterThan(Date.now() + asideMs / 2);
    expect(texts(world).filter((text) => text.includes('cannot be shown for now'))).toHaveLength(1);
    expect(texts(world).filter((text) => text.includes('honest'))).toHaveLength(1);
    expect(await world.postings.due(10)).toEqual([]);
    expect(bot.troubles).toHaveLength(1);
    expect(await redis.hget(clusterKeys(world.cluster).of(other).incident, 'showCrashes')).toBeNull();
  });

  it('is not shown by a later kill either, and shown again when somebody presses a button', async () => {
    const { world } = await open();
    const poison = await world.kill('poison');
    await endBots(mostCrashes, poison, world);
    world.wait(10_000);
    const bot = await world.bot();
    await bot.show(poison);

    await world.kill('poison');
    const again = await bot.show(poison);
    await world.store.recordRequest({
      id: 'r1',
      incident: poison,
      action: 'acknowledge',
      plan: null,
      by: sam,
      at: 1,
      groups: [],
      value: null,
      silence: null,
    });
    await world.showAll(bot, poison);

    expect(again).toMatchObject({ is: 'postponed' });
    expect(await world.stateOf(poison)).toBe('posted');
    expect(texts(world).filter((text) => text.includes('cannot be shown for now'))).toHaveLength(1);
  });
});

it('an incident that was shown when two bots ended is shown by the third, once', async () => {
  const { world, redis } = await open();
  const id = await world.kill('innocent');
  await endBots(mostCrashes - 1, id, world);
  // Its claim is young, however slow this machine is, so the next bot waits first; that is no success.
  world.wait(-10_000);
  expect((await (await world.bot()).show(id)).is).toBe('postponed');
  const { incident: key } = clusterKeys(world.cluster).of(id);
  await eventually(async () => expect(await redis.hmget(key, 'showing', 'showCrashes')).toEqual([null, '2']));
  world.wait(20_000);

  const bot = await world.bot();
  await world.showAll(bot, id);

  expect(world.roots()).toHaveLength(1);
  await eventually(async () =>
    expect(
      await redis.hmget(clusterKeys(world.cluster).of(id).incident, 'showing', 'showCrashes', 'showAsideUntil'),
    ).toEqual([null, null, null]),
  );
});

it('an incident whose bots were killed while Slack had not answered has nothing against it, however many they were', async () => {
  const { world } = await open();
  const id = await world.kill('innocent');
  await endBots(mostCrashes + 2, id, world, 'waits');
  world.wait(10_000);

  await world.showAll(await world.bot(), id);

  expect(texts(world).filter((text) => text.includes('innocent'))).toHaveLength(1);
  expect(texts(world).filter((text) => text.includes('cannot be shown'))).toEqual([]);
});
