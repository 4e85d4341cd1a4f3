import { afterEach, expect, test } from 'vitest';
import { closeForgeWorlds, manifest, path, repo, startForgeWorld, wanted } from '../github/forge-world.ts';
import type { ForgeWorld } from '../github/forge-world.ts';
import { Mi } from '../../fixtures/incidents.ts';
import { amira, hour, minute, sam, useWorlds, type WorkerWorld } from './worker-world.ts';

/* A pull request of ours that was merged is taken back by another one, through the same policy. */
const worlds = useWorlds();

afterEach(closeForgeWorlds);

interface World extends WorkerWorld {
  readonly git: ForgeWorld;
  readonly id: string;
  readonly plan: string;
}

/** A world in which a pull request was opened, merged and synced, and is being watched. */
async function merged(): Promise<World> {
  const git = await startForgeWorld();
  const world = await worlds.open({ forge: git.forge, approvalTtlMs: 9 * hour, pace: { pollMs: 0 } });
  world.cluster.source = `${repo}//${path}`;
  const id = await world.killed();
  await world.look(id);
  const plan = (await world.incident(id)).remediations.find((one) => one.plan.source !== null)?.plan.id ?? 'none';
  await world.ask(id, 'apply', amira, plan);
  await world.look(id);
  const all = { ...world, git, id, plan };
  await mergeAndSync(all, 1, 640);
  return all;
}

async function mergeAndSync(world: World, number: number, limitMi: number): Promise<void> {
  world.git.github.control.merge({ repo, number, user: 'lena' });
  world.pass(minute);
  await world.look(world.id);
  const limit = limitMi * Mi;
  world.cluster.template = limit;
  world.cluster.pods = world.cluster.pods.map((pod) => ({
    ...pod,
    uid: `${pod.uid}-${number}`,
    spec: limit,
    status: limit,
    level: limit,
  }));
  world.pass(minute);
  await world.look(world.id);
}

async function statesOf({ incident, id }: World): Promise<readonly string[]> {
  return (await incident(id)).remediations.map(({ state }) => state);
}

test('from the click to merged and synced: the file and the pods are as before, and the fix is on offer again', async () => {
  const world = await merged();
  const before = await statesOf(world);
  await world.ask(world.id, 'undo', amira, world.plan);
  await world.look(world.id);
  const waiting = await world.remediation(world.id);
  await mergeAndSync(world, 2, 512);

  expect(before).toEqual(['verifying']);
  expect(waiting).toMatchObject({
    state: 'applying',
    pullRequest: { number: 2, merged: null },
    plan: { follows: { plan: world.plan, as: 'undo' }, to: { limitBytes: 512 * Mi, requestBytes: 256 * Mi } },
  });
  expect((await statesOf(world)).slice(0, 2)).toEqual(['undone', 'done']);
  expect(world.git.fileAt()).toBe(manifest);
  expect(world.cluster.writes).toEqual([]);
  expect((await world.thread(world.id)).join('\n')).toContain('Undone: the rollout has ended');
  expect((await world.thread(world.id)).join('\n')).not.toContain('anish');
});

test('who may not approve only asks for it; meanwhile the change is watched, and an approver says yes', async () => {
  const world = await merged();
  await world.ask(world.id, 'undo', sam, world.plan);
  await world.look(world.id);
  const asked = await world.remediation(world.id);
  world.pass(2 * hour);
  await world.look(world.id);
  const meanwhile = await statesOf(world);
  await world.ask(world.id, 'approve', amira, asked.plan.id);
  await world.look(world.id);

  expect(asked).toMatchObject({ state: 'requested', requested: { by: sam } });
  expect(meanwhile).toEqual(['held', 'requested']);
  expect(world.git.pulls()).toHaveLength(2);
});

test('clicked again while it waits for its merge, nothing more is opened, and whoever clicked is told', async () => {
  const world = await merged();
  await world.ask(world.id, 'undo', amira, world.plan);
  await world.look(world.id);
  await world.ask(world.id, 'undo', amira, world.plan);
  await world.look(world.id);

  expect(world.git.pulls()).toHaveLength(2);
  expect((await world.answers(world.id, amira)).at(-1)).toMatch(/under way already.* Your click changed nothing/);
});

test('where the lines have changed since, nothing is opened, and the answer says how to do it by hand', async () => {
  const world = await merged();
  world.git.github.control.push({ repo, files: { [path]: wanted.replace('640Mi', '800Mi') } });
  await world.ask(world.id, 'undo', amira, world.plan);
  await world.look(world.id);

  expect(await world.answers(world.id, amira)).toEqual([
    `shop/infra//${path}: The lines that this change wrote have been changed since, so they are not undone from here. Nothing changed. To undo it, revert pull request #1 where it was merged.`,
  ]);
  expect(world.git.pulls()).toHaveLength(1);
  expect(await statesOf(world)).toEqual(['verifying']);
});

test('an undo that is closed unmerged leaves the change in force, and can be asked for again', async () => {
  const world = await merged();
  await world.ask(world.id, 'undo', amira, world.plan);
  await world.look(world.id);
  world.git.github.control.close({ repo, number: 2, user: 'sam' });
  world.pass(minute);
  await world.look(world.id);
  const closed = await statesOf(world);
  await world.ask(world.id, 'undo', amira, world.plan);
  await world.look(world.id);

  expect(closed).toEqual(['verifying', 'rejected']);
  expect(await statesOf(world)).toEqual(['verifying', 'rejected', 'applying']);
  expect(world.git.pulls()).toHaveLength(3);
});

test('what is gone by a merge that nobody has told of yet is not said to be undone by others', async () => {
  const world = await merged();
  await world.ask(world.id, 'undo', amira, world.plan);
  await world.look(world.id);
  const { forge } = world.git;
  const unaware = { ...forge, look: async () => ({ state: 'too-soon', againInMs: minute }) as const };
  world.git.github.control.merge({ repo, number: 2, user: 'lena' });
  world.cluster.template = 512 * Mi;
  world.cluster.pods = world.cluster.pods.map((pod) => ({ ...pod, uid: 'new', spec: 512 * Mi, level: 512 * Mi }));
  world.pass(2 * hour);
  await world.lookWith(world.id, { forge: unaware });
  const meanwhile = await statesOf(world);
  world.pass(minute);
  await world.look(world.id);

  expect(meanwhile.slice(0, 2)).toEqual(['verifying', 'applying']);
  expect((await statesOf(world)).slice(0, 2)).toEqual(['undone', 'done']);
});
