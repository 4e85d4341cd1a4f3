import { numbersOf } from '../core/kill/child-number.ts';
import { findRun, ownFingerprints, runOfLabels, runStatus } from '../core/kill/container-run.ts';
import type { ContainerRun } from '../core/kill/container-run.ts';
import { countedRise } from '../core/kill/counted-rise.ts';
import type { CountedRise, CounterHistory } from '../core/kill/counted-rise.ts';
import { childFingerprint } from '../core/kill/fingerprint.ts';
import type { Kill } from '../core/kill/kill.ts';
import { childKill } from '../core/kill/detect/make-kill.ts';
import { countOn } from '../core/kill/oom-count.ts';
import type { Counted, OomCount } from '../core/kill/oom-count.ts';
import type { PodView } from '../core/kill/pod.ts';
import { Failure } from '../core/failure.ts';
import { createHeldLease } from './held-lease.ts';
import type { TakeLease } from './held-lease.ts';
import type { Admission, Store } from './needs.ts';

/*
 * Processes that are killed while their container keeps running leave no trace in the API: only cAdvisor counts them.
 * Each round reads all counters above 0 in one query, whatever the size of the cluster. A counter that has changed is
 * judged in the next round: it counts the container's own kill too, whose status has been seen by then. One worker of a
 * cluster does this, under a lease.
 *
 * The pod may be gone by then, while its counter stays in Prometheus for five minutes. The kill is then reported with
 * what was read of the pod before, or else with what the counter's labels say.
 *
 * A rise is seen up to a minute after its kill (measured on a 1.36 cluster with scrapes every 15 s: 30 to 48 s), and
 * what the pod shows by then may have been changed meanwhile. So each kill is reported with the time in which it can
 * have happened, from cAdvisor's own times where the source remembers them.
 */
export interface CounterNeeds {
  readonly cluster: string;
  readonly everyMs: number;
  /** Older rises are not reported. */
  readonly lookBackMs: number;
  /** Counters above 0 now, or all counters as they were `agoMs` ago; null if there is no source. */
  readonly counts: (agoMs: number) => Promise<readonly OomCount[] | null>;
  /** The pod of a counter as the API shows it now, possibly a newer one of the same name; null if there is none. */
  readonly podOf: (count: OomCount) => Promise<PodView | null>;
  /** How one counter and its limits went since then (ms UTC); null, or absent, if no source remembers. */
  readonly history?: (count: OomCount, since: number) => Promise<CounterHistory | null>;
  readonly store: Pick<Store, 'isAdmitted' | 'childRuns' | 'suspects'>;
  readonly admit: (kill: Kill) => Promise<Admission>;
  readonly lease: TakeLease;
  /** Called for a counter above 0 whose kills are not reported, with the reason; once for each value. */
  readonly onUnreported: (count: OomCount, why: Unreported) => void;
  readonly now: () => number;
}

/**
 * `no-container-id`: the labels that name the container's run were dropped on the way. `gone-without-uid`: its pod is
 * gone, and without the pod's uid the rise may be the container's own kill, which is known already. `restarted-since`: its
 * pod shows only later runs; what ended this one was reported at the time.
 */
export type Unreported = 'no-container-id' | 'gone-without-uid' | 'restarted-since';

export type CounterRound = 'nobody-counts' | 'by-another' | 'looked';

/** Prometheus shows the last value of a series for so long (`--query.lookback-delta`): what was read may be this old. */
const oldestValueMs = 300_000;

/** A counter as a round read it. */
interface Reading {
  readonly count: OomCount;
  readonly run: ContainerRun | Unreported;
  /** When a round read a lower value, ms UTC; null if none did. */
  readonly lowerAt: number | null;
  /** The previous round did not have it although it had others: its kubelet may have been restarted. */
  readonly isBack: boolean;
  isJudged: boolean;
}

/** Call `round` every `everyMs`. It throws Failures; the next round sees what this one did not. */
export function createCounterWatch(needs: CounterNeeds): { readonly round: () => Promise<CounterRound> } {
  const { cluster, everyMs, lookBackMs, store } = needs;
  const lease = createHeldLease(needs.lease, everyMs * 3);
  /** Counters of the previous round, by run; null before the first. */
  let readings: ReadonlyMap<string, Reading> | null = null;
  /** When they were read, ms UTC. */
  let readingsAt: number | null = null;

  async function round(): Promise<CounterRound> {
    if (!(await lease.holds())) {
      // Whichever worker holds the lease judges the counters.
      readings = null;
      readingsAt = null;
      return 'by-another';
    }
    const at = needs.now();
    const counts = await needs.counts(0);
    if (counts === null) return 'nobody-counts';
    await judge([...(readings?.values() ?? [])].filter(({ isJudged }) => !isJudged));
    const next = new Map<string, Reading>();
    for (const count of counts) next.set(keyOf(count), await read(count, readings?.get(keyOf(count))));
    readings = next;
    readingsAt = at;
    return 'looked';
  }

  async function read(count: OomCount, before: Reading | undefined): Promise<Reading> {
    if (before?.count.value === count.value) return before;
    const isBack = readings !== null && before === undefined;
    return { count, run: await runOf(count, before), lowerAt: readingsAt, isBack, isJudged: false };
  }

  /** The run of a counter: as its pod shows it now or showed it before, else from the labels. */
  async function runOf(count: OomCount, before: Reading | undefined): Promise<ContainerRun | Unreported> {
    const { containerId, podUid } = count;
    if (containerId === null) return 'no-container-id';
    const pod = await needs.podOf(count);
    const now = pod === null ? null : findRun(pod, containerId);
    if (now !== null) return now;
    if (before !== undefined && typeof before.run !== 'string') return before.run;
    // The uid in a static pod's cgroup is another than that of its mirror, whose owner is its node.
    const isIts = pod !== null && (podUid === null || pod.uid === podUid || pod.owner?.kind === 'Node');
    return isIts ? 'restarted-since' : (runOfLabels(count) ?? 'gone-without-uid');
  }

  async function judge(open: readonly Reading[]): Promise<void> {
    const counted = await store.childRuns.counted(open.map(({ count }) => keyOf(count)));
    const suspects = once(store.suspects);
    const stoodAgo = { lookBack: once(() => stood(lookBackMs)), before: once(() => stood(2 * everyMs)) };
    for (const [index, reading] of open.entries()) {
      const { count, run } = reading;
      if (typeof run === 'string') needs.onUnreported(count, run);
      else {
        const known = counted[index] ?? begin(count.value, run, await stoodAgo.lookBack());
        const mayHaveBegunAgain = reading.isBack && count.value <= known.last;
        const beganAgain = mayHaveBegunAgain && (await stoodAgo.before()).get(run.containerId) === 0;
        const next = countOn(beganAgain ? { ...known, last: 0 } : known, count.value);
        await report(run, { known, next, riseTo: rises(reading, run) }, suspects);
      }
      reading.isJudged = true;
    }
  }

  /**
   * Reports first and then stores how far it has reported: after a crash in between the same is reported again, which
   * is harmless.
   */
  async function report(
    run: ContainerRun,
    { known, next, riseTo }: { known: Counted; next: Counted; riseTo: (value: number) => Promise<CountedRise> },
    suspects: Store['suspects'],
  ): Promise<void> {
    const ownKills = (await isOwnKill(run, suspects)) ? 1 : 0;
    for (const nth of numbersOf(known.total, next.total, ownKills))
      await needs.admit(
        childKill(run, {
          cluster,
          fingerprint: childFingerprint(cluster, run.containerId, nth),
          startedBeforeWatch: false,
          seenAtMs: needs.now(),
          counted: await riseTo(next.last - (next.total - ownKills - nth)),
        }),
      );
    await store.childRuns.keepCounted(run.containerId, next);
  }

  /** When the counter of a reading rose to a value. A history that cannot be read is done without. */
  function rises({ count, lowerAt }: Reading, run: ContainerRun): (value: number) => Promise<CountedRise> {
    const began = Date.parse(runStatus(run).startedAt ?? '');
    const lower = lowerAt === null ? count.atMs - lookBackMs : lowerAt - oldestValueMs;
    const known = { from: Math.min(count.atMs, Math.max(lower, began || 0)), to: count.atMs };
    const history = once(
      async () => (await needs.history?.(count, known.from - oldestValueMs).catch(unlessBug)) ?? null,
    );
    return async (value) => countedRise(await history(), value, known);
  }

  /** An unexplained SIGKILL counts too: in a run with a kernel kill it was the kernel's. */
  async function isOwnKill(run: ContainerRun, suspects: Store['suspects']): Promise<boolean> {
    const own = ownFingerprints(cluster, run);
    for (const fingerprint of own) if (await store.isAdmitted(fingerprint)) return true;
    const suspect = (await suspects()).find(({ kill }) => own.includes(kill.fingerprint))?.kill;
    if (suspect?.kind !== 'container') return false;
    await needs.admit({ ...suspect, suspect: false });
    return true;
  }

  /** For a counter that is seen for the first time, only the rise within the look-back counts. */
  function begin(value: number, run: ContainerRun, before: ReadonlyMap<string, number>): Counted {
    const { startedAt } = runStatus(run);
    const base = before.get(run.containerId);
    // If its start is unknown, it is new if other counters existed a look-back ago and it did not.
    const isYoung = startedAt === null ? before.size > 0 : Date.parse(startedAt) >= needs.now() - lookBackMs;
    return { last: isYoung && (startedAt !== null || base === undefined) ? 0 : (base ?? value), total: 0 };
  }

  /** Values of the counters some time ago, by run. */
  async function stood(agoMs: number): Promise<ReadonlyMap<string, number>> {
    return new Map((await needs.counts(agoMs))?.map((count) => [keyOf(count), count.value]));
  }

  return { round };
}

function unlessBug(error: unknown): null {
  if (error instanceof Failure) return null;
  throw error;
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | null = null;
  return () => (reading ??= read());
}

function keyOf({ namespace, pod, container, containerId }: OomCount): string {
  return containerId ?? `${namespace}/${pod}/${container}`;
}
