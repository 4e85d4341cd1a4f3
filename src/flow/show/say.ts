import type { ChartSeries } from '../../core/evidence/chart-series.ts';
import type { Incident } from '../../core/incident/incident.ts';
import { tellsEvidence } from '../../core/incident/entry.ts';
import { isSilent } from '../../core/incident/is-silent.ts';
import type { Place } from '../../core/talk/place.ts';
import { hasCode } from './chat-failure.ts';
import type { Line, Posting, ShowNeeds } from './needs.ts';
import type { Message, Wait } from './send-once.ts';
import { isWholeIn, send, type Turn } from './turn.ts';

/*
 * What is posted below a root: the entries of the timeline, in their order, each exactly once (send-once.ts). Each
 * function but `sendAhead` runs in the channel's turn.
 */

/**
 * Uploads the chart of an entry in advance, outside of the channel's turn, because a slow upload would outlast its
 * lease. Returns the entry's id, for `sayNext`.
 */
export async function sendAhead(turn: Turn, needs: ShowNeeds): Promise<string | null> {
  const { line } = turn;
  if (line === undefined) return null;
  if (line.entry.chart !== null && !isUnheard(line, turn, needs)) {
    const series = await chartSeriesOf(line, needs);
    if (series !== null) await needs.chat.prepare(line, series);
  }
  return line.id;
}

/** The first entry after the cursor. One with a chart only if it is `ahead`, the entry whose chart was uploaded. */
export async function sayNext(
  turn: Turn,
  ahead: string | null,
  mustHold: () => void,
  needs: ShowNeeds,
): Promise<Wait | null> {
  const { loaded, posting, line } = turn;
  const { incident } = loaded;
  const { channel, root } = posting;
  if (line === undefined || root === null) return null;
  const { audience, chart } = line.entry;
  const recorded = (stored: Posting): Posting =>
    isAfter(line.id, stored.shownEntry) ? { ...stored, shownEntry: line.id } : stored;
  if (wasAnswered(line, posting) || isUnheard(line, turn, needs)) {
    await needs.postings.write(incident.id, recorded(posting));
    return null;
  }
  if (audience.to === 'person') {
    const thread = posting.threaded ? root : null;
    return answer(turn, { line, user: audience.user, thread, below: async () => root, recorded }, mustHold, needs);
  }
  if (chart !== null && line.id !== ahead) return null;
  const to = { channel, below: root, only: null };
  const inThread: Message<Posting>['recorded'] = (stored, place) => {
    const next = recorded(stored);
    return place === null || next === stored ? next : { ...next, threaded: true };
  };
  return send(turn, { name: line.id, to, ...said(line, incident), recorded: inThread }, mustHold, needs);
}

/** Says why the thread is in this place. */
export async function sayNotice(turn: Turn, mustHold: () => void, needs: ShowNeeds): Promise<Wait | null> {
  const { loaded, posting, now } = turn;
  const { channel, root, notice } = posting;
  if (root === null || notice === null) return null;
  const { id, text } = notice;
  const entry = { at: now, audience: { to: 'thread' as const }, kind: 'audit' as const, text, people: [], pre: null };
  const line = { id, entry: { ...entry, broadcast: false, chart: null } };
  const to = { channel, below: root, only: null };
  const recorded = (stored: Posting, place: Place | null): Posting =>
    stored.notice?.id === id ? { ...stored, notice: null, threaded: place !== null } : stored;
  return send(turn, { name: id, to, ...said(line, loaded.incident), recorded }, mustHold, needs);
}

interface Answer {
  readonly line: Line;
  readonly user: string;
  /** The root whose thread it is shown in; null for the channel. */
  readonly thread: Place | null;
  /** Where everybody can read it. */
  readonly below: () => Promise<Place>;
  readonly recorded: Message<Posting>['recorded'];
}

/**
 * Everybody who clicks gets an answer: if the chat cannot show it to the person alone in this channel, it is posted in
 * a thread.
 */
export async function answer(
  turn: Turn,
  { line, user, thread, below, recorded }: Answer,
  mustHold: () => void,
  needs: ShowNeeds,
): Promise<Wait | null> {
  const { incident } = turn.loaded;
  const { channel } = turn.posting;
  const to = { channel, below: thread, only: user };
  try {
    return await send(turn, { name: line.id, to, ...said(line, incident), recorded }, mustHold, needs);
  } catch (failure) {
    if (!hasCode(failure, 'chat-not-a-member')) throw failure;
  }
  const posting = await needs.postings.read(incident.id);
  if (posting === null || recorded(posting, null, true) === posting) return null;
  const forAll = { ...line, entry: { ...line.entry, audience: { to: 'thread' as const } } };
  const message = {
    name: `${line.id}-for-all`,
    to: { channel, below: await below(), only: null },
    ...said(forAll, incident),
    recorded,
  };
  return send({ ...turn, posting }, message, mustHold, needs);
}

function said(line: Line, incident: Incident): Pick<Message<Posting>, 'content' | 'placeIn' | 'canBeLeftOut'> {
  return { content: { of: 'entry', line, incident }, placeIn: () => null, canBeLeftOut: true };
}

/** People were already answered while it was folded, but its new thread begins with its first entry. */
function wasAnswered({ id, entry }: Line, { fold }: Posting): boolean {
  return entry.audience.to === 'person' && fold !== null && !isAfter(id, fold.answered);
}

/**
 * During a silence only what people did is posted; the evidence is in /oom why, and the root is kept up to date. Nor is
 * evidence posted in a channel that a thread had to move to, if not everybody there may read it.
 */
function isUnheard({ entry }: Line, { loaded, posting, now }: Turn, { channels }: ShowNeeds): boolean {
  const { incident } = loaded;
  if (!tellsEvidence(entry)) return false;
  return (entry.kind === 'evidence' && isSilent(incident, now)) || !isWholeIn(posting.channel, incident, channels);
}

/** Of two ids of timeline entries, `MS-N` each. */
export function isAfter(a: string, b: string): boolean {
  const [aMs = 0, aN = 0] = a.split('-').map(Number);
  const [bMs = 0, bN = 0] = b.split('-').map(Number);
  return aMs > bMs || (aMs === bMs && aN > bN);
}

/** An entry is posted even if its chart is gone or cannot be read. */
async function chartSeriesOf({ entry }: Line, { store }: ShowNeeds): Promise<ChartSeries | null> {
  if (entry.chart === null) return null;
  try {
    return await store.chart(entry.chart);
  } catch (failure) {
    if (hasCode(failure, 'bad-document', 'newer-document')) return null;
    throw failure;
  }
}
