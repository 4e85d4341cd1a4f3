import { Failure } from '../../core/failure.ts';
import { cannotShowEntry } from '../../core/incident/set-aside.ts';
import type { Showing, ShowNeeds } from './needs.ts';
import type { Wait } from './send-once.ts';
import type { Turn } from './turn.ts';

/*
 * Rendering is where one incident can end the bot. Each call that renders one is noted in Redis until it has ended, so
 * that the next process sees what the last one was in the middle of. It shows those one at a time, in all channels, and
 * after three ends in a row sets the incident aside and says so in its place; all others go on.
 */
export interface Guarded {
  /** Runs `work` about an incident; null to look again at once, a time if it is set aside. */
  readonly run: (turn: Turn, work: () => Promise<Wait | null>, mustHold?: () => void) => Promise<Wait | null>;
  /** Runs `work` at once, or after the other incidents that a process ended with, if this is one of them. */
  readonly inOrder: <T>(incident: string, work: () => Promise<T>) => Promise<T>;
}

export function createGuarded(needs: Pick<ShowNeeds, 'postings' | 'chat' | 'trouble'>): Guarded {
  const suspects = new Set<string>();
  let last: Promise<unknown> = Promise.resolve();

  const setAside = async ({ loaded, posting, now }: Turn): Promise<void> => {
    const { incident } = loaded;
    const { channel, root } = posting;
    needs.trouble(new Failure('set-aside', 'Three processes in a row ended while they showed it'), {
      incident: incident.id,
      channel,
    });
    const line = { id: 'set-aside', entry: cannotShowEntry(incident.id, now) };
    await needs.chat.post({ channel, below: root, only: null }, { of: 'entry', line, incident });
  };

  /** Nobody waits until it is noted: what comes next goes the same way to Redis. */
  const finished = async (
    id: string,
    { finish }: Extract<Showing, { is: 'begun' }>,
    work: () => Promise<Wait | null>,
  ): Promise<Wait | null> => {
    let isDone = false;
    try {
      const wait = await work();
      isDone = wait === null;
      return wait;
    } finally {
      if (isDone) suspects.delete(id);
      finish(isDone).catch(() => undefined);
    }
  };

  return {
    run: async (turn, work, mustHold = () => undefined) => {
      const { id } = turn.loaded.incident;
      const attempt = await needs.postings.begin(id, suspects.has(id));
      switch (attempt.is) {
        case 'suspect':
          suspects.add(id);
          return null;
        case 'set-aside':
          suspects.delete(id);
          mustHold();
          if (attempt.isNews) await setAside(turn);
          return { until: attempt.until };
        case 'begun':
          return finished(id, attempt, work);
      }
    },
    inOrder: async (id, work) => {
      if (!suspects.has(id)) return work();
      const mine = last.then(work);
      last = mine.catch(() => undefined);
      return mine;
    },
  };
}
