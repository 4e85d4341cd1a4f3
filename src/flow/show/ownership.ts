import { createRecent } from '../../core/units/recent.ts';
import type { Posting, Postings } from '../needs.ts';

/** More incidents than a bot shows at a time; forgetting one costs a look into its thread, nothing else. */
const REMEMBERED = 5000;

/**
 * In which threads this process knows that nobody has sent what is not recorded. Another process (or this one before a
 * crash) may have sent a reply and died before it moved the cursor. So a process that meets a posting which it did not
 * write last first writes it once, unchanged, and then looks into the thread; from then on, while the revision stays its
 * own, nobody else has sent.
 */
export interface Ownership {
  readonly has: (id: string, posting: Posting) => boolean;
  /** Whether this process has sent anything about an incident lately. */
  readonly knows: (id: string) => boolean;
  /** Writes by compare-and-set; the posting as it is now, or null when somebody was faster. What was owned stays so. */
  readonly write: (id: string, before: Posting | null, next: Omit<Posting, 'revision'>) => Promise<Posting | null>;
  /** After looking into the thread, or when there is nothing in it yet. */
  readonly take: (id: string, posting: Posting) => void;
  /** After a call that may have happened: look before the next. */
  readonly drop: (id: string) => void;
}

export function createOwnership(postings: Pick<Postings, 'write'>): Ownership {
  const revisions = createRecent<number>(REMEMBERED);

  const has: Ownership['has'] = (id, posting) => revisions.get(id) === posting.revision;

  const take: Ownership['take'] = (id, posting) => {
    revisions.set(id, posting.revision);
  };

  return {
    has,
    knows: (id) => revisions.get(id) !== undefined,
    take,
    write: async (id, before, next) => {
      const owned = before !== null && has(id, before);
      revisions.delete(id);
      if (!(await postings.write(id, before?.revision ?? null, next))) return null;
      const written = { ...next, revision: (before?.revision ?? 0) + 1 };
      if (owned) take(id, written);
      return written;
    },
    drop: (id) => {
      revisions.delete(id);
    },
  };
}
