import type { RecordedLine } from '../../adapters/recording/recorded-line.ts';
import { isAtLimit } from '../../core/diagnose/judge-suspect.ts';
import { bareContainerId } from '../../core/kill/cgroup.ts';
import type { Detection } from '../../core/kill/detect/detection.ts';
import type { Detector } from '../../core/kill/detect/detector.ts';
import type { Kill } from '../../core/kill/kill.ts';
import { killedAtMs } from '../../core/kill/kill.ts';
import type { OomCount } from '../../core/kill/child/oom-count.ts';
import { readOomCount } from '../../core/kill/child/oom-count.ts';
import type { RecordedLives } from './replay-lives.ts';

/**
 * What scrapes tell: counters of kernel kills, and usage. It is about lives of containers, and the lines of a recording
 * may come in any order, so it is kept and told when all lines were seen. Memory is proportional to the changes of the
 * counters and to the samples of usage.
 */
export interface SilentEvidence {
  readonly metric: (sample: Extract<RecordedLine, { readonly is: 'metric' }>, atMs: number) => void;
  /** Ask when all lines were seen. */
  readonly tell: (detector: Detector) => readonly Detection[];
  /** Whether this suspect stood at its limit when it was last scraped. */
  readonly shows: (suspect: Kill) => boolean;
}

interface Used {
  readonly atMs: number;
  readonly bytes: number;
}

/** What the kubelet evicts on and what the kernel charges: the larger one is what can reach a limit. */
const usageMetrics = new Set(['container_memory_working_set_bytes', 'container_memory_usage_bytes']);
/** An older sample says nothing about an end: scrapes are at most a minute apart. */
const freshMs = 120_000;

export function createSilentEvidence(lives: RecordedLives): SilentEvidence {
  const counts = new Map<string, OomCount[]>();
  const usage = new Map<string, Used[]>();

  return {
    metric: ({ name, labels, value }, atMs) => {
      const count = readOomCount(labels, value, atMs);
      if (count === null) return;
      const life = count.containerId ?? `${count.namespace}/${count.pod}/${count.container}`;
      if (name === 'container_oom_events_total') {
        const known = kept(counts, life);
        if (known.at(-1)?.value !== value) known.push(count);
      } else if (usageMetrics.has(name)) {
        kept(usage, life).push({ atMs, bytes: value });
      }
    },
    tell: (detector) =>
      // Of a counter that rose, the 0 before it too: it tells a rise from what nobody saw.
      [...counts.values()]
        .filter((of) => of.some(({ value }) => value > 0))
        .flat()
        .toSorted((a, b) => a.atMs - b.atMs)
        .flatMap((count) => {
          const containerId = count.containerId ?? lives.onlyLife(count.namespace, count.pod, count.container);
          return containerId === null ? [] : detector.count({ ...count, containerId }, lives.podOf(containerId));
        }),
    shows: (suspect) => {
      const limitBytes = suspect.limitInForceBytes ?? suspect.limitBytes;
      if (suspect.kind !== 'container' || suspect.containerId === null || limitBytes === null) return false;
      const endedMs = killedAtMs(suspect) + 1_000;
      const before = (usage.get(bareContainerId(suspect.containerId)) ?? []).filter(
        ({ atMs }) => atMs <= endedMs && atMs >= endedMs - freshMs,
      );
      const lastMs = before.reduce((last, { atMs }) => Math.max(last, atMs), Number.NEGATIVE_INFINITY);
      return before.some(({ atMs, bytes }) => atMs === lastMs && isAtLimit(bytes, limitBytes));
    },
  };
}

function kept<Value>(all: Map<string, Value[]>, key: string): Value[] {
  const known = all.get(key) ?? [];
  all.set(key, known);
  return known;
}
