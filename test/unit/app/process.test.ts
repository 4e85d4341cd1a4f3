import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { closeRedis, connectRedis } from '../../../src/adapters/redis/connection.ts';
import { createLog } from '../../../src/adapters/telemetry/log.ts';
import { createNewerDocuments } from '../../../src/app/newer-documents.ts';
import { createMetrics } from '../../../src/adapters/telemetry/metrics.ts';
import { noTracing } from '../../../src/adapters/telemetry/tracing/tracing.ts';
import { readConfig } from '../../../src/app/config/config.ts';
import { queueCheck, readyRedis, sweepCheck } from '../../../src/app/process.ts';
import type { ProcessContext } from '../../../src/app/process.ts';

test('a process that waits for Redis can be told to stop', async () => {
  const stopping = new AbortController();
  const redis = connectRedis(await deafServer(), { role: 'store', onError: () => undefined });
  onTestFinished(() => closeRedis(redis));

  const waiting = readyRedis(contextWith(stopping.signal), redis);
  stopping.abort();

  await expect(waiting).rejects.toMatchObject({ code: 'stopping' });
});

test('a process that was told to stop before does not wait for Redis at all', async () => {
  const redis = connectRedis(await deafServer(), { role: 'store', onError: () => undefined });
  onTestFinished(() => closeRedis(redis));

  const waiting = readyRedis(contextWith(AbortSignal.abort()), redis);

  await expect(waiting).rejects.toMatchObject({ code: 'stopping' });
});

const table: readonly [string, number, () => Promise<number>, boolean][] = [
  ['nothing waits, however long it is quiet', 1_000_000, () => Promise.resolve(0), true],
  ['jobs wait, but one was taken lately', 10, () => Promise.resolve(5), true],
  ['jobs wait, and none was taken for long', 1_000_000, () => Promise.resolve(5), false],
  ['Redis is away', 1_000_000, () => Promise.reject(new Error('no route')), true],
];

test.each(table)('a queue is alive or not: %s', async (_, quietMs, waiting, alive) => {
  const { problem } = queueCheck('kills', { lastActivityAt: () => performance.now() - quietMs, waiting }, 120_000);

  expect((await problem()) === null).toBe(alive);
});

test('sweeps that end are alive although somebody sets the clock, and without them nothing is for long', async () => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const { check, swept } = sweepCheck(createMetrics('worker'), 120_000);

  vi.setSystemTime(Date.now() + 10 * 60_000);
  expect(await check.problem()).toBeNull();
  vi.advanceTimersByTime(119_000);
  swept();
  vi.advanceTimersByTime(119_000);
  expect(await check.problem()).toBeNull();
  vi.advanceTimersByTime(2_000);
  expect(await check.problem()).toBe('No sweep has ended for 120 s.');
});

test('sweeps that fail, as while Redis is away, keep a process alive, and are no activity', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const metrics = createMetrics('worker');
  const { check, failed } = sweepCheck(metrics, 120_000);

  for (let minutes = 0; minutes < 10; minutes += 1) {
    vi.advanceTimersByTime(60_000);
    failed();
  }

  expect(await check.problem()).toBeNull();
  expect((await metrics.lastActivity.get()).values).toMatchObject([{ value: 0 }]);
});

/** Takes connections and never says a word. */
async function deafServer(): Promise<string> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  return `redis://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
}

function contextWith(stopping: AbortSignal): ProcessContext {
  return {
    config: readConfig({ OOMKEEPER_CLUSTER: 'prod' }, ['worker']),
    log: createLog({ level: 'silent', secrets: [], base: {} }),
    metrics: createMetrics('worker'),
    newer: createNewerDocuments(),
    tracing: noTracing,
    add: () => undefined,
    fatal: () => undefined,
    stopping,
  };
}
