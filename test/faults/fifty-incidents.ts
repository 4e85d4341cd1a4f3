import { setTimeout as delay } from 'node:timers/promises';
import { expect, vi } from 'vitest';
import { seededRandom } from '../../sandbox/scenario-seed.ts';
import type { Target } from '../../sandbox/kubernetes/cluster-target.ts';
import { addVictim, clusterOf } from '../acceptance/victims.ts';
import { doubleReplies, threadsOf } from '../acceptance/threads.ts';
import type { System } from '../system.ts';

export const faultCount = 5;
/** What is counted is threads and kills; each kill explained anew would only be more work. */
export const faultSettings = { settings: { OOMKEEPER_EXPLAIN_AGAIN: '30s' } };
const incidentsEach = 10;

/**
 * Fifty Deployments get killed one to three times each, one Deployment after the other; five times in between, at
 * moments that the seed decides, `fault` strikes while they go on. Resolves when all kills have happened and every
 * fault is over; `injected` = how many there were.
 */
export async function fiftyIncidents(
  system: System,
  seed: number,
  fault: (random: () => number) => Promise<void>,
): Promise<{ readonly injected: number }> {
  const { world } = system;
  const random = seededRandom(seed);
  const victims: { readonly target: Target; readonly kills: number }[] = [];
  let injected = 0;
  for (let round = 0; round < faultCount; round += 1) {
    const struckAt = Math.floor(random() * incidentsEach);
    let recovered = Promise.resolve();
    for (let nth = 0; nth < incidentsEach; nth += 1) {
      const kills = 1 + Math.floor(random() * 3);
      victims.push({ kills, target: addVictim(world, { name: `victim-${round}-${nth}`, kills }) });
      if (nth === struckAt) {
        recovered = fault(random);
        injected += 1;
      }
      await delay(40 + random() * 60);
    }
    await recovered;
  }
  const cluster = clusterOf(world);
  await vi.waitFor(
    () => {
      for (const { target, kills } of victims) expect(cluster.kills(target)).toHaveLength(kills);
    },
    { timeout: 15_000, interval: 100 },
  );
  return { injected };
}

/** What the pretend Slack has to show of each workload, by the pretend cluster's own count of kills. */
function truthOf({ world }: System): readonly string[] {
  const kills = new Map<string, number>();
  for (const { target } of clusterOf(world).kills()) kills.set(target.name, (kills.get(target.name) ?? 0) + 1);
  return [...kills].map(([name, count]) => `${name}: ${count} kills in one thread`).toSorted();
}

function shownBy({ world }: System): readonly string[] {
  return threadsOf(world)
    .map(({ subject, kills }) => `${subject.split('/')[3]}: ${kills} kills in one thread`)
    .toSorted();
}

const settleMs = 30_000;
/** Longer than the search for a lost message, the sweep and a lock together. */
const quietMs = 2_500;

/**
 * Waits until the threads say what happened, then until nothing has been said for a while, and compares once more:
 * nothing lost, nothing double, every kill counted once, no line of a thread twice.
 */
export async function expectExactlyTheTruth(system: System): Promise<void> {
  const { world } = system;
  const truth = truthOf(system);
  await vi.waitFor(() => expect(shownBy(system)).toEqual(truth), { timeout: settleMs, interval: 200 });
  await vi.waitFor(
    () => {
      const last = world.slack.requestLog().findLast(({ method }) => method?.startsWith('chat.'));
      expect(Date.now() - (last?.at ?? 0)).toBeGreaterThan(quietMs);
    },
    { timeout: settleMs, interval: 200 },
  );
  expect(shownBy(system)).toEqual(truth);
  expect(threadsOf(world).flatMap(doubleReplies)).toEqual([]);
}
