import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeRedis, connectRedis } from '../../../src/adapters/redis/connection.ts';
import { createDigests } from '../../../src/adapters/redis/slack/digests.ts';
import { createIgnored } from '../../../src/adapters/redis/store/ignored.ts';
import { slackKeys } from '../../../src/adapters/redis/keys.ts';
import { postDigest } from '../../../src/adapters/slack/post-digest.ts';
import { createWebClient } from '../../../src/adapters/slack/web-client.ts';
import { slackLogger } from '../../../src/adapters/slack/slack-logger.ts';
import { ignoredOf } from '../../../src/core/kill/ignored.ts';
import type { Kill } from '../../../src/core/kill/kill.ts';
import { sendDigests, type DigestNeeds } from '../../../src/flow/show/digest.ts';
import { openTestRedis, type TestRedis } from '../../redis.ts';
import { aKill } from '../../fixtures/incidents.ts';
import { command, startTalking } from '../slack/talking-bot.ts';
import { type BotWorld, openBotWorld, silentLog } from './bot-world.ts';

/* What looked like a memory kill and is none, or nobody knows: what is said of it, when asked and once a day. */

let redis: TestRedis;
beforeAll(async () => {
  redis = await openTestRedis();
});
afterAll(async () => {
  await redis.stop();
});

function terminated(world: BotWorld, changes: Partial<Kill> & { readonly namespace?: string }): Kill {
  const { namespace = 'shop', ...rest } = changes;
  return aKill({ subject: { ...aKill().subject, cluster: world.cluster, namespace }, ...rest });
}

async function withRedis<T>(work: (connection: ReturnType<typeof connectRedis>) => Promise<T>): Promise<T> {
  const connection = connectRedis(redis.url, { role: 'store', onError: () => undefined });
  try {
    return await work(connection);
  } finally {
    await closeRedis(connection);
  }
}

test('/oom why POD tells of each exit what it was: kill, probe, or undecided and why', async () => {
  const world = await openBotWorld(redis.url);
  await startTalking(world);
  const pod = 'checkout-7d9f-abcde';
  const id = await world.kill('checkout', `${world.cluster}/kill`);
  const probe = terminated(world, { fingerprint: 'probe', finishedAt: '2026-11-24T13:02:00Z' });
  await withRedis(async (connection) =>
    createIgnored({ redis: connection, cluster: world.cluster }).keep(ignoredOf(probe, 'liveness-probe')),
  );
  const suspect = terminated(world, { fingerprint: 'suspect', finishedAt: '2026-11-24T15:00:00Z', suspect: true });
  await world.store.keepSuspect(suspect, 'nothing shows the memory it used');

  const answer = await command(world, `/oom why ${pod}`);
  const byWorkload = await command(world, '/oom why shop/checkout');
  const near = await command(world, '/oom why checkout-7d9f-abcdf');
  const unknown = await command(world, '/oom why nobody-knows-it');

  const lines = answer.split('\n').filter((line) => line.startsWith('•'));
  expect(lines).toHaveLength(3);
  expect(lines[0]).toContain('exit 137 at 2026-11-24 13:02:00 UTC was the liveness probe');
  expect(lines[1]).toMatch(new RegExp(`was a memory kill \\(OOMKilled\\), counted in ${id}`));
  expect(lines[2]).toContain('is undecided: nothing shows the memory it used. It would be decided by');
  expect(byWorkload.split('\n').filter((line) => line.startsWith('•'))).toEqual(lines);
  expect(near).toContain(`Did you mean ${pod}?`);
  expect(unknown).toContain('I have seen no memory kill and no exit 137 of nobody-knows-it');
});

test('/oom why POD tells of kills whose incident is closed, and of pods that are long gone from it', async () => {
  const world = await openBotWorld(redis.url);
  await startTalking(world);
  const first = terminated(world, { fingerprint: 'first', pod: 'checkout-7d9f-first' });
  const admitted = await world.store.admit(first, 'act');
  const id = admitted.is === 'opened' ? admitted.incident : '';
  for (let nth = 0; nth < 21; nth += 1)
    await world.store.admit(terminated(world, { fingerprint: `later ${nth}`, pod: 'checkout-7d9f-later' }), 'act');
  await world.update(id, { state: { is: 'closed', outcome: 'quiet', at: Date.now() } });

  const last = await command(world, '/oom why checkout-7d9f-later');
  const gone = await command(world, '/oom why shop/checkout-7d9f-first');
  const near = await command(world, '/oom why checkout-7d9f-frist');
  const mistyped = await command(world, `/oom why ${id.slice(0, -1)}${id.endsWith('7') ? '8' : '7'}`);

  const lines = last.split('\n').filter((line) => line.includes(`counted in ${id}`));
  expect(lines).toEqual([expect.stringMatching(/exit 137 at .* UTC \(20 times since .* UTC\) was a memory kill/)]);
  expect(gone).toContain(`was a memory kill (OOMKilled), counted in ${id}`);
  expect(near).toContain('Did you mean checkout-7d9f-first?');
  expect(mistyped).toContain(`Did you mean ${id}?`);
});

test('a short name that could be an id is looked up as an incident first, then as a pod', async () => {
  const world = await openBotWorld(redis.url);
  await startTalking(world);
  await world.kill('cart');

  expect(await command(world, '/oom why cart')).toContain('counted in INC-');
  expect(await command(world, '/oom why zzzz')).toContain('I know no incident INC-ZZZZ');
});

async function digestNeeds(world: BotWorld, connection: ReturnType<typeof connectRedis>): Promise<DigestNeeds> {
  const client = createWebClient({
    token: world.slack.botToken,
    slackApiUrl: world.slack.apiUrl,
    timeoutMs: 10_000,
    logger: slackLogger(silentLog),
  });
  return {
    ...createDigests(connection),
    stores: async () => [world.store],
    channels: world.channels,
    queues: { run: async (_, __, call) => call(() => undefined) },
    post: async (channel, suspects) => postDigest(client, channel, suspects),
  };
}

test('once a day each channel gets its undecided exits, and nothing where there are none', async () => {
  const world = await openBotWorld(redis.url);
  const slot = Date.UTC(2026, 10, 25, 8);
  const seenAt = slot - 60_000;
  const keep = async (changes: Parameters<typeof terminated>[1]) =>
    world.store.keepSuspect(terminated(world, { seenAt, suspect: true, ...changes }), 'no samples');
  await withRedis(async (connection) => {
    const needs = await digestNeeds(world, connection);
    await sendDigests(slot, 8 * 3_600_000, needs);
    const none = [...world.roots(), ...world.roots(world.routed)];
    await keep({ fingerprint: 'a', pod: 'a-1' });
    await keep({ fingerprint: 'b', pod: 'b-1', namespace: 'payments' });
    await keep({ fingerprint: 'c', pod: 'c-1' });
    await createIgnored({ redis: connection, cluster: world.cluster }).keep(
      ignoredOf(terminated(world, { fingerprint: 'c', pod: 'c-1' }), 'deleted'),
    );
    world.slack.faults.inject({ kind: 'is_archived', channel: world.channel });

    const failed = await sendDigests(slot, 8 * 3_600_000, needs).catch((error: unknown) => error);
    await Promise.all([sendDigests(slot + 1, 8 * 3_600_000, needs), sendDigests(slot + 2, 8 * 3_600_000, needs)]);

    expect(none).toEqual([]);
    expect(failed).toMatchObject({ code: 'chat-archived' });
    expect(world.roots().map(({ text }) => text)).toEqual([expect.stringMatching(/Undecided 1 exit[\s\S]*a-1/)]);
    expect(world.roots(world.routed).map(({ text }) => text)).toEqual([expect.stringContaining('b-1')]);
    await connection.del(slackKeys.digest(world.channel, slot), slackKeys.digest(world.routed, slot));
  });
});
