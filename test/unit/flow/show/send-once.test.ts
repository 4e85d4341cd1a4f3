import { expect, test } from 'vitest';
import { Failure } from '../../../../src/core/failure.ts';
import { placeSchema, type Place } from '../../../../src/core/talk/place.ts';
import { sendOnce, type Message, type SendNeeds } from '../../../../src/flow/show/send-once.ts';
import type { Chat, Claims } from '../../../../src/flow/show/needs.ts';
import { generator } from '../../../random.ts';
import { aLoaded } from '../../../fixtures/incidents.ts';

/*
 * A model: senders of one message who take turns by a lease, one document, one chat, and a time of their own. Each call
 * takes a moment that is drawn, and so is what goes wrong:
 *
 *   a sender dies, before a call has done its work, after, or while it is on its way
 *   a sender is stopped for up to two minutes, before a call or after, and goes on as if nothing were
 *   the chat is busy, or does not answer in time, whether it took the message or not
 *
 * One that is well comes last. What no sender can help is left out: one that is stopped and then dies, which leaves a
 * second message that nobody knows of.
 */
const leaseMs = 30_000;
const searchAgainMs = 10_000;
/** The chat answers in that time, or the call is given up. */
const deadlineMs = 5_000;
const content = { of: 'incident', loaded: aLoaded(), pause: null } as const;
const to = { channel: 'C1', below: null, only: null };

interface Document {
  readonly revision: number;
  readonly claims: Claims;
  readonly place: Place | null;
  readonly isShown: boolean;
}

/** A root, whose place is kept; and a line, of which only the cursor tells that it stands there. */
const kinds: Readonly<Record<string, Pick<Message<Document>, 'placeIn' | 'recorded'>>> = {
  root: {
    placeIn: ({ place }) => place,
    recorded: (stored, place) => (stored.place === place ? stored : { ...stored, place, isShown: true }),
  },
  line: {
    placeIn: () => null,
    recorded: (stored) => (stored.isShown ? stored : { ...stored, isShown: true }),
  },
};

type Fate = 'well' | 'dies' | 'is stopped';

interface Played {
  readonly stand: readonly Place[];
  readonly document: Document;
  readonly posts: number;
  /** Those that were left out, and what failed otherwise, as codes. */
  readonly troubles: readonly string[];
}

/** Plays one story to its end. */
async function play(seed: number, kind: string, { refuses = false, canBeLeftOut = false } = {}): Promise<Played> {
  const random = generator(seed);
  const later: { readonly at: number; readonly happens: () => void }[] = [];
  let now = 0;
  let document: Document = { revision: 0, claims: {}, place: null, isShown: false };
  let stand: readonly Place[] = [];
  let posts = 0;
  let holder = { sender: -1, until: 0 };
  const troubles: string[] = [];

  const after = async (ms: number): Promise<void> =>
    new Promise((resolve) => {
      later.push({ at: now + ms, happens: resolve });
    });

  async function send(sender: number, fate: Fate): Promise<void> {
    let calls = 0;
    const last = Math.ceil(random() * 8);
    const { promise: never } = Promise.withResolvers<never>();

    const call = async <T>(work: () => T, mostMs = 200): Promise<T> => {
      calls += 1;
      const isEarly = random() < 0.4;
      const befalls = async (isBefore: boolean): Promise<void> => {
        if (calls !== last || isEarly !== isBefore) return;
        if (fate === 'dies') {
          // What has left already arrives all the same.
          if (isBefore && random() < 0.5)
            void after(random() * deadlineMs)
              .then(work)
              .catch(() => undefined);
          await never;
        }
        if (fate === 'is stopped') await after(random() * 120_000);
      };
      await befalls(true);
      await after(random() * mostMs);
      const answer = work();
      await after(random() * mostMs);
      await befalls(false);
      return answer;
    };

    const put = (): Place => {
      posts += 1;
      const place = placeSchema.parse(`${String(now).padStart(12, '0')}-${posts}`);
      stand = [...stand, place];
      return place;
    };
    const chat: Pick<Chat, 'post' | 'find' | 'remove'> = {
      post: async () => {
        const luck = random();
        if (refuses) return call(() => refuse('chat-refused'));
        if (luck < 0.1) return call(() => refuse('chat-rate-limited'));
        if (luck < 0.3) {
          if (luck < 0.2) void after(random() * deadlineMs * 1.5).then(put);
          await after(deadlineMs);
          return call(() => refuse('chat-timeout'));
        }
        return call(put, deadlineMs / 2);
      },
      find: async () => call(() => stand),
      remove: async (place) =>
        call(() => {
          stand = stand.filter((one) => one !== place);
        }),
    };
    const keeping = {
      read: async () => call(() => document),
      write: async (next: Document) =>
        call(() => {
          if (next.revision !== document.revision) return null;
          document = { ...next, revision: next.revision + 1 };
          return document;
        }),
    };
    const message = { name: 'it', to, content, canBeLeftOut, ...(kinds[kind] ?? refuse(kind)) };

    for (;;) {
      const asked = now;
      const isHeld = await call(() => {
        if (holder.sender !== sender && now < holder.until) return false;
        holder = { sender, until: now + leaseMs };
        return true;
      });
      let pauseMs = 500;
      const needs: SendNeeds = {
        chat,
        now: async () => call(() => now),
        settings: { searchAgainMs },
        trouble: (failure) => troubles.push(codeOf(failure)),
        mustHold: () => (now - asked < leaseMs ? undefined : refuse('turn-lost')),
      };
      try {
        if (isHeld) {
          const [read, at] = [await keeping.read(), await needs.now()];
          if (read.isShown) return;
          const wait = await sendOnce(read, message, { keeping, at }, needs);
          if (wait !== null) pauseMs = Math.max(pauseMs, wait.until - now);
        }
      } catch (failure) {
        troubles.push(codeOf(failure));
      }
      if (holder.sender === sender) holder = { sender: -1, until: 0 };
      await after(pauseMs);
    }
  }

  const fates: readonly Fate[] = ['dies', 'is stopped', 'well'];
  void send(1, fates[Math.floor(random() * 3)] ?? 'well');
  void send(2, fates[Math.floor(random() * 2)] ?? 'well');
  void after(random() * 60_000).then(async () => send(3, 'well'));
  for (;;) {
    // What follows from what happened comes before the next.
    await new Promise(setImmediate);
    const [next] = later.toSorted((a, b) => a.at - b.at);
    if (next === undefined) return { stand, document, posts, troubles };
    later.splice(later.indexOf(next), 1);
    now = next.at;
    next.happens();
  }
}

function refuse(code: string): never {
  throw new Failure(code, code, { retry: 'backoff' });
}

function codeOf(failure: unknown): string {
  return failure instanceof Failure ? failure.code : String(failure);
}

const seeds = Array.from({ length: 500 }, (_, at) => at);

test.each(['root', 'line'])('of a %s one message stands when all is quiet, whoever died or was slow', async (kind) => {
  const played = await Promise.all(seeds.map(async (seed) => ({ seed, ...(await play(seed, kind)) })));

  const stands = played.map(({ seed, stand, document: { claims, place } }) => ({ seed, stand, place, claims }));
  expect(stands).toEqual(
    played.map(({ seed, stand }) => ({
      seed,
      stand: [expect.any(String)],
      place: kind === 'root' ? stand[0] : null,
      claims: {},
    })),
  );
  // Each of these is met: a second message that had to go, one that timed out, a turn that was lost.
  expect(played.filter(({ posts }) => posts > 1).length).toBeGreaterThan(2);
  const troubles = new Set(played.flatMap((one) => one.troubles));
  expect([...troubles].toSorted()).toEqual(['chat-rate-limited', 'chat-timeout', 'turn-lost']);
});

test('what the chat refuses for ever and can be left out is recorded without a message', async () => {
  for (const seed of seeds.slice(0, 100)) {
    const { stand, document, posts } = await play(seed, 'line', { refuses: true, canBeLeftOut: true });

    expect({ seed, stand, posts, isShown: document.isShown, claims: document.claims }).toEqual({
      seed,
      stand: [],
      posts: 0,
      isShown: true,
      claims: {},
    });
  }
});
