import { expect, test } from 'vitest';
import { createSamples, type Samples } from '../../../src/adapters/redis/store/samples.ts';
import { createStore } from '../../../src/adapters/redis/store/store.ts';
import { redisNow } from '../../../src/adapters/redis/connection.ts';
import type { ContainerNow, UsageSeries } from '../../../src/core/evidence/usage-now.ts';
import { Failure } from '../../../src/core/failure.ts';
import { createSampler, type SampleNeeds } from '../../../src/flow/ahead/sample-usage.ts';
import type { UsageSource } from '../../../src/flow/answer/question-needs.ts';
import { kill, useRedis } from '../store/fixtures.ts';
import { eventually } from '../../eventually.ts';

const bench = useRedis();
const Mi = 2 ** 20;
const start = Date.UTC(2026, 10, 24, 12);
const none: UsageSource = { is: 'none', why: 'no Prometheus was found', details: '' };

interface Pretend {
  /** Used / limit in Mi by pod; a null limit is none. */
  usage: Record<string, readonly [used: number, limit: number | null]>;
  source: UsageSource;
  now: number;
  /** When metrics-server looked. */
  lookedAt: number;
  failure: Failure | null;
  /** Namespaces of each list of pods; empty = all. */
  lists: string[];
}

function open(changes: Partial<SampleNeeds> = {}) {
  const cluster = bench.cluster();
  const redis = bench.redis();
  const samples = createSamples({ redis, cluster });
  const store = createStore({ redis, cluster });
  const world: Pretend = { usage: {}, source: none, now: start, lookedAt: start, failure: null, lists: [] };
  const needs: SampleNeeds = {
    cluster,
    namespaces: [],
    everyMs: 30_000,
    most: 500,
    usageSource: () => world.source,
    metricsNow: async () => {
      if (world.failure) throw world.failure;
      return Object.entries(world.usage).map(([pod, [used]]): UsageSeries => ({
        namespace: 'shop',
        pod,
        container: 'app',
        hex: null,
        points: [{ t: world.lookedAt, bytes: used * Mi }],
      }));
    },
    prometheusNow: () => Promise.resolve([]),
    lookAhead: null,
    containers: async (namespaces) => {
      world.lists.push(namespaces.join(' '));
      return { containers: Object.entries(world.usage).map(([pod, [, limit]]) => containerOf(pod, limit)) };
    },
    store,
    samples,
    now: () => world.now,
    ...changes,
  };
  return { cluster, samples, store, world, needs, sampler: createSampler(needs) };
}

function containerOf(pod: string, limitMi: number | null): ContainerNow {
  return {
    namespace: 'shop',
    pod,
    container: 'app',
    workload: { kind: 'Deployment', name: pod.split('-')[0] ?? pod },
    isRunning: true,
    containerId: null,
    startedAt: null,
    requestBytes: null,
    limitBytes: limitMi === null ? null : limitMi * Mi,
  };
}

async function sampled(samples: Samples, pods: readonly string[]): Promise<readonly string[]> {
  const found = await samples.read(pods.map((pod) => `shop/${pod}/app`));
  return [...found.keys()].map((name) => name.split('/')[1] ?? '');
}

async function kills(
  cluster: string,
  store: ReturnType<typeof createStore>,
  workload: string,
  pod: string,
): Promise<void> {
  const finishedAt = new Date(await redisNow(bench.redis())).toISOString();
  await store.admit(kill(cluster, 1, { workload, pod, finishedAt }), 'act');
}

test('only what was killed or stands above 60% of its limit is sampled', async () => {
  const { cluster, samples, store, world, sampler } = open();
  world.usage = {
    'high-1': [61, 100],
    'low-1': [59, 100],
    'free-1': [900, null],
    'killed-1': [5, 100],
    'killed-2': [6, 100],
  };
  await kills(cluster, store, 'killed', 'killed-1');

  expect(await sampler.round()).toBe('sampled');

  // killed-2 is a sibling of the one that was killed: the best witness of what the workload needs.
  expect(await sampled(samples, Object.keys(world.usage))).toEqual(['high-1', 'killed-1', 'killed-2']);
  expect(await samples.sampling()).toMatchObject({ since: start, kept: 3, problem: null });
});

test('a pod that is younger than the list of limits is known by its kill', async () => {
  const { cluster, samples, store, world, sampler } = open();
  world.usage = { 'old-1': [61, 100] };
  await sampler.round();

  world.usage = { ...world.usage, 'new-1': [50, 100] };
  await kills(cluster, store, 'new', 'new-1');
  world.now += 30_000;
  world.lookedAt += 30_000;
  await sampler.round();

  expect(await sampled(samples, ['new-1'])).toEqual(['new-1']);
});

test('what was warned of is looked at closely however many stand nearer to their limit', async () => {
  const near: string[] = [];
  const { cluster, store, world, sampler } = open({
    most: 2,
    lookAhead: async (look) => void near.push(...look.near.map(({ pod }) => pod)),
  });
  world.usage = { 'high-1': [99, 100], 'high-2': [98, 100], 'warned-1': [70, 100] };
  const of = { is: 'rising-near-limit', bytesPerSecond: 1, usedBytes: 70 * Mi } as const;
  const container = { ...kill(cluster, 1, { workload: 'warned' }), kind: 'ahead' } as const;
  await store.warn({ ...container, warning: { at: start, of, calm: null } }, null, 'observe');

  await sampler.round();

  expect(near).toEqual(['warned-1', 'high-1']);
});

test('the pods are listed once in ten minutes, whatever the rounds', async () => {
  const { world, sampler } = open();
  world.usage = { 'high-1': [61, 100] };
  for (let round = 0; round < 21; round += 1) {
    await sampler.round();
    world.now += 30_000;
    world.lookedAt += 30_000;
  }

  expect(world.lists).toEqual(['', '']);
});

test('a new pod is looked up in its namespace, once, and one that is nowhere is not looked for again', async () => {
  const { samples, world, sampler } = open({
    containers: async (namespaces) => {
      world.lists.push(namespaces.join(' '));
      return { containers: namespaces.length === 0 ? [] : [containerOf('new-1', 100)] };
    },
  });
  world.usage = { 'new-1': [99, 100], 'ghost-1': [99, 100] };
  for (let round = 0; round < 10; round += 1) {
    await sampler.round();
    world.now += 30_000;
    world.lookedAt += 30_000;
  }

  expect(world.lists).toEqual(['', 'shop']);
  expect(await sampled(samples, ['new-1', 'ghost-1'])).toEqual(['new-1']);
});

test('a look that metrics-server has not renewed is not kept twice', async () => {
  const { samples, world, sampler } = open();
  world.usage = { 'high-1': [61, 100] };
  for (let round = 0; round < 4; round += 1) {
    await sampler.round();
    world.now += 30_000;
    if (round === 1) world.lookedAt += 60_000;
  }

  const points = (await samples.read(['shop/high-1/app'])).get('shop/high-1/app');
  expect(points?.map(({ t }) => t - start)).toEqual([0, 60_000]);
});

test('with more containers than may be sampled the killed ones and the fullest are', async () => {
  const { cluster, samples, store, world, sampler } = open({ most: 2 });
  world.usage = { 'a-1': [70, 100], 'b-1': [99, 100], 'killed-1': [1, 100] };
  await kills(cluster, store, 'killed', 'killed-1');

  await sampler.round();

  expect(await sampled(samples, Object.keys(world.usage))).toEqual(['b-1', 'killed-1']);
});

test('while there is a Prometheus nothing is sampled', async () => {
  const { samples, world, sampler } = open();
  world.usage = { 'high-1': [61, 100] };
  world.source = { is: 'prometheus', url: 'http://p', words: 'Prometheus at http://p' };

  expect(await sampler.round()).toBe('not-needed');
  expect(await sampled(samples, ['high-1'])).toEqual([]);
  expect(world.lists).toEqual([]);
});

test('of two workers one samples, and the other takes over when it is gone', async () => {
  const { needs, sampler, world } = open({ everyMs: 1_000 });
  world.usage = { 'high-1': [61, 100] };
  const other = createSampler(needs);

  expect(await sampler.round()).toBe('sampled');
  expect(await other.round()).toBe('by-another');
  expect(await sampler.round()).toBe('sampled');
  await eventually(async () => expect(await other.round()).toBe('sampled'));
});

test('why nothing can be sampled is kept, and sampling begins anew when it can', async () => {
  const { samples, world, sampler } = open();
  world.usage = { 'high-1': [61, 100] };
  world.failure = new Failure('no-metrics-api', 'metrics.k8s.io is not served in this cluster; install metrics-server');

  expect(await sampler.round()).toBe('failed');
  expect(await samples.sampling()).toMatchObject({
    kept: 0,
    problem: expect.stringContaining('install metrics-server'),
  });

  world.failure = null;
  world.now += 60_000;
  expect(await sampler.round()).toBe('sampled');
  expect(await samples.sampling()).toMatchObject({ since: start + 60_000, kept: 1, problem: null });
});
