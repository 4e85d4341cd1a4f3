import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestRedis, type TestRedis } from '../../redis.ts';
import { newPosting } from '../../../src/flow/show/turn.ts';
import { aLine, type BotWorld, openBotWorld } from './bot-world.ts';

/* Incidents of the namespace `payments` belong into a channel of their own; all others into the usual one. */

let redis: TestRedis;
beforeAll(async () => {
  redis = await openTestRedis();
});
afterAll(async () => {
  await redis.stop();
});

const killPayments = (world: BotWorld, workload?: string) => world.kill(workload, undefined, 'payments');
const archive = ({ slack, routed: channel }: BotWorld) =>
  slack.faults.inject({ kind: 'is_archived', channel, standing: true });
const texts = (messages: readonly { readonly text: string }[]) => messages.map(({ text }) => text);

test('each incident has its root in the channel of its route, and its thread stays there', async () => {
  const world = await openBotWorld(redis.url);
  const bot = await world.bot();
  const [shop, payments] = [await world.kill(), await killPayments(world)];

  await Promise.all([shop, payments].map(async (id) => world.showAll(bot, id)));
  await world.update(payments, {}, [aLine('of payments')]);
  await world.showAll(await world.bot(), payments);

  expect(texts(world.roots())).toEqual([expect.stringContaining(shop)]);
  expect(texts(world.roots(world.routed))).toEqual([expect.stringContaining(payments)]);
  expect(texts(world.replies(world.routed))).toEqual(['of payments']);
});

test.each(['is_archived', 'not_in_channel'] as const)(
  'a root that cannot be posted (%s) is posted in the fallback channel, which says so once',
  async (kind) => {
    const world = await openBotWorld(redis.url);
    const bot = await world.bot();
    world.slack.faults.inject({ kind, channel: world.routed, standing: true });
    const ids = [await killPayments(world, 'a'), await killPayments(world, 'b')];
    await world.update(ids[0] ?? '', {}, [aLine('evidence')]);

    await Promise.all(ids.map(async (id) => world.showAll(bot, id)));
    await world.showAll(await world.bot(), ids[0] ?? '');

    const because = kind === 'is_archived' ? 'is archived or read-only' : 'does not have me as a member';
    const said = `#payments-${world.cluster} ${because}: what belongs there is told here.`;
    expect(world.roots(world.routed)).toEqual([]);
    expect(world.roots()).toHaveLength(2);
    expect(texts(world.replies()).toSorted()).toEqual([said, said, 'evidence'].toSorted());
    expect(bot.troubles).toHaveLength(1);
    expect(await world.postings.due(10)).toEqual([]);
  },
);

test('a thread whose channel was archived goes on where it ended, below a new root in the fallback channel', async () => {
  const world = await openBotWorld(redis.url);
  const bot = await world.bot();
  const id = await killPayments(world);
  await world.update(id, {}, [aLine('before')]);
  await world.showAll(bot, id);
  archive(world);
  await world.update(id, {}, [aLine('after')]);

  await world.showAll(bot, id);
  await world.update(id, {}, [aLine('later')]);
  await world.showAll(await world.bot(), id);

  expect(texts(world.replies(world.routed))).toEqual(['before']);
  expect(texts(world.roots())).toEqual([expect.stringContaining(id)]);
  expect(texts(world.replies())).toEqual([
    `#payments-${world.cluster} is archived or read-only: the thread there goes on here.`,
    'after',
    'later',
  ]);
});

test('a bot that died after it said why a thread is elsewhere leaves it said once', async () => {
  const world = await openBotWorld(redis.url);
  const bot = await world.bot();
  archive(world);
  const id = await killPayments(world);
  await world.showAll(bot, id);
  const posting = await world.postings.read(id);
  if (posting === null) throw new Error('not shown');
  const notice = { id: 'goes-on-here', text: 'It is elsewhere.' };
  await world.postings.write(id, { ...posting, notice, claims: { [notice.id]: Date.now() } });

  await world.showAll(await world.bot(), id);

  expect(world.replies()).toHaveLength(1);
});

test('after Redis was lost, a root in the fallback channel is adopted, though its own channel can be written to again', async () => {
  const world = await openBotWorld(redis.url);
  const fault = archive(world);
  await world.showAll(await world.bot(), await killPayments(world));
  world.slack.faults.clear(fault.id);
  await world.loseRedis();

  await world.showAll(await world.bot(), await killPayments(world));

  expect(world.roots(world.routed)).toEqual([]);
  expect(world.roots()).toHaveLength(1);
  expect(texts(world.replies())).toContainEqual(expect.stringContaining('My store was emptied'));
});

test('a flood in one channel is a storm there, and the other channel has its own', async () => {
  const world = await openBotWorld(redis.url);
  const slow = {
    post: { burst: 1, perSecond: 0.05 },
    update: { burst: 100, perSecond: 100 },
    ephemeral: { burst: 100, perSecond: 100 },
  };
  const flooded = await world.bot(slow, 5);
  const names = Array.from({ length: 12 }, (_, at) => `w-${at}`);
  const ids = await Promise.all(names.flatMap((name) => [world.kill(name), killPayments(world, name)]));

  await Promise.all(ids.map(async (id) => flooded.show(id)));
  await flooded.stop();
  const bot = await world.bot(undefined, 5);
  const storms = [await world.showStorm(bot), await world.showStorm(bot, world.routed)];

  expect(new Set(storms).size).toBe(2);
  for (const [at, namespace] of [
    [world.channel, 'shop'],
    [world.routed, 'payments'],
  ] as const) {
    const roots = texts(world.roots(at)).filter((text) => text.includes('STORM-'));
    expect(roots).toEqual([expect.stringContaining(`in namespace ${namespace}`)]);
    expect(texts(world.replies(at)).join('\n')).toContain(`/${namespace} · INC-`);
  }
});

test('after Redis was lost, a root in a channel that is archived by now gives way to a new one', async () => {
  const world = await openBotWorld(redis.url);
  await world.showAll(await world.bot(), await killPayments(world));
  await world.loseRedis();
  archive(world);
  const id = await killPayments(world);

  await world.showAll(await world.bot(), id);

  expect(texts(world.roots())).toEqual([expect.stringContaining(id)]);
  expect(texts(world.replies())).toEqual([expect.stringContaining('is archived or read-only')]);
});

test('a storm whose channel is archived goes on in the fallback channel and says so', async () => {
  const world = await openBotWorld(redis.url);
  const bot = await world.bot(undefined, 5);
  const storm = { id: `STORM-${world.cluster}`, channel: world.routed, openedAt: Date.now() };
  await world.storms.open(storm, null);
  const id = await killPayments(world);
  const fold = { storm: storm.id, told: '', answered: '0', openedBy: null };
  await world.postings.write(id, { ...newPosting(world.routed), fold });
  await world.showAll(bot, id);
  await world.showStorm(bot, world.routed);
  archive(world);
  await world.kill('checkout', undefined, 'payments');

  await world.showAll(bot, id);
  world.wait(10_000);
  await world.showStorm(bot, world.routed);

  expect(texts(world.roots())).toEqual([
    expect.stringContaining('is archived or read-only: what belongs there is told here'),
  ]);
  expect(texts(world.replies())).toEqual([expect.stringContaining(id)]);
});
