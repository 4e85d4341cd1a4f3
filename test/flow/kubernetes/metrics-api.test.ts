import { expect, test } from 'vitest';
import type { MetricsSource } from '../../../sandbox/kubernetes/cluster/usage.ts';
import { readMetrics } from '../../../src/adapters/kubernetes/read/metrics-api.ts';
import type { WatchWorld } from './watch/watch-world.ts';
import { start } from './watch/watch-worlds.ts';

const at = Date.UTC(2026, 10, 24, 11, 59, 45);

function pod(namespace: string, name: string, memoryBytes: number): ReturnType<MetricsSource['pods']>[number] {
  const containers = [{ name: 'app', usage: { memoryBytes, cpuNanoCores: 1 } }];
  return { namespace, name, labels: {}, at, windowMs: 15_000, containers };
}

async function startMeasured(): Promise<WatchWorld> {
  const pods = [pod('shop', 'web-1', 48 * 2 ** 20), pod('pay', 'api-1', 12_345_678), pod('shop', 'gone', 0)];
  return start({ metrics: { pods: () => pods } });
}

test('what each container uses is read with the moment of the look; nothing is no size', async () => {
  const world = await startMeasured();

  expect(await readMetrics(world.transport, [], 60_000)).toEqual([
    { namespace: 'shop', pod: 'web-1', container: 'app', hex: null, points: [{ t: at, bytes: 48 * 2 ** 20 }] },
    { namespace: 'pay', pod: 'api-1', container: 'app', hex: null, points: [{ t: at, bytes: expect.any(Number) }] },
  ]);
});

test('only the namespaces that are named are asked for', async () => {
  const world = await startMeasured();

  const found = await readMetrics(world.transport, ['pay'], 60_000);

  expect(found.map((one) => one.pod)).toEqual(['api-1']);
});

test.each([
  ['absent', 'is not served in this cluster; install metrics-server'],
  ['unavailable', 'is registered but does not answer; see that metrics-server runs'],
] as const)('metrics-server that is %s is said, with what to do', async (state, words) => {
  const world = await startMeasured();
  world.server.setMetrics(state);

  await expect(readMetrics(world.transport, [], 60_000)).rejects.toMatchObject({
    code: 'no-metrics-api',
    message: expect.stringContaining(words),
  });
});

test('an API server that does not answer at all is another thing', async () => {
  const world = await startMeasured();
  world.server.faults.inject({ kind: 'hang', path: 'metrics.k8s.io' });

  await expect(readMetrics(world.transport, [], 200)).rejects.toMatchObject({ code: 'cluster-slow' });
});
