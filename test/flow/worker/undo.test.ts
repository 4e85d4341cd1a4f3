import { expect, test } from 'vitest';
import { Mi } from '../../fixtures/incidents.ts';
import { amira, hour, sam, useWorlds, type WorkerWorld, type WorldChanges } from './worker-world.ts';

/* What we changed can be taken back by one click, as long as nothing else has changed the same since. */
const worlds = useWorlds();
const lena = 'ULENA';

/** A world in which 640Mi was applied instead of 512Mi, and is being watched. */
async function applied(
  changes: WorldChanges = { approvalTtlMs: 9 * hour },
  prepare: (world: WorkerWorld) => void = () => undefined,
) {
  const world = await worlds.open(changes);
  prepare(world);
  const id = await world.killed();
  await world.look(id);
  await world.ask(id, 'apply', amira);
  await world.look(id);
  const { plan } = await world.remediation(id);
  return { ...world, id, plan };
}

async function statesOf(world: WorkerWorld, id: string): Promise<readonly string[]> {
  return (await world.incident(id)).remediations.map(({ state }) => state);
}

test('an approver undoes it: the pods have the old limit again, the watch has ended, and the fix is on offer again', async () => {
  const { id, plan, ...world } = await applied();
  await world.ask(id, 'undo', amira, plan.id);
  await world.look(id);
  const states = await statesOf(world, id);
  const undo = await world.remediation(id);
  world.pass(31_000);
  await world.look(id);
  world.pass(hour);
  await world.look(id);

  expect(world.cluster.writes).toEqual(['resize pod-1 to 640Mi', 'resize pod-1 to 512Mi']);
  expect(states).toEqual(['undone', 'done']);
  expect(undo).toMatchObject({
    approved: { by: amira },
    plan: { follows: { plan: plan.id, as: 'undo' }, from: plan.to, to: plan.from, means: ['resize'] },
  });
  expect(await statesOf(world, id)).toEqual(['undone', 'done', 'proposed']);
  expect((await world.remediation(id)).plan.id).not.toBe(plan.id);
  expect((await world.thread(id)).slice(-3)).toEqual([
    expect.stringContaining('{0} approved the undo of limit 640Mi (back to 512Mi)'),
    expect.stringContaining('Applying the undo of limit 640Mi (back to 512Mi): in-place resize'),
    expect.stringContaining('Undone: pod-1 runs with a limit of 512Mi'),
  ]);
});

test('it can be undone after it has held, and does not count as held any more', async () => {
  const { id, plan, ...world } = await applied();
  world.pass(2 * hour);
  await world.look(id);
  const before = await statesOf(world, id);
  await world.ask(id, 'undo', amira, plan.id);
  await world.look(id);

  expect(before).toEqual(['held']);
  expect((await world.store.results(0)).filter((one) => one.plan === plan.id).map(({ outcome }) => outcome)).toEqual([
    'held',
    'undone',
  ]);
  expect((await statesOf(world, id)).slice(0, 2)).toEqual(['undone', 'done']);
});

test('who may not approve only asks for it; meanwhile the watch goes on, and an approver says yes', async () => {
  const { id, plan, ...world } = await applied();
  await world.ask(id, 'undo', sam, plan.id);
  await world.look(id);
  const asked = await world.remediation(id);
  await world.ask(id, 'approve', sam, asked.plan.id);
  await world.look(id);
  world.pass(2 * hour);
  await world.look(id);
  const meanwhile = await statesOf(world, id);
  await world.ask(id, 'approve', amira, asked.plan.id);
  await world.look(id);

  expect(asked).toMatchObject({ state: 'requested', requested: { by: sam }, approvers: [amira] });
  expect((await world.answers(id, sam)).at(-1)).toMatch(/can approve this. Nothing changed/);
  expect(meanwhile).toEqual(['held', 'requested']);
  expect((await statesOf(world, id)).slice(0, 2)).toEqual(['undone', 'done']);
  expect(world.cluster.writes).toHaveLength(2);
});

test('an approver who clicks Undo while somebody else asks for it approves that', async () => {
  const { id, plan, ...world } = await applied();
  await world.ask(id, 'undo', sam, plan.id);
  await world.ask(id, 'undo', amira, plan.id);
  await world.ask(id, 'undo', amira, plan.id);
  await world.look(id);

  expect((await statesOf(world, id)).slice(0, 2)).toEqual(['undone', 'done']);
  expect(world.cluster.writes).toHaveLength(2);
  expect((await world.answers(id, amira)).at(-1)).toMatch(/under way already|undone since/);
});

test('where policy wants two, an undo needs two as well', async () => {
  const rule = {
    who: [amira, lena],
    clusters: ['*'],
    namespaces: ['*'],
    kinds: ['raise-limit' as const],
    means: ['cluster' as const],
    upTo: null,
    secondPerson: true,
    expires: null,
  };
  const { id, plan, ...world } = await applied({ rules: [rule] });
  await world.ask(id, 'approve', lena);
  await world.look(id);
  await world.ask(id, 'undo', amira, plan.id);
  await world.look(id);
  const half = await statesOf(world, id);
  await world.ask(id, 'approve', lena);
  await world.look(id);

  expect(half).toEqual(['verifying', 'requested']);
  expect((await statesOf(world, id)).slice(0, 2)).toEqual(['undone', 'done']);
});

test('what somebody else has changed since is not touched, and who asked is told what it is now', async () => {
  const { id, plan, ...world } = await applied();
  for (const pod of world.cluster.pods) pod.level = pod.status = pod.spec = 700 * Mi;
  await world.ask(id, 'undo', amira, plan.id);
  await world.look(id);

  expect(await world.answers(id, amira)).toEqual([
    'The limit of Deployment checkout is 700Mi by now, not 640Mi: something else has changed it since (kubectl). Nothing changed.',
  ]);
  expect(world.cluster.writes).toHaveLength(1);
  expect(await statesOf(world, id)).toEqual(['verifying']);
});

test('a change of the template is undone there, unless others have set it since', async () => {
  const { id, plan, ...world } = await applied({}, ({ cluster }) => void (cluster.resize = 'refused'));
  world.cluster.owner = 'argocd-controller';
  await world.ask(id, 'undo', amira, plan.id);
  await world.look(id);
  const told = await world.answers(id, amira);
  world.cluster.owner = 'oomkeeper';
  await world.ask(id, 'undo', amira, plan.id);
  await world.look(id);

  expect(told).toEqual([expect.stringContaining('was set by argocd-controller since')]);
  expect(world.cluster.writes).toEqual(['patch the template to 640Mi', 'patch the template to 512Mi']);
  expect((await statesOf(world, id)).slice(0, 2)).toEqual(['undone', 'done']);
});

test('an undo that is rejected leaves everything as it was, and can be asked for again', async () => {
  const { id, plan, ...world } = await applied();
  await world.ask(id, 'undo', sam, plan.id);
  await world.look(id);
  await world.ask(id, 'reject', amira);
  await world.look(id);
  const after = await statesOf(world, id);
  await world.ask(id, 'undo', amira, plan.id);
  await world.look(id);

  expect(after).toEqual(['verifying', 'rejected']);
  expect((await statesOf(world, id)).slice(0, 3)).toEqual(['undone', 'rejected', 'done']);
  expect(new Set((await world.incident(id)).remediations.map((one) => one.plan.id)).size).toBe(
    (await world.incident(id)).remediations.length,
  );
});

test('while changes are paused nothing is undone either', async () => {
  const { id, plan, ...world } = await applied();
  const paused = { by: lena, at: await world.now(), reason: 'release' };
  await world.store.keepPause(paused, { what: 'paused', ...paused });
  await world.ask(id, 'undo', amira, plan.id);
  await world.look(id);

  expect((await world.answers(id, amira)).at(-1)).toContain('Changes are paused');
  expect(await statesOf(world, id)).toEqual(['verifying']);
});

test('after the undo the same kill leads to the same fix, which is carried out under its own id', async () => {
  const { id, plan, ...world } = await applied();
  await world.ask(id, 'undo', amira, plan.id);
  await world.look(id);
  world.pass(31_000);
  await world.look(id);
  const again = await world.remediation(id);
  await world.ask(id, 'apply', amira, plan.id);
  await world.ask(id, 'apply', amira, again.plan.id);
  await world.look(id);

  expect(await world.answers(id, amira)).toEqual([expect.stringContaining('done and then undone')]);
  expect(await statesOf(world, id)).toEqual(['undone', 'done', 'verifying']);
  expect(world.cluster.writes).toHaveLength(3);
});
