import { request } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { createMetrics } from '../../../src/adapters/telemetry/metrics.ts';
import { startOpsServer } from '../../../src/app/ops-server.ts';
import type { Check, OpsOptions } from '../../../src/app/ops-server.ts';

const right: Check = { name: 'redis', problem: () => null };

async function serving(options: Partial<OpsOptions> = {}): Promise<string> {
  const server = await startOpsServer({
    host: '127.0.0.1',
    port: 0,
    ready: [right],
    alive: [right],
    warnings: () => [],
    metrics: createMetrics('worker'),
    ...options,
  });
  onTestFinished(server.close);
  return server.url;
}

test('a port that is taken is named with its variable', async () => {
  const port = Number(new URL(await serving()).port);

  await expect(serving({ port })).rejects.toMatchObject({
    code: 'port-taken',
    message: expect.stringMatching(new RegExp(`Port ${port} .*EADDRINUSE.* another OOMKEEPER_OPS_PORT`)),
  });
});

async function get(url: string): Promise<{ readonly status: number; readonly body: unknown }> {
  const response = await fetch(url);
  return { status: response.status, body: await response.json() };
}

test.each(['/healthz', '/readyz', '/readyz?verbose'])('%s is 200 when nothing is wrong', async (path) => {
  const url = await serving();

  expect(await get(`${url}${path}`)).toEqual({
    status: 200,
    body: { ok: true, checks: { redis: 'ok' }, warnings: [] },
  });
});

test('readiness names every problem and shows what is only worth a warning', async () => {
  const ready = [right, { name: 'slack', problem: () => 'No socket.' }, { name: 'watch', problem: () => 'It hangs.' }];
  const url = await serving({ ready, warnings: () => ['No append-only file.'] });

  expect(await get(`${url}/readyz`)).toEqual({
    status: 503,
    body: {
      ok: false,
      checks: { redis: 'ok', slack: 'No socket.', watch: 'It hangs.' },
      warnings: ['No append-only file.'],
    },
  });
});

test('what only readiness needs does not end the process', async () => {
  const url = await serving({ ready: [{ name: 'redis', problem: () => 'It is away.' }] });

  expect((await get(`${url}/healthz`)).status).toBe(200);
  expect((await get(`${url}/readyz`)).status).toBe(503);
});

const wrong: readonly [string, Check['problem'], string][] = [
  [
    'throws',
    () => {
      throw new Error('No route.');
    },
    'No route.',
  ],
  ['rejects', () => Promise.reject(new Error('No route.')), 'No route.'],
  ['does not answer', () => Promise.withResolvers<null>().promise, 'No answer within 0.9 s.'],
];

test.each(wrong)('a check that %s is a problem by its name', async (_, problem, said) => {
  const url = await serving({ alive: [right, { name: 'broken', problem }] });

  expect(await get(`${url}/healthz`)).toEqual({
    status: 503,
    body: { ok: false, checks: { redis: 'ok', broken: said }, warnings: [] },
  });
});

test('metrics are served as Prometheus reads them', async () => {
  const response = await fetch(`${await serving()}/metrics`);

  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(await response.text()).toMatch(/^# TYPE oomkeeper_admissions_total counter$/m);
});

test.each(['/', '/nothing', '//', '/%'])('elsewhere (%s) it says where to look', async (path) => {
  const { port } = new URL(await serving());

  const status = await new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', path }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });

  expect(status).toBe(404);
});

test('a port that is taken is an error, not a silence', async () => {
  const { port } = new URL(await serving());

  await expect(serving({ port: Number(port) })).rejects.toThrow('EADDRINUSE');
});

test.each([
  ['0.0.0.0', /^http:\/\/127\.0\.0\.1:\d+$/],
  ['127.0.0.1', /^http:\/\/127\.0\.0\.1:\d+$/],
  ['localhost', /^http:\/\/localhost:\d+$/],
])('listening on %s, its URL can be opened', async (host, expected) => {
  const url = await serving({ host });

  expect(url).toMatch(expected);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});
