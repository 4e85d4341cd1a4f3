import { stormHash } from '../../core/incident/storm.ts';
import type { Place } from '../needs.ts';
import { hasCode, mayHaveHappened } from './chat-failure.ts';
import type { Storm } from './needs.ts';
import { NEVER_SENT_AT } from './move.ts';
import type { RootStep } from './root.ts';
import type { StormShowNeeds } from './storm.ts';

/*
 * Exactly one root per storm, as for an incident (root.ts): claim by compare-and-set -> post -> record where it stands.
 * What was claimed and not recorded is searched for by its metadata, twice, before it is posted again.
 */
/** Slack's clock and Redis' may differ by this much, ms. */
const SKEW_MS = 5 * 60_000;

/** Every function runs inside the channel's lane, except `forget` and `move`. */
export interface StormRoot {
  readonly first: (id: string) => Promise<RootStep>;
  readonly edit: (id: string) => Promise<void>;
  /** Somebody deleted the root in Slack: another one is posted, with lists of its own. */
  readonly forget: (id: string) => Promise<void>;
  /** Its channel can no longer be written to: it goes on in the fallback channel, and says why. */
  readonly move: (id: string, because: string) => Promise<void>;
}

const gone = { state: 'claimed' as const, claimedAt: NEVER_SENT_AT, ts: null, editable: true, pages: [] };

export function createStormRoot({ storms, chat, now, settings, channels }: StormShowNeeds): StormRoot {
  const { fallback } = channels;

  const post = async (before: Storm): Promise<RootStep> => {
    const { id, channel } = before;
    const claim = { ...before, state: 'claimed' as const, claimedAt: await now() };
    if (!(await storms.write(id, before.revision, claim))) return { is: 'again' };
    const claimed = before.revision + 1;
    const members = await storms.members(id);
    let root: Place;
    try {
      root = await chat.postStorm(channel, { id, members, moved: before.moved, away: before.away });
    } catch (failure) {
      const claimedAt = mayHaveHappened(failure) ? await now() : NEVER_SENT_AT;
      await storms.write(id, claimed, { ...claim, claimedAt });
      throw failure;
    }
    const shown = { shown: stormHash(members), shownAt: await now() };
    const posted = { ...claim, ...shown, state: 'posted' as const, ts: root.ts, channel: root.channel };
    if (!(await storms.write(id, claimed, posted))) await withdraw(id, root);
    return { is: 'again' };
  };

  /** We were so slow that another bot took the claim over: one of the two roots goes. */
  const withdraw = async (id: string, mine: Place): Promise<void> => {
    const found = await storms.read(id);
    if (found === null || found.storm.ts === mine.ts) return;
    const { storm } = found;
    if (storm.ts !== null) {
      await chat.remove(mine);
      return;
    }
    // The other one is not recorded yet; who records too late finds itself here.
    const next = { ...storm, state: 'posted' as const, ts: mine.ts, shown: '' };
    if (!(await storms.write(id, storm.revision, next))) await withdraw(id, mine);
  };

  return {
    first: async (id) => {
      const found = await storms.read(id);
      if (found === null || found.storm.ts !== null) return { is: 'again' };
      const { storm } = found;
      if (storm.state === 'open') return post(storm);
      const [oldest, ...younger] = await chat.findStorms(storm.channel, id, storm.openedAt - SKEW_MS);
      if (oldest !== undefined) {
        const { ts } = oldest;
        // What it shows is not known: it is edited next.
        await storms.write(id, storm.revision, { ...storm, state: 'posted', ts, shown: '', shownAt: storm.claimedAt });
        for (const double of younger) await chat.remove(double);
        return { is: 'again' };
      }
      const searchAgainAt = storm.claimedAt + settings.searchAgainMs;
      return (await now()) < searchAgainAt ? { is: 'wait', until: searchAgainAt } : post(storm);
    },

    edit: async (id) => {
      const found = await storms.read(id);
      if (found === null || found.storm.ts === null) return;
      const { storm } = found;
      const root = { channel: storm.channel, ts: found.storm.ts };
      const members = await storms.members(id);
      let editable = true;
      try {
        await chat.editStorm(root, { id, members, moved: storm.moved, away: storm.away });
      } catch (failure) {
        if (!hasCode(failure, 'chat-edit-closed')) throw failure;
        editable = false;
        await chat.sayStormContinues(root, id);
      }
      const shown = { shown: stormHash(members), shownAt: await now() };
      await storms.write(id, storm.revision, { ...storm, ...shown, editable });
    },

    forget: async (id) => {
      const found = await storms.read(id);
      if (found === null || found.storm.ts === null) return;
      const { storm } = found;
      await storms.write(id, storm.revision, { ...storm, ...gone });
    },

    move: async (id, because) => {
      const found = await storms.read(id);
      if (found === null || found.storm.channel === fallback) return;
      const { storm } = found;
      await storms.write(id, storm.revision, { ...storm, ...gone, channel: fallback, moved: because });
    },
  };
}
