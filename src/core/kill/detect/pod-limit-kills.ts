import type { Exit } from './explain-exit.ts';
import { createRecent } from '../../units/recent.ts';

/**
 * Kills by a limit above the container's own (the pod's, the node's): the kernel counts such a kill for every
 * container below that limit, so a sibling that was never killed reads `OOMKilled` when it ends (recorded).
 */
export interface PodLimitKills {
  /** Remembers a kill, unless it was by the container's own limit. */
  readonly add: (kill: Exit) => void;
  /** Remembers a kill by a limit of all pods of a node: any container on it may read `OOMKilled` for it. */
  readonly addNode: (kill: { readonly node: string; readonly atMs: number }) => void;
  /** Whether somebody else was killed that way while this container ran. */
  readonly killedSibling: (exit: Exit) => boolean;
}

interface PodLimitKill {
  readonly container: string | null;
  readonly atMs: number;
}

/** `maxPods` and `maxPerPod` bound the memory. */
export function createPodLimitKills(maxPods = 2_000, maxPerPod = 20): PodLimitKills {
  const byPod = createRecent<readonly PodLimitKill[]>(maxPods);
  const byNode = createRecent<readonly PodLimitKill[]>(maxPods);

  return {
    add: ({ pod, container, termination }) => {
      const atMs = termination.finishedAtMs;
      const ownLimit = container.limitBytes;
      const byOwnLimit = ownLimit !== null && (pod.podLimitBytes === null || ownLimit < pod.podLimitBytes);
      if (atMs === null || byOwnLimit || pod.containers.length < 2) return;
      const kept = byPod.get(pod.uid) ?? [];
      byPod.set(pod.uid, [...kept, { container: container.name, atMs }].slice(-maxPerPod));
    },
    addNode: ({ node, atMs }) => {
      byNode.set(node, [...(byNode.get(node) ?? []), { container: null, atMs }].slice(-maxPerPod));
    },
    killedSibling: ({ pod, container, termination }) =>
      [...(byPod.get(pod.uid) ?? []), ...(byNode.get(pod.node ?? '') ?? [])].some(
        (kill) =>
          kill.container !== container.name &&
          kill.atMs >= (termination.startedAtMs ?? 0) &&
          kill.atMs <= (termination.finishedAtMs ?? Infinity),
      ),
  };
}
