import { Failure } from '../../core/failure.ts';
import type { Incident } from '../../core/incident/incident.ts';
import type { Line, Place } from '../needs.ts';
import { mayHaveHappened } from './may-have-happened.ts';
import type { ShowNeeds } from './needs.ts';
import type { Ownership } from './ownership.ts';

/** After these codes the same line would be refused for ever: it is left out, and whoever runs the bot is told. */
const unsendable: readonly string[] = ['slack-invalid-blocks', 'slack-refused'];

/** Runs inside the lane. Sends the first entry behind the cursor: as a reply, or to the one person it is for. */
export async function sayNext(id: string, needs: ShowNeeds, ownership: Ownership): Promise<void> {
  const loaded = await needs.store.load(id);
  const read = await needs.postings.read(id);
  if (loaded === null || read === null || read.ts === null) return;
  const [line] = await needs.store.entries(id, read.shownEntry, 1);
  if (line === undefined) return;

  const root = { channel: read.channel, ts: read.ts };
  const own = ownership.has(id, read);
  const posting = own ? read : await ownership.write(id, read, read);
  if (posting === null) return;
  const isThere = !own && line.entry.audience.to === 'thread' && (await needs.chat.postedEntries(root)).has(line.id);
  ownership.take(id, posting);
  if (!isThere) await send({ line, root, incident: loaded.incident }, needs, ownership);
  await ownership.write(id, posting, { ...posting, shownEntry: line.id });
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
    if (!(failure instanceof Failure) || !unsendable.includes(failure.code)) throw failure;
    needs.trouble(failure, { incident: incident.id, channel: root.channel });
  }
}

/** Whoever clicks gets an answer: somebody whom Slack shows nothing alone in this channel finds it in the thread. */
async function whisper(user: string, { line, root, incident }: Turn, needs: ShowNeeds): Promise<void> {
  try {
    await needs.chat.whisper(root.channel, user, line, incident);
  } catch (failure) {
    if (!(failure instanceof Failure) || failure.code !== 'slack-user-not-in-channel') throw failure;
    await needs.chat.reply(root, { ...line, entry: { ...line.entry, audience: { to: 'thread' } } }, incident);
  }
}
