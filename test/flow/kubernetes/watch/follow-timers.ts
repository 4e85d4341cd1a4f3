import { AsyncLocalStorage, createHook } from 'node:async_hooks';

export interface Timers {
  /** Calls it, and follows the timers that it and all that it has started set, also those that it sets later. */
  readonly within: <T>(run: () => T) => T;
  /** How many of them are still to come. */
  readonly pending: () => number;
  readonly end: () => void;
}

/** Tells timers of what is tested from those that the test run itself sets, which come and go as the machine is busy. */
export function followTimers(): Timers {
  const inside = new AsyncLocalStorage<true>();
  const set = new Set<number>();
  const hook = createHook({
    init: (id, type) => {
      if (type === 'Timeout' && inside.getStore()) set.add(id);
    },
    destroy: (id) => set.delete(id),
  }).enable();
  return {
    within: (run) => inside.run(true, run),
    pending: () => set.size,
    end: () => hook.disable(),
  };
}
