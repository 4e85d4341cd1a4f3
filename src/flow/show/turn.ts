import type { KillSwitch } from '../../core/approve/pause-change.ts';
import type { Incident, Loaded } from '../../core/incident/incident.ts';
import { movesWhole } from '../../core/talk/readers.ts';
import type { Line, Posting, ShowNeeds } from './needs.ts';
import { type Message, sendOnce, type Wait } from './send-once.ts';

/** An incident as it was read for one step. */
export interface Turn {
  readonly loaded: Loaded;
  /** At revision 0 if nothing was shown yet. */
  readonly posting: Posting;
  readonly killSwitch: KillSwitch;
  /** The first entry after the cursor. */
  readonly line: Line | undefined;
  /** Redis time, ms UTC. */
  readonly now: number;
  /** Monotonic ms. */
  readonly readAt: number;
}

/** Null if the incident no longer exists. */
export async function readTurn(
  id: string,
  { store, postings, now, channels }: Pick<ShowNeeds, 'store' | 'postings' | 'now' | 'channels'>,
): Promise<Turn | null> {
  const readAt = performance.now();
  const [loaded, stored, at, killSwitch] = await Promise.all([
    store.load(id),
    postings.read(id),
    now(),
    store.killSwitch(),
  ]);
  if (loaded === null) return null;
  const posting = stored ?? newPosting(channels.of(loaded.incident.trigger));
  const hasThread = posting.root !== null || isFolded(posting);
  const [line] = hasThread ? await store.entries(id, posting.shownEntry, 1) : [];
  return { loaded, posting, killSwitch, line, now: at, readAt };
}

/** Whether everything of an incident may be posted in this channel, which may be another than its own. */
export function isWholeIn(channel: string, { trigger }: Incident, { maySee }: ShowNeeds['channels']): boolean {
  return movesWhole(maySee(trigger, { channel, only: null }));
}

/** Sends one message of an incident, exactly once, and records it in its posting. */
export async function send(
  { loaded, posting, now }: Turn,
  message: Message<Posting>,
  mustHold: () => void,
  needs: ShowNeeds,
): Promise<Wait | null> {
  const { id } = loaded.incident;
  const { postings } = needs;
  const keeping = {
    read: async () => postings.read(id),
    write: async (next: Posting) => postings.write(id, next),
  };
  const trouble = (failure: unknown): void => needs.trouble(failure, { incident: id, channel: message.to.channel });
  return sendOnce(posting, message, { keeping, at: now }, { ...needs, mustHold, trouble });
}

/** The posting of an incident that was not shown yet. */
export function newPosting(channel: string): Posting {
  return {
    revision: 0,
    channel,
    root: null,
    claims: {},
    editable: true,
    shownVersion: 0,
    shownKills: 0,
    shownPause: 0,
    shownEntry: '0',
    fold: null,
    threaded: false,
    notice: null,
  };
}

/** Whether it is a line in a storm and nobody has opened it. */
export function isFolded({ root, fold }: Posting): boolean {
  return root === null && fold !== null && fold.openedBy === null;
}
