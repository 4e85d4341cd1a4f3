import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Failure } from '../../../src/core/failure.ts';
import type { Loaded } from '../../../src/core/incident/incident.ts';
import { newPosting } from '../../../src/flow/show/turn.ts';
import { openTestRedis, type TestRedis } from '../../redis.ts';
import { anExplanation } from '../../fixtures/incidents.ts';
import { aLine, type BotWorld, into, openBotWorld } from './bot-world.ts';
import { mortal, waylaid } from './mortal.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await openTestRedis();
});
afterAll(async () => {
  await redis.stop();
});

async function loadedOf(world: BotWorld, id: string): Promise<Loaded> {
  const loaded = await world.store.load(id);
  if (loaded === null) throw new Error('no incident');
  return loaded;
}

const moments = Array.from({ length: 30 }, (_, at) => [at * 2 + 1, at % 2 === 0 ? 'after' : 'before'] as const);

test.each(moments)(
  'a bot that dies at its call %i, %s it was done, leaves one root and each line once to the next',
  async (calls, when) => {
    const world = await openBotWorld(redis.url);
    const id = await world.kill();
    await world.update(id, {}, [aLine('first'), aLine('second')]);
    const { wrap, died } = mortal(calls, when);
    const bot = await world.bot(undefined, 0, wrap);
    const works = (async () => {
      await bot.show(id);
      await world.update(id, { explained: anExplanation() }, [aLine('third')]);
      await bot.show(id);
    })();
    await Promise.race([died, works]);
    await world.bury();

    await world.showAll(await world.bot(), id);

    expect(world.roots()).toHaveLength(1);
    expect(new Set(world.replies().map(({ text }) => text)).size).toBe(world.replies().length);
    expect(world.replies().map(({ text }) => text)).toEqual(
      ['first', 'second', 'third'].slice(0, world.replies().length),
    );
    expect(world.replies().length).toBeGreaterThanOrEqual(2);
    expect(await world.postings.read(id)).toMatchObject({ root: world.placeOf(world.roots()[0]), claims: {} });
    expect(await world.postings.due(10)).toEqual([]);
  },
);

/** A root that one bot is slow to post, `before` or `after` Slack has it, while another one loses patience and posts it too. */
async function twoRoots(world: BotWorld, slow: 'before' | 'after'): Promise<string> {
  const asleep = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  const id = await world.kill();
  const sleeper = await world.bot(
    undefined,
    0,
    waylaid('post', async (call) => {
      const early = slow === 'after' ? await call() : null;
      reached.resolve();
      await asleep.promise;
      return early ?? call();
    }),
  );
  const late = sleeper.show(id);
  await reached.promise;
  await world.bury();
  // What Slack has taken a moment ago is not in its history yet.
  await world.showAll(
    await world.bot(
      undefined,
      0,
      waylaid('find', async () => []),
    ),
    id,
  );
  asleep.resolve();
  await late;
  return id;
}

test.each(['before', 'after'] as const)(
  'of a root and another one that came late (asleep %s Slack had its own) the older stays, and goes on',
  async (slow) => {
    const world = await openBotWorld(redis.url);

    const id = await twoRoots(world, slow);
    await world.update(id, { explained: anExplanation() }, [aLine('first')]);
    await world.showAll(await world.bot(), id);

    const [older] = world.slack.messageLog().filter(({ threadTs }) => threadTs === undefined);
    expect(world.slack.messageLog().filter(({ threadTs }) => threadTs === undefined)).toHaveLength(2);
    expect(world.roots()).toMatchObject([{ ts: older?.ts, text: expect.stringContaining('Limit too low') }]);
    expect(world.slack.store.replies(world.channel, older?.ts ?? '').map(({ text }) => text)).toEqual(['first']);
  },
);

test('a bot whose turn took longer than its lease sends nothing, and says so', async () => {
  const world = await openBotWorld(redis.url, { leaseMs: 200 });
  let isSlow = true;
  let posts = 0;
  const slowOnce = waylaid('write', async (call) => {
    const answer = await call();
    if (isSlow) await delay(250);
    isSlow = false;
    return answer;
  });
  const counted = waylaid('post', async (call) => {
    posts += 1;
    return call();
  });
  const bot = await world.bot(undefined, 0, (given) => counted(slowOnce(given)));
  const id = await world.kill();

  const late = await bot.show(id);
  const postsWhileLate = posts;
  await world.showAll(bot, id);

  expect(late).toMatchObject({ is: 'postponed', because: { code: 'turn-lost' } });
  expect(postsWhileLate).toBe(0);
  expect(world.roots()).toHaveLength(1);
});

/** The same workload in a cluster that shares the channel; its root is of an incident with the same id. */
function elsewhere({ incident, tally, requests }: Loaded): Loaded {
  const subject = { ...incident.subject, cluster: 'another-cluster' };
  return { incident: { ...incident, subject }, tally, requests };
}

test('a root of another cluster, of the same workload and incident id, is not taken for the own one after a time-out', async () => {
  const world = await openBotWorld(redis.url);
  const bot = await world.bot();
  const id = await world.kill();
  const theirs = await bot.chat.post(into(world.channel), {
    of: 'incident',
    pause: null,
    loaded: elsewhere(await loadedOf(world, id)),
  });
  await world.postings.write(id, { ...newPosting(world.channel), claims: { root: Date.now() } });

  await world.showAll(bot, id);

  expect(world.roots()).toHaveLength(2);
  expect((await world.postings.read(id))?.root).not.toBe(theirs);
});

test('after Redis was lost, a root of another cluster of the same workload is not gone on in', async () => {
  const world = await openBotWorld(redis.url);
  const bot = await world.bot();
  const id = await world.kill();
  const theirs = await bot.chat.post(into(world.channel), {
    of: 'incident',
    pause: null,
    loaded: elsewhere(await loadedOf(world, id)),
  });
  await world.loseRedis();

  const next = await world.kill();
  await world.showAll(await world.bot(), next);

  expect(world.roots()).toHaveLength(2);
  expect(world.replies()).toEqual([]);
  expect((await world.postings.read(next))?.root).not.toBe(theirs);
});

const answer = (user: string) => aLine('Only for you.', { audience: { to: 'person', user }, kind: 'answer' });

test.each([
  ['chat-timeout', 'backoff', 1],
  ['chat-server-error', 'backoff', 1],
  ['chat-unreachable', 'backoff', 1],
  ['chat-missing-scope', 'backoff', 1],
  ['chat-refused', 'never', 0],
  ['chat-invalid-message', 'never', 0],
] as const)('an answer to one person that fails with %s is never told to all', async (code, retry, whispered) => {
  const world = await openBotWorld(redis.url);
  const sam = world.slack.workspace.people.find(({ name }) => name === 'sam')?.id ?? '';
  let failed = 0;
  const fails = waylaid('post', async (call, to) => {
    const isWhisper = typeof to === 'object' && to !== null && 'only' in to && to.only === sam;
    if (!isWhisper || failed > 0) return call();
    failed += 1;
    throw new Failure(code, 'Slack did not take it.', { retry });
  });
  const bot = await world.bot(undefined, 0, fails);
  const id = await world.kill();
  await world.update(id, {}, [answer(sam), aLine('after')]);

  await world.showAll(bot, id);

  expect(failed).toBe(1);
  expect(world.replies().map(({ text }) => text)).toEqual(['after']);
  expect(world.slack.store.ephemerals().map(({ text }) => text)).toEqual(Array(whispered).fill('Only for you.'));
  expect(bot.troubles).toMatchObject([{ code }]);
});

test('an answer to somebody to whom Slack shows nothing alone in the channel stands in the thread, once', async () => {
  const world = await openBotWorld(redis.url);
  const id = await world.kill();
  await world.update(id, {}, [answer('UNOBODY'), aLine('after')]);

  await world.showAll(await world.bot(), id);

  expect(world.replies().map(({ text }) => text)).toEqual(['Only for you.', 'after']);
  expect(world.slack.store.ephemerals()).toEqual([]);
});
