import type { RecordedLine } from '../../adapters/recording/recorded-line.ts';
import { isAtLimit } from '../../core/diagnose/judge-suspect.ts';
import { bareContainerId, bareOrNull } from '../../core/kill/cgroup.ts';
import { numberedRun, numbersOf, withNumber } from '../../core/kill/child-number.ts';
import { findRun, runStatus } from '../../core/kill/container-run.ts';
import type { ContainerRun } from '../../core/kill/container-run.ts';
import { childFingerprint } from '../../core/kill/fingerprint.ts';
import type { Kill } from '../../core/kill/kill.ts';
import { killedAtMs } from '../../core/kill/kill.ts';
import { childKill } from '../../core/kill/detect/make-kill.ts';
import { countOn, readOomCount } from '../../core/kill/oom-count.ts';
import type { OomCount } from '../../core/kill/oom-count.ts';
import { readPod } from '../../core/kill/pod.ts';
import type { RecordedRuns } from './replay-runs.ts';
import { hourMs } from '../../core/units/duration.ts';
import { limitAt } from '../../core/kill/limit-at.ts';

/**
 * What no status shows: kills of single processes, and what scrapes tell, counters of kernel kills and usage. The lines
 * of a recording may come in any order, so scrapes are kept until all lines were seen. Memory is proportional to the
 * changes of the counters and to the samples of usage.
 */
export interface SilentEvidence {
  readonly metric: (sample: Extract<RecordedLine, { readonly is: 'metric' }>, atMs: number) => void;
  /** The kill as the store would number it in its run. */
  readonly numbered: (kill: Kill) => Kill;
  /**
   * Whether this suspect was killed: a counter says so, or it stood at its limit when it was last scraped. Ask when all
   * lines were seen.
   */
  readonly shows: (suspect: Kill) => boolean;
  /** Kills of single processes that only a counter tells of, beside these kills. Ask when all lines were seen. */
  readonly counted: (cluster: string, kills: readonly Kill[]) => readonly Kill[];
}

interface Used {
  readonly atMs: number;
  readonly bytes: number;
}

/** What the kubelet evicts on and what the kernel charges: the larger one is what can reach a limit. */
const usageMetrics = new Set(['container_memory_working_set_bytes', 'container_memory_usage_bytes']);
/** An older sample says nothing about an end: scrapes are at most a minute apart. */
const freshMs = 120_000;

/** A counter of a run that began so long before it was first read counts from there. */
const lookBackMs = hourMs;
/** A counter that was read before the end of a run does not hold the kill that ended it; ends have whole seconds. */
const wholeSecondsMs = 2_000;

export function createSilentEvidence(runs: RecordedRuns): SilentEvidence {
  const counts = new Map<string, OomCount[]>();
  const usage = new Map<string, Used[]>();
  const named = new Map<string, string[]>();
  /** Needed for each suspect, so made once. */
  let byRun: ReadonlyMap<string, readonly OomCount[]> | null = null;

  function countsByRun(): ReadonlyMap<string, readonly OomCount[]> {
    byRun ??= groupedByRun();
    return byRun;
  }

  /** By the id of the run; scrapes without one belong to the only run there is, or cannot be assigned. */
  function groupedByRun(): ReadonlyMap<string, readonly OomCount[]> {
    const risen = [...counts.values()].filter((of) => of.some(({ value }) => value > 0)).flat();
    const ofRuns = risen.flatMap((count) => {
      const containerId = count.containerId ?? runs.onlyRun(count.namespace, count.pod, count.container);
      return containerId === null ? [] : { ...count, containerId };
    });
    return Map.groupBy(
      ofRuns.toSorted((a, b) => a.atMs - b.atMs),
      ({ containerId }) => containerId,
    );
  }

  function runOf(containerId: string): ContainerRun | null {
    const pod = readPod(runs.podOf(containerId));
    return pod === null ? null : findRun(pod, containerId);
  }

  function wasAtLimit({ kind, containerId, ...suspect }: Kill): boolean {
    const limitBytes = limitAt(suspect);
    if (kind !== 'container' || containerId === null || limitBytes === null) return false;
    const endedMs = killedAtMs(suspect) + 1_000;
    const before = (usage.get(bareContainerId(containerId)) ?? []).filter(
      ({ atMs }) => atMs <= endedMs && atMs >= endedMs - freshMs,
    );
    const lastMs = before.reduce((last, { atMs }) => Math.max(last, atMs), Number.NEGATIVE_INFINITY);
    return before.some(({ atMs, bytes }) => atMs === lastMs && isAtLimit(bytes, limitBytes));
  }

  return {
    metric: ({ name, labels, value }, atMs) => {
      const count = readOomCount(labels, value, atMs);
      if (count === null) return;
      const run = count.containerId ?? `${count.namespace}/${count.pod}/${count.container}`;
      if (name === 'container_oom_events_total') {
        // Of a counter that rose the 0 before it is kept too: it shows that the rise was seen.
        const known = kept(counts, run);
        if (known.at(-1)?.value !== value) known.push(count);
      } else if (usageMetrics.has(name)) {
        kept(usage, run).push({ atMs, bytes: value });
      }
    },
    numbered: (kill) => {
      const run = numberedRun(kill);
      if (run === null) return kill;
      if (kill.victim === undefined) return withNumber(kill, run, 1);
      const known = kept(named, run);
      if (!known.includes(kill.fingerprint)) known.push(kill.fingerprint);
      return withNumber(kill, run, known.indexOf(kill.fingerprint) + 1);
    },
    shows: (suspect) => {
      const run = suspect.kind === 'container' ? bareOrNull(suspect.containerId) : null;
      return (run !== null && countsByRun().has(run)) || wasAtLimit(suspect);
    },
    counted: (cluster, kills) => {
      const known = new Set(kills.map(({ fingerprint }) => fingerprint));
      const ends = new Map(
        kills
          .filter((kill) => !kill.suspect && kill.kind !== 'node' && numberedRun(kill) === null)
          .map((kill) => [bareOrNull(kill.containerId), kill.finishedAt === null ? -Infinity : killedAtMs(kill)]),
      );
      return [...countsByRun()].flatMap(([containerId, readings]) => {
        const run = runOf(containerId);
        const [first, last] = [readings[0], readings.at(-1)];
        if (run === null || first === undefined || last === undefined) return [];
        const isOld = Date.parse(runStatus(run).startedAt ?? '') < first.atMs - lookBackMs;
        const { total } = readings.reduce((so, { value }) => countOn(so, value), {
          last: isOld ? first.value : 0,
          total: 0,
        });
        const ownKills = last.atMs >= (ends.get(containerId) ?? Infinity) - wholeSecondsMs ? 1 : 0;
        return numbersOf(0, total, ownKills)
          .map((nth) => childFingerprint(cluster, containerId, nth))
          .filter((fingerprint) => !known.has(fingerprint))
          .map((fingerprint) =>
            childKill(run, { cluster, fingerprint, startedBeforeWatch: false, seenAtMs: last.atMs }),
          );
      });
    },
  };
}

function kept<Value>(all: Map<string, Value[]>, key: string): Value[] {
  const known = all.get(key) ?? [];
  all.set(key, known);
  return known;
}
