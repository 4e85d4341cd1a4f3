import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createBoundedLog } from '../bounded-log.ts';
import type { SandboxClock } from '../clock.ts';
import { readBody } from '../http-router.ts';
import { listen } from '../listen.ts';
import { createAlertStore, type StoredAlert } from './alert-store.ts';
import { readAlert } from './read-alert.ts';

export interface AlertmanagerOptions {
  readonly clock: Pick<SandboxClock, 'now'>;
  /** The only value of the header that is let in; without it everybody is. */
  readonly authorization?: string;
  /** Called with one line for whatever it does not cover. */
  readonly log?: (line: string) => void;
}

export interface Alertmanager {
  readonly url: string;
  readonly firing: () => readonly StoredAlert[];
  readonly all: () => readonly StoredAlert[];
  /** Status of each POST, oldest first. */
  readonly answers: () => readonly number[];
  /** The next POSTs are answered so, and nothing is taken. */
  readonly fail: (status: number, times: number) => void;
  readonly close: () => Promise<void>;
}

const resolveTimeoutMs = 300_000;
const longestLog = 5_000;

interface Answer {
  readonly status: number;
  readonly json?: unknown;
}

/** Alertmanager's API v2 on 127.0.0.1: alerts are posted and listed, and its status is told. Anything else is 501. */
export async function startAlertmanager(options: AlertmanagerOptions): Promise<Alertmanager> {
  const { clock, authorization, log = () => undefined } = options;
  const store = createAlertStore(clock.now);
  const answers = createBoundedLog<number>(longestLog);
  const faults: number[] = [];
  const startedAt = clock.now();

  function post(body: string): Answer {
    const fault = faults.shift();
    if (fault !== undefined) return { status: fault, json: 'pretended' };
    let given: unknown;
    try {
      given = JSON.parse(body);
    } catch {
      return { status: 400, json: { code: 400, message: 'parsing alerts body failed' } };
    }
    if (!Array.isArray(given)) return { status: 422, json: { code: 602, message: 'alerts in body must be a list' } };
    const read = given.map((one) => readAlert(one, clock.now(), resolveTimeoutMs));
    const misshapen = read.find((one) => one.is === 'shape');
    if (misshapen?.is === 'shape') return { status: 422, json: { code: 602, message: misshapen.why } };
    // Those that are right are taken, whatever becomes of the others.
    for (const one of read) if (one.is === 'alert') store.put(one.alert);
    const problems = read.flatMap((one) => (one.is === 'invalid' ? [one.why] : []));
    return problems.length === 0 ? { status: 200 } : { status: 400, json: problems.join('\n') };
  }

  function answer(method: string, path: string, body: string): Answer {
    if (method === 'POST' && path === '/api/v2/alerts') {
      const answered = post(body);
      answers.push(answered.status);
      return answered;
    }
    if (method === 'GET' && path === '/api/v2/alerts') return { status: 200, json: store.firing().map(listed) };
    if (method === 'GET' && path === '/api/v2/status')
      return {
        status: 200,
        json: {
          cluster: { status: 'disabled', peers: [] },
          config: { original: 'route: { receiver: nobody }\n' },
          uptime: new Date(startedAt).toISOString(),
          versionInfo: {
            version: '0.27.0',
            branch: 'sandbox',
            revision: '0',
            goVersion: '0',
            buildDate: '0',
            buildUser: '0',
          },
        },
      };
    log(`Alertmanager's simulator does not cover ${method} ${path}`);
    return { status: 501, json: 'not covered' };
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    const { pathname } = new URL(request.url ?? '/', 'http://alertmanager');
    const isLetIn = authorization === undefined || request.headers.authorization === authorization;
    const { status, json } = isLetIn
      ? answer(request.method ?? '', pathname, body)
      : { status: 401, json: 'Unauthorized' };
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(json === undefined ? '' : JSON.stringify(json));
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      log(`Alertmanager's simulator failed: ${String(error)}`);
      response.destroy();
    });
  });
  const port = await listen(server, 0);

  return {
    url: `http://127.0.0.1:${port}`,
    firing: store.firing,
    all: store.all,
    answers: answers.entries,
    fail: (status, times) => {
      for (let time = 0; time < times; time += 1) faults.push(status);
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

function listed({ startsAt, endsAt, updatedAt, ...alert }: StoredAlert): unknown {
  const [starts, ends, updated] = [startsAt, endsAt, updatedAt].map((at) => new Date(at).toISOString());
  return {
    ...alert,
    startsAt: starts,
    endsAt: ends,
    updatedAt: updated,
    receivers: [{ name: 'nobody' }],
    status: { state: 'active', silencedBy: [], inhibitedBy: [], mutedBy: [] },
  };
}
