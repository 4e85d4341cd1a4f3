import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';

import { createHandClock } from '../../../sandbox/hand-clock.ts';
import { listen } from '../../../sandbox/listen.ts';
import type { StoredSeries } from '../../../sandbox/prometheus/evaluate-query.ts';
import { startPrometheus } from '../../../sandbox/prometheus/start-prometheus.ts';
import { createAnswers } from '../../../src/adapters/prometheus/answers.ts';
import { createPrometheus } from '../../../src/adapters/prometheus/prometheus.ts';
import type { Evidence, UsageHistory } from '../../../src/core/evidence/evidence.ts';
import { evidenceLines } from '../../../src/core/evidence/evidence-lines.ts';
import { queryIn } from '../../../src/core/evidence/query-in.ts';
import type { UsageQuery } from '../../../src/core/evidence/usage-query.ts';
import { findingsOf, killAt, Mi, minute } from '../../fixtures/findings.ts';

/*
 * What each of the windows adds to the evidence, and what is left of it where one of them cannot be read.
 */
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

const now = Date.UTC(2026, 10, 24, 12);
const pod = 'checkout-bbbbbbb-11111';
const hex = 'b'.repeat(64);
const uid = '/kubepods/burstable/pod3f1c0000-0000-4000-8000-000000000001';
const kill = killAt(now - minute, 30 * minute, { containerId: `containerd://${hex}` });
const query: UsageQuery = {
  namespace: 'shop',
  pod,
  container: 'app',
  pods: [pod],
  from: now - 60 * minute,
  to: now,
  kills: [kill],
};

function row(name: string, labels: Readonly<Record<string, string>>, value: (t: number) => number): StoredSeries {
  const points = [];
  for (let t = now - 30 * minute; t < now - minute; t += 15_000) points.push({ t, v: value(t) });
  return { labels: { __name__: name, namespace: 'shop', pod, ...labels }, points };
}

const container = { container: 'app', id: `${uid}/${hex}`, name: hex };
const pause = { id: `${uid}/${'0'.repeat(64)}`, name: '0'.repeat(64), image: 'pause' };
const wave = (t: number): number => 1 + Math.sin(t / (5 * minute));
const requests = { __name__: 'requests', app: 'checkout' };
const stored: readonly StoredSeries[] = [
  row('container_memory_working_set_bytes', container, (t) => (100 + 50 * wave(t)) * Mi),
  row('container_memory_rss', container, () => 60 * Mi),
  row('container_memory_cache', container, () => 40 * Mi),
  row('container_memory_working_set_bytes', { id: uid }, () => 240 * Mi),
  row('container_memory_cache', { id: uid }, () => 200 * Mi),
  row('container_memory_working_set_bytes', pause, () => Mi),
  row('container_network_receive_packets_total', { ...pause, interface: 'eth0' }, (t) => (t - now) / 100 + 50_000),
  { ...row('requests', {}, (t) => 10 * wave(t)), labels: requests },
  { ...row('requests', {}, (t) => 10 * wave(t)), labels: { ...requests, app: 'other' } },
  {
    ...row('kube_horizontalpodautoscaler_status_target_metric', {}, (t) => 10 * wave(t)),
    labels: {
      __name__: 'kube_horizontalpodautoscaler_status_target_metric',
      namespace: 'shop',
      horizontalpodautoscaler: 'checkout',
      metric_name: 'requests',
      metric_target_type: 'average',
    },
  },
];

/** A Prometheus with these samples, and one in front of it that treats some questions in its own way. */
async function startBoth(treat: (question: string, response: ServerResponse) => boolean = () => false) {
  const prometheus = await startPrometheus({ clock: createHandClock(now), source: { series: () => stored } });
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', prometheus.url);
    const question = url.searchParams.get('query') ?? '';
    asked.push(question);
    if (treat(question, response)) return;
    void fetch(url).then(async (answer) => response.writeHead(answer.status).end(await answer.text()));
  });
  const port = await listen(server, 0);
  closing.push(prometheus.close, async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    server.close(() => {
      resolve(undefined);
    });
    server.closeAllConnections();
    await promise;
  });
  return { url: `http://127.0.0.1:${port}`, asked };
}

function historyOf(evidence: Evidence<UsageHistory>): UsageHistory {
  if (!evidence.found) throw new Error(evidence.reason);
  return evidence.value;
}

function linesOf(usage: Evidence<UsageHistory>): Readonly<Record<string, string>> {
  const lines = evidenceLines({ ...findingsOf([]), usage }, kill, [kill]);
  return Object.fromEntries(lines.map(({ label, text }) => [label, text]));
}

describe('usage before a kill', () => {
  test('shows files, the pod as a whole, the peaks and a stand-in for load', async () => {
    const { url } = await startBoth();

    const usage = await createPrometheus({ url, deadlineMs: 60_000, now: () => now }).usage(query);

    const { runs, pods, peaks, loadFrom } = historyOf(usage);
    expect(runs[0]?.samples.at(-1)).toMatchObject({ rssBytes: 60 * Mi, cacheBytes: 40 * Mi });
    expect(pods).toMatchObject([{ pod, samples: expect.any(Array) }]);
    expect(pods?.[0]?.samples.at(-1)).toMatchObject({ workingSetBytes: 240 * Mi, cacheBytes: 200 * Mi });
    expect(peaks?.at(-1)?.to).toBe(now);
    expect(Math.max(...(peaks ?? []).map(({ bytes }) => bytes))).toBeGreaterThan(199 * Mi);
    expect(loadFrom).toEqual({ words: 'packets received by its pod', isProxy: true });
    expect(linesOf(usage)['Usage']).toContain('its pod as a whole used 240Mi');
  });

  test('keeps each query as it can be pasted', async () => {
    const { url } = await startBoth();

    const usage = await createPrometheus({ url, deadlineMs: 60_000, now: () => now }).usage(query);

    const mine = 'namespace="shop",pod=~"checkout-bbbbbbb-11111"';
    expect(historyOf(usage).queries).toEqual({
      peaks: expect.stringContaining('max(max_over_time(container_memory_working_set_bytes{'),
      stalled: `rate(container_pressure_memory_stalled_seconds_total{${mine},container="app"}[5m])`,
      load: `rate(container_network_receive_packets_total{${mine},interface!="lo"}[5m])`,
    });
  });

  test('goes with the load that the policy names, and says by how much', async () => {
    const { url } = await startBoth();
    const load = { promql: 'requests{app="checkout"}', by: 'policy' } as const;

    const usage = await createPrometheus({ url, deadlineMs: 60_000, now: () => now }).usage({ ...query, load });

    expect(linesOf(usage)['Load']).toMatch(
      /^usage goes up and down with the load that the policy names: correlation (0\.9\d|1\.00) over \d+ samples$/,
    );
    const lines = evidenceLines({ ...findingsOf([]), usage }, kill, [kill]);
    expect(queryIn(lines.find(({ label }) => label === 'Load')?.source ?? '')?.query).toBe(load.promql);
  });

  test.each([
    ['keda', 'requests{app="checkout"}', 'the metric that KEDA scales it by'],
    [
      'hpa',
      'max(kube_horizontalpodautoscaler_status_target_metric{namespace="shop",horizontalpodautoscaler="checkout",metric_name="requests"})',
      'the metric that its HPA scales it by',
    ],
  ] as const)('goes with what scales it, which stands in for load, by %s', async (by, promql, words) => {
    const { url } = await startBoth();
    const load = { promql, by };

    const usage = await createPrometheus({ url, deadlineMs: 60_000, now: () => now }).usage({ ...query, load });

    expect(linesOf(usage)['Load']).toContain(`usage goes up and down with ${words} (a stand-in for load): correlation`);
  });

  test('has the stand-in where the query that is named gives several series, and says so', async () => {
    const { url } = await startBoth();
    const load = { promql: 'requests', by: 'annotation' } as const;

    const usage = await createPrometheus({ url, deadlineMs: 60_000, now: () => now }).usage({ ...query, load });

    expect(historyOf(usage).loadFrom?.isProxy).toBe(true);
    expect(usage.source).toContain('its load by the annotation is 2 series, and has to be one');
  });

  test('is not asked for again a moment later', async () => {
    const { url, asked } = await startBoth();
    const answers = createAnswers(() => now);
    const prometheus = createPrometheus({ url, deadlineMs: 60_000, answers, now: () => now });

    const [first, second] = [
      await prometheus.usage({ ...query, to: now - 10_000 }),
      await prometheus.usage({ ...query, to: now - 2000 }),
    ];

    expect(historyOf(second).runs).toEqual(historyOf(first).runs);
    expect(new Set(asked).size).toBe(asked.length);
  });
});

describe('a Prometheus that answers a part of it', () => {
  const refuse = (part: string) => (question: string, response: ServerResponse) => {
    if (question.includes(part)) response.writeHead(422).end('{"status":"error","error":"too many samples"}');
    return question.includes(part);
  };

  test.each([
    ['the days before', 'max_over_time', 'peaks', '; the days before could not be read'],
    ['the pod as a whole', 'image=""', 'pods', '; the pod as a whole could not be read'],
    ['limits', 'container_start_time_seconds', 'none', '; limits and starts could not be read'],
    ['the network', 'packets_total', 'loadFrom', '; its network could not be read'],
  ] as const)('gives the rest, and says what is missing: %s', async (_, part, field, words) => {
    const { url } = await startBoth(refuse(part));

    const usage = await createPrometheus({ url, deadlineMs: 60_000, now: () => now }).usage(query);

    const history = historyOf(usage);
    expect(history.runs[0]?.samples.length).toBeGreaterThan(50);
    expect(usage.source).toContain(`${words}: Prometheus at ${url} did not answer the query`);
    const absent = { ...history }[field === 'none' ? 'peaks' : field];
    expect(field === 'none' || absent === undefined || (Array.isArray(absent) && absent.length === 0)).toBe(true);
  });

  test('does not wait for what makes the evidence better longer than for half of the time', async () => {
    const { url } = await startBoth((question) => question.includes('max_over_time'));

    const usage = await createPrometheus({ url, deadlineMs: 4_000, now: () => now }).usage(query);

    expect(historyOf(usage).runs[0]?.samples.length).toBeGreaterThan(50);
    expect(usage.source).toContain('the days before could not be read');
  });

  test.each([
    ['the last minutes', 'cpu_usage', '; the last minutes could not be read'],
    ['the time before', 'last_over_time', '; the time before could not be read'],
  ])('gives what it has of the run where %s cannot be read', async (_, part, words) => {
    const { url } = await startBoth(refuse(part));

    const usage = await createPrometheus({ url, deadlineMs: 60_000, now: () => now }).usage(query);

    expect(historyOf(usage).runs[0]?.samples.length).toBeGreaterThan(50);
    expect(usage.source).toContain(words);
  });

  test('is missing where neither can be read, with the reason', async () => {
    const { url } = await startBoth(refuse('working_set_bytes'));

    const usage = await createPrometheus({ url, deadlineMs: 60_000, now: () => now }).usage(query);

    expect(usage).toMatchObject({ found: false, reason: expect.stringContaining('too many samples') });
  });
});
