import { afterAll, beforeAll, expect, test } from 'vitest';
import { incidentId } from '../../../src/core/incident/incident-id.ts';
import { openTestRedis, type TestRedis } from '../../redis.ts';
import { aKill, anExplanation } from '../../fixtures/incidents.ts';
import { aLine, type BotWorld, impatient, into, openBotWorld, silentMs } from './bot-world.ts';
import { waylaid } from './mortal.ts';
import { eventually } from '../../eventually.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await openTestRedis();
});
afterAll(async () => {
  await redis.stop();
});

const closed = { is: 'closed' as const, outcome: 'quiet' as const, at: 1_790_000_000_000 };

const scans = ({ slack }: BotWorld) => slack.requestLog().filter(({ method }) => method === 'conversations.history');

test.each(['was started again', 'went on running'])(
  'after Redis was lost, a bot that %s goes on in the root that is there and says that it counts anew',
  async (which) => {
    const world = await openBotWorld(redis.url);
    const before = await world.bot();
    const first = await world.kill();
    await world.kill();
    await world.kill();
    await world.update(first, {}, [aLine('before')]);
    await world.showAll(before, first);
    const [root] = world.roots();
    await world.loseRedis();

    const second = await world.kill();
    await world.update(second, { explained: anExplanation() }, [aLine('after')]);
    await world.showAll(which === 'went on running' ? before : await world.bot(), second);

    expect(second).not.toBe(first);
    expect(root?.text).toContain('Kills: 3, last');
    expect(world.roots()).toMatchObject([{ ts: root?.ts, text: expect.stringContaining(second) }]);
    expect(world.roots()[0]?.text).toContain('Kills: 1,');
    expect(world.replies().map(({ text }) => text)).toEqual([
      'before',
      'My store was emptied; counting starts again here (3 kills were counted before).',
      'after',
    ]);
    expect(await world.postings.read(second)).toMatchObject({ root: world.placeOf(root), claims: {} });
    expect(await world.postings.due(10)).toEqual([]);
  },
);

test('the same kill, found again after Redis was lost, goes on in its own root', async () => {
  const world = await openBotWorld(redis.url);
  const first = await world.kill('checkout', `${world.cluster}/same`);
  await world.showAll(await world.bot(), first);
  const [root] = world.roots();
  await world.loseRedis();

  const second = await world.kill('checkout', `${world.cluster}/same`);
  await world.showAll(await world.bot(), second);

  expect(second).toBe(first);
  expect(world.roots().map(({ ts }) => ts)).toEqual([root?.ts]);
  expect(world.replies().map(({ text }) => text)).toEqual([expect.stringContaining('(1 kill was counted before)')]);
});

test('Redis that is lost twice is said twice in the one thread', async () => {
  const world = await openBotWorld(redis.url);
  const bot = await world.bot();

  for (let losses = 0; losses <= 2; losses += 1) {
    await world.loseRedis();
    await world.showAll(bot, await world.kill('checkout', `${world.cluster}/same`));
  }

  expect(world.roots()).toHaveLength(1);
  expect(world.replies().filter(({ text }) => text.includes('emptied'))).toHaveLength(2);
});

test('a root that was posted by another bot after the own scan is found too', async () => {
  const world = await openBotWorld(redis.url);
  const [one, other] = [await world.bot(), await world.bot()];
  await world.showAll(one, await world.kill('elsewhere'));
  await world.showAll(other, await world.kill());
  await world.loseRedis();

  await world.showAll(one, await world.kill());

  expect(world.roots()).toHaveLength(2);
  expect(world.replies()).toHaveLength(1);
});

test('a root that was posted by another bot is found by one that has looked at its start and told of nothing since', async () => {
  const world = await openBotWorld(redis.url);
  const [one, other] = [await world.bot(), await world.bot()];
  await other.scan([world.channel]);
  await world.showAll(one, await world.kill());
  await world.loseRedis();

  await world.showAll(other, await world.kill());

  expect(world.roots()).toHaveLength(1);
  expect(world.replies()).toHaveLength(1);
});

test('two bots that meet many lost roots at once adopt each of them once, with few looks at the channel', async () => {
  const world = await openBotWorld(redis.url);
  const bots = [await world.bot(), await world.bot()] as const;
  const names = Array.from({ length: 8 }, (_, at) => `shop-${at}`);
  for (const name of names) await world.showAll(bots[0], await world.kill(name));
  const before = world.roots().map(({ ts }) => ts);
  await world.loseRedis();
  const ids = await Promise.all(names.map(async (name) => world.kill(name)));

  await Promise.all(bots.flatMap((bot) => ids.map(async (id) => world.showAll(bot, id))));

  expect(world.roots().map(({ ts }) => ts)).toEqual(before);
  expect(world.replies()).toHaveLength(8);
  // One scan of the first bot at its start, one of each bot after the loss; each bot reads at most each root once.
  expect(scans(world).length).toBeLessThanOrEqual(3 + 2 * 8);
});

test('while nothing is lost a bot looks through a channel once', async () => {
  const world = await openBotWorld(redis.url);
  const bot = await world.bot();
  const ids = await Promise.all(['a', 'b', 'c'].map(async (name) => world.kill(name)));

  await Promise.all(ids.map(async (id) => world.showAll(bot, id)));
  await world.showAll(bot, await world.kill('d'));

  expect(world.roots()).toHaveLength(4);
  expect(scans(world)).toHaveLength(1);
});

test('a closed root is not adopted', async () => {
  const world = await openBotWorld(redis.url);
  const first = await world.kill();
  const before = await world.bot();
  await world.showAll(before, first);
  await world.update(first, { state: closed });
  await world.showAll(before, first);
  await world.loseRedis();

  await world.showAll(await world.bot(), await world.kill());

  expect(world.roots()).toHaveLength(2);
  expect(world.replies()).toEqual([]);
});

test('a root that was adopted by another bot and closed since is not adopted from an old scan', async () => {
  const world = await openBotWorld(redis.url);
  const [one, other] = [await world.bot(), await world.bot()];
  await world.showAll(one, await world.kill());
  await world.loseRedis();
  await world.showAll(other, await world.kill('elsewhere'));
  const second = await world.kill();
  await world.showAll(one, second);
  await world.update(second, { state: closed });
  await world.showAll(one, second);

  await world.showAll(other, await world.kill());

  expect(world.roots()).toHaveLength(3);
  expect(world.replies()).toHaveLength(1);
});

test('a root of an incident that the store knows is not adopted, though it still looks open', async () => {
  const world = await openBotWorld(redis.url);
  const first = await world.kill();
  await world.showAll(await world.bot(), first);
  const [root] = world.roots();
  await world.update(first, { state: closed });
  const second = await world.kill();

  await world.showAll(await world.bot(), second);

  expect(second).not.toBe(first);
  expect(world.roots()).toHaveLength(2);
  expect(world.roots().find(({ ts }) => ts === root?.ts)?.text).toContain(first);
  expect(world.replies()).toEqual([]);
});

test('a lost root of another workload is not adopted', async () => {
  const world = await openBotWorld(redis.url);
  await world.showAll(await world.bot(), await world.kill('checkout'));
  await world.loseRedis();

  await world.showAll(await world.bot(), await world.kill('checkout-worker'));

  expect(world.roots()).toHaveLength(2);
  expect(world.replies()).toEqual([]);
});

test('a lost root is adopted although another workload has the id of its incident now', async () => {
  const world = await openBotWorld(redis.url);
  const [mine, other] = sameId(world.cluster, 'checkout', 'cart');
  const first = await world.kill('checkout', mine);
  await world.showAll(await world.bot(), first);
  const [root] = world.roots();
  await world.loseRedis();
  expect(await world.kill('cart', other)).toBe(first);

  const second = await world.kill('checkout', mine);
  await world.showAll(await world.bot(), second);

  expect(second).not.toBe(first);
  expect(world.roots().map(({ ts }) => ts)).toEqual([root?.ts]);
});

/** Fingerprints of first kills by which incidents of two workloads have the same id of usual length. */
function sameId(cluster: string, one: string, another: string): readonly [string, string] {
  const idOf = (name: string, fingerprint: string): string =>
    incidentId({ ...aKill().subject, cluster, workload: { kind: 'Deployment', name } }, fingerprint);
  const fingerprints = Array.from({ length: 4_000 }, (_, nth) => `${cluster}/${nth}`);
  const ids = new Map(fingerprints.map((fingerprint) => [idOf(one, fingerprint), fingerprint]));
  for (const fingerprint of fingerprints) {
    const same = ids.get(idOf(another, fingerprint));
    if (same !== undefined) return [same, fingerprint];
  }
  throw new Error('of four thousand each no two have the same id');
}

test('of two lost roots of one subject the older is adopted and the younger deleted', async () => {
  const world = await openBotWorld(redis.url);
  const before = await world.bot();
  const first = await world.kill();
  await world.showAll(before, first);
  const [older] = world.roots();
  const loaded = await world.store.load(first);
  if (loaded === null) throw new Error('no incident');
  await before.chat.post(into(world.channel), { of: 'incident', loaded, pause: null });
  await world.loseRedis();

  await world.showAll(await world.bot(), await world.kill());

  expect(world.roots().map(({ ts }) => ts)).toEqual([older?.ts]);
});

test('a lost root that was deleted in Slack meanwhile gives way to a new one', async () => {
  const world = await openBotWorld(redis.url);
  const bot = await world.bot();
  await world.showAll(bot, await world.kill());
  await world.showAll(bot, await world.kill('elsewhere'));
  const [root] = world.roots();
  await world.loseRedis();
  await world.showAll(bot, await world.kill('elsewhere'));
  await bot.chat.remove(world.placeOf(root));

  await world.showAll(bot, await world.kill());

  expect(world.roots()).toHaveLength(2);
  expect(world.roots().map(({ ts }) => ts)).not.toContain(root?.ts);
});

test('what is said at adoption is said once, though Slack took it without an answer', async () => {
  const world = await openBotWorld(redis.url, impatient);
  await world.showAll(await world.bot(), await world.kill());
  await world.loseRedis();
  const second = await world.kill();
  const fault = world.slack.faults.inject({
    kind: 'timeout-after-success',
    method: 'chat.postMessage',
    holdMs: silentMs,
  });

  await world.showAll(await world.bot(), second);

  expect(world.slack.faults.list().find(({ id }) => id === fault.id)?.fired).toBe(1);
  expect(world.roots()).toHaveLength(1);
  expect(world.replies()).toHaveLength(1);
});

test('a channel that could not be scanned is scanned again, and where the root itself cannot be read the scan has to do', async () => {
  const world = await openBotWorld(redis.url);
  const before = await world.bot();
  await world.showAll(before, await world.kill('checkout'));
  await world.showAll(before, await world.kill('elsewhere'));
  await world.loseRedis();
  const bot = await world.bot();

  for (const [workload, count] of [['checkout', 2] as const, ['elsewhere', 1] as const]) {
    world.slack.faults.inject({ kind: 'http-500', method: 'conversations.history', count });
    await world.showAll(bot, await world.kill(workload));
  }

  expect(world.slack.faults.list().map(({ fired }) => fired)).toEqual([2, 1]);
  expect(world.roots()).toHaveLength(2);
  expect(bot.troubles).toEqual([]);
});

test.each([
  ['fails', { kind: 'http-500', count: 1000 }, 'chat-server-error'],
  ['is held back', { kind: 'ratelimited', count: 1000 }, 'chat-look-limited'],
  ['hangs', { kind: 'timeout-after-success', count: 1000, holdMs: 400 }, 'chat-history-late'],
] as const)('where looking through the channel %s, the kill is announced all the same', async (_, fault, code) => {
  // Only where nothing is answered does the time come, however busy the machine is.
  const scanMs = code === 'chat-history-late' ? 300 : 60_000;
  const world = await openBotWorld(redis.url, { scanMs });
  world.slack.faults.inject({ ...fault, method: 'conversations.history' });
  const bot = await world.bot();
  const ids = [await world.kill('a'), await world.kill('b')];

  const shown = await Promise.all(ids.map(async (id) => bot.show(id)));

  expect(shown).toEqual([{ is: 'shown' }, { is: 'shown' }]);
  expect(world.roots()).toHaveLength(2);
  expect(bot.troubles).toMatchObject([{ code }]);
});

test('where looking through the channel takes longer than a first message waits, of two roots the younger goes as soon as both are known', async () => {
  const world = await openBotWorld(redis.url, { scanMs: 200 });
  const before = await world.bot();
  const first = await world.kill();
  await world.update(first, {}, [aLine('before')]);
  await world.showAll(before, first);
  const [older] = world.roots();
  await world.loseRedis();
  const second = await world.kill();
  await world.update(second, { explained: anExplanation() }, [aLine('after')]);
  world.slack.faults.inject({ kind: 'timeout-after-success', holdMs: 700, method: 'conversations.history' });
  const bot = await world.bot();

  await world.showAll(bot, second);

  expect(bot.troubles).toMatchObject([{ code: 'chat-history-late' }]);
  expect(world.slack.messageLog().filter(({ threadTs }) => threadTs === undefined)).toHaveLength(2);
  expect(world.roots()).toMatchObject([{ ts: older?.ts, text: expect.stringContaining(second) }]);
  expect(world.replies().map(({ text }) => text)).toEqual([
    'before',
    'My store was emptied; counting starts again here (1 kill was counted before).',
    'after',
  ]);
  expect(await world.postings.due(10)).toEqual([]);
});

test('where nobody could look, there are two threads, and the next incident of the workload goes on in the older one', async () => {
  const world = await openBotWorld(redis.url);
  await world.showAll(await world.bot(), await world.kill());
  const [older] = world.roots();
  await world.loseRedis();
  const second = await world.kill();
  const fault = world.slack.faults.inject({ kind: 'http-500', standing: true, method: 'conversations.history' });
  const bot = await world.bot();
  await world.showAll(bot, second);
  world.slack.faults.clear(fault.id);
  await world.update(second, { state: closed });
  await world.showAll(bot, second);

  const third = await world.kill();
  await world.showAll(bot, third);

  expect(world.roots()).toHaveLength(2);
  expect(world.roots()[0]).toMatchObject({ ts: older?.ts, text: expect.stringContaining(third) });
});

test('a channel that is listed only when the own root stands there leaves that one alone', async () => {
  const world = await openBotWorld(redis.url, { scanMs: 50 });
  const listedLate = waylaid('openRoots', async (call) => {
    await eventually(() => expect(world.roots()).toHaveLength(1));
    return call();
  });
  const bot = await world.bot(undefined, 0, listedLate);
  const id = await world.kill();

  await world.showAll(bot, id);

  expect(world.roots()).toMatchObject([{ text: expect.stringContaining(id) }]);
  expect(world.replies()).toEqual([]);
});
