import { expect, test } from 'vitest';
import { everythingFor } from '../../../src/core/approve/policy.ts';
import type { Policy } from '../../../src/core/approve/policy.ts';
import { Failure } from '../../../src/core/failure.ts';
import { sweep } from '../../../src/flow/sweep.ts';
import { eventually } from '../../eventually.ts';
import { amira, hour, minute, sam, useWorlds, type WorkerWorld, type WorldChanges } from './worker-world.ts';

const worlds = useWorlds();

async function proposed(changes: WorldChanges = {}): Promise<WorkerWorld & { readonly id: string }> {
  const world = await worlds.open(changes);
  const id = await world.killed();
  await world.look(id);
  return { ...world, id };
}

test('what somebody else applies is only asked for: they are told who can approve, then an approver does', async () => {
  const { id, ...world } = await proposed();
  await world.ask(id, 'apply', sam);
  await world.look(id);
  const requested = await world.remediation(id);
  const writesBefore = [...world.cluster.writes];

  await world.ask(id, 'approve', amira);
  await world.look(id);

  expect(requested).toMatchObject({ state: 'requested', requested: { by: sam }, approved: null });
  expect(writesBefore).toEqual([]);
  expect(await world.answers(id, sam)).toHaveLength(1);
  expect((await world.entries(id)).find(({ kind }) => kind === 'answer')?.people).toEqual([amira]);
  expect(await world.remediation(id)).toMatchObject({
    state: 'verifying',
    requested: { by: sam },
    approved: { by: amira },
  });
  expect(world.cluster.writes).toHaveLength(1);
});

test('somebody who may not approve is refused, and only they hear of it', async () => {
  const { id, ...world } = await proposed();
  await world.ask(id, 'apply', sam);
  await world.look(id);
  const thread = await world.thread(id);

  await world.ask(id, 'approve', sam);
  await world.look(id);

  expect((await world.answers(id, sam)).at(-1)).toContain('Only {0} can approve this');
  expect(await world.thread(id)).toEqual(thread);
  expect((await world.remediation(id)).state).toBe('requested');
  expect(world.cluster.asked).toBe(0);
});

test('what is rejected is not done', async () => {
  const { id, ...world } = await proposed();
  await world.ask(id, 'apply', sam);
  await world.look(id);

  await world.ask(id, 'reject', amira);
  await world.look(id);

  expect(await world.remediation(id)).toMatchObject({ state: 'rejected', rejected: { by: amira } });
  expect((await world.thread(id)).at(-1)).toContain('{0} rejected');
  expect(world.cluster.asked).toBe(0);
});

test('a request that nobody approves expires, and the change is proposed anew under another id', async () => {
  const { id, ...world } = await proposed({ approvalTtlMs: hour / 2 });
  const { plan } = await world.remediation(id);
  await world.ask(id, 'apply', sam);
  await world.look(id);
  const dueAt = await world.dueAt(id);

  world.pass(hour);
  await world.look(id);
  const { remediations } = await world.incident(id);
  await world.ask(id, 'approve', amira, plan.id);
  await world.look(id);

  expect(dueAt).toBe((remediations[0]?.requested?.at ?? 0) + hour / 4);
  expect(remediations.map(({ state }) => state)).toEqual(['expired', 'proposed']);
  expect(remediations[1]?.plan.id).not.toBe(plan.id);
  expect(await world.answers(id, amira)).toEqual([expect.stringContaining('expired')]);
  expect(world.cluster.asked).toBe(0);
});

test('an approval of a plan that was replaced carries nothing out', async () => {
  const { id, ...world } = await proposed();

  await world.ask(id, 'apply', amira, 'PLAN-0LDER1');
  await world.look(id);

  expect(await world.answers(id, amira)).toEqual([expect.stringContaining('replaced by a newer one')]);
  expect((await world.remediation(id)).state).toBe('proposed');
});

test('however often it is clicked, a plan is carried out once', async () => {
  const { id, ...world } = await proposed();
  for (let clicks = 0; clicks < 5; clicks += 1) await world.ask(id, 'apply', amira);

  await world.look(id);

  expect(world.cluster.writes).toHaveLength(1);
  expect(await world.answers(id, amira)).toHaveLength(4);
});

test('requests are answered in the order in which people clicked', async () => {
  const { id, ...world } = await proposed();
  await world.ask(id, 'reject', amira);
  await world.ask(id, 'apply', amira);
  await world.ask(id, 'acknowledge', sam);
  await world.ask(id, 'acknowledge', amira);

  await world.look(id);

  expect((await world.remediation(id)).state).toBe('rejected');
  expect(await world.answers(id, amira)).toEqual([
    expect.stringContaining('has rejected this already'),
    expect.stringContaining('acknowledged this incident already'),
  ]);
  expect((await world.incident(id)).acknowledged?.by).toBe(sam);
});

test('in observe mode nothing is asked of the writer, whatever people click', async () => {
  const { id, ...world } = await proposed({ mode: 'observe' });
  for (const action of ['apply', 'approve', 'reject', 'acknowledge'] as const)
    for (const who of [amira, sam]) await world.ask(id, action, who);

  await world.look(id);
  world.pass(2 * hour);
  await world.look(id);

  expect(world.cluster.asked).toBe(0);
  expect((await world.remediation(id)).state).toBe('proposed');
  expect((await world.answers(id, amira)).filter((text) => text.includes('observe-only'))).toHaveLength(3);
  expect((await world.answers(id, sam)).filter((text) => text.includes('observe-only'))).toHaveLength(3);
});

test('what was approved before Oomkeeper became observe-only is not carried out', async () => {
  const { id, ...world } = await proposed();
  await world.ask(id, 'apply', amira);

  await world.lookWith(id, { policy: policyOf('act') }, 1);
  const before = await world.remediation(id);
  await world.lookWith(id, { policy: policyOf('observe') });

  expect(before.state).toBe('approved');
  expect(world.cluster.asked).toBe(0);
  expect(await world.remediation(id)).toMatchObject({ state: 'failed' });
  expect((await world.remediation(id)).note).toContain('nothing changed');
});

test('a change that was sent before Oomkeeper became observe-only is found, and not written again', async () => {
  const { id, ...world } = await proposed();
  await world.ask(id, 'apply', amira);

  await world.lookWith(id, {}, 2);
  const before = await world.remediation(id);
  await world.lookWith(id, { policy: policyOf('observe') });

  expect(before).toMatchObject({ state: 'applying', writtenAt: null });
  expect(world.cluster.asked).toBe(1);
  expect((await world.remediation(id)).state).toBe('verifying');
});

test('a change that was not sent before Oomkeeper became observe-only ends without a write', async () => {
  const { id, ...world } = await proposed();
  await world.ask(id, 'apply', amira);

  world.cluster.broken.carryOut = new Failure('cluster-unreachable', 'No route.', { retry: 'backoff' });
  await world.look(id);
  delete world.cluster.broken.carryOut;
  await world.lookWith(id, { policy: policyOf('observe') });

  expect(world.cluster.writes).toEqual([]);
  expect(await world.remediation(id)).toMatchObject({
    state: 'failed',
    note: expect.stringContaining('nothing more changed'),
  });
});

test('the sweep alone, without a hint, carries a request through to the end', async () => {
  const pace = { verifyAfterMs: 30, watchAtMostMs: 30, confirmEveryMs: 10, confirmTimeoutMs: 5 * minute };
  const { id, ...world } = await proposed({ pace });
  await world.ask(id, 'apply', amira);

  await eventually(async () => {
    await sweep(world.needs);
    expect((await world.remediation(id)).state).toBe('held');
  });

  expect(await world.store.due(10)).toEqual([]);
});

function policyOf(mode: Policy['mode']): Policy {
  return { mode, rules: everythingFor([amira]), freezes: [], approvalTtlMs: hour, changeTtlMs: hour };
}
