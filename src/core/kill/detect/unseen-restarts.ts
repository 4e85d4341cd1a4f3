import type { Exit } from './explain-exit.ts';
import { createRecent } from '../recent.ts';

/**
 * Restarts of containers that nobody saw: the status shows the last end alone, so that a restartCount which has gone up
 * by more than one says that there were others, and not how they ended (container restart rules raise it too). What is
 * counted from them is only ever called a lower bound.
 */
export interface UnseenRestarts {
  /** An end was seen; how many between it and the one before were not. The same end again has the same answer. */
  readonly see: (exit: Exit) => number;
}

interface Seen {
  /** Which life of the container ended last, from 0. */
  readonly life: number;
  readonly end: string;
  readonly unseen: number;
}

/** `max` containers are remembered. */
export function createUnseenRestarts(max: number): UnseenRestarts {
  const byContainer = createRecent<Seen>(max);

  return {
    see: (exit) => {
      const { pod, container, termination } = exit;
      const key = `${pod.uid}/${container.name}`;
      const end = termination.containerId ?? termination.finishedAt ?? '';
      const before = byContainer.get(key);
      if (before?.end === end) return before.unseen;
      const life = lifeOf(exit);
      if (before !== undefined && life <= before.life) return 0;
      const unseen = life - (before?.life ?? -1) - 1;
      byContainer.set(key, { life, end, unseen });
      return unseen;
    },
  };
}

/** Of `state` the count is that of the life that ended; `lastState` was one life earlier. */
function lifeOf({ container, termination }: Exit): number {
  const isPresent = container.stopped && container.terminations.at(-1) === termination;
  return isPresent ? container.restartCount : Math.max(0, container.restartCount - 1);
}
