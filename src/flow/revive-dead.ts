import type { Trigger } from '../core/kill/trigger.ts';
import type { DeadLetters } from './needs.ts';

export interface ReviveNeeds {
  readonly dead: DeadLetters;
  readonly take: (trigger: Trigger) => Promise<void>;
  /** How many are kept now. */
  readonly onKept: (kept: number) => void;
  readonly onTaken: (taken: number) => void;
}

/**
 * Admits the dead letters that this version can read. Each `round` looks whether there are any, and at them at the
 * start, after a failure, and when one has been added: what this version cannot read it will never read. A round throws
 * what `take` or the store throws.
 */
export function createRevival({ dead, take, onKept, onTaken }: ReviveNeeds): { readonly round: () => Promise<void> } {
  let readUpTo: number | null = null;
  return {
    round: async () => {
      const { kept, ever } = await dead.count();
      onKept(kept);
      if (kept === 0 || ever === readUpTo) return;
      const taken = await dead.revive(take);
      readUpTo = ever;
      onKept(kept - taken);
      if (taken > 0) onTaken(taken);
    },
  };
}
