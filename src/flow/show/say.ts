import type { Course } from '../../core/evidence/course.ts';
import { isSilent } from '../../core/incident/is-silent.ts';
import type { Incident } from '../../core/incident/incident.ts';
import type { Line, Place, Posting } from '../needs.ts';
import { hasCode, isUnsendable, mayHaveHappened } from './chat-failure.ts';
import { goesOnHere } from './move.ts';
import type { ShowNeeds } from './needs.ts';
import type { Ownership } from './ownership.ts';

/**
 * Runs outside of the lane, which a slow upload would hold for longer than its lease: sends the picture of a line ahead.
 * Answers with the line's id, for `sayNext`.
 */
export async function sendAhead(line: Line, incident: Incident, needs: ShowNeeds): Promise<string> {
  if (line.entry.chart !== null && !isUnheard(line, incident, await needs.now())) {
    const course = await courseOf(line, needs);
    if (course !== null) await needs.chat.prepare(line, course);
  }
  return line.id;
}

/**
 * Runs inside the lane. Sends the first entry behind the cursor: as a reply, or to the one person it is for. One with a
 * picture only when it is the one whose picture was sent ahead.
 */
export async function sayNext(id: string, ahead: string | null, needs: ShowNeeds, ownership: Ownership): Promise<void> {
  const loaded = await needs.store.load(id);
  const read = await needs.postings.read(id);
  if (loaded === null || read === null || read.ts === null) return;
  const [line] = await needs.store.entries(id, read.shownEntry, 1);
  if (line === undefined) return;

  const root = { channel: read.channel, ts: read.ts };
  const thread = await enter(id, { read, root, line }, needs, ownership);
  if (thread === null) return;
  const { posting, isThere } = thread;
  const passedOver = wasAnswered(line, posting) || isUnheard(line, loaded.incident, await needs.now());
  const isSent = !isThere && !passedOver;
  if (isSent) {
    if (line.entry.chart !== null && line.id !== ahead) return;
    await send({ line, root, incident: loaded.incident }, needs, ownership);
  }
  const written = await ownership.write(id, posting, { ...posting, shownEntry: line.id });
  if (written === null && isSent) await withdrawYounger(root, line, needs);
}

/** We were so slow that another bot went on in this thread: of two messages with the same line the younger goes. */
async function withdrawYounger(root: Place, line: Line, { chat }: ShowNeeds): Promise<void> {
  const [, ...younger] = (await chat.postedEntries(root)).get(line.id) ?? [];
  for (const double of younger) await chat.remove(double);
}

/** Runs inside the lane. Says below a root that was posted elsewhere, once, why it is there. */
export async function sayMoved(id: string, needs: ShowNeeds, ownership: Ownership): Promise<void> {
  const loaded = await needs.store.load(id);
  const read = await needs.postings.read(id);
  if (loaded === null || read === null || read.ts === null || read.moved === null) return;
  const line = goesOnHere(read.moved, await needs.now(), needs);
  const root = { channel: read.channel, ts: read.ts };
  const thread = await enter(id, { read, root, line }, needs, ownership);
  if (thread === null) return;
  const { posting, isThere } = thread;
  if (!isThere) await send({ line, root, incident: loaded.incident }, needs, ownership);
  await ownership.write(id, posting, { ...posting, moved: { ...read.moved, said: true } });
}

interface Entering {
  readonly read: Posting;
  readonly root: Place;
  readonly line: Line;
}

/** Makes sure that nobody else sends into this thread, and looks whether a line is there; null: somebody was faster. */
async function enter(
  id: string,
  { read, root, line }: Entering,
  needs: ShowNeeds,
  ownership: Ownership,
): Promise<{ readonly posting: Posting; readonly isThere: boolean } | null> {
  const own = ownership.has(id, read);
  const posting = own ? read : await ownership.write(id, read, read);
  if (posting === null) return null;
  const isThere = !own && line.entry.audience.to === 'thread' && (await needs.chat.postedEntries(root)).has(line.id);
  // What is there and not recorded is forgotten if Redis goes away now: then it is looked for again.
  if (!isThere) ownership.take(id, posting);
  return { posting, isThere };
}

/** Persons were answered while it was folded, or had another root; the thread that it has now begins with its first entry. */
function wasAnswered({ id, entry }: Line, { fold, answered }: Posting): boolean {
  return entry.audience.to === 'person' && [fold?.answered ?? '0', answered].some((last) => !isAfter(id, last));
}

/** During a silence only what people did is told; the evidence stands in /oom why, and the root is kept up to date. */
function isUnheard({ entry }: Line, incident: Incident, now: number): boolean {
  return entry.kind === 'evidence' && isSilent(incident, now);
}

/** Of two ids of timeline entries, `MS-N` each. */
function isAfter(a: string, b: string): boolean {
  const [aMs = 0, aN = 0] = a.split('-').map(Number);
  const [bMs = 0, bN = 0] = b.split('-').map(Number);
  return aMs > bMs || (aMs === bMs && aN > bN);
}

interface Turn {
  readonly line: Line;
  readonly root: Place;
  readonly incident: Incident;
}

async function send(turn: Turn, needs: ShowNeeds, ownership: Ownership): Promise<void> {
  const { line, root, incident } = turn;
  const { audience } = line.entry;
  try {
    if (audience.to === 'thread') await needs.chat.reply(root, line, incident);
    else await whisper(audience.user, turn, needs);
  } catch (failure) {
    if (mayHaveHappened(failure)) ownership.drop(incident.id);
    if (!isUnsendable(failure)) throw failure;
    needs.trouble(failure, { incident: incident.id, channel: root.channel });
  }
}

/** A chart that is gone or cannot be read keeps no line back. */
async function courseOf({ entry }: Line, { store }: ShowNeeds): Promise<Course | null> {
  if (entry.chart === null) return null;
  try {
    return await store.chart(entry.chart);
  } catch (failure) {
    if (hasCode(failure, 'bad-document', 'newer-document')) return null;
    throw failure;
  }
}

/** Whoever clicks gets an answer: somebody whom Slack shows nothing alone in this channel finds it in the thread. */
async function whisper(user: string, { line, root, incident }: Turn, needs: ShowNeeds): Promise<void> {
  try {
    await needs.chat.whisper(root.channel, user, line, incident);
  } catch (failure) {
    if (!hasCode(failure, 'chat-not-a-member')) throw failure;
    await needs.chat.reply(root, { ...line, entry: { ...line.entry, audience: { to: 'thread' } } }, incident);
  }
}
