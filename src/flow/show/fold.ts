import { Failure } from '../../core/failure.ts';
import type { Loaded } from '../../core/incident/incident.ts';
import { stormId, stormMember, type OwnThread } from '../../core/incident/storm.ts';
import type { Place } from '../../core/talk/place.ts';
import { shortHash } from '../../core/units/short-hash.ts';
import { hasCode } from './chat-failure.ts';
import type { Fold, Opening, Posting, ShowNeeds } from './needs.ts';
import { answer, isAfter } from './say.ts';
import type { Wait } from './send-once.ts';
import { isFolded, newPosting, type Turn } from './turn.ts';
import { minuteMs } from '../../core/units/duration.ts';

/*
 * A folded incident has no root, but a line in a storm:
 *
 *   a storm is filling, or a flood began          -> posting with the storm's id and without a root, by compare-and-set
 *   the storm's copy is out of date              -> updated, and that is recorded
 *   entries after the cursor                     -> answers to people are shown to them alone, all others are skipped
 *   somebody opens it                            -> the posting records who; cursor at the start: root and thread
 *                                                   follow as usual, and the storm's copy says where they are
 *
 * The posting is written first, then the storm: after a crash in between the incident is still due, and the next
 * process updates the storm. So an incident is never in two storms, and never both folded and posted by mistake.
 *
 * A storm takes in everything that comes within `pourMs` of the last incident that was folded into it. Until `openMs`
 * after that it also takes in the next flood, but single incidents get roots of their own again, because nobody notices
 * a line in an old thread. Then it is over, and the next flood is a new storm. Incidents are never moved from one storm
 * to another.
 *
 * If Redis is lost, so are the storm and its folded incidents; its root stays in the channel. It is not the root of an
 * incident, so nothing adopts it (lost-roots.ts), and the next kill of each of its workloads gets a root or a line in a
 * new storm.
 */
const POUR_MS = 30_000;
const OPEN_MS = 10 * minuteMs;

/** Rendering reads all of them; more incidents than this start another storm. */
export const MOST_MEMBERS = 2_000;
const PASSED_AT_ONCE = 100;

/** Whether the newest storm of the channel takes in everything at the moment. `now` is Redis time, ms UTC. */
export async function isPouring(channel: string, now: number, { storms, flood }: ShowNeeds): Promise<boolean> {
  if (flood.isOff) return false;
  const newest = await storms.newest(channel);
  return newest !== null && newest.size < MOST_MEMBERS && now < newest.foldedAt + POUR_MS;
}

/** Folds an incident without a posting into the storm of the channel's flood; another process may be faster. */
export async function foldIntoFlood(loaded: Loaded, needs: ShowNeeds): Promise<void> {
  const storm = await openStorm(needs.channels.of(loaded.incident.trigger), loaded.incident.id, needs);
  await foldInto(storm, loaded, needs);
}

/** Folds an incident without a posting into this storm; another process may be faster. */
export async function foldInto(storm: string, { incident }: Loaded, needs: ShowNeeds): Promise<void> {
  const fold = { storm, told: '', answered: '0', openedBy: null };
  await needs.postings.write(incident.id, { ...newPosting(needs.channels.of(incident.trigger)), fold });
}

/** Whether the storm's copy of this incident is out of date. */
export function stormIsBehind(loaded: Loaded, posting: Posting): boolean {
  const { fold } = posting;
  return fold !== null && fold.told !== reportOf(loaded, ownThread(posting, fold));
}

/** Updates the storm's copy of an incident. If the storm is gone, the incident continues without it. */
export async function reportToStorm({ loaded, posting }: Turn, needs: ShowNeeds): Promise<void> {
  const { fold } = posting;
  if (fold === null) return;
  const { id, version } = loaded.incident;
  const own = ownThread(posting, fold);
  const told = reportOf(loaded, own);
  if (fold.told !== told && !(await needs.storms.fold(fold.storm, stormMember(loaded, own)))) {
    const alone = isFolded(posting) ? unshown(posting) : posting;
    await needs.postings.write(id, { ...alone, fold: null });
    return;
  }
  const shown = isFolded(posting) ? { shownVersion: version, shownKills: loaded.tally.count } : {};
  await needs.postings.write(id, { ...posting, ...shown, fold: { ...fold, told } });
  if (fold.told !== told) needs.showStorm(fold.storm);
}

/** Skips the entries of a folded incident up to the first answer to a person, and sends that answer. */
export async function passEntries(turn: Turn, needs: ShowNeeds): Promise<Wait | null> {
  const { loaded, posting } = turn;
  const { id } = loaded.incident;
  const { fold, shownEntry, channel } = posting;
  const lines = await needs.store.entries(id, shownEntry, PASSED_AT_ONCE);
  const line = lines.find(({ entry }) => entry.audience.to === 'person');
  const last = line ?? lines.at(-1);
  if (last === undefined || fold === null) return null;
  const passed = (stored: Posting): Posting =>
    stored.fold !== null && isAfter(last.id, stored.shownEntry)
      ? { ...stored, shownEntry: last.id, fold: { ...stored.fold, answered: last.id } }
      : stored;
  if (line?.entry.audience.to !== 'person') {
    await needs.postings.write(id, passed(posting));
    return null;
  }
  const { user } = line.entry.audience;
  const below = async (): Promise<Place> => rootOf(fold.storm, needs);
  try {
    return await needs.queues.run(channel, 'answer', async (mustHold) =>
      answer(turn, { line, user, thread: null, below, recorded: passed }, mustHold, needs),
    );
  } catch (failure) {
    if (hasCode(failure, 'chat-message-gone')) throw notShownYet();
    throw failure;
  }
}

/** Gives a folded incident a root of its own, because `by` wants to see it, and makes it due. */
export async function openFolded(
  id: string,
  by: string,
  needs: Pick<ShowNeeds, 'store' | 'postings'>,
): Promise<Opening> {
  for (;;) {
    const loaded = await needs.store.load(id);
    if (loaded === null) return { is: 'no-incident' };
    const posting = await needs.postings.read(id);
    if (posting === null || posting.fold === null || !isFolded(posting)) {
      return { is: posting === null || posting.root === null ? 'under-way' : 'has-thread' };
    }
    const fold = { ...posting.fold, openedBy: by };
    if ((await needs.postings.write(id, { ...unshown(posting), fold })) !== null) return { is: 'opened' };
  }
}

/** The storm that an incident is only a line of, and where that is; null where it is in none, or has a thread too. */
export async function stormOf(
  incident: string,
  { postings, storms }: Pick<ShowNeeds, 'postings'> & { readonly storms: Pick<ShowNeeds['storms'], 'read'> },
): Promise<{ readonly id: string; readonly root: Place | null } | null> {
  const posting = await postings.read(incident);
  if (posting === null || posting.fold === null || !isFolded(posting)) return null;
  const id = posting.fold.storm;
  return { id, root: (await storms.read(id))?.storm.root ?? null };
}

/** Its new root and thread begin with its first entry. */
function unshown(posting: Posting): Posting {
  return { ...newPosting(posting.channel), revision: posting.revision };
}

async function openStorm(channel: string, incident: string, { storms, now }: ShowNeeds): Promise<string> {
  for (;;) {
    const newest = await storms.newest(channel);
    const at = await now();
    if (newest !== null && newest.size < MOST_MEMBERS && at < newest.foldedAt + OPEN_MS) return newest.id;
    const id = stormId(channel, incident, at);
    if (await storms.open({ id, channel, openedAt: at }, newest?.id ?? null)) return id;
  }
}

function ownThread({ root }: Posting, { openedBy }: Fold): OwnThread | null {
  return root === null || openedBy === null ? null : { root, openedBy };
}

function reportOf(loaded: Loaded, own: OwnThread | null): string {
  return shortHash(JSON.stringify(stormMember(loaded, own)), 16);
}

async function rootOf(storm: string, { storms }: ShowNeeds): Promise<Place> {
  const root = (await storms.read(storm))?.storm.root ?? null;
  if (root === null) throw notShownYet();
  return root;
}

function notShownYet(): Failure {
  return new Failure('storm-not-shown', 'The storm of this incident is not shown yet.', { retry: 'backoff' });
}
