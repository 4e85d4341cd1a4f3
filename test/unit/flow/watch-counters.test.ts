import { expect, test } from 'vitest';
import { childFingerprint, terminationFingerprint } from '../../../src/core/kill/fingerprint.ts';
import type { Counted, OomCount } from '../../../src/core/kill/oom-count.ts';
import { readPod } from '../../../src/core/kill/pod.ts';
import { Failure } from '../../../src/core/failure.ts';
import { createCounterWatch } from '../../../src/flow/watch-counters.ts';
import { generator } from '../../random.ts';

/*
 * A model: one pod whose container is killed and starts again, the counters of its runs as a Prometheus has them, and two
 * workers of which one holds the lease. Processes are killed at random, and so is the container; kubelets begin to count
 * anew, the lease goes to the other worker, and calls fail.
 */
const everyMs = 30_000;
const lookBackMs = 3_600_000;
/** So long Prometheus shows a series that has ended. */
const lingersMs = 300_000;
const uid = '11111111-2222-3333-4444-555555555555';

interface Run {
  readonly id: string;
  readonly startedAt: number;
  /** Processes that were killed in it while its first one lived on. */
  children: number;
  counter: number;
  endedAt: number | null;
  isKilled: boolean;
}

interface Troubles {
  readonly kubelets?: boolean;
  readonly faults?: boolean;
  readonly leases?: boolean;
}

/** How many kills of single processes happened in each run, and how many of them were reported. */
async function play(seed: number, { kubelets = false, faults = false, leases = false }: Troubles) {
  const random = generator(seed);
  let now = Date.UTC(2026, 10, 24);
  const start = (at: number): Run => {
    const id = String(at).padStart(64, 'a');
    return { id, startedAt: at, children: 0, counter: 0, endedAt: null, isKilled: false };
  };
  const runs = [start(now)];
  const admitted = new Set<string>();
  const counted = new Map<string, Counted>();
  const stood: { readonly at: number; readonly counts: readonly OomCount[] }[] = [];
  let holder = 0;

  const mayFail = (): void => {
    if (faults && random() < 0.1) throw new Failure('redis-away', 'away', { retry: 'backoff' });
  };
  const shown = (): readonly OomCount[] =>
    runs
      .filter(({ endedAt }) => endedAt === null || now - endedAt < lingersMs)
      .map(({ id, counter }) => ({
        namespace: 'shop',
        pod: 'web-1',
        podUid: uid,
        container: 'app',
        containerId: id,
        value: counter,
        atMs: now,
      }));
  const ended = ({ id, startedAt, endedAt, isKilled }: Run) => ({
    containerID: `containerd://${id}`,
    exitCode: isKilled ? 137 : 1,
    reason: isKilled ? 'OOMKilled' : 'Error',
    startedAt: time(startedAt),
    finishedAt: time(endedAt ?? now),
  });
  const pod = () => {
    const [present, before] = [runs.at(-1), runs.at(-2)];
    const status = {
      name: 'app',
      restartCount: runs.length - 1,
      containerID: `containerd://${present?.id ?? ''}`,
      state: { running: { startedAt: time(present?.startedAt ?? now) } },
      lastState: before === undefined ? {} : { terminated: ended(before) },
    };
    const metadata = { name: 'web-1', namespace: 'shop', uid };
    return readPod({ metadata, spec: { containers: [{ name: 'app' }] }, status: { containerStatuses: [status] } });
  };
  const worker = (me: number) =>
    createCounterWatch({
      cluster: 'prod',
      everyMs,
      lookBackMs,
      counts: async (agoMs) => {
        mayFail();
        if (agoMs === 0) return shown().filter(({ value }) => value > 0);
        return stood.findLast(({ at }) => at <= now - agoMs)?.counts ?? [];
      },
      podOf: async () => pod(),
      store: {
        isAdmitted: async (fingerprint) => admitted.has(fingerprint),
        suspects: async () => [],
        childRuns: {
          numberOf: async () => 1,
          counted: async (ids) => ids.map((id) => counted.get(id) ?? null),
          keepCounted: async (id, next) => {
            mayFail();
            counted.set(id, next);
          },
        },
      },
      admit: async ({ fingerprint }) => {
        mayFail();
        admitted.add(fingerprint);
        return { is: 'known' };
      },
      lease: async () => (holder === me ? { extend: async () => holder === me } : null),
      onUnreported: () => undefined,
      now: () => now,
    });
  const workers = [worker(0), worker(1)];

  for (let round = 0; round < 26; round += 1) {
    now += everyMs;
    const present = runs.at(-1);
    // The last rounds are calm, so that what waits is reported.
    if (present !== undefined && round < 20) {
      const killed = random() < 0.4 ? Math.ceil(random() * 3) : 0;
      present.children += killed;
      present.counter = (kubelets && random() < 0.1 ? 0 : present.counter) + killed;
      if (random() < 0.1) {
        present.isKilled = random() < 0.6;
        present.counter += present.isKilled ? 1 : 0;
        present.endedAt = now - 1_000;
        runs.push(start(now));
        const termination = { containerId: `containerd://${present.id}`, startedAt: null, finishedAt: null };
        if (present.isKilled)
          admitted.add(terminationFingerprint('prod', uid, 'app', { ...termination, exitCode: 137 }));
      }
      if (leases && random() < 0.1) holder = 1 - holder;
    }
    stood.push({ at: now, counts: shown() });
    for (const one of workers)
      await one.round().catch((error: unknown) => {
        if (!(error instanceof Failure)) throw error;
      });
  }
  return runs.map(({ id, children }) => ({
    seed,
    children,
    reported: numbers.filter((nth) => admitted.has(childFingerprint('prod', id, nth))).length,
  }));
}

const numbers = Array.from({ length: 100 }, (_, at) => at + 1);
const seeds = Array.from({ length: 150 }, (_, at) => at);

function time(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}

async function playAll(troubles: Troubles) {
  return (await Promise.all(seeds.map(async (seed) => play(seed, troubles)))).flat();
}

test('each process that was killed is reported, and not the container itself', async () => {
  const runs = await playAll({});

  expect(runs.filter(({ children, reported }) => reported !== children)).toEqual([]);
  expect(runs.filter(({ children }) => children > 2).length).toBeGreaterThan(50);
});

test('never more are reported than were killed, whatever fails, is counted anew, or is looked at by another', async () => {
  const runs = await playAll({ kubelets: true, faults: true, leases: true });

  expect(runs.filter(({ children, reported }) => reported > children)).toEqual([]);
  expect(runs.filter(({ children, reported }) => reported > 0.5 * children).length).toBeGreaterThan(runs.length / 2);
});

test('failures alone lose next to nothing', async () => {
  const runs = await playAll({ faults: true });

  expect(runs.filter(({ children, reported }) => reported !== children).length).toBeLessThan(runs.length / 50);
});
