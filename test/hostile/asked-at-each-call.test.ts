import { afterEach, expect, test } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import type { Means } from '../../src/core/remediate/plan.ts';
import { closeForgeWorlds, proposalOf, startForgeWorld } from '../flow/github/forge-world.ts';
import { deploy, peaksAt, startLivingWorld, untilKills } from '../flow/kubernetes/living-world.ts';
import type { LivingWorld } from '../flow/kubernetes/living-world.ts';

const open: LivingWorld[] = [];

afterEach(async () => {
  await closeForgeWorlds();
  for (const world of open.splice(0)) await world.close();
});

/** Says yes so many times, and no from then on. */
function yes(times: number) {
  let asked = 0;
  return async (): Promise<void> => {
    asked += 1;
    if (asked > times) throw new Failure('not-allowed-now', 'changes are paused');
  };
}

const inCluster: readonly (readonly [Means, number])[] = [
  ['resize', 0],
  ['resize', 1],
  ['patch-workload', 0],
];

test.each(inCluster)('a %s that is allowed %i calls makes so many in the cluster', async (means, times) => {
  const world = await startLivingWorld();
  open.push(world);
  await deploy(world, peaksAt(100, 20_000), { replicas: 2 });
  await untilKills(world, 1);
  const plan = await world.plan(160);

  const stopped = world.writer.carryOut(plan, means, yes(times));

  await expect(stopped).rejects.toMatchObject({ code: 'not-allowed-now' });
  expect(world.writes()).toHaveLength(times);
});

const calls = ['git/create-ref', 'repos/create-or-update-file-contents', 'pulls/create'];

test.each([0, 1, 2])('a pull request that is allowed %i calls makes so many in the forge', async (times) => {
  const { forge, writes } = await startForgeWorld();

  const stopped = forge.propose(proposalOf(640, { mayWrite: yes(times) }));

  await expect(stopped).rejects.toMatchObject({ code: 'not-allowed-now' });
  expect(writes()).toEqual(calls.slice(0, times));
});

test('a pull request that is there is found by who may not write, and is left without a label', async () => {
  const { forge, writes } = await startForgeWorld();
  await expect(forge.propose(proposalOf(640, { mayWrite: yes(3) }))).resolves.toMatchObject({ number: 1 });
  await expect(forge.propose(proposalOf(640, { mayWrite: yes(0) }))).resolves.toMatchObject({ number: 1 });

  expect(writes()).toEqual(calls);
});
