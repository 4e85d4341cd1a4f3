import { afterEach, expect, test } from 'vitest';
import { createHandClock } from '../../../sandbox/hand-clock.ts';
import type { MetricsSource } from '../../../sandbox/kubernetes/cluster/usage.ts';
import { readMetrics } from '../../../src/adapters/kubernetes/read/metrics-api.ts';
import { readContainers } from '../../../src/adapters/kubernetes/read/read-containers.ts';
import { redisNow } from '../../../src/adapters/redis/connection.ts';
import { countKills } from '../../../src/adapters/redis/store/kill-counts.ts';
import { createSamples } from '../../../src/adapters/redis/store/samples.ts';
import { createStore } from '../../../src/adapters/redis/store/store.ts';
import { Failure } from '../../../src/core/failure.ts';
import type { DebtAnswer, WorkerAnswer, LogAnswer, TopAnswer } from '../../../src/core/talk/question.ts';
import { answerQuestion } from '../../../src/flow/answer/answer-question.ts';
import type { QuestionNeeds } from '../../../src/flow/answer/question-needs.ts';
import { startWatchWorld } from '../kubernetes/watch/watch-world.ts';
import { kill, useRedis } from '../store/fixtures.ts';

const bench = useRedis();
const closers: (() => Promise<unknown>)[] = [];
const Mi = 2 ** 20;

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** Used Mi and limit Mi (null = none) by `namespace/pod`. */
type Pods = Readonly<Record<string, readonly [used: number, limit: number | null]>>;

async function open(pods: Pods, changes: Partial<QuestionNeeds> = {}) {
  const clock = createHandClock();
  const measured: MetricsSource = {
    pods: () =>
      Object.entries(pods).map(([place, [used]]) => {
        const [namespace = '', name = ''] = place.split('/');
        const containers = [{ name: 'app', usage: { memoryBytes: used * Mi, cpuNanoCores: 1 } }];
        return { namespace, name, labels: {}, at: clock.now(), windowMs: 15_000, containers };
      }),
  };
  const world = await startWatchWorld({ metrics: measured, clock });
  closers.push(world.close);
  for (const [place, [, limit]] of Object.entries(pods)) {
    const [namespace = '', name = ''] = place.split('/');
    const workload = name.split('-')[0] ?? name;
    const resources = limit === null ? {} : { limits: { memory: `${limit}Mi` } };
    const startedAt = new Date(clock.now() - 60 * 60_000).toISOString().replace('.000', '');
    const state = { running: { startedAt } };
    world.store.create('pods', {
      kind: 'Pod',
      apiVersion: 'v1',
      metadata: {
        name,
        namespace,
        labels: { 'pod-template-hash': '7d4b9' },
        ownerReferences: [{ kind: 'ReplicaSet', name: `${workload}-7d4b9`, controller: true }],
      },
      spec: { nodeName: 'node-1', containers: [{ name: 'app', resources }] },
      status: { phase: 'Running', containerStatuses: [{ name: 'app', restartCount: 0, state, lastState: {} }] },
    });
  }
  const cluster = bench.cluster();
  const redis = bench.redis();
  const samples = createSamples({ redis, cluster });
  const store = createStore({ redis, cluster });
  const logged: string[] = [];
  const needs: QuestionNeeds = {
    cluster,
    mode: 'act',
    namespaces: [],
    startedAt: 1_000,
    settledMs: 600_000,
    store,
    containers: (names, deadlineMs) => readContainers(world.transport, names, deadlineMs),
    usageSource: () => ({ is: 'none', why: 'no Prometheus was found', details: 'no Service looks like one' }),
    prometheusNow: () => Promise.reject(new Failure('prometheus-slow', 'Prometheus did not answer in time')),
    prometheusPeaks: () => Promise.reject(new Failure('prometheus-slow', 'Prometheus did not answer in time')),
    memoryPrice: null,
    freezes: [],
    metricsNow: (names, deadlineMs) => readMetrics(world.transport, names, deadlineMs),
    samples: samples.read,
    sampling: samples.sampling,
    killCounts: (subjects) => countKills(redis, cluster, subjects),
    test: () => Promise.reject(new Failure('no-test', 'no pod is made here')),
    logTail: () => Promise.reject(new Failure('no-log', 'the pod is gone, and its log with it')),
    pause: async ({ by }) => ({ to: 'pause', is: 'refused', text: '{0} may not pause.', people: [by] }),
    hearAlerts: () => Promise.resolve([]),
    now: clock.now,
    log: (_, message) => logged.push(message),
    ...changes,
  };
  const killed = async (workload: string, times = 1, pod = `${workload}-gone`): Promise<string> => {
    let id = '';
    for (let n = 0; n < times; n += 1) {
      const finishedAt = new Date((await redisNow(redis)) - n * 1_000).toISOString();
      const admission = await store.admit(kill(cluster, n, { workload, pod, finishedAt }), 'act');
      if (admission.is !== 'known') id = admission.incident;
    }
    return id;
  };
  return {
    world,
    cluster,
    samples,
    store,
    clock,
    killed,
    logged,
    ask: (question: unknown, leftMs = 10_000) => answerQuestion(question, leftMs, needs),
  };
}

function top(answer: WorkerAnswer): TopAnswer {
  if (answer.to !== 'top') throw new Error(JSON.stringify(answer));
  return answer;
}

const topQuestion = (...namespaces: readonly string[]) => ({ ask: 'top', namespaces: [...namespaces], limit: 15 });

test('the killed, the growing and the nearest are found among all pods, one row for each workload', async () => {
  const { ask, killed, samples, clock } = await open({
    'shop/web-1': [50, 100],
    'shop/web-2': [95, 100],
    'shop/leak-1': [70, 100],
    'shop/checkout-1': [10, 100],
    'pay/api-1': [30, 100],
    'pay/free-1': [900, null],
  });
  await killed('checkout', 3);
  await killed('report');
  const minute = 60_000;
  for (let ago = 20; ago > 0; ago -= 1)
    await samples.keep([{ name: 'shop/leak-1/app', t: clock.now() - ago * minute, bytes: (70 - ago) * Mi }], false);
  await samples.noteSampling({
    since: clock.now() - 20 * minute,
    at: clock.now(),
    everyMs: 30_000,
    kept: 1,
    problem: null,
  });

  const answer = top(await ask(topQuestion()));

  expect(answer.rows.map(({ workload, pods, kills24h }) => [workload.name, pods, kills24h])).toEqual([
    ['checkout', 1, 3],
    ['report', 0, 1],
    ['leak', 1, 0],
    ['web', 2, 0],
    ['api', 1, 0],
  ]);
  expect(answer.rows.find(({ workload }) => workload.name === 'web')).toMatchObject({
    pod: 'web-2',
    usedBytes: 95 * Mi,
  });
  const leak = answer.rows.find(({ workload }) => workload.name === 'leak');
  expect((leak?.fullInMs ?? 0) / minute).toBeCloseTo(30, 0);
  expect(answer).toMatchObject({ more: 0, containers: 6, withoutLimit: 1, notes: [] });
  expect(answer.source).toContain('metrics.k8s.io, sampled every 30s since');
});

test('only what was asked for is looked at', async () => {
  const { ask, killed, world } = await open({ 'shop/web-1': [50, 100], 'pay/api-1': [30, 100] });
  await killed('checkout');

  const answer = top(await ask(topQuestion('pay')));

  expect(answer.rows.map(({ workload }) => workload.name)).toEqual(['api']);
  expect(
    world.server
      .requestLog()
      .filter(({ path }) => path.includes('pods'))
      .filter(({ path }) => !path.includes('/pay/')),
  ).toEqual([]);
});

test('a worker that is confined to namespaces looks only at those', async () => {
  const { ask } = await open({ 'shop/web-1': [50, 100], 'pay/api-1': [30, 100] }, { namespaces: ['pay'] });

  expect(top(await ask(topQuestion())).rows.map(({ workload }) => workload.name)).toEqual(['api']);
});

test('a Prometheus that is slow leaves the kills, and is named', async () => {
  const { ask, killed } = await open(
    { 'shop/web-1': [50, 100] },
    { usageSource: () => ({ is: 'prometheus', url: 'http://p', words: 'Prometheus at http://p' }) },
  );
  await killed('checkout');

  const answer = top(await ask(topQuestion()));

  expect(answer.rows.map(({ workload }) => workload.name)).toEqual(['checkout']);
  expect(answer.source).toBeNull();
  expect(answer.notes).toEqual(['Usage could not be read: Prometheus did not answer in time']);
});

test('without metrics-server it is said how to get usage', async () => {
  const { ask, world } = await open({ 'shop/web-1': [50, 100] });
  world.server.setMetrics('absent');

  const { notes, rows } = top(await ask(topQuestion()));

  expect(rows).toEqual([]);
  expect(notes).toEqual([
    expect.stringContaining(
      'no Prometheus was found, and metrics.k8s.io could not be read: metrics.k8s.io is not served in this cluster; install metrics-server',
    ),
  ]);
});

test('an API server that does not answer leaves what the store knows', async () => {
  const { ask, killed, world } = await open({ 'shop/web-1': [50, 100] });
  await killed('checkout');
  world.server.faults.inject({ kind: 'hang', count: 10 });

  const { notes, rows } = top(await ask(topQuestion(), 1_500));

  expect(rows).toMatchObject([{ workload: { name: 'checkout' }, pods: 0 }]);
  expect(notes).toEqual([
    expect.stringContaining('The pods could not be read: The API server did not answer'),
    expect.stringContaining('metrics.k8s.io could not be read'),
  ]);
});

test('five thousand pods are compared within the time', async () => {
  const pods = Object.fromEntries(
    Array.from({ length: 5_000 }, (_, at) => [`shop/w${at % 1_000}-${at}`, [at % 100, 100] as const]),
  );
  const { ask } = await open(pods);

  const answer = top(await ask(topQuestion(), 10_000));

  expect(answer).toMatchObject({ containers: 5_000, notes: [] });
  expect(answer.rows).toHaveLength(15);
  expect(answer.rows[0]).toMatchObject({ usedBytes: 99 * Mi });
  expect(answer.more).toBeGreaterThan(900);
});

test('the status says mode, pause and where usage comes from', async () => {
  const { ask, store, clock, samples } = await open({});
  expect(await ask({ ask: 'status' })).toEqual({
    to: 'status',
    mode: 'act',
    startedAt: 1_000,
    paused: null,
    usage: 'no Prometheus was found (no Service looks like one), and sampling of metrics.k8s.io has not begun',
    namespaces: [],
    freezes: [],
  });

  await store.keepPause({ by: 'U1', at: 5, reason: 'freeze' }, { what: 'paused', by: 'U1', at: 5, reason: '' });
  await samples.noteSampling({ since: clock.now(), at: clock.now(), everyMs: 30_000, kept: 2, problem: null });

  expect(await ask({ ask: 'status' })).toMatchObject({
    paused: { by: 'U1', at: 5, reason: 'freeze' },
    usage: expect.stringMatching(
      /^metrics\.k8s\.io, sampled every 30s since .*, 2 containers at the last look; no Prometheus was found \(no Service looks like one\)$/,
    ),
  });
});

test('the status has the freezes that hold in this cluster now, and no others', async () => {
  const freeze = { clusters: ['*'], namespaces: ['pay'], from: 0, until: Number.MAX_SAFE_INTEGER, reason: 'audit' };
  const freezes = [
    freeze,
    { ...freeze, clusters: ['another-*'] },
    { ...freeze, until: 1 },
    { ...freeze, from: Number.MAX_SAFE_INTEGER - 1 },
  ];
  const { ask } = await open({}, { freezes });

  expect(await ask({ ask: 'status' })).toMatchObject({
    freezes: [{ namespaces: ['pay'], until: freeze.until, reason: 'audit' }],
  });
});

test('the log of an incident is that of its newest kill, or the reason why there is none', async () => {
  const found: LogAnswer = {
    to: 'log',
    is: 'found',
    pod: 'p',
    container: 'app',
    text: 'x\n',
    note: null,
  };
  const asked: string[] = [];
  const { ask, killed } = await open(
    {},
    {
      logTail: async (one) => {
        asked.push(one.pod);
        return found;
      },
    },
  );
  const id = await killed('checkout', 2, 'checkout-new');

  expect(await ask({ ask: 'log', incident: id })).toEqual(found);
  expect(asked).toEqual(['checkout-new']);
  expect(await ask({ ask: 'log', incident: 'INC-0000' })).toEqual({
    to: 'log',
    is: 'missing',
    reason: 'I no longer know INC-0000.',
  });
});

test('a log that is gone is an answer', async () => {
  const { ask, killed } = await open({});
  const id = await killed('checkout');

  expect(await ask({ ask: 'log', incident: id })).toEqual({
    to: 'log',
    is: 'missing',
    reason: 'There is no log to show: the pod is gone, and its log with it.',
  });
});

test('pausing is decided by whoever knows the policy', async () => {
  const { ask } = await open({});

  expect(await ask({ ask: 'pause', want: 'paused', by: 'USAM', groups: [], reason: null })).toEqual({
    to: 'pause',
    is: 'refused',
    text: '{0} may not pause.',
    people: ['USAM'],
  });
});

test.each([[{ ask: 'trend', of: 'checkout' }], [null], [{ ask: 'top' }]])(
  'a question of another version is answered as such (%o)',
  async (question) => {
    const { ask } = await open({});

    expect(await ask(question)).toEqual({ to: 'unknown-question' });
  },
);

test('a store that is away is an answer, and is logged', async () => {
  const down = (): Promise<never> => Promise.reject(new Failure('redis-unreachable', 'Redis cannot be reached.'));
  const { ask, logged } = await open({}, { store: { open: down, load: down, pause: down } });

  expect(await ask({ ask: 'status' })).toEqual({ to: 'failed', reason: 'Redis cannot be reached.' });
  expect(logged).toEqual(['question not answered']);
});

function debt(answer: WorkerAnswer): DebtAnswer {
  if (answer.to !== 'debt') throw new Error(JSON.stringify(answer));
  return answer;
}

const everything = { ask: 'debt', namespaces: [], limit: 10 };

test('debt is what is asked for far above its use, the worst first, with what is not measured', async () => {
  const pods: Pods = {
    'shop/idle-1': [100, 4096],
    'shop/idle-2': [200, 4096],
    'shop/big-1': [900, 8192],
    'shop/fine-1': [700, 1024],
    'shop/free-1': [10, null],
  };
  const { ask, cluster, killed } = await open(pods, { memoryPrice: { perGiBMonth: 4, currency: 'EUR' } });
  await killed('big');

  const all = debt(await ask(everything));
  const one = debt(await ask({ ...everything, workloads: ['fine'] }));

  expect(all.rows).toEqual([
    {
      cluster,
      namespace: 'shop',
      workload: { kind: 'Deployment', name: 'idle' },
      container: 'app',
      pods: 2,
      requestBytes: 4096 * Mi,
      limitBytes: 4096 * Mi,
      peakBytes: 200 * Mi,
      requestDebtBytes: 2 * (4096 - 250) * Mi,
      limitDebtBytes: 2 * (4096 - 250) * Mi,
    },
  ]);
  expect(all).toMatchObject({ measured: 2, notMeasured: 0, killed: 1, price: { currency: 'EUR' } });
  expect(all.source).toMatch(/^at this moment, metrics\.k8s\.io/);
  expect(one).toMatchObject({ rows: [], measured: 1 });
});

test('with a Prometheus the highest use of a day counts, and what it does not know is not measured', async () => {
  const pods: Pods = { 'shop/idle-1': [100, 4096], 'shop/new-1': [100, 4096] };
  const point = { namespace: 'shop', pod: 'idle-1', container: 'app', hex: null, points: [{ t: 0, bytes: 1900 * Mi }] };
  const { ask } = await open(pods, {
    usageSource: () => ({ is: 'prometheus', url: 'http://p', words: 'Prometheus at http://p' }),
    prometheusPeaks: async () => [point],
  });

  const found = debt(await ask(everything));

  expect(found.rows).toMatchObject([{ workload: { name: 'idle' }, peakBytes: 1900 * Mi }]);
  expect(found).toMatchObject({
    measured: 1,
    notMeasured: 1,
    source: 'the highest of the last 24 h, Prometheus at http://p',
  });
});

test('without any usage nothing is called debt', async () => {
  const { ask } = await open(
    { 'shop/idle-1': [100, 4096] },
    { metricsNow: () => Promise.reject(new Failure('metrics-absent', 'metrics.k8s.io is not served')) },
  );

  expect(debt(await ask(everything))).toMatchObject({
    rows: [],
    measured: 0,
    notMeasured: 1,
    source: null,
    notes: [expect.stringContaining('There is no usage')],
  });
});
