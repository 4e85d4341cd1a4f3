import { setTimeout as sleep } from 'node:timers/promises';
import type { RespondFn } from '@slack/bolt';
import { type Answer, renderSentence } from '../blocks/answer.ts';
import { section } from '../blocks/elements.ts';
import { fit, limits } from '../blocks/fit.ts';
import { withReadersTime } from '../blocks/readers-time.ts';
import type { Log } from '../slack-logger.ts';

/**
 * Acknowledges. If that does not reach Slack, the work goes on anyway: Slack sends the event again, but it is done only
 * once.
 */
export async function acknowledged(ack: () => Promise<void>, log: Log): Promise<void> {
  try {
    await ack();
  } catch (error) {
    log.warn({ error }, 'acknowledgement not sent');
  }
}

/**
 * Shows an answer to the person alone. It is retried while Slack cannot be reached: an answer shown twice is better
 * than none. Errors end in `answerLost`.
 */
export async function reply(respond: RespondFn, answer: Answer): Promise<void> {
  await send(respond, { response_type: 'ephemeral', replace_original: false }, answer);
}

/** An answer that takes longer than this is announced first, ms. */
const soonMs = 900;

/**
 * Shows the answer to a command: within a second, or else says that it is on its way and edits that line. What is for
 * the whole channel is announced to the person alone. Uses the `response_url` three times at most, retries apart.
 */
export async function replySoon(respond: RespondFn, answer: Promise<Answer>, isShared: boolean): Promise<void> {
  const isAnnounced = !(await isSoon(answer)) && (await announced(respond));
  const found = await answer;
  const original = { response_type: 'ephemeral', replace_original: isAnnounced } as const;
  if (!isShared) await send(respond, original, found);
  else {
    if (isAnnounced) await send(respond, original, renderSentence('Here it is, for everybody in the channel:'));
    await send(respond, { response_type: 'in_channel', replace_original: false }, found);
  }
}

/** The same in the place of the ephemeral message whose button was clicked. */
export async function replyInPlace(respond: RespondFn, answer: Promise<Answer>): Promise<void> {
  if (!(await isSoon(answer))) await announced(respond, true);
  await send(respond, { response_type: 'ephemeral', replace_original: true }, await answer);
}

async function isSoon(answer: Promise<Answer>): Promise<boolean> {
  const isThere = answer.then(
    () => true,
    () => true,
  );
  return Promise.race([isThere, sleep(soonMs, false, { ref: false })]);
}

/** Tried once: if it cannot be said, the answer itself is sent as if nothing had been. */
async function announced(respond: RespondFn, inPlace = false): Promise<boolean> {
  try {
    await respond({ response_type: 'ephemeral', replace_original: inPlace, ...renderSentence(COLLECTING) });
    return true;
  } catch {
    return false;
  }
}

const COLLECTING = 'Collecting… the answer will appear here.';

type How = Pick<Exclude<Parameters<RespondFn>[0], string>, 'response_type' | 'replace_original'>;

/**
 * Sends; if Slack refuses the blocks (400), again in classic ones, because not every plan supports newer ones. A
 * `response_url` returns nothing but the status.
 */
async function send(respond: RespondFn, how: How, { classic, ...answer }: Answer): Promise<void> {
  const now = Date.now();
  const { text, blocks } = withReadersTime(answer, now);
  try {
    await persistently(() => respond({ ...how, text, blocks }));
  } catch (error) {
    if (statusOf(error) !== 400) throw error;
    await persistently(() =>
      respond({
        ...how,
        ...withReadersTime({ text, blocks: classic ?? [section(fit(answer.text, limits.section))] }, now),
      }),
    );
  }
}

/** A `response_url` can be used five times. */
const pausesMs = [1_000, 5_000, 20_000];

async function persistently(work: () => Promise<unknown>): Promise<void> {
  for (const pauseMs of pausesMs) {
    try {
      await work();
      return;
    } catch (error) {
      const status = statusOf(error);
      if (status !== null && status !== 429 && status < 500) throw error;
    }
    await sleep(pauseMs, undefined, { ref: false });
  }
  await work();
}

/** Null if there was no answer at all. */
function statusOf(error: unknown): number | null {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : null;
}
