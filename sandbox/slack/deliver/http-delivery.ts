import { createHmac } from 'node:crypto';
import { request } from 'node:http';
import type { SandboxClock } from '../../clock.ts';
import type { Acknowledgement, Deliver, DeliveryType } from './delivery.ts';
import type { Faults } from '../faults.ts';
import { isObject, type JsonObject } from '../json.ts';
import { type Retry, retryEvent } from './retry-event.ts';
import type { RequestLog } from '../request-log.ts';

/** A request as it went out, byte for byte. */
export interface SentRequest {
  /** Counts from 1. */
  readonly n: number;
  readonly kind: DeliveryType | 'url_verification' | 'ssl_check';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export interface HttpDelivery {
  readonly to: (url: string) => Deliver;
  /** The newest requests, oldest first. */
  readonly sent: () => readonly SentRequest[];
  /** Sends an earlier request again as it was, the newest by default; undefined when there is none. */
  readonly replay: (n?: number) => Promise<HttpAnswer | 'no_such_request' | 'dispatch_failed'>;
  /** The two checks that Slack makes of a URL: the certificate of a command's, the challenge of the events'. */
  readonly verify: (url: string) => Promise<{ readonly sslCheck: boolean; readonly challenge: boolean }>;
}

export interface HttpDeliveryOptions {
  readonly signingSecret: string;
  readonly verificationToken: string;
  readonly clock: SandboxClock;
  readonly requests: RequestLog;
  readonly faults: Faults;
  /** Real ms. */
  readonly acknowledgeWithinMs: number;
}

type Attempt =
  | { readonly answer: HttpAnswer; readonly reason?: never }
  | { readonly answer?: never; readonly reason: 'http_timeout' | 'connection_failed' };

const requestsKept = 500;
const staleBySeconds = 6 * 60;

/** Signed requests (docs.slack.dev/authentication/verifying-requests-from-slack): 2xx within 3 s is the acknowledgement. */
export function createHttpDelivery(options: HttpDeliveryOptions): HttpDelivery {
  const { clock, faults, requests } = options;
  let sent: SentRequest[] = [];
  let count = 0;

  function signed(url: string, kind: SentRequest['kind'], body: string, retry?: Retry): SentRequest {
    const wrong = faults.take(['wrong-signature'], { method: kind }) !== undefined;
    const stale = faults.take(['stale-timestamp'], { method: kind }) !== undefined;
    const seconds = Math.floor(clock.now() / 1000) - (stale ? staleBySeconds : 0);
    const secret = wrong ? `not-${options.signingSecret}` : options.signingSecret;
    const hash = createHmac('sha256', secret).update(`v0:${seconds}:${body}`).digest('hex');
    count += 1;
    const made = {
      n: count,
      kind,
      url,
      body,
      headers: {
        'content-type': kind === 'url_verification' || kind === 'events_api' ? 'application/json' : formType,
        'content-length': String(Buffer.byteLength(body)),
        'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
        'x-slack-request-timestamp': String(seconds),
        'x-slack-signature': `v0=${hash}`,
        ...(retry === undefined
          ? {}
          : { 'x-slack-retry-num': String(retry.attempt), 'x-slack-retry-reason': retry.reason }),
      },
    };
    sent = [...sent, made].slice(-requestsKept);
    return made;
  }

  async function send(wanted: SentRequest): Promise<Attempt> {
    const attempt = await post(wanted, (fn) => clock.after(options.acknowledgeWithinMs * clock.speed, fn));
    const status = attempt.answer?.status;
    const ok = status !== undefined && isSuccess(status);
    requests.add({
      kind: 'http-out',
      method: wanted.kind,
      ok,
      error: attempt.reason ?? (ok ? undefined : `http_${status}`),
      body: { n: wanted.n, body: wanted.body },
    });
    return attempt;
  }

  async function first(
    url: string,
    type: DeliveryType,
    body: string,
    retry?: Retry,
  ): Promise<{ attempt: Attempt; ms: number }> {
    const sentAt = performance.now();
    const going = send(signed(url, type, body, retry));
    if (faults.take(['duplicate-delivery'], { method: type }) !== undefined) {
      void send(signed(url, type, body)).catch(() => undefined);
    }
    const attempt = await going;
    return { attempt, ms: performance.now() - sentAt };
  }

  return {
    to: (url) => async (type, payload) => {
      const body = bodyOf(type, payload);
      const deliver = async (retry?: Retry): Promise<Acknowledgement> => {
        const { attempt, ms } = await first(url, type, body, retry);
        return fateOf(attempt, ms);
      };
      const fate = await deliver();
      if (type === 'events_api') retryEvent(fate, deliver, clock);
      return fate;
    },
    sent: () => sent,
    replay: async (n) => {
      const wanted = n === undefined ? sent.at(-1) : sent.find((each) => each.n === n);
      if (wanted === undefined) return 'no_such_request';
      const { answer } = await send(wanted);
      return answer ?? 'dispatch_failed';
    },
    verify: async (url) => {
      const challenge = `challenge-${clock.now()}`;
      const asked = { token: options.verificationToken, challenge, type: 'url_verification' };
      const ssl = await send(signed(url, 'ssl_check', `ssl_check=1&token=${options.verificationToken}`));
      const event = await send(signed(url, 'url_verification', JSON.stringify(asked)));
      return {
        sslCheck: ssl.answer?.status === 200,
        challenge: event.answer?.status === 200 && event.answer.body.includes(challenge),
      };
    },
  };
}

const formType = 'application/x-www-form-urlencoded';

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function bodyOf(type: DeliveryType, payload: JsonObject): string {
  switch (type) {
    case 'slash_commands':
      return new URLSearchParams(
        Object.fromEntries(Object.entries(payload).map(([key, value]) => [key, String(value)])),
      ).toString();
    case 'events_api':
      return JSON.stringify(payload);
    case 'interactive':
      return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  }
}

function fateOf({ answer, reason }: Attempt, ms: number): Acknowledgement {
  if (answer === undefined) {
    return reason === 'http_timeout' ? { outcome: 'operation_timeout', ms } : { outcome: 'dispatch_failed' };
  }
  if (!isSuccess(answer.status)) return { outcome: 'http_service_error', ms, status: answer.status };
  return { outcome: 'acknowledged', ms, payload: payloadOf(answer) };
}

/** What a submission was answered with. */
function payloadOf({ body, contentType }: HttpAnswer): JsonObject {
  if (body === '') return {};
  if (!contentType.startsWith('application/json')) return { text: body };
  try {
    const parsed: unknown = JSON.parse(body);
    return isObject(parsed) ? parsed : {};
  } catch {
    return { text: body };
  }
}

async function post(wanted: SentRequest, after: (fn: () => void) => () => void): Promise<Attempt> {
  return new Promise((resolve) => {
    const outgoing = request(wanted.url, { method: 'POST', headers: wanted.headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', () => {
        settle({ reason: 'connection_failed' });
      });
      response.on('end', () => {
        settle({
          answer: {
            status: response.statusCode ?? 0,
            contentType: response.headers['content-type'] ?? '',
            body: Buffer.concat(chunks).toString('utf8'),
          },
        });
      });
    });
    const cancel = after(() => {
      settle({ reason: 'http_timeout' });
      outgoing.destroy();
    });
    function settle(attempt: Attempt): void {
      cancel();
      resolve(attempt);
    }
    outgoing.on('error', () => {
      settle({ reason: 'connection_failed' });
    });
    outgoing.end(wanted.body);
  });
}
