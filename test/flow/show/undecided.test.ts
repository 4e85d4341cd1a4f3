import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeRedis, connectRedis } from '../../../src/adapters/redis/connection.ts';
import { createIgnored } from '../../../src/adapters/redis/store/ignored.ts';
import { ignoredOf } from '../../../src/core/kill/ignored.ts';
import type { Kill } from '../../../src/core/kill/kill.ts';
import { openTestRedis, type TestRedis } from '../../redis.ts';
import { aKill } from '../../fixtures/incidents.ts';
import { command, startTalking } from '../slack/talking-bot.ts';
import { type BotWorld, openBotWorld } from './bot-world.ts';

/* What looked like a memory kill and is none, or nobody knows: what is said of it when asked. */

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
