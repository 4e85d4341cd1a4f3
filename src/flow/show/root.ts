import type { Loaded } from '../../core/incident/incident.ts';
import type { Place, Posting } from '../needs.ts';
import { adoptRoot, type Found } from './adopt.ts';
import type { ShowNeeds } from './needs.ts';
import { hasCode, mayHaveHappened } from './chat-failure.ts';
import { elsewhere, NEVER_SENT_AT } from './move.ts';
import type { Ownership } from './ownership.ts';

/*
 * Exactly one root:
 *
 *   no posting      a root of a lost incident of the same subject stands there: adopt it (adopt.ts)
 *                   else claim by compare-and-set -> post -> record ts
 *   folded          it is a line in a storm (fold.ts)
 *   claimed         somebody claimed and did not record: it may stand in the channel. Search for our metadata; found:
 *                   adopt it; not found and the claim younger than `searchAgainMs`: look again then; else post
 *   posted          edit it
 *
 * A failure that says that nothing was sent leaves a claim from the year 1970, so that the next try need not wait.
 * Should a second root ever exist (a bot that was asleep between claim and post), the younger one is deleted.
 */
/** Slack's clock and Redis' may differ by this much, ms. */
const SKEW_MS = 5 * 60_000;

/** What was read this long ago need not be read again: the claim tells whether somebody was faster. ms */
const FRESH_MS = 50;

/** An incident without a posting, as it was read at `readAt` (monotonic ms), when Redis time was `now` (ms UTC). */
export interface Fresh {
  readonly loaded: Loaded;
  readonly now: number;
  readonly readAt: number;
}

export type RootStep = { readonly is: 'again' } | { readonly is: 'wait'; readonly until: number };

/**
 * Runs inside the channel's lane. Posts or finds the root of an incident that has none yet; `found` are roots from before
 * Redis was lost that it may take over.
 */
export async function firstRoot(
  id: string,
  { found, fresh }: { readonly found: Found; readonly fresh: Fresh | null },
  needs: ShowNeeds,
  ownership: Ownership,
): Promise<RootStep> {
  const [loaded, posting, now] =
    fresh !== null && performance.now() - fresh.readAt < FRESH_MS
      ? [fresh.loaded, null, fresh.now]
      : await Promise.all([needs.store.load(id), needs.postings.read(id), needs.now()]);
  if (loaded === null) return { is: 'again' };
  if (posting === null) {
    if (await adoptRoot(loaded, { lost: found.lost, before: null }, needs, ownership)) return { is: 'again' };
    return claimAndPost(loaded, { before: null, now, searched: found.searched }, needs, ownership);
  }
  if (posting.ts !== null || posting.state === 'folded') return { is: 'again' };

  const roots = await needs.chat.findRoots(posting.channel, loaded.incident, loaded.incident.openedAt - SKEW_MS);
  const [oldest, ...younger] = roots;
  if (oldest !== undefined) {
    // Numbers in it may be from before Redis was lost: it is edited next.
    const shown = { shownVersion: 0, shownKills: 0 };
    await needs.postings.write(id, posting.revision, { ...posting, ...shown, state: 'posted', ts: oldest.ts });
    for (const double of younger) await needs.chat.remove(double);
    return { is: 'again' };
  }
  const searchAgainAt = posting.claimedAt + needs.settings.searchAgainMs;
  const searchedAt = await needs.now();
  if (searchedAt < searchAgainAt) return { is: 'wait', until: searchAgainAt };
  return claimAndPost(loaded, { before: posting, now: searchedAt, searched: posting.searched }, needs, ownership);
}

/** Runs inside the lane. Shows the newest state in the root; where Slack no longer lets it be edited, below it. */
export async function editRoot(id: string, needs: ShowNeeds, ownership: Ownership): Promise<void> {
  const loaded = await needs.store.load(id);
  const posting = await needs.postings.read(id);
  if (loaded === null || posting === null || posting.ts === null) return;
  const root = { channel: posting.channel, ts: posting.ts };
  try {
    await needs.chat.editRoot(root, loaded);
  } catch (failure) {
    if (!hasCode(failure, 'chat-edit-closed')) throw failure;
    const told = await needs.chat.postedEntries(root);
    const first = [...told.keys()].every((entry) => !entry.startsWith('state-'));
    if (!told.has(`state-${loaded.incident.version}`)) await needs.chat.replyRoot(root, loaded, first);
  }
  await ownership.write(id, posting, { ...posting, ...shownIn(loaded) });
}

/**
 * Somebody deleted the root `ts` in Slack: the next step posts a new one, and its thread goes on where this one ended.
 * Another bot may have done so, or gone on in an older one, meanwhile.
 */
export async function forgetRoot(id: string, ts: string | null, needs: ShowNeeds): Promise<void> {
  const posting = await needs.postings.read(id);
  if (posting === null || posting.ts === null || posting.ts !== ts) return;
  await needs.postings.write(id, posting.revision, elsewhere(posting, posting.channel, 'deleted'));
}

async function claimAndPost(
  loaded: Loaded,
  { before, now, searched }: { readonly before: Posting | null; readonly now: number; readonly searched: boolean },
  needs: ShowNeeds,
  ownership: Ownership,
): Promise<RootStep> {
  const { id } = loaded.incident;
  const channel = before?.channel ?? needs.channels.of(loaded.incident.trigger);
  const claim: Omit<Posting, 'revision'> = {
    state: 'claimed',
    attempt: (before?.attempt ?? 0) + 1,
    claimedAt: now,
    channel,
    ts: null,
    shownVersion: 0,
    shownKills: 0,
    shownEntry: before?.shownEntry ?? '0',
    fold: before?.fold ?? null,
    moved: before?.moved ?? null,
    answered: before?.answered ?? '0',
    searched,
  };
  const claimed = await ownership.write(id, before, claim);
  if (claimed === null) return { is: 'again' };
  ownership.take(id, claimed);
  let root: Place;
  try {
    root = await needs.chat.postRoot(channel, loaded);
  } catch (failure) {
    // The time to search again counts from the end of the call: until then Slack may still have been at it.
    const claimedAt = mayHaveHappened(failure) ? await needs.now() : NEVER_SENT_AT;
    await ownership.write(id, claimed, { ...claim, claimedAt });
    throw failure;
  }
  const posted = { ...claim, state: 'posted' as const, channel: root.channel, ts: root.ts, ...shownIn(loaded) };
  if ((await ownership.write(id, claimed, posted)) === null) await withdrawYounger(id, root, needs);
  return { is: 'again' };
}

/** We were so slow that another bot took the claim over: of two roots the younger goes. */
async function withdrawYounger(id: string, mine: Place, needs: ShowNeeds): Promise<void> {
  const posting = await needs.postings.read(id);
  if (posting === null || posting.ts === mine.ts) return;
  if (posting.ts !== null && Number(posting.ts) <= Number(mine.ts)) {
    await needs.chat.remove(mine);
    return;
  }
  // The other one is younger or not there yet. Ours is recorded; who records too late finds itself here.
  const next = {
    ...posting,
    state: 'posted' as const,
    channel: mine.channel,
    ts: mine.ts,
    shownVersion: 0,
    shownKills: 0,
  };
  if (!(await needs.postings.write(id, posting.revision, next))) await withdrawYounger(id, mine, needs);
  else if (posting.ts !== null) await needs.chat.remove({ channel: posting.channel, ts: posting.ts });
}

function shownIn({ incident, tally }: Loaded): { readonly shownVersion: number; readonly shownKills: number } {
  return { shownVersion: incident.version, shownKills: tally.count };
}
