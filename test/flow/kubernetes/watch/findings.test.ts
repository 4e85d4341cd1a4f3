import { afterEach, expect, test } from 'vitest';
import { createClusterReader } from '../../../../src/adapters/kubernetes/read/read-cluster.ts';
import type { Evidence } from '../../../../src/core/evidence/evidence.ts';
import { bareOrNull } from '../../../../src/core/kill/cgroup.ts';
import { childKill } from '../../../../src/core/kill/detect/make-kill.ts';
import { readPod } from '../../../../src/core/kill/pod.ts';
import type { LoadMapping } from '../../../../src/core/evidence/load-query.ts';
import type { UsageQuery } from '../../../../src/core/evidence/usage-query.ts';
import { deploy, lastOf, Mi, peaksAt, startLivingWorld, untilKills, web } from '../living-world.ts';
import type { LivingWorld } from '../living-world.ts';

const open: LivingWorld[] = [];

afterEach(async () => {
  for (const world of open.splice(0)) await world.close();
});

async function killed(count: number, peakAfterMs: number): Promise<LivingWorld> {
  const world = await startLivingWorld();
  open.push(world);
  await deploy(world, peaksAt(100, peakAfterMs));
  await untilKills(world, count);
  return world;
}

function valueOf<T>(evidence: Evidence<T>): T {
  if (!evidence.found) throw new Error(evidence.reason);
  return evidence.value;
}

const reasonOf = (evidence: Evidence<unknown>): string | null => (evidence.found ? null : evidence.reason);

test('everything that the cluster knows is found', async () => {
  const world = await killed(1, 20_000);
  world.cluster.rollout(web, 'app', { image: 'shop/web:2' });
  await untilKills(world, 2);
  await world.clock.advance(3_000);

  const found = await world.reader.findings(lastOf(world.kills), world.kills);

  expect(valueOf(found.spec)).toMatchObject({
    limitBytes: 64 * Mi,
    requestBytes: 64 * Mi,
    qosClass: 'Burstable',
    image: 'shop/web:2',
    env: { CACHE_MB: '32' },
  });
  expect(valueOf(found.restarts)).toMatchObject({ restartCount: 1, ends: [{ exitCode: 137, reason: 'OOMKilled' }] });
  expect(valueOf(found.log).lines.at(-1)).toMatch(/handled requests heap_mb=6\d$/);
  expect(valueOf(found.rollout)).toMatchObject({
    revision: '2',
    previousRevision: '1',
    changed: ['image shop/web:1 -> shop/web:2'],
  });
});

test('an explanation reads nothing twice', async () => {
  const world = await killed(1, 20_000);
  const kill = lastOf(world.kills);
  const nodeOom = { node: kill.node ?? '', at: 0, outOf: 'machine' as const, victim: null, isNamed: false };
  const before = world.server.requestLog().length;

  const [found, inputs] = await Promise.all([
    world.reader.findings(kill, world.kills, nodeOom),
    world.reader.planInputs(kill),
  ]);

  const paths = world.server
    .requestLog()
    .slice(before)
    .map(({ path }) => path)
    .toSorted();
  expect(found.node).toMatchObject({ found: true, value: { node: 'node-1' } });
  expect(inputs.pods).toHaveLength(1);
  expect(paths.length).toBeGreaterThan(8);
  expect(paths).toEqual([...new Set(paths)]);
});

test('what a namespace allows, and what scales in it, is found where it says something of memory', async () => {
  const world = await killed(1, 20_000);
  const inShop = (kind: string, name: string) => ({ apiVersion: 'v1', kind, metadata: { namespace: 'shop', name } });
  const full = { 'limits.memory': '192Mi' };
  const before = await world.reader.findings(lastOf(world.kills), world.kills);
  world.store.create('resourcequotas', { ...inShop('ResourceQuota', 'team'), status: { hard: full, used: full } });
  world.store.create('limitranges', {
    ...inShop('LimitRange', 'sizes'),
    spec: { limits: [{ type: 'Container', max: { memory: '96Mi' } }] },
  });
  world.store.create('scaledobjects', {
    ...inShop('ScaledObject', 'by-memory'),
    spec: { scaleTargetRef: { name: 'web' }, triggers: [{ type: 'memory', metricType: 'Utilization' }] },
  });

  const { namespace, scaling } = await world.reader.findings(lastOf(world.kills), world.kills);

  expect(before.namespace).toBeUndefined();
  expect(before.scaling).toBeUndefined();
  expect(scaling).toMatchObject({
    value: { scaler: { kind: 'ScaledObject', name: 'by-memory', onMemory: 'share' }, vpa: null },
  });
  expect(namespace).toMatchObject({
    found: true,
    value: {
      namespace: 'shop',
      quotas: [{ name: 'team', of: 'limits.memory', hardBytes: 192 * Mi, usedBytes: 192 * Mi }],
      ranges: [{ name: 'sizes', maxBytes: 96 * Mi }],
      limitIsDefault: false,
    },
  });
});

test('what nobody can say has a reason', async () => {
  const world = await killed(1, 20_000);

  const { usage } = await world.reader.findings(lastOf(world.kills), world.kills);

  expect(reasonOf(usage)).toBe('it could not be read: Error: connect ECONNREFUSED');
});

test('usage is asked for back to the beginning of the workload, so that a young one is looked at closely', async () => {
  const world = await killed(1, 20_000);
  const bornAt = world.clock.now();
  const asked: UsageQuery[] = [];
  const reader = createClusterReader({
    transport: world.transport,
    deadlineMs: 10_000,
    usage: (query) => {
      asked.push(query);
      return Promise.reject(new Error('none'));
    },
    usageNow: () => Promise.resolve(null),
    now: world.clock.now,
  });
  await world.clock.advance(5 * 60_000);

  await reader.findings(lastOf(world.kills), world.kills);
  world.cluster.deleteWorkload(web);
  await world.clock.advance(60_000);
  await reader.findings(lastOf(world.kills), world.kills);

  const [ofLiving, ofGone] = asked.map(({ from, to }) => to - from);
  expect(ofLiving).toBeGreaterThan(world.clock.now() - bornAt - 60_000);
  expect(ofLiving).toBeLessThan(10 * 60_000);
  expect(ofGone).toBe(60 * 60_000);
});

test('what its load is says the policy, else its annotation, else what scales it', async () => {
  const world = await killed(1, 20_000);
  const askedFor = async (loads: readonly LoadMapping[] = []): Promise<UsageQuery['load']> => {
    const asked: UsageQuery[] = [];
    const reader = createClusterReader({
      transport: world.transport,
      deadlineMs: 10_000,
      usage: (query) => {
        asked.push(query);
        return Promise.reject(new Error('none'));
      },
      usageNow: () => Promise.resolve(null),
      loads,
      now: world.clock.now,
    });
    await reader.findings(lastOf(world.kills), world.kills);
    return asked[0]?.load;
  };
  const inShop = (kind: string, name: string) => ({ apiVersion: 'v1', kind, metadata: { namespace: 'shop', name } });
  const before = await askedFor();
  world.store.create('horizontalpodautoscalers', {
    ...inShop('HorizontalPodAutoscaler', 'web'),
    spec: {
      scaleTargetRef: { kind: 'Deployment', name: 'web' },
      metrics: [{ type: 'Pods', pods: { metric: { name: 'hits' } } }],
    },
  });
  const byHpa = await askedFor();
  world.store.create('scaledobjects', {
    ...inShop('ScaledObject', 'web'),
    spec: { scaleTargetRef: { name: 'web' }, triggers: [{ type: 'prometheus', metadata: { query: 'queue' } }] },
  });
  const byKeda = await askedFor();
  const byPolicy = await askedFor([{ cluster: null, namespace: 'shop', workload: 'Deployment/web', query: 'orders' }]);

  expect(before).toBeNull();
  expect(byHpa).toMatchObject({ by: 'hpa', promql: expect.stringContaining('metric_name="hits"') });
  expect(byKeda).toEqual({ by: 'keda', promql: 'queue' });
  expect(byPolicy).toEqual({ by: 'policy', promql: 'orders' });
});

test('of a pod that is gone the kill itself is left', async () => {
  const world = await killed(1, 20_000);
  world.cluster.deleteWorkload(web);
  await world.clock.advance(60_000);

  const found = await world.reader.findings(lastOf(world.kills), world.kills);

  expect(valueOf(found.spec)).toMatchObject({ limitBytes: 64 * Mi, image: 'shop/web:1', env: {} });
  expect(valueOf(found.restarts).ends).toHaveLength(1);
  expect(reasonOf(found.log)).toBe('the pod is gone, and its log with it');
  expect(reasonOf(found.rollout)).toBe('the Deployment web is gone');
});

test('another pod of the same name is another pod', async () => {
  const world = await killed(1, 20_000);
  const kill = { ...lastOf(world.kills), podUid: 'the-one-before' };

  const found = await world.reader.findings(kill, [kill]);

  expect(reasonOf(found.log)).toBe('the pod is gone, and its log with it');
  expect(valueOf(found.spec).env).toEqual({});
});

test('the log is that of the killed run: before its restart, in back-off, and after', async () => {
  const world = await killed(2, 5_000);
  const ofKill = (): string => String(lastOf(world.kills).startedAt).slice(0, 19);
  const log = async (): Promise<string> => {
    const { log: found } = await world.reader.findings(lastOf(world.kills), world.kills);
    return valueOf(found).lines[0] ?? '';
  };

  const inBackOff = await log();
  await world.clock.advance(11_000);
  const afterRestart = await log();

  expect(inBackOff.slice(0, 19)).toBe(ofKill());
  expect(afterRestart.slice(0, 19)).toBe(ofKill());
  expect(inBackOff).toMatch(/starting$/);
  const asked = world.server.requestLog().filter(({ path }) => path.includes('/log?'));
  expect(asked.map(({ path }) => path.includes('previous=true'))).toEqual([false, true]);
});

test('the log is not that of the next run, although it begins while the log is asked for', async () => {
  const world = await killed(2, 5_000);
  const kill = lastOf(world.kills);
  const { transport } = world;
  const reader = createClusterReader({
    transport: {
      ...transport,
      end: async (call, keepBytes) => {
        if (call.path.includes('/log?') && !call.path.includes('previous')) await world.clock.advance(12_000);
        return transport.end(call, keepBytes);
      },
    },
    deadlineMs: 10_000,
    usage: () => Promise.reject(new Error('none')),
    usageNow: () => Promise.resolve(null),
    now: world.clock.now,
  });

  const { log } = await reader.findings(kill, [kill]);

  expect(valueOf(log).lines[0]?.slice(0, 19)).toBe(kill.startedAt?.slice(0, 19));
});

test('the log of a container that goes on after a kill of one of its processes tells of the kill', async () => {
  const world = await startLivingWorld();
  open.push(world);
  await deploy(world, { points: [{ at: 0, bytes: 20 * Mi }] });
  await world.clock.advance(60_000);
  world.cluster.killChild(web, 'app');
  await world.clock.advance(100_000);
  const [pod] = world.store.list('pods', 'shop');
  const view = readPod(pod);
  const [container] = view?.containers ?? [];
  if (!view || !container) throw new Error('no pod');
  const run = { pod: view, container, containerId: bareOrNull(container.containerId) ?? '' };
  const seen = { startedBeforeWatch: false, seenAtMs: world.clock.now() };
  const kill = childKill(run, { cluster: 'prod', fingerprint: 'child', ...seen });

  const { log } = await world.reader.findings(kill, [kill]);

  expect(valueOf(log).lines).toHaveLength(50);
  expect(valueOf(log).lines.at(-3)).toMatch(/worker was terminated by signal 9$/);
});

test('a log that the node has not kept is no failure of the rest', async () => {
  const world = await killed(2, 5_000);
  const stopped = lastOf(world.kills);
  // A kill whose run is neither the last one nor the one before: `previous` answers with the kubelet's own sentence.
  const kill = { ...stopped, containerId: 'containerd://long-gone' };
  const { transport } = world;
  const reader = createClusterReader({
    transport: {
      ...transport,
      end: (call, keepBytes) =>
        transport.end({ ...call, path: call.path.replace('/log?', '/log?previous=true&') }, keepBytes),
    },
    deadlineMs: 10_000,
    usage: () => Promise.reject(new Error('none')),
    usageNow: () => Promise.resolve(null),
    now: world.clock.now,
  });

  const found = await reader.findings(kill, [kill]);

  expect(reasonOf(found.log)).toBe('the node has kept no log of the killed run');
  expect(found.spec.found).toBe(true);
});

test('a server that is too slow costs the deadline and no more', async () => {
  const world = await killed(1, 20_000);
  world.server.faults.inject({ kind: 'hang', count: 100 });
  const reader = createClusterReader({
    transport: world.transport,
    deadlineMs: 100,
    usage: () => Promise.reject(new Error('none')),
    usageNow: () => Promise.resolve(null),
    now: world.clock.now,
  });

  const { spec, restarts, log, rollout } = await reader.findings(lastOf(world.kills), world.kills);

  for (const evidence of [spec, restarts, log, rollout]) expect(reasonOf(evidence)).toMatch(/within 0\.1 s/);
});

test('what may not be read is told in the words of the server', async () => {
  const world = await killed(1, 20_000);
  world.server.faults.inject({ kind: 'http-500', path: '/replicasets' });

  const { rollout } = await world.reader.findings(lastOf(world.kills), world.kills);

  expect(reasonOf(rollout)).toMatch(/^The API server answered GET \S+ with 500: /);
});
