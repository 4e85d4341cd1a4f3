import { bareContainerId } from '../../core/kill/cgroup.ts';
import type { PodView } from '../../core/kill/pod.ts';
import { versionOf } from './replay-order.ts';

/**
 * The runs of containers in a recording, each with the object of its pod that shows it best, whatever the order of the
 * lines. Memory is proportional to the runs.
 */
export interface RecordedRuns {
  readonly see: (object: unknown, view: PodView, atMs: number) => void;
  /** The pod of this run; `containerId` without the runtime's scheme. */
  readonly podOf: (containerId: string) => unknown;
  /** The newest object of the pod with this uid, or with the hash that a static pod's cgroup has for one. */
  readonly newest: (uid: string) => unknown;
  /** The only run that a container of this name had; null where it had more, and nobody can say which is meant. */
  readonly onlyRun: (namespace: string, pod: string, container: string) => string | null;
}

interface Shown {
  readonly object: unknown;
  /** The run is the one that the status is about, not the one before. */
  readonly isPresent: boolean;
  readonly atMs: number;
}

export function createRecordedRuns(): RecordedRuns {
  const byRun = new Map<string, Shown>();
  const byUid = new Map<string, Shown>();
  const runsOf = new Map<string, Set<string>>();

  function show(shown: Map<string, Shown>, key: string, next: Shown): void {
    const known = shown.get(key);
    if (known === undefined || isBetter(next, known)) shown.set(key, next);
  }

  return {
    see: (object, view, atMs) => {
      show(byUid, view.uid, { object, isPresent: true, atMs });
      if (view.staticHash !== null) show(byUid, view.staticHash, { object, isPresent: true, atMs });
      for (const container of view.containers) {
        const runs = runsOf.get(nameOf(view.namespace, view.name, container.name)) ?? new Set();
        runsOf.set(nameOf(view.namespace, view.name, container.name), runs);
        for (const { containerId } of [container, ...container.terminations]) {
          if (containerId === null) continue;
          runs.add(bareContainerId(containerId));
          const isPresent = containerId === container.containerId;
          show(byRun, bareContainerId(containerId), { object, isPresent, atMs });
        }
      }
    },
    podOf: (containerId) => byRun.get(containerId)?.object,
    newest: (uid) => byUid.get(uid)?.object,
    onlyRun: (namespace, pod, container) => {
      const [run = null, ...others] = runsOf.get(nameOf(namespace, pod, container)) ?? [];
      return others.length === 0 ? run : null;
    },
  };
}

function isBetter(next: Shown, known: Shown): boolean {
  if (next.isPresent !== known.isPresent) return next.isPresent;
  return next.atMs > known.atMs || (next.atMs === known.atMs && versionOf(next.object) >= versionOf(known.object));
}

function nameOf(namespace: string | null, pod: string, container: string): string {
  return JSON.stringify([namespace, pod, container]);
}
