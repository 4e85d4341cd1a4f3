import type { Exit } from './explain-exit.ts';
import { createRecent } from '../../units/recent.ts';

/**
 * Restarts of containers that nobody saw. The status shows only the last end, so a restartCount that went up by more than
 * one says that there were others, but not how they ended (container restart rules raise it too). A number with unseen
 * restarts is only ever called a lower bound.
 */
export interface UnseenRestarts {
  /** How many ends between this one and the one seen before it were not seen; the same for the same end. */
  readonly see: (exit: Exit) => number;
}

interface Seen {
  /** Which run of the container ended last, from 0. */
  readonly run: number;
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
      const run = runOf(exit);
      if (before !== undefined && run <= before.run) return 0;
      const unseen = run - (before?.run ?? -1) - 1;
      byContainer.set(key, { run, end, unseen });
      return unseen;
    },
  };
}

/** Of `state` the count is that of the run that ended; `lastState` was one run earlier. */
function runOf({ container, termination }: Exit): number {
  const isPresent = container.stopped && container.terminations.at(-1) === termination;
  return isPresent ? container.restartCount : Math.max(0, container.restartCount - 1);
}
