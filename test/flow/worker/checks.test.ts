import { expect, test } from 'vitest';
import { Mi } from '../../fixtures/incidents.ts';
import { amira, hour, useWorlds, type WorkerWorld } from './worker-world.ts';

const worlds = useWorlds();
const day = 24 * hour;

/** A world in which a raise from 512Mi was applied; it used to be killed every hour, so it is watched for two. */
async function applied(): Promise<WorkerWorld & { readonly id: string }> {
  const world = await worlds.open();
  const id = await world.killed();
  await world.look(id);
  await world.ask(id, 'apply', amira);
  await world.look(id);
  return { ...world, id };
}

async function held(): Promise<WorkerWorld & { readonly id: string }> {
  const { id, ...world } = await applied();
  world.pass(2 * hour);
  await world.look(id);
  return { ...world, id };
}

async function first({ incident }: WorkerWorld, id: string) {
  const [remediation] = (await incident(id)).remediations;
  if (!remediation) throw new Error(`${id} has no remediation`);
  return remediation;
}

test('the first check of what was killed every hour says only that it is too early, and the one after two hours that it held', async () => {
  const { id, ...world } = await applied();
  world.pass(hour / 4);
  await world.look(id);
  const early = (await world.thread(id)).at(-1);
  world.pass(hour * 1.75);
  await world.look(id);

  expect(early).toMatch(
    /^No result yet: no kill in 15 min at 640Mi; its pod runs\. It is watched until about .* UTC: it used to be killed every 60 min\.$/,
  );
  expect((await world.thread(id)).at(-1)).toMatch(/^The fix held: no kill in 2 h at 640Mi/);
});

test('what was called held and is killed at 20 h did not hold, and the channel hears of it', async () => {
  const { id, ...world } = await held();
  const before = await first(world, id);
  world.pass(18 * hour);
  await world.killed({ livedMs: 18 * hour });
  await world.look(id);

  const entries = (await world.entries(id)).filter(({ kind }) => kind === 'verification');
  expect(before.state).toBe('held');
  expect((await first(world, id)).state).toBe('failed');
  expect(entries.map(({ text, broadcast }) => [text.slice(0, 20), broadcast])).toEqual([
    ['The fix held: no kil', false],
    ['The fix did not hold', true],
  ]);
});

test('an incident stays open for the check a day after its fix; the one a week after comes when it is closed', async () => {
  const { id, ...world } = await held();
  const { applied: at } = await first(world, id);
  world.pass(21.9 * hour);
  await world.look(id);
  const early = (await world.incident(id)).state.is;
  world.pass(hour);
  await world.look(id);
  const closed = [(await world.incident(id)).state.is, await world.dueAt(id)];
  world.pass(6 * day);
  await world.look(id);

  expect(early).toBe('open');
  expect(closed).toEqual(['closed', (at?.at ?? 0) + 7 * day]);
  const { state, checks, verifyAt } = await first(world, id);
  expect([state, verifyAt, await world.dueAt(id)]).toEqual(['held', null, null]);
  expect(checks.map(({ outcome }) => outcome)).toEqual(['held', 'held', 'held']);
  expect((await world.thread(id)).at(-1)).toMatch(/^The fix still holds: no kill in 7 d at 640Mi/);
});

test('a kill after its incident was closed opens a new one, and the old thread says that it did not hold', async () => {
  const { id, ...world } = await held();
  world.pass(23 * hour);
  await world.look(id);
  world.pass(day);
  const next = await world.killed({ livedMs: day });
  await world.look(next);

  expect(next).not.toBe(id);
  expect((await world.incident(id)).state.is).toBe('closed');
  expect(await first(world, id)).toMatchObject({ state: 'failed', verifyAt: null });
  const last = (await world.entries(id)).at(-1);
  expect(last?.text).toBe(`The fix did not hold: killed once at the new limit of 640Mi within 2 d. It is in ${next}.`);
  // The channel has the first message of the new incident.
  expect(last?.broadcast).toBe(false);
});

test('a rollout that undid a resize is noticed with the first kill that it leads to, and named', async () => {
  const { id, ...world } = await held();
  world.pass(hour);
  const at = await world.now();
  world.cluster.templateChange = { by: 'kubectl-set', at };
  for (const [index, pod] of world.cluster.pods.entries())
    world.cluster.pods[index] = { ...pod, uid: `${pod.uid}-next`, level: 512 * Mi, status: 512 * Mi, spec: 512 * Mi };
  world.pass(hour);
  await world.killed({ livedMs: hour, limit: 512 * Mi });
  await world.look(id);

  const { state, note } = await first(world, id);
  expect(state).toBe('vanished');
  expect(note).toMatch(
    /^1 of 1 pods have 512Mi instead of 640Mi\. A rollout replaced its pods \(template changed by kubectl-set at /,
  );
});

test('a kill that says nothing about a change is looked at once, and leaves no line', async () => {
  const { id, ...world } = await held();
  world.pass(hour);
  await world.killed({ livedMs: hour, limit: 512 * Mi });
  await world.look(id);
  await world.look(id);

  const { state, looked, checks } = await first(world, id);
  expect([state, looked?.kills, checks.length]).toEqual(['held', 2, 1]);
});
