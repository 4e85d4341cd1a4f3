import { Failure } from '../../core/failure.ts';
import type { Incident, Loaded } from '../../core/incident/incident.ts';
import { stormId, stormMember, type OwnThread } from '../../core/incident/storm.ts';
import { shortHash } from '../../core/units/short-hash.ts';
import type { Fold, Line, Posting } from '../needs.ts';
import { hasCode, isUnsendable } from './chat-failure.ts';
import type { Opening, ShowNeeds } from './needs.ts';
import type { Ownership } from './ownership.ts';

/*
 * A folded incident has no root, but a line in a storm:
 *
 *   a storm pours, or a flood began (flood.ts)   -> posting 'folded' with the storm's id, by compare-and-set
 *   the storm has not been told all              -> told, and then it is recorded that it was
 *   entries behind the cursor                    -> answers to persons are whispered, all others are passed over
 *   somebody opens it                            -> posting 'claimed', cursor at the start: its root and its thread
 *                                                   follow as for any other, and the storm is told where they stand
 *
 * The posting decides, the storm follows: whoever dies in between leaves an incident that is due, and the next one tells
 * the storm what it does not know. So an incident is never in two storms, and never in a storm and posted by the way.
 *
 * A storm takes in at once whatever comes within `pourMs` of the last incident that was folded into it. Until `openMs`
 * after that it takes in the next flood; single incidents get roots of their own again, since a line in an old thread
 * wakes nobody. Then it is over, and the next flood is another storm. Nothing is moved from one to another.
 *
 * When Redis was lost, a storm and its folded incidents are gone with it: its root stays in the channel as it was. It is
 * no root of an incident, so nothing adopts it (adopt.ts), and the next kill of each of its workloads gets a root of its
 * own or a line in a new storm.
 */
const POUR_MS = 30_000;
const OPEN_MS = 10 * 60_000;

/** Rendering reads them all; what comes after them is another storm. */
export const MOST_MEMBERS = 2_000;
const PASSED_AT_ONCE = 100;

/** Whether the newest storm of the channel takes in whatever comes. */
export async function isPouring(channel: string, { storms, now, flood }: ShowNeeds): Promise<boolean> {
  if (flood.isOff) return false;
  const [newest, at] = await Promise.all([storms.newest(channel), now()]);
  return newest !== null && newest.size < MOST_MEMBERS && at < newest.foldedAt + POUR_MS;
}

/** Makes an incident without a posting one of the channel's flood; somebody may be faster. */
export async function foldAway(loaded: Loaded, searched: boolean, needs: ShowNeeds): Promise<void> {
  const storm = await openStorm(needs.channels.of(loaded.incident.trigger), loaded.incident.id, needs);
  await foldInto(storm, loaded, searched, needs);
}

/** Makes an incident without a posting a line of this storm; somebody may be faster. */
export async function foldInto(
  storm: string,
  { incident }: Loaded,
  searched: boolean,
  needs: ShowNeeds,
): Promise<void> {
  const channel = needs.channels.of(incident.trigger);
  await needs.postings.write(incident.id, null, {
    state: 'folded',
    attempt: 0,
    claimedAt: await needs.now(),
    channel,
    ts: null,
    ...notShown,
    fold: { storm, told: '', answered: '0', openedBy: null },
    moved: null,
    answered: '0',
    searched,
  });
}

/** Whether the storm of this incident does not know what is stored of it. */
export function stormIsBehind(loaded: Loaded, posting: Posting): boolean {
  const { fold } = posting;
  return fold !== null && posting.state !== 'claimed' && fold.told !== toldOf(loaded, ownThread(posting, fold));
}

/** Tells the storm what is stored of an incident. One whose storm is gone goes on by itself. */
export async function tellStorm(
  loaded: Loaded,
  posting: Posting,
  needs: ShowNeeds,
  ownership: Pick<Ownership, 'write'>,
): Promise<void> {
  const { fold } = posting;
  if (fold === null) return;
  const { id, version } = loaded.incident;
  const own = ownThread(posting, fold);
  const told = toldOf(loaded, own);
  if (fold.told !== told && !(await needs.storms.fold(fold.storm, stormMember(loaded, own)))) {
    const alone = posting.state === 'folded' ? claimAgain(posting) : posting;
    await ownership.write(id, posting, { ...alone, fold: null });
    return;
  }
  const shown = posting.state === 'folded' ? { shownVersion: version, shownKills: loaded.tally.count } : {};
  await ownership.write(id, posting, { ...posting, ...shown, fold: { ...fold, told } });
  if (fold.told !== told) needs.showStorm(fold.storm);
}

/** Passes over the entries of a folded incident up to and with the first answer to a person, who gets it. */
export async function passEntries(loaded: Loaded, posting: Posting, needs: ShowNeeds): Promise<void> {
  const { id } = loaded.incident;
  const lines = await needs.store.entries(id, posting.shownEntry, PASSED_AT_ONCE);
  const answer = lines.find(({ entry }) => entry.audience.to === 'person');
  const last = answer ?? lines.at(-1);
  if (last === undefined || posting.fold === null) return;
  const passed = { ...posting, shownEntry: last.id, fold: { ...posting.fold, answered: last.id } };
  if (answer === undefined) {
    await needs.postings.write(id, posting.revision, passed);
    return;
  }
  await needs.lanes.run(posting.channel, 'answer', async () => {
    // Another bot may have answered while this one waited for its turn.
    if ((await needs.postings.read(id))?.revision !== posting.revision) return;
    await whisperFolded(answer, loaded, posting, needs);
    await needs.postings.write(id, posting.revision, passed);
  });
}

/** Gives a folded incident a root of its own, because `by` (Slack id) wants to see it. It is due then. */
export async function openFolded(
  id: string,
  by: string,
  needs: Pick<ShowNeeds, 'store' | 'postings'>,
): Promise<Opening> {
  for (;;) {
    const loaded = await needs.store.load(id);
    if (loaded === null) return { is: 'no-incident' };
    const posting = await needs.postings.read(id);
    if (posting?.state !== 'folded' || posting.fold === null) {
      return { is: posting?.state === 'posted' ? 'has-thread' : 'under-way' };
    }
    const fold = { ...posting.fold, openedBy: by };
    if (await needs.postings.write(id, posting.revision, { ...claimAgain(posting), fold })) return { is: 'opened' };
  }
}

const notShown = { shownVersion: 0, shownKills: 0, shownEntry: '0' } as const;

/** A claim that never sent anything: the root is posted without waiting. */
function claimAgain(posting: Posting): Posting {
  return { ...posting, state: 'claimed', claimedAt: 0, ...notShown };
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

function ownThread({ channel, ts }: Posting, { openedBy }: Fold): OwnThread | null {
  return ts === null || openedBy === null ? null : { channel, ts, openedBy };
}

function toldOf(loaded: Loaded, own: OwnThread | null): string {
  return shortHash(JSON.stringify(stormMember(loaded, own)), 16);
}

/** Runs inside the lane. */
async function whisperFolded(line: Line, { incident }: Loaded, posting: Posting, needs: ShowNeeds): Promise<void> {
  const { audience } = line.entry;
  if (audience.to !== 'person') return;
  const { channel } = posting;
  try {
    await needs.chat.whisper(channel, audience.user, line, incident);
  } catch (failure) {
    if (hasCode(failure, 'chat-not-a-member')) {
      await answerInStorm(line, incident, posting, needs);
    } else if (isUnsendable(failure)) needs.trouble(failure, { incident: incident.id, channel });
    else throw failure;
  }
}

/** Somebody whom Slack shows nothing alone in this channel finds the answer in the storm's thread. */
async function answerInStorm(line: Line, incident: Incident, posting: Posting, needs: ShowNeeds): Promise<void> {
  const { fold } = posting;
  const storm = (fold === null ? null : await needs.storms.read(fold.storm))?.storm;
  if (storm === undefined || storm.ts === null) throw notShownYet();
  const { channel, ts } = storm;
  const told = { ...line, entry: { ...line.entry, audience: { to: 'thread' as const } } };
  try {
    await needs.chat.reply({ channel, ts }, told, incident);
  } catch (failure) {
    if (hasCode(failure, 'chat-message-gone')) throw notShownYet();
    throw failure;
  }
}

function notShownYet(): Failure {
  return new Failure('storm-not-shown', 'The storm of this incident is not shown yet.', { retry: 'backoff' });
}
