import { setTimeout as sleep } from 'node:timers/promises';
import type { RespondFn } from '@slack/bolt';
import type { Answer } from '../blocks/answer.ts';
import { section } from '../blocks/elements.ts';
import { fit, limits } from '../blocks/fit.ts';
import type { Log } from '../slack-logger.ts';

/** Acknowledges. Where that does not reach Slack the work goes on: Slack sends it again, and it is done only once. */
export async function acknowledged(ack: () => Promise<void>, log: Log): Promise<void> {
  try {
    await ack();
  } catch (error) {
    log.warn({ error }, 'acknowledgement not sent');
  }
}

/**
 * Shows an answer to the person alone. It is sent again while Slack cannot be reached: an answer that is shown twice is
 * better than none. What it throws ends in `answerLost`.
 */
export async function reply(respond: RespondFn, answer: Answer): Promise<void> {
  await send(respond, { response_type: 'ephemeral', replace_original: false }, answer);
}

/** Shows an answer to everybody in the channel, because the person asked for that. */
export async function share(respond: RespondFn, answer: Answer): Promise<void> {
  await send(respond, { response_type: 'in_channel', replace_original: false }, answer);
}

type How = Pick<Exclude<Parameters<RespondFn>[0], string>, 'response_type' | 'replace_original'>;

/**
 * Sends; where Slack refuses the form (400), once more in classic blocks, because newer ones are not on every plan.
 * A `response_url` says no more than the status.
 */
async function send(respond: RespondFn, how: How, { text, blocks, classic }: Answer): Promise<void> {
  try {
    await persistently(() => respond({ ...how, text, blocks }));
  } catch (error) {
    if (statusOf(error) !== 400) throw error;
    await persistently(() => respond({ ...how, text, blocks: classic ?? [section(fit(text, limits.section))] }));
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

/** Null where there was no answer at all. */
function statusOf(error: unknown): number | null {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : null;
}
