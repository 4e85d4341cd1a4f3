import { Failure } from '../../core/failure.ts';
import type { Loaded } from '../../core/incident/incident.ts';
import type { Line, Posting } from '../needs.ts';
import { createAdoption } from './adopt.ts';
import type { OpenRoot, ShowNeeds } from './needs.ts';
import { createOwnership } from './ownership.ts';
import { editRoot, firstRoot, forgetRoot } from './root.ts';
import { sayNext } from './say.ts';

/*
 * What is shown of an incident is brought up to what is stored, one call at a time, until there is nothing left:
 *
 *   no root yet                          -> first (root.ts), after a look for one to go on with (adopt.ts)
 *   next entry is for one person         -> answer, because somebody waits for it
 *   root older than the incident         -> edit, but not twice in a row while lines wait: kills never starve a thread
 *   entries behind the cursor            -> reply with the next (say.ts)
 *   else                                 -> settle
 *
 * Each call reads the state again when its turn in the lane comes, so that the newest state wins and announcement and
 * explanation merge where the first has not left yet. Nothing here is remembered that matters: after a crash the sweep
 * of what is due to be shown finds the incident again.
 */
export type Shown =
  | { readonly is: 'shown' }
  /** Comes back by itself: the incident is due again at `until` (ms UTC). */
  | { readonly is: 'postponed'; readonly until: number; readonly because: unknown };

export interface Show {
  /**
   * Resolves when the incident is shown as it is stored, or was postponed. Calls for the same incident are one.
   * @throws Failure where Redis could not be reached.
   */
  readonly show: (incident: string) => Promise<Shown>;
}

const DEAD_CHANNEL = ['slack-archived', 'slack-not-in-channel', 'slack-no-such-channel', 'slack-missing-scope'];
const MOST_DOUBLINGS = 6;

type Next = 'first' | 'answer' | 'edit' | 'reply' | 'settle' | 'gone';

interface Running {
  /** Somebody asked again meanwhile. */
  again: boolean;
  shown: Promise<Shown>;
}

export function createShow(needs: ShowNeeds): Show {
  const ownership = createOwnership(needs.postings);
  const adoption = createAdoption(needs);
  const running = new Map<string, Running>();
  const failures = new Map<string, number>();
  const deadChannels = new Set<string>();

  const step = async (id: string, channel: string, next: Next, lost: readonly OpenRoot[]): Promise<Shown | null> => {
    switch (next) {
      case 'first': {
        const done = await needs.lanes.run(channel, 'first', async () => firstRoot(id, lost, needs, ownership));
        if (done.is === 'again') return null;
        await needs.postings.postpone(id, done.until);
        return { is: 'postponed', until: done.until, because: null };
      }
      case 'edit':
        await needs.lanes.run(channel, 'edit', async () => editRoot(id, needs, ownership));
        return null;
      case 'answer':
      case 'reply':
        await needs.lanes.run(channel, next, async () => sayNext(id, needs, ownership));
        return null;
      case 'settle':
        return (await needs.postings.settle(id)) ? { is: 'shown' } : null;
      case 'gone':
        await needs.postings.settle(id);
        return { is: 'shown' };
    }
  };

  const run = async (id: string): Promise<Shown> => {
    let edited = false;
    for (;;) {
      const loaded = await needs.store.load(id);
      const posting = await needs.postings.read(id);
      const [line] =
        posting === null || posting.ts === null ? [] : await needs.store.entries(id, posting.shownEntry, 1);
      const next = nextOf(loaded, posting, line, edited);
      const channel = posting?.channel ?? (loaded === null ? '' : needs.channelOf(loaded.incident));
      try {
        const lost = loaded === null || posting !== null ? [] : await adoption.find(loaded, channel);
        const done = await step(id, channel, next, lost);
        failures.delete(id);
        deadChannels.delete(channel);
        if (done !== null) return done;
      } catch (failure) {
        const done = await afterFailure(id, channel, failure);
        if (done !== null) return done;
      }
      edited = next === 'edit';
    }
  };

  /** Null to go on at once. */
  const afterFailure = async (id: string, channel: string, failure: unknown): Promise<Shown | null> => {
    const code = failure instanceof Failure ? failure.code : '';
    if (code === 'slack-message-gone') {
      await forgetRoot(id, needs);
      return null;
    }
    if (code.startsWith('redis-')) throw failure;
    if (code === 'lanes-closed') return { is: 'postponed', until: await needs.now(), because: failure };
    const dead = DEAD_CHANNEL.includes(code);
    const count = failures.get(id) ?? 0;
    failures.set(id, count + 1);
    if (code !== 'lane-taken' && (!dead || !deadChannels.has(channel)))
      needs.trouble(failure, { incident: id, channel });
    if (dead) deadChannels.add(channel);
    const { retryMs, deadChannelMs } = needs.settings;
    const until = (await needs.now()) + (dead ? deadChannelMs : retryMs * 2 ** Math.min(count, MOST_DOUBLINGS));
    await needs.postings.postpone(id, until);
    return { is: 'postponed', until, because: failure };
  };

  return {
    show: async (id) => {
      const current = running.get(id);
      if (current !== undefined) {
        current.again = true;
        return current.shown;
      }
      const started: Running = { again: false, shown: Promise.resolve({ is: 'shown' }) };
      started.shown = (async () => {
        try {
          for (;;) {
            started.again = false;
            const shown = await run(id);
            if (!started.again || shown.is === 'postponed') return shown;
          }
        } finally {
          running.delete(id);
        }
      })();
      running.set(id, started);
      return started.shown;
    },
  };
}

/** Somebody who waits for an answer comes before everything but the root itself. */
function nextOf(loaded: Loaded | null, posting: Posting | null, line: Line | undefined, edited: boolean): Next {
  if (loaded === null) return 'gone';
  if (posting === null || posting.ts === null) return 'first';
  if (line?.entry.audience.to === 'person') return 'answer';
  const behind = posting.shownVersion < loaded.incident.version || posting.shownKills < loaded.tally.count;
  if (behind && !(edited && line !== undefined)) return 'edit';
  return line === undefined ? 'settle' : 'reply';
}
