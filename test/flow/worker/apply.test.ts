import { expect, test } from 'vitest';
import { Failure } from '../../../src/core/failure.ts';
import { Mi } from '../../fixtures/incidents.ts';
import { amira, hour, minute, useWorlds, type WorkerWorld, type WorldChanges } from './worker-world.ts';

const worlds = useWorlds();

/** A world in which a change of the limit from 512Mi was proposed and approved; nobody has looked since. */
async function approved(changes: WorldChanges = {}): Promise<WorkerWorld & { readonly id: string }> {
  const world = await worlds.open(changes);
  const id = await world.killed();
  await world.look(id);
  await world.ask(id, 'apply', amira);
  return { ...world, id };
}

/** Kinds of lines in the thread since the approval, by their first words. */
async function story(world: WorkerWorld, id: string): Promise<readonly string[]> {
  return (await world.thread(id)).slice(3).map((text) => text.split(/[ :]/, 2).join(' ').trim());
}

test('what an approver applies is written, seen, watched and found to have held', async () => {
  const { id, ...world } = await approved();

  await world.look(id);
  const applied = await world.remediation(id);
  world.pass(15 * minute);
  await world.look(id);
  const early = await world.remediation(id);
  world.pass(2 * hour);
  await world.look(id);

  const after = await world.remediation(id);
  const limit = (applied.plan.to.limitBytes ?? 0) / Mi;
  expect(world.cluster.writes).toEqual([`resize pod-1 to ${limit}Mi`]);
  expect(applied).toMatchObject({ state: 'verifying', approved: { by: amira }, means: 'resize' });
  expect(applied.verifyAt).toBe((applied.applied?.at ?? 0) + 15 * minute);
  expect(early).toMatchObject({ state: 'verifying', watch: { forMs: 2 * hour } });
  expect(after.state).toBe('held');
  expect(await story(world, id)).toEqual(['Applying limit', 'Applied limit', 'No result', 'The fix']);
});

test('it is not called applied before the cluster shows it', async () => {
  const { id, ...world } = await approved();
  for (const pod of world.cluster.pods) pod.running = false;

  await world.look(id);
  const waiting = await world.remediation(id);
  const dueAt = await world.dueAt(id);
  for (const pod of world.cluster.pods) pod.running = true;
  await world.look(id);

  expect(waiting).toMatchObject({ state: 'applying', applied: null });
  expect((dueAt ?? 0) - (await world.now())).toBeLessThanOrEqual(world.needs.pace.confirmEveryMs);
  expect((await world.remediation(id)).state).toBe('verifying');
  expect(world.cluster.asked).toBe(1);
});

test('a resize that does nothing is noticed, and the template is changed by the same approval', async () => {
  const { id, ...world } = await approved();
  world.cluster.resize = 'useless';

  await world.look(id);
  world.pass(20_000);
  await world.look(id);

  const { state, means, approved: by, plan } = await world.remediation(id);
  expect({ state, means, by: by?.by }).toEqual({ state: 'verifying', means: 'patch-workload', by: amira });
  expect(world.cluster.writes).toEqual([
    `resize pod-1 to ${(plan.to.limitBytes ?? 0) / Mi}Mi`,
    `patch the template to ${(plan.to.limitBytes ?? 0) / Mi}Mi`,
  ]);
  expect((await world.thread(id)).join('\n')).toContain('Going on with the approved alternative');
});

test('a resize that is refused goes on with the template', async () => {
  const { id, ...world } = await approved();
  world.cluster.resize = 'refused';

  await world.look(id);

  expect(await world.remediation(id)).toMatchObject({ state: 'verifying', means: 'patch-workload' });
  expect(world.cluster.writes).toHaveLength(1);
});

test('when neither works it has failed, and the channel hears of it', async () => {
  const { id, ...world } = await approved();
  world.cluster.resize = 'refused';
  world.cluster.patch = 'refused';

  await world.look(id);

  expect(await world.remediation(id)).toMatchObject({ state: 'failed', note: 'The service account may not patch.' });
  expect((await world.entries(id)).filter(({ broadcast }) => broadcast)).toHaveLength(1);
  expect(world.cluster.writes).toEqual([]);
});

test('a plan whose fields have changed is not carried out, and a new one is proposed', async () => {
  const { id, ...world } = await approved();
  const { plan } = await world.remediation(id);
  world.cluster.template = 500 * Mi;
  for (const pod of world.cluster.pods) pod.level = pod.status = pod.spec = 500 * Mi;

  await world.look(id);
  const stale = await world.remediation(id);
  world.pass(hour);
  await world.look(id);

  const proposed = await world.remediation(id);
  expect(stale).toMatchObject({ state: 'stale', plan: { id: plan.id } });
  expect(world.cluster.writes).toEqual([]);
  expect(proposed.state).toBe('proposed');
  expect(proposed.plan.id).not.toBe(plan.id);
});

test('an API server that is away for a moment does not end it', async () => {
  const { id, ...world } = await approved();
  world.cluster.broken.carryOut = new Failure('cluster-unreachable', 'No route.', { retry: 'backoff' });

  await world.look(id);
  const waiting = await world.remediation(id);
  delete world.cluster.broken.carryOut;
  world.pass(minute);
  await world.look(id);

  expect(waiting).toMatchObject({ state: 'applying', means: 'resize', writtenAt: null });
  expect((await world.remediation(id)).state).toBe('verifying');
});

test('a write that is tried again waits for the end of a pause, as the first try would', async () => {
  const { id, ...world } = await approved();
  world.cluster.broken.carryOut = new Failure('cluster-unreachable', 'No route.', { retry: 'backoff' });
  await world.look(id);
  delete world.cluster.broken.carryOut;
  const asked = world.cluster.asked;
  await world.store.keepPause(
    { by: amira, at: await world.now(), reason: 'release' },
    { what: 'paused', by: 'U1', at: 5, reason: '' },
  );

  world.pass(minute);
  await world.look(id);
  const during = [world.cluster.asked - asked, (await world.remediation(id)).state];
  await world.store.keepPause(null, { what: 'resumed', by: 'U1', at: 6, reason: '' });
  world.pass(minute);
  await world.look(id);

  expect(during).toEqual([0, 'applying']);
  expect(world.cluster.writes).toEqual(['resize pod-1 to 640Mi']);
});

test('a store that fails after the write is no refusal of the cluster', async () => {
  const { id, ...world } = await approved();
  let failures = 0;
  const store: typeof world.store = {
    ...world.store,
    update: async (incident, decide) => {
      if (world.cluster.writes.length === 0 || failures > 0) return world.store.update(incident, decide);
      failures += 1;
      throw new Failure('redis-refused', 'The ACL forbids it.');
    },
  };

  await expect(world.lookWith(id, { store })).rejects.toThrow('The ACL forbids it.');
  await world.look(id);

  expect(await world.remediation(id)).toMatchObject({ state: 'verifying', means: 'resize' });
  expect(world.cluster.writes).toHaveLength(1);
});

test('a change that cannot be looked at is not called applied; after a while it has failed', async () => {
  const { id, ...world } = await approved();
  world.cluster.broken.observe = new Failure('cluster-forbidden', 'The service account may not read pods.');

  await world.look(id);
  const waiting = await world.remediation(id);
  world.pass(5 * minute);
  await world.look(id);

  expect(waiting).toMatchObject({ state: 'applying', applied: null });
  expect(await world.remediation(id)).toMatchObject({ state: 'failed', applied: null });
  expect((await world.remediation(id)).note).toContain('cannot be seen');
  expect(world.cluster.writes).toHaveLength(1);
});

test('whether it held is asked for a while when the cluster cannot be looked at, and then left open', async () => {
  const { id, ...world } = await approved();
  await world.look(id);
  world.pass(hour);
  await world.look(id);
  world.cluster.broken.observe = new Failure('cluster-unreachable', 'No route.', { retry: 'backoff' });

  world.pass(hour);
  await world.look(id);
  const waiting = await world.remediation(id);
  world.pass(5 * minute);
  await world.look(id);

  expect(waiting.state).toBe('verifying');
  expect(await world.remediation(id)).toMatchObject({
    state: 'inconclusive',
    note: 'the cluster could not be read: No route.',
  });
});

test('a kill at the new limit while it is watched is a failure at once', async () => {
  const { id, ...world } = await approved();
  await world.look(id);

  world.pass(minute);
  await world.killed({ livedMs: 30_000 });
  await world.look(id);

  expect((await world.incident(id)).remediations[0]).toMatchObject({ state: 'failed' });
  expect((await world.thread(id)).join('\n')).toContain('The fix did not hold: killed once at the new limit');
  expect(world.cluster.asked).toBe(1);
});

test('a kill at the new limit before the change was seen counts against it too', async () => {
  const { id, ...world } = await approved();
  for (const pod of world.cluster.pods) pod.running = false;
  await world.look(id);

  world.pass(5_000);
  await world.killed({ livedMs: 3_000 });
  await world.look(id);

  expect((await world.incident(id)).remediations[0]).toMatchObject({ state: 'failed' });
});

test('a kill at the old limit while it is watched does not count against it', async () => {
  const { id, ...world } = await approved();
  await world.look(id);

  world.pass(minute);
  await world.killed({ livedMs: 30_000, limit: 512 * Mi });
  await world.look(id);

  expect((await world.remediation(id)).state).toBe('verifying');
});

test('after a fix that failed a higher one is proposed', async () => {
  const { id, ...world } = await approved();
  await world.look(id);
  const first = await world.remediation(id);
  world.cluster.template = first.plan.to.limitBytes ?? 0;
  world.pass(minute);
  await world.killed({ livedMs: 30_000 });
  await world.look(id);

  world.pass(31_000);
  await world.look(id);

  const second = await world.remediation(id);
  expect(second.state).toBe('proposed');
  expect(second.plan.to.limitBytes).toBeGreaterThan(first.plan.to.limitBytes ?? 0);
});

test('a change that is undone by somebody else has vanished, and is proposed again under a new id', async () => {
  const { id, ...world } = await approved();
  await world.look(id);
  const { plan } = await world.remediation(id);
  for (const pod of world.cluster.pods) pod.level = pod.status = pod.spec = 512 * Mi;

  world.pass(15 * minute);
  await world.look(id);
  const [vanished] = (await world.incident(id)).remediations;
  world.pass(hour);
  await world.look(id);

  expect(vanished?.state).toBe('vanished');
  expect(await world.remediation(id)).toMatchObject({ state: 'proposed', plan: { to: plan.to } });
  expect((await world.remediation(id)).plan.id).not.toBe(plan.id);
});

test('a deleted workload cannot be said to have held', async () => {
  const { id, ...world } = await approved();
  await world.look(id);
  world.cluster.exists = false;
  world.cluster.pods = [];

  world.pass(15 * minute);
  await world.look(id);

  expect((await world.incident(id)).remediations[0]).toMatchObject({ state: 'inconclusive' });
});

test('what has held is left alone until the next check', async () => {
  const { id, ...world } = await approved();
  await world.look(id);
  world.pass(2 * hour);
  await world.look(id);
  const held = await world.incident(id);

  world.pass(20 * hour);
  await world.look(id);

  expect(await world.incident(id)).toEqual(held);
});
