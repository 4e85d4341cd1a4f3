import type { IncomingHttpHeaders } from 'node:http';
import { parse } from 'node:querystring';
import { type App, isValidSlackRequest, type Receiver } from '@slack/bolt';
import { Failure } from '../../core/failure.ts';
import { minuteMs } from '../../core/units/duration.ts';
import { inTime } from '../in-time.ts';
import type { Log } from './slack-logger.ts';

/** Where Slack sends commands, clicks and events. */
export const slackPath = '/slack/events';

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Answers what was posted to `slackPath`; whoever has the server reads it. */
export interface SlackDoor {
  /** Why this cannot be signed by Slack now, by the headers alone; null if it may be. */
  readonly unsigned: (headers: IncomingHttpHeaders) => string | null;
  readonly answer: (posted: { readonly headers: IncomingHttpHeaders; readonly body: string }) => Promise<Answer>;
}

export interface SignedHttp {
  readonly receiver: Receiver;
  readonly door: SlackDoor;
}

/** Slack's own: a request this far from now, before or after, is not taken. */
const mostAsideMs = 5 * minuteMs;
/** Slack waits for 3 s. */
const answerMs = 3_000;

/**
 * Signed HTTP instead of Socket Mode, with the same listeners. Bolt checks the signature; the time stamp is checked here,
 * because Bolt 5.1 refuses only old ones and takes those of the future. A request that is replayed within the five
 * minutes is a repeated delivery, which `onceEach` and the request's id in the store catch. Not Bolt's HTTPReceiver: it
 * reads a body before it looks for a signature, and a signed `payload=null` ends the process.
 */
export function createSignedHttp(
  signingSecret: string,
  { log, now }: { readonly log: Log; readonly now: () => number },
): SignedHttp {
  let app: App | null = null;

  async function hear(body: object, headers: IncomingHttpHeaders): Promise<Answer> {
    const answered = Promise.withResolvers<Answer>();
    const ack = async (answer?: unknown): Promise<void> => answered.resolve(acknowledgement(answer));
    const retry = headers['x-slack-retry-num'];
    const event = { body, ack, ...(typeof retry === 'string' ? { retryNum: Number(retry) } : {}) };
    const heard = app === null ? Promise.resolve() : app.processEvent(event);
    heard.then(
      () => answered.resolve({ status: 404 }),
      (error: unknown) => {
        const unreadable = error instanceof Failure && error.code === 'chat-unreadable';
        if (!unreadable) log.error({ error }, 'delivery failed');
        answered.resolve({ status: unreadable ? 400 : 500 });
      },
    );
    return inTime(answered.promise, answerMs, () => ({ status: 503 }));
  }

  return {
    receiver: {
      init: (one: App) => {
        app = one;
      },
      start: () => Promise.resolve(),
      stop: () => Promise.resolve(),
    },
    door: {
      unsigned: (headers) => {
        const seconds = secondsOf(headers);
        if (seconds === null || !signatureOf(headers)) return 'This is not signed by Slack.';
        return Math.abs(now() - seconds * 1000) > mostAsideMs
          ? 'The time stamp differs from the time here by more than 5 minutes.'
          : null;
      },
      answer: async ({ headers, body }) => {
        const signed = {
          'x-slack-signature': signatureOf(headers),
          'x-slack-request-timestamp': secondsOf(headers) ?? 0,
        };
        if (!isValidSlackRequest({ signingSecret, body, headers: signed, nowMilliseconds: now() }))
          return { status: 401 };
        const read = contentOf(body, headers['content-type'] ?? '');
        if (read === null) {
          log.warn({ bytes: body.length }, 'delivery that cannot be read');
          return { status: 400 };
        }
        if ('ssl_check' in read && read.ssl_check === '1') return { status: 200 };
        if ('type' in read && read.type === 'url_verification') return challenge(read);
        return hear(read, headers);
      },
    },
  };
}

function signatureOf(headers: IncomingHttpHeaders): string {
  const given = headers['x-slack-signature'];
  return typeof given === 'string' && /^v0=[0-9a-f]{64}$/.test(given) ? given : '';
}

function secondsOf(headers: IncomingHttpHeaders): number | null {
  const given = headers['x-slack-request-timestamp'];
  return typeof given === 'string' && /^\d{1,12}$/.test(given) ? Number(given) : null;
}

/** Null for what is no object. */
function contentOf(body: string, type: string): object | null {
  try {
    const form = type.startsWith('application/x-www-form-urlencoded') ? parse(body) : null;
    if (form !== null && form['payload'] === undefined) return form;
    const json: unknown = JSON.parse(form === null ? body : String(form['payload']));
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? json : null;
  } catch {
    return null;
  }
}

function challenge(read: object): Answer {
  const word = 'challenge' in read && typeof read.challenge === 'string' ? read.challenge : '';
  return jsonAnswer({ challenge: word });
}

function acknowledgement(answer: unknown): Answer {
  return typeof answer === 'object' && answer !== null ? jsonAnswer(answer) : { status: 200 };
}

function jsonAnswer(body: object): Answer {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
