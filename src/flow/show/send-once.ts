import type { Place } from '../../core/talk/place.ts';
import type { Now } from '../needs.ts';
import { isUnsendable, mayHaveHappened } from './chat-failure.ts';
import type { Chat, Claims, Content, ShowSettings, Target } from './needs.ts';

/*
 * Sends a message exactly once, even if a process dies or is slow in between. Each message has a name in a Redis
 * document that is written by compare-and-set, and is found in the chat by its content:
 *
 *   in the document      in the chat     action
 *   no claim             (not searched)  claim it -> post -> record where it is
 *   a claim              found           record the oldest, delete the others
 *   a young claim        not found       wait until it is `searchAgainMs` old: the chat may still be working
 *   an old claim         not found       claim it again -> post -> record
 *
 *   another process was faster with the claim    nothing is posted: that process does it
 *   the chat did not accept the message          the claim is removed, and the next try need not search
 *   it may have accepted it (a timeout)          the claim stays, and its time counts from now
 *   it would always refuse it                    an optional message is recorded as if it had been posted
 *   another process was faster with the record   it may have posted the message too: search, record the
 *                                                oldest, and delete the others
 *
 * What only one person sees cannot be searched for: in doubt it is sent again.
 */
export interface Message<D> {
  /** Its name within the document. */
  readonly name: string;
  readonly to: Target;
  readonly content: Content;
  /** Where it is according to the document; null also if the document does not record that. */
  readonly placeIn: (document: D) => Place | null;
  /**
   * The document with the message recorded at `place`; unchanged if it says so already. `isFresh`: the message shows
   * this content.
   */
  readonly recorded: (document: D, place: Place | null, isFresh: boolean) => D;
  /** Whether to go on without it if the chat would always refuse it. */
  readonly canBeLeftOut: boolean;
}

/** A document in which messages are claimed and recorded. */
export interface Claiming {
  readonly claims: Claims;
}

/** Where one such document is kept. */
export interface Keeping<D> {
  readonly read: () => Promise<D | null>;
  /**
   * Writes if the document's revision is still the stored one; returns it as stored, or null if another process was
   * faster.
   */
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

/** When to retry (ms UTC). */
export interface Wait {
  readonly until: number;
}

/**
 * Call it in the channel's turn. `at` is the Redis time at which `document` was read. Read the document again
 * afterwards, unless the result says to wait. @throws Failure of the chat or of Redis
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

/** Of equal messages the oldest is kept, or the one that is recorded already. False if another process was faster. */
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

/** A message that cannot be deleted, because the workspace forbids it, is left. Never throws. */
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
