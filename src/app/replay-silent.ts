import type { RecordedLine } from '../adapters/recording/recorded-line.ts';
import { isAtLimit } from '../core/diagnose/judge-suspect.ts';
import { bareContainerId } from '../core/kill/cgroup.ts';
import type { Detection } from '../core/kill/detection.ts';
import type { Detector } from '../core/kill/detector.ts';
import { record, text } from '../core/kill/json-read.ts';
import type { Kill } from '../core/kill/kill.ts';
import { killedAtMs } from '../core/kill/kill.ts';
import type { OomCount } from '../core/kill/oom-count.ts';
import { readOomCount } from '../core/kill/oom-count.ts';

/**
 * What no pod's status shows: counters of kernel kills, messages about nodes, usage. All of it is about some pod, and
 * the lines of a recording may come in any order, so it is kept and told when all lines were seen. Memory is
 * proportional to the pods, and to the changes of their counters.
 */
export interface SilentEvidence {
  readonly pod: (object: unknown) => void;
  /** The object of a pod that was seen. */
  readonly podOf: (uid: string) => unknown;
  /** A Node's Event about a pod that was not seen yet. */
  readonly report: (type: string, object: unknown, atMs: number) => void;
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

export function createSilentEvidence(): SilentEvidence {
  const byUid = new Map<string, unknown>();
  const byName = new Map<string, unknown>();
  const counts = new Map<string, OomCount[]>();
  const usage = new Map<string, Used[]>();
  const reports: { readonly type: string; readonly object: unknown; readonly atMs: number }[] = [];

  return {
    pod: (object) => {
      const { managedFields: _, ...metadata } = record(record(object)['metadata']);
      const slim = { ...record(object), metadata };
      byUid.set(text(metadata['uid']) ?? '', slim);
      byName.set(nameOf(text(metadata['namespace']), text(metadata['name'])), slim);
    },
    podOf: (uid) => byUid.get(uid),
    report: (type, object, atMs) => {
      reports.push({ type, object, atMs });
    },
    metric: ({ name, labels, value }, atMs) => {
      const count = readOomCount(labels, value, atMs);
      if (count === null) return;
      const life = count.containerId ?? nameOf(count.namespace, `${count.pod}/${count.container}`);
      if (name === 'container_oom_events_total') {
        const known = counts.get(life) ?? [];
        if (known.at(-1)?.value !== value) counts.set(life, [...known, count]);
      } else if (usageMetrics.has(name)) {
        usage.set(life, [...(usage.get(life) ?? []), { atMs, bytes: value }]);
      }
    },
    tell: (detector) => [
      ...reports
        .toSorted((a, b) => a.atMs - b.atMs)
        .flatMap(({ type, object, atMs }) => detector.event(type, object, { atMs }, (uid) => byUid.get(uid))),
      ...[...counts.values()]
        .flat()
        .toSorted((a, b) => a.atMs - b.atMs)
        .flatMap((count) => detector.count(count, byName.get(nameOf(count.namespace, count.pod)))),
    ],
    shows: (suspect) => {
      const limitBytes = suspect.limitInForceBytes ?? suspect.limitBytes;
      if (suspect.kind !== 'container' || suspect.containerId === null || limitBytes === null) return false;
      const endedMs = killedAtMs(suspect) + 1_000;
      const before = (usage.get(bareContainerId(suspect.containerId)) ?? []).filter(
        ({ atMs }) => atMs <= endedMs && atMs >= endedMs - freshMs,
      );
      const lastMs = Math.max(...before.map(({ atMs }) => atMs));
      return before.some(({ atMs, bytes }) => atMs === lastMs && isAtLimit(bytes, limitBytes));
    },
  };
}

function nameOf(namespace: string | null, name: string | null): string {
  return `${namespace ?? ''}/${name ?? ''}`;
}
