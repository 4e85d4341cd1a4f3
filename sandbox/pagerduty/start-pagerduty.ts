import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createBoundedLog } from '../bounded-log.ts';
import type { SandboxClock } from '../clock.ts';
import { readBody } from '../http-router.ts';
import { isObject } from '../kubernetes/objects/json-value.ts';
import { listen } from '../listen.ts';
import { actions, problemsOf, unknownFields } from './check-event.ts';
import type { Action } from './check-event.ts';

export interface PagerdutyOptions {
  readonly clock: Pick<SandboxClock, 'now'>;
  /** Called with one line for whatever it does not cover. */
  readonly log?: (line: string) => void;
}

/** An alert, as PagerDuty deduplicates it: a key that was resolved is opened anew by the next trigger. */
export interface PagerdutyAlert {
  readonly key: string;
  readonly status: 'triggered' | 'acknowledged' | 'resolved';
  /** Of the trigger that opened it. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** How often it was opened. */
  readonly opened: number;
}

/** An event that was accepted. */
export interface PagerdutyEvent {
  /** Real ms UTC. */
  readonly at: number;
  readonly action: Action;
  readonly key: string;
  readonly event: Readonly<Record<string, unknown>>;
}

/** How the next requests are answered instead; `hang` takes the event and cuts the connection. */
export type PagerdutyFault = 429 | 500 | 503 | 'hang';

export interface Pagerduty {
  readonly apiUrl: string;
  readonly routingKey: string;
  readonly alerts: () => readonly PagerdutyAlert[];
  readonly events: () => readonly PagerdutyEvent[];
  /** Status of each request, oldest first. */
  readonly answers: () => readonly number[];
  readonly fail: (fault: PagerdutyFault, times: number) => void;
  /** From now on this is the only key that it knows. */
  readonly changeKey: (routingKey: string) => void;
  readonly close: () => Promise<void>;
}

const path = '/v2/enqueue';
const longestLog = 5_000;
const mostBytes = 512 * 1024;

interface Answer {
  readonly status: number;
  readonly json: unknown;
}

/** PagerDuty's Events API v2 on 127.0.0.1: one service with one integration key. Anything else is 501. */
export async function startPagerduty({ clock, log = () => undefined }: PagerdutyOptions): Promise<Pagerduty> {
  let routingKey = '0a1b2c3d4e5f60718293a4b5c6d7e8f9';
  const alerts = new Map<string, PagerdutyAlert>();
  const events = createBoundedLog<PagerdutyEvent>(longestLog);
  const answers = createBoundedLog<number>(longestLog);
  const faults: PagerdutyFault[] = [];

  function take(action: Action, key: string, event: Readonly<Record<string, unknown>>): void {
    events.push({ at: clock.now(), action, key, event });
    const before = alerts.get(key);
    const isOpen = before !== undefined && before.status !== 'resolved';
    if (action === 'trigger') {
      const payload = isObject(event['payload']) ? event['payload'] : {};
      if (!isOpen) alerts.set(key, { key, status: 'triggered', payload, opened: (before?.opened ?? 0) + 1 });
    } else if (isOpen) {
      alerts.set(key, { ...before, status: action === 'resolve' ? 'resolved' : 'acknowledged' });
    }
  }

  function answer(body: string): Answer {
    if (Buffer.byteLength(body) > mostBytes) return invalid(413, ['Event is larger than 512 KB']);
    let event: unknown;
    try {
      event = JSON.parse(body);
    } catch {
      return invalid(400, ['JSON cannot be parsed']);
    }
    if (!isObject(event)) return invalid(400, ['Event must be an object']);
    for (const name of unknownFields(event)) log(`PagerDuty does not know the field ${name}`);
    const problems = problemsOf(event, routingKey);
    const action = actions.find((one) => one === event['event_action']);
    if (problems.length > 0 || action === undefined) return invalid(400, problems);
    const key = typeof event['dedup_key'] === 'string' ? event['dedup_key'] : `made-up-${events.entries().length}`;
    take(action, key, event);
    return { status: 202, json: { status: 'success', message: 'Event processed', dedup_key: key } };
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    if (request.method !== 'POST' || request.url !== path) {
      log(`PagerDuty's simulator does not cover ${request.method} ${request.url}`);
      send(response, { status: 501, json: { message: 'not covered' } });
      return;
    }
    const fault = faults.shift();
    const answered = fault === undefined || fault === 'hang' ? answer(body) : failed(fault);
    answers.push(fault === 'hang' ? 0 : answered.status);
    if (fault === 'hang') response.destroy();
    else send(response, answered);
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      log(`PagerDuty's simulator failed: ${String(error)}`);
      response.destroy();
    });
  });
  const port = await listen(server, 0);

  return {
    apiUrl: `http://127.0.0.1:${port}`,
    routingKey,
    alerts: () => [...alerts.values()],
    events: events.entries,
    answers: answers.entries,
    fail: (fault, times) => {
      for (let time = 0; time < times; time += 1) faults.push(fault);
    },
    changeKey: (key) => {
      routingKey = key;
    },
    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      });
    },
  };
}

function invalid(status: number, errors: readonly string[]): Answer {
  return { status, json: { status: 'invalid event', message: 'Event object is invalid', errors } };
}

function failed(status: Exclude<PagerdutyFault, 'hang'>): Answer {
  return status === 429
    ? { status, json: { status: 'throttle exceeded', message: 'Requests for this service are arriving too quickly.' } }
    : { status, json: { status: 'error', message: 'An internal error occurred.' } };
}

function send(response: ServerResponse, { status, json }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
}
