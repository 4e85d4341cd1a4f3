import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from '../adapters/telemetry/metrics.ts';

/** One thing that has to be right for the process to be ready, or alive. */
export interface Check {
  readonly name: string;
  /** Null when it is right, else a sentence that says what is wrong. */
  readonly problem: () => Promise<string | null> | string | null;
}

export interface OpsOptions {
  readonly host: string;
  readonly port: number;
  /** `/readyz`: may work be given to it? */
  readonly ready: readonly Check[];
  /** `/healthz`: or does it have to be started again? */
  readonly alive: readonly Check[];
  /** Shown in `/readyz`, without making it fail. */
  readonly warnings: () => readonly string[];
  readonly metrics: Metrics;
}

/** Serves /healthz, /readyz (200 or 503, JSON that names every problem) and /metrics. */
export async function startOpsServer(
  options: OpsOptions,
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    void answer(request.url ?? '/', options).then(
      ({ status, type, body }) => response.writeHead(status, { 'content-type': type }).end(body),
      (error: unknown) => response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error)),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const address: AddressInfo | string | null = server.address();
  const port = typeof address === 'object' && address ? address.port : options.port;
  return {
    url: `http://${options.host === '0.0.0.0' ? '127.0.0.1' : options.host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(url: string, options: OpsOptions) {
  const path = new URL(url, 'http://ops').pathname;
  if (path === '/metrics') {
    const { registry } = options.metrics;
    return { status: 200, type: registry.contentType, body: await registry.metrics() };
  }
  if (path === '/healthz') return report(options.alive, []);
  if (path === '/readyz') return report(options.ready, options.warnings());
  return { status: 404, type: 'text/plain', body: 'Here are /healthz, /readyz and /metrics.\n' };
}

async function report(checks: readonly Check[], warnings: readonly string[]) {
  const results = await Promise.all(
    checks.map(async ({ name, problem }) => [name, await Promise.resolve(problem()).catch(String)] as const),
  );
  const ok = results.every(([, problem]) => problem === null);
  const body = { ok, checks: Object.fromEntries(results.map(([name, problem]) => [name, problem ?? 'ok'])), warnings };
  return { status: ok ? 200 : 503, type: 'application/json', body: `${JSON.stringify(body)}\n` };
}
