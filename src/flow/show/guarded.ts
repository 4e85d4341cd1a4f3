import { Failure } from '../../core/failure.ts';
import { cannotShowEntry } from '../../core/incident/set-aside.ts';
import type { Chat, Content, ShowNeeds } from './needs.ts';
import type { Wait } from './send-once.ts';
import type { Turn } from './turn.ts';

/*
 * Rendering is where one incident can end the bot. That it is being rendered is noted in Redis for as long as that takes,
 * not until the chat has answered: a bot that is killed while it waits says nothing about the incident. So the next
 * process sees what the last one was in the middle of. It shows those one at a time, in all channels, and after three
 * ends in a row sets the incident aside and says so in its place; all others go on.
 */
export interface Guarded {
  /** The chat, with what it renders noted. */
  readonly chat: Chat;
  /** Does `work`, which may render this incident. */
  readonly marked: <T>(incident: string, work: () => Promise<T>) => Promise<T>;
  /** Runs `work` about an incident; null to look again at once, a time if it is set aside. */
  readonly run: (turn: Turn, work: () => Promise<Wait | null>, mustHold: () => void) => Promise<Wait | null>;
  /** Runs `work` at once, or after the other incidents that a process ended with, if this is one of them. */
  readonly inOrder: <T>(incident: string, work: () => Promise<T>) => Promise<T>;
}

export function createGuarded({ postings, chat, trouble }: Pick<ShowNeeds, 'postings' | 'chat' | 'trouble'>): Guarded {
  const suspects = new Set<string>();
  let last: Promise<unknown> = Promise.resolve();

  /** NOTE: a chat that is away at that moment must not hide an incident for a day, so it is said when it is back. */
  const setAside = async ({ loaded, posting, now }: Turn, mustHold: () => void): Promise<void> => {
    const { incident } = loaded;
    const { channel, root } = posting;
    const line = { id: 'set-aside', entry: cannotShowEntry(incident.id, now) };
    try {
      mustHold();
      await chat.post({ channel, below: root, only: null }, { of: 'entry', line, incident });
    } catch (failure) {
      await postings.asideUntold(incident.id);
      throw failure;
    }
    trouble(new Failure('set-aside', 'Three processes in a row ended while they showed it'), {
      incident: incident.id,
      channel,
    });
  };

  const marked: Guarded['marked'] = async (id, work) => {
    const token = await postings.markShowing(id);
    const working = work();
    // A call renders before it waits for anything.
    setImmediate(() => {
      suspects.delete(id);
      postings.unmarkShowing(id, token).catch(() => undefined);
    });
    return working;
  };

  const rendered = async <T>(content: Content, work: () => Promise<T>): Promise<T> => {
    const id = incidentOf(content);
    return id === null ? work() : marked(id, work);
  };

  return {
    chat: {
      ...chat,
      post: async (to, content) => rendered(content, async () => chat.post(to, content)),
      edit: async (place, content) => rendered(content, async () => chat.edit(place, content)),
    },
    marked,
    run: async (turn, work, mustHold) => {
      const { id } = turn.loaded.incident;
      const may = await postings.mayShow(id, suspects.has(id));
      switch (may.is) {
        case 'may':
          return work();
        case 'suspect':
          suspects.add(id);
          return null;
        case 'set-aside':
          suspects.delete(id);
          if (may.isNews) await setAside(turn, mustHold);
          return { until: may.until };
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

function incidentOf(content: Content): string | null {
  switch (content.of) {
    case 'incident':
    case 'state':
      return content.loaded.incident.id;
    case 'entry':
      return content.incident.id;
    default:
      return null;
  }
}
