import type { Kill } from '../../core/kill/kill.ts';
import type { PodView } from '../../core/kill/pod.ts';

/** Where the watch on each pod begins: memory is proportional to the pods of the recording. */
export interface Beginnings {
  /** A line about a pod; `atMs` is ms UTC. Lines may come in any order. */
  readonly see: (type: string, pod: PodView, atMs: number) => void;
  /**
   * Whether this kill happened before the watch: the first line of its pod shows it already, and that line comes from
   * the initial list (`ADDED`), or the kill is older than everything in the recording. Ask when all lines were seen.
   */
  readonly isBeforeWatch: (kill: Kill) => boolean;
}

interface FirstLine {
  readonly atMs: number;
  readonly isListed: boolean;
  readonly ends: ReadonlySet<string>;
}

export function createBeginnings(): Beginnings {
  const firstOfPod = new Map<string, FirstLine>();
  let beginsMs = Number.POSITIVE_INFINITY;

  return {
    see: (type, pod, atMs) => {
      beginsMs = Math.min(beginsMs, atMs);
      const known = firstOfPod.get(pod.uid);
      if (known !== undefined && known.atMs <= atMs) return;
      firstOfPod.set(pod.uid, { atMs, isListed: type === 'ADDED', ends: endsOf(pod) });
    },
    isBeforeWatch: (kill) => {
      const first = firstOfPod.get(kill.podUid);
      if (first?.ends.has(nameOfEnd(kill.subject.container, kill)) !== true) return false;
      return first.isListed || (kill.finishedAt !== null && Date.parse(kill.finishedAt) + 1000 <= beginsMs);
    },
  };
}

function endsOf(pod: PodView): ReadonlySet<string> {
  const ends = pod.containers.flatMap(({ name, terminations }) => terminations.map((end) => nameOfEnd(name, end)));
  return new Set(pod.phase === 'Failed' ? [...ends, EVICTION] : ends);
}

const EVICTION = 'eviction';

function nameOfEnd(container: string | null, end: Pick<Kill, 'containerId' | 'startedAt' | 'finishedAt'>): string {
  return container === null ? EVICTION : [container, end.containerId ?? end.startedAt, end.finishedAt].join('|');
}
