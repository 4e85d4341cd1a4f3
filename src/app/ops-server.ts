import { inTime } from '../adapters/in-time.ts';
import type { Metrics } from '../adapters/telemetry/metrics.ts';
import { createBoundedServer, serverBounds } from './bounded-server.ts';
import type { ServerBounds } from './bounded-server.ts';
import { listen } from './listen.ts';

/** One condition for the process to be ready, or alive. */
export interface Check {
  readonly name: string;
  /** Null when it is right, else a sentence that says what is wrong. */
  readonly problem: () => Promise<string | null> | string | null;
}

export interface OpsOptions {
  readonly host: string;
  readonly port: number;
  /** For `/readyz`: can it be given work? */
  readonly ready: readonly Check[];
  /** For `/healthz`: or must it be restarted? */
  readonly alive: readonly Check[];
  /** Shown in `/readyz`, without making it fail. */
  readonly warnings: () => readonly string[];
  readonly metrics: Metrics;
  readonly bounds?: ServerBounds;
}

/** A probe of Kubernetes is usually given more than a second, and a check that hangs must still be named. */
const checkMs = 900;

/** Serves /healthz, /readyz (200 or 503, JSON that names every problem) and /metrics. @throws Failure('port-taken') */
export async function startOpsServer(
  options: OpsOptions,
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const { bounds = serverBounds } = options;
  const server = createBoundedServer(
    (request, response) => {
      request.resume();
      void answer(request.url ?? '/', options).then(
        ({ status, type, body }) => response.writeHead(status, { 'content-type': type }).end(body),
        (error: unknown) => response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error)),
      );
    },
    { bounds, turnedAway: () => undefined },
  );
  const { host } = options;
  const { port, close } = await listen(server, { host, port: options.port, variable: 'OOMKEEPER_OPS_PORT' });
  return { url: `http://${reachable(host)}:${port}`, close };
}

/** A host that listens everywhere is reached on this machine, and an IPv6 address stands in brackets in a URL. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

async function answer(url: string, options: OpsOptions) {
  const [path] = url.split('?');
  if (path === '/metrics') {
    const { registry } = options.metrics;
    return { status: 200, type: registry.contentType, body: await registry.metrics() };
  }
  if (path === '/healthz') return report(options.alive, []);
  if (path === '/readyz') return report(options.ready, options.warnings());
  return { status: 404, type: 'text/plain', body: 'Here are /healthz, /readyz and /metrics.\n' };
}

/** A check that throws is a problem, and so is one that does not answer. */
async function problemOf({ problem }: Check): Promise<string | null> {
  try {
    return await inTime(Promise.resolve(problem()), checkMs, () => `No answer within ${checkMs / 1000} s.`);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function report(checks: readonly Check[], warnings: readonly string[]) {
  const results = await Promise.all(checks.map(async (check) => [check.name, await problemOf(check)] as const));
  const ok = results.every(([, problem]) => problem === null);
  const body = { ok, checks: Object.fromEntries(results.map(([name, problem]) => [name, problem ?? 'ok'])), warnings };
  return { status: ok ? 200 : 503, type: 'application/json', body: `${JSON.stringify(body)}\n` };
}
