import { expect, test } from 'vitest';
import { Mi } from '../../fixtures/incidents.ts';
import { amira, hour, minute, sam, useWorlds, type WorkerWorld, type WorldChanges } from './worker-world.ts';

/* What only the running pods have is said to be temporary, and can be written into the template by one click. */
const worlds = useWorlds();

/** A world in which the pods were resized from 512Mi to 640Mi. */
async function resized(changes: WorldChanges = {}) {
  const world = await worlds.open(changes);
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

test('a resize is temporary until the template has it; the watch goes on, and it holds', async () => {
  const { id, plan, ...world } = await resized();
  const before = await world.remediation(id);
  await world.ask(id, 'make-permanent', amira, plan.id);
  await world.look(id);
  const [after, follower] = (await world.incident(id)).remediations;
  world.pass(2 * hour);
  await world.look(id);

  expect(before).toMatchObject({ state: 'verifying', temporary: true, means: 'resize' });
  expect(after).toMatchObject({
    state: 'verifying',
    temporary: false,
    means: 'patch-workload',
    verifyAt: before.verifyAt,
  });
  expect(follower).toMatchObject({ state: 'done', plan: { follows: { plan: plan.id, as: 'make-permanent' } } });
  expect(world.cluster.template).toBe(640 * Mi);
  expect(world.cluster.writes).toEqual(['resize pod-1 to 640Mi', 'patch the template to 640Mi']);
  expect(await statesOf(world, id)).toEqual(['held', 'done']);
  expect((await world.thread(id)).join('\n')).toContain('Made permanent: the rollout has ended');
});

test('who may not approve only asks for it, by the same policy as for any plan', async () => {
  const { id, plan, ...world } = await resized();
  await world.ask(id, 'make-permanent', sam, plan.id);
  await world.look(id);
  const asked = await world.remediation(id);
  await world.ask(id, 'approve', amira, asked.plan.id);
  await world.look(id);

  expect(asked).toMatchObject({ state: 'requested', requested: { by: sam } });
  expect(await statesOf(world, id)).toEqual(['verifying', 'done']);
});

test('what was made permanent is undone in the template', async () => {
  const { id, plan, ...world } = await resized();
  await world.ask(id, 'make-permanent', amira, plan.id);
  await world.look(id);
  await world.ask(id, 'undo', amira, plan.id);
  await world.look(id);

  expect((await statesOf(world, id)).slice(0, 3)).toEqual(['undone', 'done', 'done']);
  expect(world.cluster.writes.at(-1)).toBe('patch the template to 512Mi');
});

test('a template that somebody else has changed is not written, and who asked is told', async () => {
  const { id, plan, ...world } = await resized();
  world.cluster.template = 700 * Mi;
  await world.ask(id, 'make-permanent', amira, plan.id);
  await world.look(id);

  expect(await world.answers(id, amira)).toEqual([
    'The limit of Deployment checkout is 700Mi by now, not 640Mi: something else has changed it since (kubectl). Nothing changed.',
  ]);
  expect(world.cluster.writes).toHaveLength(1);
});

test('nobody overrides an owner that was not shown to them', async () => {
  const { id, plan, ...world } = await resized();
  world.cluster.owner = 'argocd-controller';
  await world.ask(id, 'make-permanent', amira, plan.id);
  await world.look(id);

  expect(await world.answers(id, amira)).toEqual([
    'The template of Deployment checkout has another owner by now (argocd-controller). Nothing changed.',
  ]);
  expect(world.cluster.writes).toHaveLength(1);
});

test('a change of the template is not temporary, and a second click on the button is told so', async () => {
  const { id, plan, ...world } = await resized();
  await world.ask(id, 'make-permanent', amira, plan.id);
  await world.ask(id, 'make-permanent', amira, plan.id);
  await world.look(id);
  await world.ask(id, 'make-permanent', amira, plan.id);
  await world.look(id);

  expect(await world.answers(id, amira)).toEqual([
    expect.stringMatching(/is under way already|in the pod template by now/),
    expect.stringContaining('is in the pod template by now'),
  ]);
  expect(world.cluster.writes).toHaveLength(2);
});

test('a raise that was made permanent counts as one raise', async () => {
  const { id, plan, ...world } = await resized();
  await world.ask(id, 'make-permanent', amira, plan.id);
  await world.look(id);
  world.pass(minute);
  await world.killed({ livedMs: 30_000 });
  await world.look(id);
  world.pass(31_000);
  await world.look(id);

  expect(await statesOf(world, id)).toEqual(['failed', 'done', 'proposed']);
});
