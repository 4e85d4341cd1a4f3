import { expect, test } from 'vitest';
import { ownVersion } from '../../../src/adapters/own-version.ts';
import { clusterKeys } from '../../../src/adapters/redis/keys.ts';
import { createStore } from '../../../src/adapters/redis/store/store.ts';
import { warningOf } from '../../../src/core/incident/triggers.ts';
import { sweep } from '../../../src/flow/sweep.ts';
import { amira, minute, useWorlds } from './worker-world.ts';

const worlds = useWorlds();

/** Fields that documents had not in the version before: what was stored then has to be understood now. */
const younger = {
  incident: ['silence'],
  explained: ['noRollBack', 'noPullRequest', 'bounds', 'chart'],
  remediation: ['pullRequest', 'secondPerson', 'approvers', 'approvals'],
  plan: ['kind', 'env', 'rollBack', 'source', 'fileHash', 'drift'],
  request: ['groups', 'value', 'silence'],
  entry: ['chart'],
};

function without(value: unknown, names: readonly string[]): Record<string, unknown> {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return Object.fromEntries(entries.filter(([name]) => !names.includes(name)));
}

/** As schema 1 had it: what opened an incident was always written down as a kill, and a warning stood beside it. */
function olderIncident(json: string): string {
  const { trigger, ...incident } = without(JSON.parse(json), younger.incident);
  const { warning = null, ...firstKill } = without(trigger, []);
  const explained = incident['explained'];
  const remediations = Array.isArray(incident['remediations']) ? incident['remediations'] : [];
  return JSON.stringify({
    ...incident,
    schema: 1,
    firstKill: { suspect: false, exitCode: null, finishedAt: null, ...firstKill },
    warning,
    explained: explained === null ? null : without(explained, younger.explained),
    remediations: remediations.map((one: unknown) => {
      const remediation = without(one, younger.remediation);
      return { ...remediation, plan: without(remediation['plan'], younger.plan) };
    }),
  });
}

test('what the version before has stored is read, decided and carried out by this one', async () => {
  const world = await worlds.open();
  const id = await world.killed();
  await world.look(id);
  await world.ask(id, 'apply', amira);
  const { redis, name } = world;
  const keys = clusterKeys(name).of(id);
  const before = (await redis.hget(keys.incident, 'document')) ?? '';
  await redis.hset(keys.incident, 'document', olderIncident(before));
  for (const [request, json] of Object.entries(await redis.hgetall(keys.requests)))
    await redis.hset(keys.requests, request, JSON.stringify(without(JSON.parse(json), younger.request)));
  const timeline = await redis.xrange(keys.timeline, '-', '+');
  await redis.del(keys.timeline);
  for (const [entryId, fields] of timeline) {
    const entry = without(JSON.parse(fields[1] ?? '{}'), younger.entry);
    await redis.xadd(keys.timeline, entryId, 'e', JSON.stringify(entry));
  }
  const shorter = ((await redis.hget(keys.incident, 'document')) ?? '').length;

  await world.look(id);

  expect(shorter).toBeLessThan(before.length - 100);
  expect(world.cluster.writes).toEqual(['resize pod-1 to 640Mi']);
  expect((await world.remediation(id)).state).toBe('verifying');
  expect((await world.thread(id)).length).toBeGreaterThan(3);
});

test('a warning that the version before has stored is one still, and its kill takes its place', async () => {
  const world = await worlds.open();
  const of = { is: 'rising-near-limit' as const, bytesPerSecond: 1, usedBytes: 2 };
  const warning = { at: await world.now(), of, calm: null };
  await world.store.warn({ ...(await world.kill({})), kind: 'ahead', fingerprint: 'warning', warning }, null, 'act');
  const [opened] = await world.store.open(1);
  const id = opened?.incident.id ?? '';
  const key = clusterKeys(world.name).of(id).incident;
  await world.redis.hset(key, 'document', olderIncident((await world.redis.hget(key, 'document')) ?? ''));

  const before = await world.load(id);
  await world.killed();
  await world.look(id);

  expect(warningOf(before)?.warning).toEqual(warning);
  expect((await world.incident(id)).trigger.kind).toBe('container');
});

test('a worker that is too old for a document says so, leaves it alone and due, and one that is updated goes on', async () => {
  const world = await worlds.open();
  const { redis, name } = world;
  const id = await world.killed();
  await world.look(id);
  await world.ask(id, 'apply', amira);
  const { incident } = clusterKeys(name).of(id);
  const known = (await redis.hget(incident, 'document')) ?? '';
  const newer = JSON.stringify({ ...without(JSON.parse(known), []), schema: 99, writtenBy: '9.1.0' });
  await redis.hset(incident, 'document', newer);
  const told: string[] = [];
  const store = createStore({ redis, cluster: name, onUnreadable: (_, { message }) => told.push(message) });

  await sweep({ ...world.needs, store });
  const [kept, due] = [await redis.hget(incident, 'document'), await world.dueAt(id)];
  const written = [...world.cluster.writes];
  await redis.hset(incident, 'document', known);
  await world.look(id);

  expect(told).toEqual([
    `What is stored of incident ${id} was written by version 9.1.0. This is version ${ownVersion}, which does not know its schema 99: update this process`,
  ]);
  expect(kept).toBe(newer);
  expect(due).toBeLessThan((await world.now()) + minute);
  expect(written).toEqual([]);
  expect(world.cluster.writes).toEqual(['resize pod-1 to 640Mi']);
});
