import { expect, test } from 'vitest';
import { slackIds } from '../../src/adapters/slack/approver-ids.ts';
import { clusterKeys } from '../../src/adapters/redis/keys.ts';
import { policyFileSchema } from '../../src/core/approve/policy.ts';
import { Failure } from '../../src/core/failure.ts';
import type { Forge, PullRequest } from '../../src/flow/forge/needs.ts';
import { Mi } from '../fixtures/incidents.ts';
import { amira, hour, minute, useWorlds, type WorkerWorld } from '../flow/worker/worker-world.ts';

const worlds = useWorlds();
const day = 24 * hour;

async function open(upTo: string, forge?: Forge): Promise<WorkerWorld> {
  const { approvals: rules } = policyFileSchema(slackIds).parse({ approvals: [{ who: [amira], upTo }] });
  const world = await worlds.open({ rules, ...(forge ? { forge } : {}) });
  world.cluster.source = 'acme/deploy//apps/shop.yaml@main';
  return world;
}

/** A kill in an incident of its own, for which Amira wants this limit. Her answer, if it is not made. */
async function wants(
  world: WorkerWorld,
  value: string,
): Promise<{ readonly id: string; readonly no: string | undefined }> {
  const id = await world.killed();
  await world.look(id);
  const { remediations } = await world.incident(id);
  const offered = remediations.findLast(({ state, plan }) => state === 'proposed' && plan.source === null);
  await world.ask(id, 'edit', amira, offered?.plan.id, { value });
  await world.look(id);
  world.pass(minute);
  await world.look(id);
  return { id, no: (await world.answers(id, amira)).at(-1) };
}

/** It holds, nothing is killed for long, and the incident closes. */
async function closes(world: WorkerWorld, id: string, afterMs: number): Promise<void> {
  world.pass(hour);
  await world.look(id);
  world.pass(afterMs - hour);
  await world.look(id);
  expect((await world.incident(id)).state.is).toBe('closed');
}

test('twice twofold is not fourfold, also when the first incident is closed, and the refusal names the base', async () => {
  const world = await open('2x');
  const first = await wants(world, '1Gi');
  await closes(world, first.id, 2 * day);
  const { no } = await wants(world, '1200Mi');

  expect(first.no).toBeUndefined();
  expect(world.cluster.writes).toEqual(['resize pod-1 to 1024Mi']);
  expect(no).toMatch(/as much as limit 1200Mi here: at most 2x of 512Mi, which the limit was at \d{4}-\d\d-\d\d \d/);
});

test('after seven days the limit of then is the base, and that of the changes in between is not forgotten', async () => {
  const world = await open('1.5x');
  const first = await wants(world, '640Mi');
  await closes(world, first.id, 4 * day);
  const second = await wants(world, '768Mi');
  await closes(world, second.id, 4 * day);
  // The first raise is eight days old; what counts is the 640Mi from before the second.
  const third = await wants(world, '1Gi');
  const fourth = await wants(world, '960Mi');

  expect(second.no).toBeUndefined();
  expect(third.no).toContain('1.5x of 640Mi');
  expect(fourth.no).not.toContain('960Mi');
  expect(world.cluster.pods.map(({ spec }) => spec / Mi)).toEqual([960]);
});

test('a pull request counts from when its change was seen, not only from its approval', async () => {
  let pull: PullRequest = { number: 7, url: 'https://forge.test/7', state: 'open', by: null, at: null };
  const forge: Forge = {
    preview: async () => ({
      diff: '',
      hash: '',
      branch: 'main',
      before: { limit: '512Mi', request: '256Mi', variables: [] },
    }),
    propose: async () => pull,
    look: async () => pull,
    lastChange: async () => null,
  };
  const world = await open('1.3x', forge);
  const id = await world.killed();
  await world.look(id);
  const plan = (await world.incident(id)).remediations.find((one) => one.plan.source !== null)?.plan.id;
  await world.ask(id, 'apply', amira, plan);
  await world.look(id);
  world.pass(6 * day);
  pull = { ...pull, state: 'merged', by: 'lena', at: await world.now() };
  world.cluster.template = 640 * Mi;
  for (const pod of world.cluster.pods) Object.assign(pod, { spec: 640 * Mi, status: 640 * Mi, level: 640 * Mi });
  await world.look(id);
  await closes(world, id, 2 * day);
  const { no } = await wants(world, '800Mi');

  expect(no).toContain('1.3x of 512Mi');
  expect(world.cluster.writes).toEqual([]);
});

test('a raise that was written and never seen counts, too', async () => {
  const world = await open('2x');
  world.cluster.broken.observe = new Failure('cluster-forbidden', 'The service account may not read pods.');
  const first = await wants(world, '1Gi');
  world.pass(6 * minute);
  await world.look(first.id);
  delete world.cluster.broken.observe;
  world.pass(minute);
  const { no } = await wants(world, '1200Mi');

  expect((await world.incident(first.id)).remediations.map(({ state }) => state)).toContain('failed');
  expect(no).toContain('2x of 512Mi');
  expect(world.cluster.writes).toEqual(['resize pod-1 to 1024Mi']);
});

test('what an approver could not do any more is not written either when it was approved before', async () => {
  const world = await open('2x');
  const id = await world.killed();
  await world.look(id);
  await world.ask(id, 'apply', amira);
  const { subject } = await world.incident(id);
  await world.lookWith(id, {}, 1);
  await world.store.keepLimit(subject, { bytes: 256 * Mi, at: (await world.now()) - hour });
  await world.look(id);

  expect(world.cluster.writes).toEqual([]);
  expect((await world.incident(id)).remediations[0]).toMatchObject({ state: 'expired' });
});

test('what is remembered of a subject is bounded in number and time', async () => {
  const world = await open('2x');
  const { subject } = await world.kill();
  const now = await world.now();
  await Promise.all(
    Array.from({ length: 600 }, (_, n) => world.store.keepLimit(subject, { bytes: n, at: now - 600 + n })),
  );
  const key = clusterKeys(world.name).limits(subject);

  expect(await world.redis.zcard(key)).toBe(500);
  expect(await world.redis.pttl(key)).toBeGreaterThan(6 * day);
  expect(await world.store.limitBefore(subject, now - 600)).toMatchObject({ bytes: 100 });
  expect(await world.store.limitBefore(subject, now)).toBeNull();
});
