import { counted } from './words.ts';

/** What became of a click for many incidents. */
export interface BulkCounts {
  /** It is as the click asked. */
  readonly done: number;
  /** It was so before the click. */
  readonly before: number;
  /** It was closed, or is not known any more. */
  readonly over: number;
  readonly refused: number;
  /** No worker has decided about it yet. */
  readonly waiting: number;
}

const verbs = { acknowledge: 'acknowledged', silence: 'snoozed' } as const;

/**
 * One sentence for whoever clicked: `38 of 40 incidents are acknowledged now; 1 was before, 1 is closed.` `reason`: why some were
 * refused, as a sentence; it may have `{0}` … for people.
 */
export function bulkSentence(action: keyof typeof verbs, counts: BulkCounts, reason: string | null): string {
  const { done, before, over, refused, waiting } = counts;
  const total = done + before + over + refused + waiting;
  const all = total === 1 ? 'The incident is' : `All ${total} incidents are`;
  const head =
    done === total
      ? `${all} ${verbs[action]} now`
      : `${done} of ${counted(total, 'incident')} ${done === 1 ? 'is' : 'are'} ${verbs[action]} now`;
  const parts = [
    before === 0 ? null : `${before} ${before === 1 ? 'was' : 'were'} before`,
    over === 0 ? null : `${over} ${over === 1 ? 'is' : 'are'} closed`,
    refused === 0 ? null : `${refused} ${refused === 1 ? 'was' : 'were'} refused`,
    waiting === 0 ? null : `${waiting} ${waiting === 1 ? 'waits' : 'wait'} for a worker, which decides when it is back`,
  ].filter((part) => part !== null);
  const sentence = `${head}${parts.length === 0 ? '' : `; ${parts.join(', ')}`}.`;
  return reason === null || refused === 0 ? sentence : `${sentence} ${reason}`;
}
