import type { Place } from '../../core/talk/place.ts';
import type { Now } from '../needs.ts';
import { isUnsendable, mayHaveHappened } from './chat-failure.ts';
import type { Chat, Claims, Content, ShowSettings, Target } from './needs.ts';

/*
 * Exactly one message, whoever dies or is slow in between. Each is known by its name in a document in Redis that is
 * written by compare-and-set, and by its content in the chat:
 *
 *   in the document      in the chat     then
 *   no claim             (not searched)  claim it -> post -> record where it stands
 *   a claim              found           record the oldest, delete the younger
 *   a young claim        not found       wait until it is `searchAgainMs` old: the chat may still be at it
 *   an old claim         not found       claim it anew -> post -> record
 *
 *   the claim was lost to somebody else          nothing is posted: whoever was faster does it
 *   the chat says that it took nothing           the claim is given back, and the next try need not search
 *   it may have taken it (a time-out)            the claim stays, and its time counts from now
 *   it would refuse it for ever                  a message that can be left out is recorded as if it stood there
 *   the record was lost to somebody else         we were slow and another one may have posted it too: search, let the
 *                                                oldest be the recorded one, and delete the younger
 *
 * What one person alone sees cannot be searched for: it is sent again when nobody knows.
 */
export interface Message<D> {
  /** Its own among those of the document. */
  readonly name: string;
  readonly to: Target;
  readonly content: Content;
  /** Where the document says that it stands; null also where the document does not keep that. */
  readonly placeIn: (document: D) => Place | null;
  /** The document when it stands at `place`; the same one where it says so already. `isFresh`: it shows this content. */
  readonly recorded: (document: D, place: Place | null, isFresh: boolean) => D;
  /** Whether to go on without it where the chat refuses it for ever. */
  readonly canBeLeftOut: boolean;
}

/** A document in which messages are claimed and recorded. */
export interface Claiming {
  readonly claims: Claims;
}

/** Where one such document is kept. */
export interface Keeping<D> {
  readonly read: () => Promise<D | null>;
  /** Over the document's own revision; as it is stored then, or null when somebody was faster. */
  readonly write: (document: D) => Promise<D | null>;
}

export interface SendNeeds {
  readonly chat: Pick<Chat, 'post' | 'find' | 'remove'>;
  /** Redis time, ms UTC. */
  readonly now: Now;
  readonly settings: Pick<ShowSettings, 'searchAgainMs'>;
  readonly trouble: (failure: unknown) => void;
  /** @throws Failure where another process may be sending into the channel by now. */
  readonly mustHold: () => void;
}

/** When to try again (ms UTC), for what cannot be done yet. */
export interface Wait {
  readonly until: number;
}

/**
 * Runs in the channel's turn. `at` is Redis time as of reading `document`. Afterwards the document is to be read again,
 * unless there is something to wait for. @throws Failure of the chat or of Redis
 */
export async function sendOnce<D extends Claiming>(
  document: D,
  message: Message<D>,
  { keeping, at }: { readonly keeping: Keeping<D>; readonly at: number },
  needs: SendNeeds,
): Promise<Wait | null> {
  const { name, to, content, recorded } = message;
  const { chat, now } = needs;
  let claimedAt = at;
  const since = document.claims[name];
  if (since !== undefined && to.only === null) {
    const found = await chat.find(to, content);
    if (found.length > 0) {
      await keepOldest(document, found, message, keeping, needs);
      return null;
    }
    claimedAt = await now();
    const until = since + needs.settings.searchAgainMs;
    if (claimedAt < until) return { until };
  }
  const claimed = await keeping.write(withClaim(document, name, claimedAt));
  if (claimed === null) return null;
  let place: Place | null = null;
  try {
    needs.mustHold();
    place = await chat.post(to, content);
  } catch (failure) {
    if (!(message.canBeLeftOut && isUnsendable(failure))) {
      await keeping.write(
        mayHaveHappened(failure) ? withClaim(claimed, name, await now()) : withoutClaim(claimed, name),
      );
      throw failure;
    }
    needs.trouble(failure);
  }
  const isRecorded = (await keeping.write(recorded(withoutClaim(claimed, name), place, true))) !== null;
  if (!isRecorded && place !== null && to.only === null) await withdraw(message, keeping, needs);
  return null;
}

async function withdraw<D extends Claiming>(message: Message<D>, keeping: Keeping<D>, needs: SendNeeds): Promise<void> {
  for (;;) {
    const found = await needs.chat.find(message.to, message.content);
    const document = await keeping.read();
    if (document === null || (await keepOldest(document, found, message, keeping, needs))) return;
  }
}

/** Of equal messages the oldest stays, or one that is recorded elsewhere. False when somebody was faster. */
async function keepOldest<D extends Claiming>(
  document: D,
  found: readonly Place[],
  { name, placeIn, recorded }: Message<D>,
  keeping: Keeping<D>,
  needs: SendNeeds,
): Promise<boolean> {
  const known = placeIn(document);
  const kept = known === null || found.includes(known) ? found[0] : known;
  const next = kept === undefined ? document : recorded(document, kept, false);
  if (next !== document && (await keeping.write(withoutClaim(next, name))) === null) return false;
  for (const one of found) if (one !== kept) await removeIfAllowed(one, needs);
  return true;
}

/** What cannot be deleted, as where a workspace lets nothing be, holds up nothing else. Never throws. */
export async function removeIfAllowed(
  place: Place,
  { chat, trouble }: { readonly chat: Pick<Chat, 'remove'>; readonly trouble: (failure: unknown) => void },
): Promise<void> {
  try {
    await chat.remove(place);
  } catch (failure) {
    trouble(failure);
  }
}

function withClaim<D extends Claiming>(document: D, name: string, at: number): D {
  return { ...document, claims: { ...document.claims, [name]: at } };
}

function withoutClaim<D extends Claiming>(document: D, name: string): D {
  const { [name]: _ended, ...claims } = document.claims;
  return { ...document, claims };
}
