import { expect, test } from 'vitest';
import { slackIds } from '../../src/adapters/slack/approver-ids.ts';
import { policyFileSchema } from '../../src/core/approve/policy.ts';
import { renderPullRequest } from '../../src/core/talk/pull-request.ts';
import { amira, hour, minute, sam, useWorlds, type WorkerWorld } from '../flow/worker/worker-world.ts';

const worlds = useWorlds();
const ben = 'UBEN';
const onCall = 'SONCALL';

function rulesOf(...approvals: readonly object[]) {
  return policyFileSchema(slackIds).parse({ approvals }).approvals;
}

async function proposed(who: readonly string[]): Promise<WorkerWorld & { readonly id: string }> {
  const world = await worlds.open({ rules: rulesOf({ who, secondPerson: true }) });
  const id = await world.killed();
  await world.look(id);
  return { ...world, id };
}

/** They click, one after the other, and the worker looks after each. */
async function click(
  world: WorkerWorld & { readonly id: string },
  ...clicks: readonly (readonly ['apply' | 'approve', string, ...string[]])[]
): Promise<void> {
  for (const [action, by, ...groups] of clicks) {
    await world.ask(world.id, action, by, undefined, { groups });
    await world.look(world.id);
  }
}

test('who asks without being an approver is none of the two, and each step says whose approval is missing', async () => {
  const world = await proposed([amira, ben]);
  await click(world, ['apply', sam], ['approve', amira]);
  const half = await world.remediation(world.id);
  const writes = [...world.cluster.writes];
  await click(world, ['approve', sam], ['approve', amira], ['apply', amira]);
  const still = await world.remediation(world.id);
  await click(world, ['approve', ben]);

  expect(half).toMatchObject({ state: 'requested', approvals: [{ by: amira }], approved: null });
  expect(writes).toEqual([]);
  expect(still).toEqual(half);
  const said = (await world.entries(world.id)).filter(({ kind }) => kind === 'audit').slice(1, 4);
  expect(said.map(({ text, people }) => [text, people])).toEqual([
    [expect.stringContaining('Policy wants two people: waiting for {1} or {2} to approve'), [sam, amira, ben]],
    [expect.stringContaining('Policy wants a second person: waiting for {1} to approve'), [amira, ben]],
    [`{0} approved limit 640Mi (${half.plan.id}) after {1}.`, [ben, amira]],
  ]);
  expect(world.cluster.writes).toEqual(['resize pod-1 to 640Mi']);
});

test('both approvers stand in the document, in the record and in a pull request', async () => {
  const world = await proposed([amira, ben]);
  await click(world, ['apply', amira], ['approve', ben]);
  const loaded = await world.load(world.id);
  const { plan, approvals } = await world.remediation(world.id);

  expect(approvals).toMatchObject([{ by: amira }, { by: ben }]);
  expect((await world.store.audit(0, 100)).map(({ what, by, text }) => [what, by, text])).toContainEqual([
    'approved',
    ben,
    `${ben} approved limit 640Mi (${plan.id}) after ${amira}.`,
  ]);
  expect(renderPullRequest(loaded, plan, null).body).toContain(`approved by \` ${amira} \` and \` ${ben} \``);
});

test('one person is one approver, whatever group they click from', async () => {
  const world = await proposed([amira, onCall]);
  await click(world, ['apply', amira], ['approve', amira, onCall]);
  const alone = await world.remediation(world.id);
  await click(world, ['approve', ben, onCall]);

  expect(alone).toMatchObject({ state: 'requested', approvals: [{ by: amira }] });
  expect((await world.answers(world.id, amira)).at(-1)).toContain('You have approved this already');
  expect(world.cluster.writes).toHaveLength(1);
});

test('a first approver who has lost the right since is none of the two', async () => {
  const world = await proposed([amira, ben]);
  await click(world, ['apply', amira]);
  const policy = { ...world.needs.policy, rules: rulesOf({ who: [ben, 'UKIM'], secondPerson: true }) };
  await world.ask(world.id, 'approve', ben);
  await world.lookWith(world.id, { policy });
  const half = await world.remediation(world.id);
  await world.ask(world.id, 'approve', 'UKIM');
  await world.lookWith(world.id, { policy });

  expect(half).toMatchObject({ state: 'requested', approvals: [{ by: ben }] });
  expect((await world.remediation(world.id)).approvals).toMatchObject([{ by: ben }, { by: 'UKIM' }]);
  expect(world.cluster.writes).toHaveLength(1);
});

test('the first approval does not make a request last longer', async () => {
  const world = await proposed([amira, ben]);
  await click(world, ['apply', sam]);
  world.pass(50 * minute);
  await click(world, ['approve', amira]);
  world.pass(11 * minute);
  await click(world, ['approve', ben]);

  expect(world.cluster.writes).toEqual([]);
  expect((await world.incident(world.id)).remediations[0]?.state).toBe('expired');
});

test('a value of one’s own begins with no approval but that of its author', async () => {
  const world = await proposed([amira, ben]);
  await click(world, ['apply', amira]);
  await world.ask(world.id, 'edit', ben, undefined, { value: '700Mi' });
  await world.look(world.id);
  const edited = await world.remediation(world.id);
  world.pass(hour / 2);
  await click(world, ['approve', amira]);

  expect(edited).toMatchObject({ state: 'requested', approvals: [{ by: ben }] });
  expect(world.cluster.writes).toEqual(['resize pod-1 to 700Mi']);
});
