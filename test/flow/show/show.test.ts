import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createPatientTime } from '../../../sandbox/patient-time.ts';
import { Failure } from '../../../src/core/failure.ts';
import { anExplanation } from '../../fixtures/incidents.ts';
import { openTestRedis, type TestRedis } from '../../redis.ts';
import type { Posting, Target } from '../../../src/flow/show/needs.ts';
import { newPosting } from '../../../src/flow/show/turn.ts';
import { aLine, below, type BotWorld, impatient, into, type Wrap, openBotWorld, silentMs } from './bot-world.ts';
import { eventually } from '../../eventually.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await openTestRedis();
});
afterAll(async () => {
  await redis.stop();
});

const explained = anExplanation();

test('a kill becomes one root, the root is edited in place, and each entry is one reply in order', async () => {
  const world = await openBotWorld(redis.url);
  const bot = await world.bot();
  const id = await world.kill();
  await world.showAll(bot, id);
  const [announced] = world.roots();
  await world.update(id, { explained }, [aLine('first'), aLine('second'), aLine('third')]);

  await world.showAll(bot, id);

  expect(announced?.text).toContain('collecting evidence');
  expect(world.roots()).toMatchObject([{ ts: announced?.ts, text: expect.stringContaining('Limit too low') }]);
  expect(world.replies().map(({ text }) => text)).toEqual(['first', 'second', 'third']);
  expect(await world.postings.due(10)).toEqual([]);
});

test('what is known before the first message leaves is in it', async () => {
  const world = await openBotWorld(redis.url);
  const id = await world.kill();
  await world.update(id, { explained });

  await world.showAll(await world.bot(), id);

  expect(world.roots().map(({ text }) => text)).toEqual([expect.stringContaining('Limit too low')]);
  expect(world.slack.requestLog().filter(({ method }) => method === 'chat.update')).toEqual([]);
});

test('a post that timed out after success is found again, not posted again', async () => {
  const world = await openBotWorld(redis.url, impatient);
  const id = await world.kill();
  const fault = world.slack.faults.inject({
    kind: 'timeout-after-success',
    method: 'chat.postMessage',
    holdMs: silentMs,
  });

  await world.showAll(await world.bot(), id);

  expect(world.slack.faults.list().find((one) => one.id === fault.id)?.fired).toBe(1);
  expect(world.slack.messageLog()).toHaveLength(1);
  expect(await world.postings.read(id)).toMatchObject({ root: world.placeOf(world.roots()[0]), claims: {} });
});

test('a bot that was asleep while another one said the same line takes its own back', async () => {
  const world = await openBotWorld(redis.url);
  const asleep = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  const slow = await world.bot(undefined, 0, (given) =>
    'post' in given
      ? {
          ...given,
          post: async (to: Target, ...args: unknown[]) => {
            if (to.below !== null) {
              reached.resolve();
              await asleep.promise;
            }
            const answer: unknown = Reflect.apply(Reflect.get(given, 'post') as () => unknown, given, [to, ...args]);
            return answer;
          },
        }
      : given,
  );
  const id = await world.kill();
  await world.showAll(slow, id);
  await world.update(id, {}, [aLine('first')]);
  const late = slow.show(id);
  await reached.promise;
  await world.bury();
  await world.showAll(await world.bot(), id);

  asleep.resolve();
  await late;

  expect(world.slack.messageLog().filter(({ threadTs }) => threadTs !== undefined)).toHaveLength(2);
  expect(world.replies().map(({ text }) => text)).toEqual(['first']);
});

test('a reply that timed out after success is found again, not posted again', async () => {
  const world = await openBotWorld(redis.url, impatient);
  const bot = await world.bot();
  const id = await world.kill();
  await world.showAll(bot, id);
  await world.update(id, {}, [aLine('first'), aLine('second')]);
  world.slack.faults.inject({ kind: 'timeout-after-success', method: 'chat.postMessage', holdMs: silentMs });

  await world.showAll(bot, id);

  expect(world.replies().map(({ text }) => text)).toEqual(['first', 'second']);
});

test('a bot that died between post and record leaves a root that the next one adopts', async () => {
  const world = await openBotWorld(redis.url);
  const id = await world.kill();
  const dead = await world.bot();
  const loaded = await world.store.load(id);
  if (loaded === null) throw new Error('no incident');
  await world.postings.write(id, claimOf(world.channel, Date.now()));
  const root = await dead.chat.post(into(world.channel), { of: 'incident', loaded, pause: null });

  await world.showAll(await world.bot(), id);

  expect(world.roots().map(world.placeOf)).toEqual([root]);
  expect(await world.postings.read(id)).toMatchObject({ root, claims: {} });
});

test('a root of the same incident from before Redis was lost, found after a crash, shows what is counted now', async () => {
  const world = await openBotWorld(redis.url);
  const first = `${world.cluster}/first`;
  const id = await world.kill('checkout', first);
  await world.kill();
  await world.showAll(await world.bot(), id);
  const before = world.roots().map(({ text }) => text);
  await world.loseRedis();
  await world.kill('checkout', first);
  await world.postings.write(id, claimOf(world.channel, Date.now()));

  await world.showAll(await world.bot(), id);

  expect(before).toEqual([expect.stringContaining('Kills: 2, last')]);
  expect(world.roots()).toMatchObject([{ text: expect.stringContaining('Kills: 1,') }]);
});

test('a bot that died between claim and post is waited for, and then its root is posted', async () => {
  const world = await openBotWorld(redis.url);
  const id = await world.kill();
  const bot = await world.bot();
  // So young that no machine is slow enough for it to become old meanwhile.
  await world.postings.write(id, claimOf(world.channel, Date.now() + 3_000));

  const early = await bot.show(id);
  await world.showAll(bot, id);

  expect(early.is).toBe('postponed');
  expect(world.roots()).toHaveLength(1);
  expect(await world.postings.read(id)).toMatchObject({ root: world.placeOf(world.roots()[0]), claims: {} });
});

test('of two roots the younger is deleted', async () => {
  const world = await openBotWorld(redis.url);
  const id = await world.kill();
  const dead = await world.bot();
  const loaded = await world.store.load(id);
  if (loaded === null) throw new Error('no incident');
  await world.postings.write(id, claimOf(world.channel, Date.now()));
  const older = await dead.chat.post(into(world.channel), { of: 'incident', loaded, pause: null });
  await dead.chat.post(into(world.channel), { of: 'incident', loaded, pause: null });

  await world.showAll(await world.bot(), id);

  expect(world.roots().map(world.placeOf)).toEqual([older]);
  expect(await world.postings.read(id)).toMatchObject({ root: older });
});

test('two bots that show the same incidents at once post each root and each reply once', async () => {
  const world = await openBotWorld(redis.url);
  const bots = [await world.bot(), await world.bot()];
  const ids = await Promise.all(Array.from({ length: 10 }, async (_, at) => world.kill(`shop-${at}`)));
  for (const id of ids) await world.update(id, { explained }, [aLine(`of ${id}`)]);

  await Promise.all(bots.flatMap((bot) => ids.map(async (id) => world.showAll(bot, id))));

  expect(world.roots()).toHaveLength(10);
  expect(
    world
      .replies()
      .map(({ text }) => text)
      .toSorted(),
  ).toEqual(ids.map((id) => `of ${id}`).toSorted());
});

/** An incident with two lines for its thread; a bot died after it had sent the first, before that was recorded. */
async function unrecordedReply(world: BotWorld): Promise<string> {
  const dead = await world.bot();
  const id = await world.kill();
  await world.showAll(dead, id);
  await world.update(id, {}, [aLine('first'), aLine('second')]);
  const [line] = await world.store.entries(id, '0', 1);
  const loaded = await world.store.load(id);
  const [root] = world.roots();
  if (line === undefined || loaded === null || root === undefined) throw new Error('nothing shown');
  const posting = await world.postings.read(id);
  if (posting === null) throw new Error('no posting');
  await world.postings.write(id, { ...posting, claims: { [line.id]: Date.now() } });
  const to = below(world.channel, world.placeOf(root));
  await dead.chat.post(to, { of: 'entry', line, incident: loaded.incident });
  return id;
}

test('a reply that a dead bot sent and did not record is not sent again', async () => {
  const world = await openBotWorld(redis.url);
  const id = await unrecordedReply(world);

  await world.showAll(await world.bot(), id);

  expect(world.replies().map(({ text }) => text)).toEqual(['first', 'second']);
});

test('a reply that a dead bot sent is not sent again where Redis went away after it was found', async () => {
  const world = await openBotWorld(redis.url);
  const id = await unrecordedReply(world);
  let looks = 0;
  const wrap: Wrap = (target) =>
    new Proxy(target, {
      get: (of, name) => {
        const member: unknown = Reflect.get(of, name);
        if (typeof member !== 'function') return member;
        return async (...args: unknown[]): Promise<unknown> => {
          if (name === 'write' && looks === 1) throw new Failure('redis-unreachable', 'Redis cannot be reached.');
          const answer: unknown = await Reflect.apply(member, of, args);
          if (name === 'find') looks += 1;
          return answer;
        };
      },
    });
  const bot = await world.bot(undefined, 0, wrap);

  await bot.show(id).catch(() => undefined);
  await world.showAll(bot, id);

  expect(world.replies().map(({ text }) => text)).toEqual(['first', 'second']);
  expect(looks).toBeGreaterThan(1);
});

test('an answer is seen by the person alone', async () => {
  const world = await openBotWorld(redis.url);
  const sam = world.slack.workspace.people.find(({ name }) => name === 'sam')?.id ?? '';
  const id = await world.kill();
  const refusal = aLine('You may not approve this.', { audience: { to: 'person', user: sam }, kind: 'answer' });
  await world.update(id, {}, [refusal]);

  await world.showAll(await world.bot(), id);

  expect(world.slack.store.ephemerals()).toMatchObject([{ onlyFor: sam, text: 'You may not approve this.' }]);
  expect(world.replies()).toEqual([]);
});

test('an answer is in the thread, below what everybody was told there', async () => {
  const world = await openBotWorld(redis.url);
  const sam = world.slack.workspace.people.find(({ name }) => name === 'sam')?.id ?? '';
  const id = await world.kill();
  const refusal = (text: string) => aLine(text, { audience: { to: 'person', user: sam }, kind: 'answer' });
  const bot = await world.bot();
  await world.update(id, {}, [refusal('before'), aLine('evidence'), refusal('after')]);
  await world.showAll(bot, id);
  const [root] = world.roots();
  await bot.chat.remove(world.placeOf(root));
  await world.update(id, { explained });
  await world.showAll(bot, id);
  await world.update(id, {}, [refusal('below the new root')]);
  await world.showAll(bot, id);

  const seen = world.slack.store.ephemerals().map(({ text, threadTs }) => [text, threadTs]);
  expect(seen).toEqual([
    ['before', undefined],
    ['after', root?.ts],
    ['below the new root', world.roots()[0]?.ts],
  ]);
});

test('where a root can no longer be edited, its state goes on as replies, and that is said once', async () => {
  const world = await openBotWorld(redis.url);
  const bot = await world.bot();
  const id = await world.kill();
  await world.showAll(bot, id);
  world.slack.faults.inject({ kind: 'edit_window_closed', method: 'chat.update', count: 10 });

  await world.update(id, { explained });
  await world.showAll(bot, id);
  await world.update(id, { acknowledged: { by: 'UAMIRA', at: 1 } });
  await world.showAll(bot, id);

  expect(world.roots()).toHaveLength(1);
  expect(world.replies()).toHaveLength(2);
  expect(world.replies().filter(({ blocks }) => blocks.includes('no longer lets'))).toHaveLength(1);
  expect(world.replies()[1]?.text).toContain('<@UAMIRA> is on it');
});

test('a root that somebody deleted is posted anew, and its thread goes on there', async () => {
  const world = await openBotWorld(redis.url);
  const bot = await world.bot();
  const id = await world.kill();
  await world.update(id, {}, [aLine('before')]);
  await world.showAll(bot, id);
  const [root] = world.roots();
  await bot.chat.remove(world.placeOf(root));

  await world.update(id, { explained }, [aLine('after')]);
  await world.showAll(bot, id);

  const [again] = world.roots();
  const thread = world.slack.store.replies(world.channel, again?.ts ?? '').map(({ text }) => text);
  expect(world.roots()).toHaveLength(1);
  expect(again?.text).toContain('Limit too low');
  expect(thread).toEqual([expect.stringContaining('message of this incident was deleted'), 'after']);
});

test('when Slack asks for fewer calls, the call waits as long as it asks and is then made once', async () => {
  const world = await openBotWorld(redis.url);
  const id = await world.kill();
  world.slack.faults.inject({ kind: 'ratelimited', method: 'chat.postMessage', count: 1 });

  await world.showAll(await world.bot(), id);

  const calls = world.slack.requestLog().filter(({ method }) => method === 'chat.postMessage');
  expect(calls.map(({ ok }) => ok)).toEqual([false, true]);
  expect((calls[1]?.at ?? 0) - (calls[0]?.at ?? 0)).toBeGreaterThanOrEqual(990);
  expect(world.roots()).toHaveLength(1);
});

test('when Slack asks for fewer looks into threads, first messages do not wait for that', async () => {
  const world = await openBotWorld(redis.url);
  const old = await world.kill('old');
  await world.showAll(await world.bot(), old);
  await world.update(old, {}, [aLine('evidence')]);
  const [line] = await world.store.entries(old, '0', 1);
  const posting = await world.postings.read(old);
  if (line === undefined || posting === null) throw new Error('nothing shown');
  await world.postings.write(old, { ...posting, claims: { [line.id]: 1 } });
  const fault = world.slack.faults.inject({ kind: 'ratelimited', method: 'conversations.replies', standing: true });
  const bot = await world.bot();
  const looked = () => world.slack.requestLog().filter(({ method }) => method === 'conversations.replies');

  const waiting = bot.show(old);
  await eventually(() => expect(looked().length).toBe(1));
  // A machine that stands still makes nobody wait.
  const time = createPatientTime();
  onTestFinished(time.stop);
  const began = time.now();
  await bot.show(await world.kill('new'));
  const tookMs = time.now() - began;
  world.slack.faults.clear(fault.id);
  await waiting;
  await world.showAll(bot, old);

  // A second is what Slack asks for.
  expect(tookMs).toBeLessThan(900);
  expect(world.roots()).toHaveLength(2);
  expect(world.replies().map(({ text }) => text)).toEqual(['evidence']);
});

test('an incident that cannot be read, as of a newer version, is put off and keeps no other from being told', async () => {
  const world = await openBotWorld(redis.url);
  const unreadable = new Set<string>();
  const newer = new Failure('newer-document', 'It was written by a newer Oomkeeper.', { retry: 'backoff' });
  const load = async (id: string) => {
    if (unreadable.has(id)) throw newer;
    return world.store.load(id);
  };
  const wrap: Wrap = (given) =>
    new Proxy(given, {
      get: (target, name): unknown => (name === 'load' && name in target ? load : Reflect.get(target, name)),
    });
  const bot = await world.bot(undefined, 0, wrap);
  const first = await world.kill('a');
  await world.showAll(bot, first);
  unreadable.add(first);
  await world.kill('a');

  const put = await bot.show(first);
  const second = await world.kill('b');
  await bot.show(second);

  expect(put).toMatchObject({ is: 'postponed', because: newer });
  expect(world.roots()).toHaveLength(2);
  expect(bot.troubles).toEqual([newer]);
});

test('a channel that cannot be written to is told once, and everything is shown when it can be again', async () => {
  const world = await openBotWorld(redis.url);
  const bot = await world.bot();
  const ids = [await world.kill('a'), await world.kill('b')];
  world.slack.faults.inject({ kind: 'is_archived', method: 'chat.postMessage', count: 5 });

  await Promise.all(ids.map(async (id) => world.showAll(bot, id)));

  expect(world.roots()).toHaveLength(2);
  expect(bot.troubles).toMatchObject([{ code: 'chat-archived' }]);
});

test('a message whose form Slack refuses is sent again as plain text', async () => {
  const world = await openBotWorld(redis.url);
  const id = await world.kill();
  world.slack.faults.inject({ kind: 'invalid_blocks', method: 'chat.postMessage' });

  await world.showAll(await world.bot(), id);

  expect(world.roots()).toMatchObject([{ text: expect.stringContaining('OOMKilled checkout') }]);
});

test('a server error of Slack does not double a root', async () => {
  const world = await openBotWorld(redis.url);
  const id = await world.kill();
  world.slack.faults.inject({ kind: 'http-500', method: 'chat.postMessage', count: 2 });

  await world.showAll(await world.bot(), id);

  expect(world.roots()).toHaveLength(1);
});

test('many kills while a thread is written starve neither the thread nor the count', async () => {
  const world = await openBotWorld(redis.url);
  const bot = await world.bot();
  const id = await world.kill();
  await world.update(id, {}, [aLine('first'), aLine('second')]);
  const shown = world.showAll(bot, id);
  for (let count = 0; count < 30; count += 1) {
    await world.kill();
    void bot.show(id);
  }
  await shown;

  await world.showAll(bot, id);

  expect(world.replies().map(({ text }) => text)).toEqual(['first', 'second']);
  expect(world.roots()[0]?.text).toContain('Kills: 31, last');
});

test('hostile names reach Slack without forming a mention', async () => {
  const world = await openBotWorld(redis.url);
  const id = await world.kill('`<!channel>` <@U1>');

  await world.showAll(await world.bot(), id);

  expect(world.roots()).toHaveLength(1);
  expect(world.roots()[0]?.text).not.toMatch(/<[!@]|`/);
  expect(world.roots()[0]?.blocks).not.toMatch(/<[!@]|`/);
});

/** Somebody has begun to post the root. */
function claimOf(channel: string, at: number): Posting {
  return { ...newPosting(channel), claims: { root: at } };
}
