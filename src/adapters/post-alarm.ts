import { createHash } from 'node:crypto';
import { Failure } from '../core/failure.ts';
import type { Retry } from '../core/failure.ts';
import { networkCode } from '../core/network-code.ts';
import { redact } from '../core/redact/redact.ts';
import { bounded } from '../core/units/text-bounds.ts';

/** Where alarms are posted, and how its answers are read. */
export interface AlarmServer {
  /** As people are told: `PagerDuty`. */
  readonly name: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What to do where it lets nobody in. */
  readonly mend: string;
  /** Whether a 400 with this text is about all that is sent, and not about one alarm. */
  readonly refusesAll: (text: string) => boolean;
  readonly fetch: typeof globalThis.fetch;
}

const mostAskedMs = 3_600_000;
/** PagerDuty asks for some minutes, and says no time. */
const busyMs = 60_000;

/** What a status means: the answer would be the same to everything (`receiver`), or to this alarm (`event`). */
const refusals: Readonly<Record<number, 'receiver' | 'event'>> = {
  400: 'event',
  401: 'receiver',
  403: 'receiver',
  404: 'receiver',
  405: 'receiver',
  410: 'receiver',
  413: 'event',
  415: 'receiver',
  422: 'event',
};

/**
 * Posts JSON to a receiver of alarms. @throws Failure `receiver-refused`, `event-refused`, `receiver-busy`,
 * `receiver-unreachable`; flow/notify/needs.ts says what they mean
 */
export async function postAlarm(server: AlarmServer, body: unknown): Promise<void> {
  const { url, headers, fetch, name } = server;
  let answer: Response;
  try {
    answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  } catch (error) {
    const why = error instanceof Failure ? error.message : (networkCode(error) ?? 'no answer in time');
    throw new Failure('receiver-unreachable', `${name} cannot be reached: ${why}`, { retry: 'backoff', cause: error });
  }
  if (answer.ok) return;
  throw refusal(server, answer.status, await answer.text(), answer.headers.get('retry-after'));
}

function refusal({ name, mend, refusesAll }: AlarmServer, status: number, text: string, after: string | null): Failure {
  const said = bounded(redact(text.trim().replaceAll(/\s+/g, ' ')), 'serverWords');
  const answered = `${name} answered ${status}${said === '' ? '' : `: ${said}`}`;
  const kind = refusals[status];
  if (kind === 'receiver' || (kind === 'event' && refusesAll(text)))
    return new Failure('receiver-refused', `${answered}. ${mend}`);
  if (kind === 'event') return new Failure('event-refused', answered);
  const seconds = Number(after ?? Number.NaN);
  const isBusy = status === 429;
  const askedMs = seconds > 0 ? Math.min(seconds * 1000, mostAskedMs) : isBusy ? busyMs : null;
  const retry: Retry = askedMs === null ? 'backoff' : { afterMs: askedMs };
  return new Failure(isBusy ? 'receiver-busy' : 'receiver-unreachable', answered, { retry });
}

/** A receiver's answer is a sentence. */
export const mostAnswerBytes = 2 ** 20;

/** Tells one configuration from another without telling its secrets. */
export function configurationOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}
