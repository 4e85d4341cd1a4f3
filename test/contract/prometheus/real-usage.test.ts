import { monitorEventLoopDelay } from 'node:perf_hooks';

import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { createHandClock } from '../../../sandbox/hand-clock.ts';
import { startPrometheus } from '../../../sandbox/prometheus/start-prometheus.ts';
import { hpaLoad } from '../../../src/adapters/kubernetes/read/read-scaler-load.ts';
import { readCounterHistory } from '../../../src/adapters/prometheus/counter-history.ts';
import { readOomCounts } from '../../../src/adapters/prometheus/oom-counts.ts';
import { readUsagePoint } from '../../../src/adapters/prometheus/usage-near.ts';
import { createPrometheus } from '../../../src/adapters/prometheus/prometheus.ts';
import type { LoadQuery } from '../../../src/core/evidence/load-query.ts';
import type { UsageHistory } from '../../../src/core/evidence/evidence.ts';
import { dailyPeaks } from '../../../src/core/evidence/usage-lines.ts';
import type { UsageQuery } from '../../../src/core/evidence/usage-query.ts';
import { countedRise } from '../../../src/core/kill/counted-rise.ts';
import { diagnose } from '../../../src/core/diagnose/diagnose.ts';
import { recommend } from '../../../src/core/recommend/recommend.ts';
import { findingsOf, found, minute, Mi } from '../../fixtures/findings.ts';
import { day, everyMs, killedOnce, killOf, leaking, podOf, ramp, rampPeak, rowsOf } from './production.ts';
import type { Workload } from './production.ts';
import { programOf, startReal } from './real-servers.ts';
import type { RealServer, ServerName } from './real-servers.ts';
import type { SentSeries } from './remote-write.ts';

/*
 * The worker's questions to the servers themselves, and to the pretended one, with the same samples in all three.
 */
const now = Math.floor(Date.now() / everyMs) * everyMs;
const killedAt = now - 40_000;
const hour = 60 * minute;
const runs = [
  ['40 min', 40 * minute],
  ['12 h', 12 * hour],
  ['48 h', 48 * hour],
  ['7 d', 7 * day],
] as const;

const nameOf = (shape: string, words: string): string => `${shape}-${words.replace(' ', '')}`;
const ramps = runs.map(([words, ms]) => killedOnce(nameOf('ramp', words), killedAt, ms, ramp, { now }));
const leaks = runs.map(([words, ms]) => killedOnce(nameOf('leak', words), killedAt, ms, leaking, { now }));

/** One of the servers of a pair was restarted in the last minutes, the other before. */
const pair = ((): Workload => {
  const one = killedOnce('pair', killedAt, 2 * hour, ramp, { now });
  const without = (from: number, to: number, replica: string): readonly SentSeries[] =>
    one.series.map(({ labels, points }) => ({
      labels: { ...labels, replica },
      points: points.filter(({ t }) => t < killedAt - from || t > killedAt - to),
    }));
  return { ...one, series: [...without(10 * minute, 0, 'a'), ...without(60 * minute, 30 * minute, 'b')] };
})();

/** The same rows by two jobs, one of them without times of its own and with markers, and values that are no numbers. */
const twice = ((): Workload => {
  const one = killedOnce('twice', killedAt, 2 * hour, ramp, { now });
  const again = one.series.map(({ labels, points }) => ({
    labels: { ...labels, job: 'cadvisor' },
    points: [
      ...points.map(({ t, v }, index) => ({ t: t + 3000, v: index % 50 === 7 ? Number.NaN : v })),
      { t: (points.at(-1)?.t ?? 0) + everyMs, v: null },
    ],
  }));
  return { ...one, series: [...one.series, ...again] };
})();

/** Nothing was scraped for half an hour. */
const gap = ((): Workload => {
  const one = killedOnce('gap', killedAt, 12 * hour, ramp, { now });
  const isSeen = ({ t }: { readonly t: number }): boolean => t < killedAt - 50 * minute || t > killedAt - 20 * minute;
  return { ...one, series: one.series.map((series) => ({ ...series, points: series.points.filter(isSeen) })) };
})();

/** Twenty pods for 14 days with a peak of their own each day, the largest ten days ago; one is killed. */
const fleetPeak = 240 * Mi;
const fleet = ((): Workload => {
  const name = 'fleet';
  const pods = Array.from({ length: 20 }, (_, at) => podOf(name, `0000${(at + 10).toString(36)}`.slice(-5)));
  const bytes = (t: number): number => {
    const ago = now - t;
    if (Math.abs(ago - 10 * day) < 2 * minute) return fleetPeak;
    return ago % day < 10 * minute ? 180 * Mi : 120 * Mi;
  };
  const from = now - 14 * day;
  const old = pods.flatMap((pod) =>
    rowsOf({ name, pod, from, to: now - 2 * hour, bytes, othersMs: 0, stepMs: 4 * minute }),
  );
  const late = pods.flatMap((pod) =>
    rowsOf({ name, pod, from: now - 2 * hour, to: now, bytes }).map((series) => ({
      ...series,
      labels: relabelled(series.labels, rowsOf({ name, pod, from, to: from, bytes })[0]?.labels ?? {}),
    })),
  );
  return {
    name,
    pods: [podOf(name), ...pods],
    kills: [killOf(name, killedAt, 2 * hour)],
    series: [...old, ...late, ...killedOnce(name, killedAt, 2 * hour, ramp, { now }).series],
  };
})();

/** The same container as another, by its id. */
function relabelled(labels: SentSeries['labels'], as: SentSeries['labels']): SentSeries['labels'] {
  if (labels['container'] === undefined) return labels;
  return { ...labels, id: as['id'] ?? '', name: as['name'] ?? '' };
}

/** A pod that has been killed every 100 s for three days. */
const loop = ((): Workload => {
  const name = 'loop';
  const runMs = 100_000;
  const ends = Array.from({ length: 2500 }, (_, at) => killedAt - (2499 - at) * runMs);
  const series = ends.flatMap((to) =>
    rowsOf({ name, pod: podOf(name), from: to - runMs + 2000, to, bytes: (t) => 250 * Mi * (1 - (to - t) / runMs) }),
  );
  const kills = ends.slice(-20).map((to) => killOf(name, to, runMs - 2000));
  return { name, pods: [podOf(name)], kills, series };
})();

/** A worker whose child was killed twice; the second time is counted by the very last scrape. */
const childId = 'c'.repeat(64);
const children = ((): readonly SentSeries[] => {
  const labels = {
    namespace: 'shop',
    pod: podOf('worker'),
    container: 'app',
    id: `/kubepods/${childId}`,
    name: childId,
  };
  const times = Array.from({ length: 40 }, (_, at) => now - (39 - at) * everyMs);
  const counted = (t: number): number => (t > now - 10 * minute ? 1 : 0) + (t === now ? 1 : 0);
  return [
    { labels: { __name__: 'container_oom_events_total', ...labels }, points: times.map((t) => ({ t, v: counted(t) })) },
    {
      labels: { __name__: 'container_spec_memory_limit_bytes', ...labels },
      points: times.map((t) => ({ t, v: 80 * Mi })),
    },
  ];
})();

/** What kube-state-metrics shows of an autoscaler that goes by requests: twice, as two of its pods would show it. */
const scaledBy = 'requests_per_second';
const autoscaler = ['a', 'b'].map((instance): SentSeries => {
  const labels = {
    __name__: 'kube_horizontalpodautoscaler_status_target_metric',
    namespace: 'shop',
    horizontalpodautoscaler: 'ramp "40min"',
    metric_name: scaledBy,
    metric_target_type: 'average',
    instance,
  };
  const times = Array.from({ length: 80 }, (_, at) => now - (79 - at) * everyMs);
  return { labels, points: times.map((t) => ({ t, v: t > killedAt - 4 * minute ? 40 : 10 })) };
});

const workloads = [...ramps, ...leaks, pair, twice, gap, fleet, loop];

/** Series that several runs of a pod share are one. */
const stored = [
  ...Map.groupBy([...workloads.flatMap(({ series }) => series), ...children, ...autoscaler], ({ labels }) =>
    JSON.stringify(labels),
  ).values(),
].map((same): SentSeries => ({
  labels: same[0]?.labels ?? {},
  points: same.flatMap(({ points }) => points).toSorted((a, b) => a.t - b.t),
}));

interface Answered {
  readonly history: UsageHistory;
  readonly source: string;
  readonly bytes: number;
}

/** What each question took, printed with OOMKEEPER_TEST_TABLE=1. */
const costs: string[] = [];
const nameOfUrl = new Map<string, ServerName>();
afterAll(() => {
  if (process.env['OOMKEEPER_TEST_TABLE'] === '1') process.stdout.write(`${costs.join('\n')}\n`);
});

async function ask(url: string, { name, kills, pods }: Workload, load: LoadQuery | null = null): Promise<Answered> {
  let bytes = 0;
  const counting: typeof globalThis.fetch = async (input, init) => {
    const response = await fetch(input, init);
    const count = new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        bytes += chunk.length;
        controller.enqueue(chunk);
      },
    });
    return new Response(response.body?.pipeThrough(count) ?? null, { status: response.status });
  };
  const from = now - 7 * day;
  const query: UsageQuery = { namespace: 'shop', pod: podOf(name), container: 'app', pods, from, to: now, kills, load };
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const [began, cpu] = [performance.now(), process.threadCpuUsage()];
  const evidence = await createPrometheus({ url, deadlineMs: 60_000, now: () => now, fetch: counting }).usage(query);
  const ms = performance.now() - began;
  const { user, system } = process.threadCpuUsage(cpu);
  delay.disable();
  const [kib, cpuMs, loopMs] = [bytes / 1024, (user + system) / 1000, delay.max / 1e6].map(Math.round);
  costs.push(
    `${nameOfUrl.get(url) ?? 'pretended'} ${name}: ${kib} KiB, ${Math.round(ms)} ms, CPU ${cpuMs} ms, loop ${loopMs} ms`,
  );
  if (!evidence.found) throw new Error(evidence.reason);
  return { history: evidence.value, source: evidence.source, bytes };
}

function verdictOf({ history }: Pick<Answered, 'history'>, { kills }: Workload) {
  const kill = kills.at(-1);
  if (kill === undefined) throw new Error('nobody was killed');
  const findings = { ...findingsOf([]), usage: found(history) };
  const diagnosis = diagnose(findings, kill, kills, now);
  return { verdict: diagnosis.hypotheses[0], fix: recommend(diagnosis, findings, kill, kills).fix };
}

const names = ['prometheus', 'victoria-metrics'] as const satisfies readonly ServerName[];
const programs = names.map((name) => ({ name, program: programOf(name) }));

test.for(names)('%s is here to be asked', (name, { skip }) => {
  const isHere = programOf(name) !== null;
  skip(!isHere, `no ${name}: OOMKEEPER_TEST_PROMETHEUS=fetch npm test -- real-usage fetches it`);

  expect(isHere).toBe(true);
});

describe.each(programs.filter(({ program }) => program !== null))('$name', ({ name, program }) => {
  let server: RealServer | null = null;
  let url = '';

  beforeAll(async () => {
    server = await startReal(name, program ?? '');
    url = server.url;
    nameOfUrl.set(url, name);
    await server.write(stored);
  }, 60_000);

  afterAll(() => server?.stop());

  test.each(ramps.map((workload, index) => [runs[index]?.[0] ?? '', workload] as const))(
    'a run of %s that rose in its last four minutes gets a limit that is enough',
    async (_, workload) => {
      const answered = await ask(url, workload);

      const { verdict, fix } = verdictOf(answered, workload);
      expect(verdict?.cause).toBe('traffic-spike');
      expect(fix).toMatchObject({ kind: 'raise-limit' });
      expect('limitBytes' in fix ? fix.limitBytes : 0).toBeGreaterThanOrEqual(rampPeak);
      expect(answered.history.resolutionMs).toBeLessThan(1.3 * everyMs);
      expect(answered.bytes).toBeLessThan(2 ** 20);
    },
  );

  test.each(leaks.map((workload, index) => [runs[index]?.[0] ?? '', workload] as const))(
    'a leak that took %s is a leak',
    async (_, workload) => {
      const answered = await ask(url, workload);

      const { verdict, fix } = verdictOf(answered, workload);
      expect(verdict?.cause).toBe('leak');
      expect(fix.kind).toBe('fix-leak');
    },
  );

  test('of a pair of servers each fills the gap of the other', async () => {
    const { history } = await ask(url, pair);

    const killed = history.runs.find((run) => run.killedAt !== null);
    const lately = killed?.samples.filter(({ t }) => t > killedAt - 70 * minute) ?? [];
    expect(longestGap(lately)).toBeLessThan(3 * everyMs);
    expect(verdictOf({ history }, pair).verdict?.cause).toBe('traffic-spike');
  });

  test('two jobs that scrape the same kubelet are the same run', async () => {
    const { history } = await ask(url, twice);

    expect(history.runs).toHaveLength(2);
    expect(history.siblings).toEqual([]);
    expect(history.resolutionMs).toBeGreaterThan(everyMs / 2);
    expect(verdictOf({ history }, twice).verdict?.cause).toBe('traffic-spike');
  });

  test('a gap of half an hour hides nothing else', async () => {
    const { history } = await ask(url, gap);

    expect(history.resolutionMs).toBeLessThan(1.3 * everyMs);
    expect(verdictOf({ history }, gap).verdict?.cause).toBe('traffic-spike');
  });

  test('of twenty pods over two weeks it knows the peaks of each day, the siblings and the killed run', async () => {
    const { history, bytes } = await ask(url, fleet);

    const daily = dailyPeaks(history.peaks ?? []);
    expect(daily.length).toBeGreaterThanOrEqual(14);
    expect(Math.abs(Math.max(...daily.slice(0, -1)) - fleetPeak)).toBeLessThan(0.02 * fleetPeak);
    expect(new Set(history.siblings.map(({ pod }) => pod)).size).toBe(20);
    expect(history.runs.find((run) => run.killedAt !== null)?.samples.length).toBeGreaterThan(100);
    expect(bytes).toBeLessThan(2 ** 20);
  });

  test('a pod that was killed thousands of times is read in less than a megabyte', async () => {
    const { history, bytes } = await ask(url, loop);

    expect(history.runs.filter((run) => run.killedAt !== null && run.samples.length > 1).length).toBeGreaterThan(15);
    expect(bytes).toBeLessThan(2 ** 20);
  });

  test('the counter of a kill that was scraped a moment ago is seen, and when it rose before', async () => {
    const asked = { namespaces: ['shop'], at: Date.now(), zeros: false, deadlineMs: 60_000 };

    const counts = await readOomCounts(url, asked);
    const own = counts.find(({ containerId }) => containerId === childId);
    if (own === undefined) throw new Error('its counter was not seen');
    const known = { from: now - 30 * minute, to: now };
    const history = await readCounterHistory(url, own, { ...known, deadlineMs: 60_000 });

    expect(own.value).toBe(2);
    const containers = await readUsagePoint(url, ['shop'], { deadlineMs: 60_000 });
    expect(containers.map(({ pod }) => pod)).toContain(podOf('pair'));
    expect(countedRise(history, 1, known)).toEqual({
      from: now - 10 * minute,
      to: now - 10 * minute + everyMs,
      limits: [80 * Mi],
    });
    expect(countedRise(history, 2, known)).toMatchObject({ from: now - everyMs, to: now });
  });

  test('the pod as a whole, the network and the limits of others are there', async () => {
    const [workload] = ramps;
    if (workload === undefined) throw new Error('there is no ramp');
    const { history } = await ask(url, workload);

    const [ofPod] = history.pods ?? [];
    expect(ofPod?.samples.length).toBeGreaterThan(50);
    expect(ofPod?.samples.at(-1)?.workingSetBytes).toBeGreaterThan(100 * Mi);
    expect(history.loadFrom).toEqual({ words: 'packets received by its pod', isProxy: true });
    const last = history.runs[0]?.samples.at(-3);
    expect(last).toMatchObject({ cacheBytes: 2 * Mi, load: expect.any(Number), rssBytes: expect.any(Number) });
    expect(last?.load).toBeGreaterThan(300);
  });

  test.each(['peaks', 'load'] as const)('the query that is shown for the %s can be pasted', async (what) => {
    const [workload] = ramps;
    if (workload === undefined) throw new Error('there is no ramp');
    const { history } = await ask(url, workload);

    const asked = new URLSearchParams({ query: history.queries?.[what] ?? '', time: `${killedAt / 1000 - 60}` });
    const answer = await fetch(`${url}/api/v1/query?${asked.toString()}`);

    expect(await answer.json()).toMatchObject({ status: 'success', data: { result: [{ value: expect.anything() }] } });
  });

  test('what an autoscaler goes by stands in for the load', async () => {
    const [workload] = ramps;
    const load = hpaLoad('shop', {
      metadata: { name: 'ramp "40min"' },
      spec: { metrics: [{ type: 'Pods', pods: { metric: { name: scaledBy } } }] },
    });
    if (workload === undefined || load === null) throw new Error('there is nothing to ask');

    const { history, source } = await ask(url, workload, load);

    expect(history.loadFrom).toEqual({ words: 'the metric that its HPA scales it by', isProxy: true });
    expect(history.runs[0]?.samples.at(-3)?.load).toBe(40);
    expect(source).not.toContain('could not be read');
  });

  test.each(workloads.map((workload) => [workload.name, workload] as const))(
    'the pretended server tells the same of %s',
    async (_, workload) => {
      const own = stored.filter(({ labels }) => workload.pods.includes(labels['pod'] ?? ''));
      const source = { series: () => own };
      const pretended = await startPrometheus({ clock: createHandClock(now), source });
      onTestFinished(pretended.close);
      const [real, same] = await Promise.all([ask(url, workload), ask(pretended.url, workload)]);

      expect(real.history).toEqual(same.history);
    },
  );
});

function longestGap(samples: readonly { readonly t: number }[]): number {
  return Math.max(...samples.slice(1).map(({ t }, index) => t - (samples[index]?.t ?? t)));
}
