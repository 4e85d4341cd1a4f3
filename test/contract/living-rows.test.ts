import { expect, test } from 'vitest';
import type { SamplePoint } from '../../sandbox/kubernetes/cluster/samples.ts';
import { behave, container, createWorld, mebi, pod, ramp } from './living-cluster-world.ts';
import type { World } from './living-cluster-world.ts';

/* What Prometheus has of a pod: as in the recorded quarter of an hour (test/recordings/rounds). */

const minutes = (count: number): number => count * 60_000;

/** Points of all series of a metric: of the container `app`, of the pod as a whole, or of its network. */
function rows({ cluster }: World, metric: string, of: 'app' | 'pod' | 'network'): readonly (readonly SamplePoint[])[] {
  return cluster.samples
    .series(metric)
    .filter(({ labels }) => {
      if (of === 'app') return labels['container'] === 'app';
      if (of === 'network') return labels['interface'] === 'eth0';
      return labels['container'] === undefined && labels['name'] === undefined;
    })
    .map(({ points }) => points);
}

const mi = (points: readonly SamplePoint[] = []): number[] => points.map(({ v }) => Math.round((v ?? 0) / mebi));

test('a container is looked at when it begins, before it holds anything, and then every 10 to 19 s', async () => {
  const world = createWorld();
  behave(world, { kind: 'Pod', name: 'web' }, ramp(40, 41, minutes(10)));
  world.cluster.apply([pod('web', { containers: [container('app', '64Mi')] })]);
  await world.clock.advance(minutes(5));

  const [points = []] = rows(world, 'container_memory_working_set_bytes', 'app');

  const gaps = points.slice(1).map(({ t }, index) => t - (points[index]?.t ?? 0));
  expect(mi(points)[0]).toBe(3);
  expect(points.length).toBeGreaterThan(12);
  // A scrape every 15 s misses a look now and then.
  expect(gaps.filter((ms) => ms < 10_000 || ms > 38_000)).toEqual([]);
  expect(new Set(points.map(({ t }) => t % 15_000)).size).toBeGreaterThan(5);
});

test('pages in a memory-backed volume outlive the container, and only the row of the pod shows them', async () => {
  const world = createWorld();
  const files = { bytesPerMs: (30 * mebi) / minutes(1), mostBytes: 300 * mebi };
  behave(world, { kind: 'Pod', name: 'spool' }, { ...ramp(4, 8, 2_000), files });
  world.cluster.apply([pod('spool', { containers: [container('app', '64Mi')] })]);
  await world.clock.advance(minutes(6));

  const kills = world.cluster.kills();
  const starts = kills.map(({ at }, index) => at - (kills[index - 1]?.at ?? at));
  const [first = [], ...later] = rows(world, 'container_memory_cache', 'app');
  const [ofPod = []] = rows(world, 'container_memory_cache', 'pod');

  expect(kills.length).toBeGreaterThan(3);
  // Back-off and no more: each later run is killed within seconds.
  expect(starts[1]).toBeLessThan(6_000);
  expect(Math.max(...mi(first))).toBeGreaterThan(40);
  expect(Math.max(0, ...later.flatMap(mi))).toBeLessThan(5);
  expect(mi(ofPod).at(-1)).toBeGreaterThan(50);
});

test('packets that a pod receives and CPU that it uses follow its load', async () => {
  const world = createWorld();
  const load = [
    { at: 0, perSecond: 10 },
    { at: minutes(4), perSecond: 10 },
    { at: minutes(4) + 1, perSecond: 50 },
  ];
  behave(world, { kind: 'Pod', name: 'web' }, { ...ramp(40, 41, minutes(10)), load });
  world.cluster.apply([pod('web', { containers: [container('app', '64Mi')] })]);
  await world.clock.advance(minutes(8));

  for (const [metric, of] of [
    ['container_network_receive_packets_total', 'network'],
    ['container_cpu_usage_seconds_total', 'app'],
  ] as const) {
    const [points = []] = rows(world, metric, of);
    const half = points.findIndex(({ t }) => t > (points[0]?.t ?? 0) + minutes(4.5));
    const rate = (from: SamplePoint | undefined, to: SamplePoint | undefined): number =>
      ((to?.v ?? 0) - (from?.v ?? 0)) / ((to?.t ?? 0) - (from?.t ?? 0));
    const times = rate(points[half], points.at(-1)) / rate(points[0], points[half - 3]);
    expect(times).toBeGreaterThan(3.5);
    expect(times).toBeLessThan(5.5);
  }
});

test('page cache fills the limit and is in no working set; only pages that wait to be written kill', async () => {
  const world = createWorld();
  const dirty = [
    { at: 0, bytes: 0 },
    { at: minutes(5), bytes: 0 },
    { at: minutes(5) + 1, bytes: 60 * mebi },
  ];
  const pages = { bytesPerMs: (60 * mebi) / minutes(1), dirty };
  behave(world, { kind: 'Pod', name: 'archiver' }, { ...ramp(20, 21, minutes(10)), pages });
  world.cluster.apply([pod('archiver', { containers: [container('app', '64Mi')] })]);
  await world.clock.advance(minutes(5) + 30_000);

  const last = (metric: string): number => mi(rows(world, metric, 'app')[0]).at(-1) ?? 0;

  expect(world.cluster.kills().length).toBeGreaterThan(0);
  expect(last('container_memory_usage_bytes')).toBe(64);
  expect(last('container_memory_working_set_bytes')).toBeLessThan(22);
  expect(last('container_memory_cache')).toBeGreaterThan(40);
});
