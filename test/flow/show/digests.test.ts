import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { closeRedis, connectRedis } from '../../../src/adapters/redis/connection.ts';
import { createDigests } from '../../../src/adapters/redis/slack/digests.ts';
import { createIgnored } from '../../../src/adapters/redis/store/ignored.ts';
import type { DigestTime } from '../../../src/core/digest/digest-time.ts';
import { ignoredOf } from '../../../src/core/kill/ignored.ts';
import type { Kill } from '../../../src/core/kill/kill.ts';
import type { DigestNeeds } from '../../../src/flow/digest/needs.ts';
import { sendDigests } from '../../../src/flow/digest/send-digests.ts';
import { openTestRedis, type TestRedis } from '../../redis.ts';
import { aKill, anExplanation, aRemediation } from '../../fixtures/incidents.ts';
import { keepResult } from '../../fixtures/results.ts';
import { eventually } from '../../eventually.ts';
import { type BotWorld, openBotWorld } from './bot-world.ts';

/* Once a day each channel is told what there is to say; exactly once, whatever happens to bots meanwhile. */

let redis: TestRedis;
let connection: ReturnType<typeof connectRedis>;
beforeAll(async () => {
  redis = await openTestRedis();
  connection = connectRedis(redis.url, { role: 'store', onError: () => undefined });
});
afterAll(async () => {
  await closeRedis(connection);
  await redis.stop();
});

const hourMs = 3_600_000;
/** A Wednesday; later than anything that tests keep. */
const slot = Date.UTC(2032, 5, 16, 6);
const inBerlin: DigestTime = { at: { minutes: 8 * 60, zone: 'Europe/Berlin' }, weekly: 'wed' };

interface Morning extends DigestNeeds {
  /** Redis time, ms UTC, from now on. */
  readonly setNow: (at: number) => void;
}

async function morning(world: BotWorld, changes: Partial<DigestNeeds> = {}): Promise<Morning> {
  let at = slot;
  onTestFinished(async () => {
    const keys = await connection.keys(`*daily*`);
    const ours = keys.filter((key) => key.includes(world.channel) || key.includes(world.routed));
    if (ours.length > 0) await connection.del(...ours);
  });
  const place = async (incident: string) => (await world.postings.read(incident))?.root ?? null;
  return {
    clusters: async () => [{ store: world.store, place }],
    channels: world.channels,
    timeOf: () => inBerlin,
    digests: createDigests(connection),
    chat: (await world.bot()).chat,
    queues: { run: async (_channel, _kind, call) => call(() => undefined) },
    now: async () => at,
    settings: { searchAgainMs: 10_000 },
    trouble: (failure) => {
      throw failure;
    },
    ...changes,
    setNow: (next) => {
      at = next;
    },
  };
}

/** A process that is gone answers nothing any more. */
const { promise: never } = Promise.withResolvers<never>();

const texts = (world: BotWorld, channel?: string): readonly string[] => world.roots(channel).map(({ text }) => text);

test('at its hour each channel is told what is of it, with a link to the thread, and only once', async () => {
  const world = await openBotWorld(redis.url);
  const needs = await morning(world);
  const id = await world.kill();
  await world.update(id, { explained: anExplanation(), remediations: [aRemediation('requested')] });
  await world.showAll(await world.bot(), id);
  await world.kill('ledger', undefined, 'payments');
  const [root] = world.roots();

  needs.setNow(slot - 1);
  await sendDigests(needs);
  expect(texts(world)).toHaveLength(1);
  needs.setNow(slot);
  await Promise.all([sendDigests(needs), sendDigests(needs)]);
  needs.setNow(slot + hourMs);
  await sendDigests(needs);

  expect(texts(world).slice(1)).toEqual([expect.stringMatching(/^Daily summary: 1 open, 1 waiting for approval\n/)]);
  expect(texts(world)[1]).toContain(`p${root?.ts.replace('.', '')}|Open thread>`);
  expect(texts(world)[1]).not.toContain('ledger');
  expect(texts(world, world.routed)).toEqual([expect.stringMatching(/^Daily summary: 1 open\n[\s\S]*ledger/)]);
});

test('where there is nothing to say at the hour nothing is said, also not what comes later; the next day it is', async () => {
  const world = await openBotWorld(redis.url);
  const needs = await morning(world);

  await sendDigests(needs);
  await world.kill();
  needs.setNow(slot + hourMs);
  await sendDigests(needs);
  expect(texts(world)).toEqual([]);
  needs.setNow(slot + 24 * hourMs);
  await sendDigests(needs);

  expect(texts(world)).toEqual([expect.stringContaining('1 open')]);
});

test('a bot that dies after Slack took it leaves it to be found: it is not sent twice', async () => {
  const world = await openBotWorld(redis.url);
  // What Slack has is found by its own clock: the morning is now.
  const minutes = Math.floor(Date.now() / 60_000);
  const at = { minutes: minutes % (24 * 60), zone: 'UTC' };
  const needs = await morning(world, { timeOf: () => ({ at, weekly: null }) });
  needs.setNow(minutes * 60_000);
  await world.kill();
  const dies: DigestNeeds['chat'] = {
    ...needs.chat,
    post: async (...given) => {
      await needs.chat.post(...given);
      return never;
    },
  };

  void sendDigests({ ...needs, chat: dies });
  await eventually(() => expect(texts(world)).toHaveLength(1));
  needs.setNow((minutes + 1) * 60_000);
  await sendDigests(needs);
  needs.setNow((minutes + 2) * 60_000);
  await sendDigests(needs);

  expect(texts(world)).toHaveLength(1);
  expect((await needs.digests.read(world.channel, minutes * 60_000)).sent).toBe(true);
});

test('a bot that dies before Slack took it: another one sends it', async () => {
  const world = await openBotWorld(redis.url);
  const needs = await morning(world);
  await world.kill();
  const dead: DigestNeeds['chat'] = { ...needs.chat, post: () => never };
  void sendDigests({ ...needs, chat: dead });
  await eventually(async () => expect((await needs.digests.read(world.channel, slot)).claims).toHaveProperty('digest'));

  await sendDigests(needs);
  expect(texts(world)).toEqual([]);
  needs.setNow(slot + 60_000);
  await sendDigests(needs);

  expect(texts(world)).toEqual([expect.stringContaining('1 open')]);
});

test('a channel that cannot be written to keeps no other from its digest, and gets its own later', async () => {
  const world = await openBotWorld(redis.url);
  const needs = await morning(world);
  await world.kill();
  await world.kill('ledger', undefined, 'payments');
  world.slack.faults.inject({ kind: 'is_archived', channel: world.channel });

  const failed = await sendDigests(needs).catch((error: unknown) => error);
  expect(failed).toMatchObject({ code: 'chat-archived' });
  expect(texts(world, world.routed)).toHaveLength(1);
  await sendDigests(needs);

  expect(texts(world)).toHaveLength(1);
  expect(texts(world, world.routed)).toHaveLength(1);
});

test('each channel has an hour of its own, or none', async () => {
  const world = await openBotWorld(redis.url);
  const timeOf = (channel: string): DigestTime =>
    channel === world.channel ? { at: null, weekly: null } : { ...inBerlin, at: { minutes: 7 * 60, zone: 'UTC' } };
  const needs = await morning(world, { timeOf });
  await world.kill();
  await world.kill('ledger', undefined, 'payments');

  await sendDigests(needs);
  expect(texts(world, world.routed)).toEqual([]);
  needs.setNow(slot + hourMs);
  await sendDigests(needs);

  expect(texts(world)).toEqual([]);
  expect(texts(world, world.routed)).toHaveLength(1);
});

test('results are told in the channel of their incident, and on its day the week is summed up', async () => {
  const world = await openBotWorld(redis.url);
  const needs = await morning(world);
  const id = await world.kill();
  const ledger = await world.kill('ledger', undefined, 'payments');
  // Results are found by when they were stored: the morning is that of today.
  const today = Math.floor(Date.now() / 86_400_000) * 86_400_000;
  await keepResult(world.store, id, { at: today - hourMs });
  await keepResult(world.store, ledger, { at: today - hourMs, outcome: 'failed' });
  const closed = { is: 'closed', outcome: 'quiet', at: today } as const;
  for (const one of [id, ledger]) await world.update(one, { state: closed });
  const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
  const weekly = days[new Date(today).getUTCDay()] ?? null;
  needs.setNow(today);

  await sendDigests({ ...needs, timeOf: () => ({ at: { minutes: 0, zone: 'UTC' }, weekly }) });

  expect(texts(world)).toEqual([expect.stringMatching(/^Weekly summary: 1 held\n/)]);
  expect(texts(world)[0]).toMatch(/Held since yesterday\n• checkout at 640Mi/);
  expect(texts(world)[0]).toContain('1 of 1 fix held');
  expect(texts(world, world.routed)).toEqual([expect.stringMatching(/^Weekly summary: 1 killed again\n/)]);
});

test('exits that nobody can explain are in it, those that something explains are not', async () => {
  const world = await openBotWorld(redis.url);
  const needs = await morning(world);
  const exit = (changes: Partial<Kill> & { readonly namespace?: string }): Kill => {
    const { namespace = 'shop', ...rest } = changes;
    const subject = { ...aKill().subject, cluster: world.cluster, namespace };
    return aKill({ subject, suspect: true, seenAt: slot - hourMs, ...rest });
  };
  for (const kill of [
    exit({ fingerprint: 'a', pod: 'a-1' }),
    exit({ fingerprint: 'b', pod: 'b-1', namespace: 'payments' }),
    exit({ fingerprint: 'c', pod: 'c-1' }),
  ])
    await world.store.keepSuspect(kill, 'no samples');
  await createIgnored({ redis: connection, cluster: world.cluster }).keep(
    ignoredOf(exit({ fingerprint: 'c', pod: 'c-1' }), 'deleted'),
  );

  await sendDigests(needs);

  expect(texts(world)).toEqual([expect.stringMatching(/^Daily summary: 1 undecided\n[\s\S]*a-1/)]);
  expect(texts(world)[0]).not.toContain('c-1');
  expect(texts(world, world.routed)).toEqual([expect.stringContaining('b-1')]);
});
