import { bareContainerId } from '../../core/kill/cgroup.ts';
import type { PodView } from '../../core/kill/pod.ts';
import { versionOf } from './replay-order.ts';

/**
 * The lives of containers in a recording, each with the object of its pod that shows it best, whatever the order of the
 * lines. Memory is proportional to the lives.
 */
export interface RecordedLives {
  readonly see: (object: unknown, view: PodView, atMs: number) => void;
  /** The pod of this life; `containerId` without the runtime's scheme. */
  readonly podOf: (containerId: string) => unknown;
  /** The newest object of the pod with this uid, or with the hash that a static pod's cgroup has for one. */
  readonly newest: (uid: string) => unknown;
  /** The only life that a container of this name had; null where it had more, and nobody can say which is meant. */
  readonly onlyLife: (namespace: string, pod: string, container: string) => string | null;
}

interface Shown {
  readonly object: unknown;
  /** The life is the one that the status is about, not the one before. */
  readonly isPresent: boolean;
  readonly atMs: number;
}

export function createRecordedLives(): RecordedLives {
  const byLife = new Map<string, Shown>();
  const byUid = new Map<string, Shown>();
  const livesOf = new Map<string, Set<string>>();

  function show(shown: Map<string, Shown>, key: string, next: Shown): void {
    const known = shown.get(key);
    if (known === undefined || isBetter(next, known)) shown.set(key, next);
  }

  return {
    see: (object, view, atMs) => {
      show(byUid, view.uid, { object, isPresent: true, atMs });
      if (view.staticHash !== null) show(byUid, view.staticHash, { object, isPresent: true, atMs });
      for (const container of view.containers) {
        const lives = livesOf.get(nameOf(view.namespace, view.name, container.name)) ?? new Set();
        livesOf.set(nameOf(view.namespace, view.name, container.name), lives);
        for (const { containerId } of [container, ...container.terminations]) {
          if (containerId === null) continue;
          lives.add(bareContainerId(containerId));
          const isPresent = containerId === container.containerId;
          show(byLife, bareContainerId(containerId), { object, isPresent, atMs });
        }
      }
    },
    podOf: (containerId) => byLife.get(containerId)?.object,
    newest: (uid) => byUid.get(uid)?.object,
    onlyLife: (namespace, pod, container) => {
      const [life = null, ...others] = livesOf.get(nameOf(namespace, pod, container)) ?? [];
      return others.length === 0 ? life : null;
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
