import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, describe, expect, test } from 'vitest';

import { createHandClock } from '../../../sandbox/hand-clock.ts';
import type { StoredSeries } from '../../../sandbox/prometheus/evaluate-query.ts';
import { startPrometheus } from '../../../sandbox/prometheus/start-prometheus.ts';
import { createPrometheus } from '../../../src/adapters/prometheus/prometheus.ts';
import type { UsageQuery } from '../../../src/core/evidence/usage-query.ts';
import type { Evidence, UsageHistory } from '../../../src/core/evidence/evidence.ts';
import type { Kill } from '../../../src/core/kill/kill.ts';
import { killAt, Mi, minute } from '../../fixtures/findings.ts';
import { startAnswering } from './answering-server.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

/** The hand clock of the pretend Prometheus begins here. */
const now = Date.UTC(2026, 10, 24, 12);
const pod = 'checkout-bbbbbbb-11111';
const hex = (digit: string): string => digit.repeat(64);

function queryFor(kills: readonly Kill[], changes: Partial<UsageQuery> = {}): UsageQuery {
  return { namespace: 'shop', pod, container: 'app', pods: [pod], from: now - 60 * minute, to: now, kills, ...changes };
}

/** One cgroup's rows, every 15 s, at `bytes` of the age. */
function rows(
  name: string,
  from: number,
  to: number,
  bytes: (ageMs: number) => number,
  labels: Record<string, string> = {},
): StoredSeries {
  const points = [];
  for (let t = from + 5000; t < to; t += 15_000) points.push({ t, v: bytes(t - from) });
  return { labels: { __name__: name, namespace: 'shop', pod, container: 'app', ...labels }, points };
}

function cgroup(digit: string, of = pod): Record<string, string> {
  return { id: `/kubepods/burstable/poduid/${hex(digit)}`, name: hex(digit), pod: of, job: 'kubelet' };
}

const workingSet = 'container_memory_working_set_bytes';
const growing = (ageMs: number): number => (80 + (3 * ageMs) / minute) * Mi;

async function ask(series: readonly StoredSeries[], query: UsageQuery): Promise<Evidence<UsageHistory>> {
  const prometheus = await startPrometheus({ clock: createHandClock(now), source: { series: () => series } });
  closing.push(prometheus.close);
  return createPrometheus({ url: prometheus.url, deadlineMs: 60_000, now: () => now }).usage(query);
}

function historyOf(evidence: Evidence<UsageHistory>): UsageHistory {
  if (!evidence.found) throw new Error(evidence.reason);
  return evidence.value;
}

describe('usage from Prometheus', () => {
  const first = killAt(now - 31 * minute, 20 * minute, { containerId: `containerd://${hex('a')}` });
  const second = killAt(now - 6 * minute, 24 * minute, { containerId: `containerd://${hex('b')}` });
  const startOf = (kill: Kill): number => Date.parse(kill.startedAt ?? '');
  const endOf = (kill: Kill): number => Date.parse(kill.finishedAt ?? '');
  const twoRuns = [
    rows(workingSet, startOf(first), endOf(first), growing, cgroup('a')),
    rows(workingSet, startOf(second), endOf(second), growing, cgroup('b')),
    rows('container_memory_rss', startOf(second), endOf(second), (age) => growing(age) - Mi, cgroup('b')),
    rows('container_pressure_memory_stalled_seconds_total', startOf(second), endOf(second), () => 7, cgroup('b')),
    rows(workingSet, now - 5 * minute, now, growing, cgroup('c')),
  ];

  test('tells runs apart, and ends each at its kill', async () => {
    const { runs, siblings, resolutionMs } = historyOf(await ask(twoRuns, queryFor([first, second])));

    expect(runs.map(({ containerId, killedAt, startedAt }) => [containerId, startedAt, killedAt])).toEqual([
      [first.containerId, startOf(first), endOf(first)],
      [second.containerId, startOf(second), endOf(second)],
      [hex('c'), null, null],
    ]);
    for (const { killedAt, samples } of runs) {
      expect(samples.length).toBeGreaterThan(15);
      expect(samples.at(-1)?.t).toBeLessThanOrEqual(killedAt ?? now);
    }
    expect(siblings).toEqual([]);
    // Known to within a step of the closer look, which is 7 s here.
    expect(Math.abs((resolutionMs ?? 0) - 15_000)).toBeLessThan(7000);
    expect(runs[1]?.samples.at(-1)?.rssBytes).toBeGreaterThan(100 * Mi);
    expect(runs[1]?.samples.at(-1)?.stalledSeconds).toBe(7);
    expect(runs[0]?.samples.at(-1)).not.toHaveProperty('rssBytes');
  });

  test.each([
    ['is on by choice', 'ALPHA', 1, 2, true],
    ['is off', 'ALPHA', 0, 2, undefined],
    ['is on because everybody has it, and sets nothing', 'BETA', 1, 2, undefined],
    ['is on where the node has cgroup v1', 'ALPHA', 1, 1, undefined],
  ])('Memory QoS that %s', async (_, stage, gate, version, expected) => {
    const of = (name: string, v: number, labels: Record<string, string>, instance = '192.0.2.2:10250') => ({
      labels: { __name__: name, instance, ...labels },
      points: Array.from({ length: 60 }, (_one, index) => ({ t: now - index * 15_000, v })).toReversed(),
    });
    const kubelet = [
      of('kubelet_node_name', 1, { node: 'node-1' }),
      of('kubernetes_feature_enabled', gate, { name: 'MemoryQoS', stage }),
      of('kubelet_cgroup_version', version, {}),
      of('kubelet_node_name', 1, { node: 'node-2' }, '192.0.2.3:10250'),
      of('kubernetes_feature_enabled', 1, { name: 'MemoryQoS', stage: 'ALPHA' }, '192.0.2.3:10250'),
      of('kubelet_cgroup_version', 2, {}, '192.0.2.3:10250'),
    ];
    const kill = { ...second, node: 'node-1', requestBytes: 64 * Mi };

    const found = await ask([...twoRuns, ...kubelet], queryFor([first, kill]));

    expect(historyOf(found).memoryQos).toBe(expected);
    expect(found.source).not.toContain('could not be read');
  });

  test('asks once more, closely, for runs that are short beside the window', async () => {
    const kill = killAt(now - 2 * minute, 4 * minute, { containerId: `containerd://${hex('a')}` });
    const series = [rows(workingSet, startOf(kill), endOf(kill), growing, cgroup('a'))];

    const { runs } = historyOf(await ask(series, queryFor([kill], { from: now - 7 * 24 * 60 * minute })));

    expect(runs[0]?.samples.length).toBeGreaterThanOrEqual(15);
  });

  test('sees every scrape of a run of seconds', async () => {
    const killed = killAt(now - 2000, 8000);
    const points = Array.from({ length: 16 }, (_, index) => ({ t: now - 9800 + index * 500, v: (50 + index) * Mi }));
    const labels = { __name__: workingSet, namespace: 'shop', container: 'app', ...cgroup('a') };

    const { runs, resolutionMs } = historyOf(
      await ask(
        [{ labels, points }],
        queryFor([{ ...killed, containerId: `containerd://${hex('a')}` }], { from: now - 12_000 }),
      ),
    );

    expect(runs[0]?.samples).toHaveLength(16);
    expect(resolutionMs).toBe(500);
  });

  test('does not take the steps of a close look for samples where hardly anything was scraped', async () => {
    const killed = { ...killAt(now - 2000, 28_000), containerId: `containerd://${hex('a')}` };
    const points = [
      { t: now - 25_000, v: 50 * Mi },
      { t: now - 10_000, v: 140 * Mi },
    ];
    const labels = { __name__: workingSet, namespace: 'shop', container: 'app', ...cgroup('a') };

    const { runs, resolutionMs } = historyOf(
      await ask([{ labels, points }], queryFor([killed], { from: now - 32_000 })),
    );

    expect(runs[0]?.samples).toHaveLength(2);
    expect(resolutionMs).toBe(15_000);
  });

  test('takes one of two jobs that scrape the same container', async () => {
    const resource = rows(workingSet, now - 55 * minute, now, () => 500 * Mi, { job: 'resource', pod });
    const again = rows(workingSet, startOf(second), endOf(second), growing, { ...cgroup('b'), job: 'cadvisor' });

    const { runs } = historyOf(await ask([...twoRuns, resource, again], queryFor([first, second])));

    expect(runs).toHaveLength(3);
    expect(Math.max(...runs.flatMap(({ samples }) => samples.map((one) => one.workingSetBytes)))).toBeLessThan(
      200 * Mi,
    );
  });

  test('cuts a series without ids at the kills', async () => {
    const series = [rows(workingSet, startOf(first), now, growing, { job: 'resource' })];

    const { runs } = historyOf(await ask(series, queryFor([first, second])));

    expect(runs.map(({ killedAt }) => killedAt)).toEqual([endOf(first), endOf(second), null]);
  });

  test('finds the revision before a rollout by the names of its pods', async () => {
    const old = 'checkout-aaaaaaa-22222';
    const stranger = 'checkout-worker-ccccccc-33333';
    const series = [
      ...twoRuns,
      rows(workingSet, now - 58 * minute, now - 32 * minute, () => 90 * Mi, cgroup('d', old)),
      rows('container_spec_memory_limit_bytes', now - 58 * minute, now - 32 * minute, () => 512 * Mi, cgroup('d', old)),
      rows(workingSet, now - 58 * minute, now, () => 90 * Mi, cgroup('e', stranger)),
    ];

    const { siblings } = historyOf(await ask(series, queryFor([first, second])));

    expect(siblings).toHaveLength(1);
    expect(siblings[0]).toMatchObject({ pod: old, revision: 'aaaaaaa', limitBytes: 512 * Mi, killedAt: null });
  });

  test('ends the run of a pod that is gone with the rows that Prometheus ends, not five minutes later', async () => {
    const old = cgroup('c', 'checkout-aaaaaaa-22222');
    const until = now - 10 * minute;
    const limit = rows('container_spec_memory_limit_bytes', now - 16 * minute, until, () => 256 * Mi, old);
    const ended = { ...limit, points: [...limit.points, { t: until, v: null }] };

    const { siblings } = historyOf(
      await ask([rows(workingSet, now - 16 * minute, until, growing, old), ended], queryFor([killAt(now, minute)])),
    );

    const ages = siblings[0]?.samples.map(({ t }) => now - t) ?? [];
    expect(Math.min(...ages)).toBeGreaterThanOrEqual(10 * minute);
    expect(ages.length).toBeGreaterThan(15);
  });

  test('keeps flat usage as samples, not as one', async () => {
    const series = [rows(workingSet, startOf(second), endOf(second), () => 240 * Mi, cgroup('b'))];

    const { runs } = historyOf(await ask(series, queryFor([second])));

    expect(runs[0]?.samples.length).toBeGreaterThan(40);
  });

  test('reads a limit of 0 as what cAdvisor says of a container without one', async () => {
    const kill = { ...second, limitBytes: null, limitInForceBytes: null };
    const limit = rows('container_spec_memory_limit_bytes', startOf(kill), endOf(kill), () => 0, cgroup('b'));

    const { runs } = historyOf(await ask([...twoRuns, limit], queryFor([kill])));

    expect(runs.find(({ containerId }) => containerId === kill.containerId)?.limitBytes).toBe(0);
  });

  test('names the query and its window as the source', async () => {
    const { source, at } = await ask(twoRuns, queryFor([first, second]));

    expect(source).toContain('namespace="shop"');
    expect(source).toContain('2026-11-24T11:00:00.000Z to 2026-11-24T12:00:00.000Z');
    expect(at).toBe(now);
  });

  test('names that would end a PromQL string select nothing else', async () => {
    const evidence = await ask(twoRuns, queryFor([], { container: 'app"} or {pod=~".*', pods: ['.*'] }));

    expect(evidence).toMatchObject({ found: false, reason: expect.stringContaining('Prometheus has no') });
  });

  test('says when there is nothing', async () => {
    const evidence = await ask([], queryFor([second]));

    expect(evidence).toMatchObject({ found: false, reason: expect.stringContaining('cAdvisor is not scraped') });
  });
});

describe('an answer recorded from a real Prometheus', () => {
  const body = readFileSync(join(import.meta.dirname, '../../recordings/prometheus/leak-twice-killed.json'), 'utf8');
  const at = (time: string): number => Date.parse(`2026-11-24T${time}Z`);
  const ids = ['cea42ac4', '062196fc'].map((start) => new RegExp(`${start}[0-9a-f]{56}`).exec(body)?.[0] ?? '');
  const kills = [
    { id: ids[0], from: '07:48:26', to: '07:50:07' },
    { id: ids[1], from: '07:50:08', to: '07:51:50' },
  ].map(({ id, from, to }) =>
    killAt(at(to), at(to) - at(from), { pod: 'leak', containerId: `containerd://${id}`, limitBytes: 96 * Mi }),
  );

  test('gives three runs without what lingered after the kills', async () => {
    const server = await startAnswering({ status: 200, body });
    closing.push(server.close);
    const query = queryFor(kills, { pod: 'leak', pods: ['leak'], from: at('07:48:30'), to: at('07:52:20') });

    const { runs } = historyOf(await createPrometheus({ url: server.url, deadlineMs: 60_000 }).usage(query));

    expect(runs.map(({ killedAt }) => killedAt)).toEqual([at('07:50:07'), at('07:51:50'), null]);
    const lasts = runs.map(({ samples }) => Math.round((samples.at(-1)?.workingSetBytes ?? 0) / Mi));
    expect(lasts).toEqual([72, 82, 4]);
    for (const { samples } of runs)
      expect(samples.map((one) => one.workingSetBytes)).toEqual(
        samples.map((one) => one.workingSetBytes).toSorted((a, b) => a - b),
      );
  });
});

describe('a Prometheus that does not help', () => {
  const kill = killAt(now - minute, 10 * minute);

  test.each([
    ['something else', 200, '<html>hello</html>', 'its answer is no JSON'],
    ['an answer of another shape', 200, '{"status":"success","data":{"resultType":"vector","result":[]}}', 'no matrix'],
    ['a wrong address', 404, '<html>404</html>', 'there is no query API at that address (404)'],
    ['missing credentials', 401, '', 'refuses the credentials (401)'],
    ['too little right', 403, '{}', 'forbids the query (403)'],
    ['a refusal', 422, '{"status":"error","error":"too many samples"}', 'it says "too many samples"'],
    ['a breakdown', 500, 'oops', 'status 500'],
    ['too much work', 503, '', 'overloaded'],
  ])('is told by its answer: %s', async (_, status, body, reason) => {
    const server = await startAnswering({ status, body });
    closing.push(server.close);

    const evidence = await createPrometheus({ url: server.url, deadlineMs: 60_000 }).usage(queryFor([kill]));

    expect(evidence).toMatchObject({ found: false, reason: expect.stringContaining(reason) });
  });

  test('is told when it does not answer in time', async () => {
    const server = await startAnswering(null);
    closing.push(server.close);

    const evidence = await createPrometheus({ url: server.url, deadlineMs: 100 }).usage(queryFor([kill]));

    expect(evidence).toMatchObject({ found: false, reason: `Prometheus at ${server.url} did not answer in time` });
  });

  test('is told when it cannot be reached, with what to look at', async () => {
    const server = await startAnswering(null);
    await server.close();

    const evidence = await createPrometheus({ url: server.url, deadlineMs: 60_000 }).usage(queryFor([kill]));

    expect(evidence).toMatchObject({
      found: false,
      reason: `Prometheus at ${server.url} cannot be reached (ECONNREFUSED); check OOMKEEPER_PROMETHEUS_URL`,
    });
  });

  test('is told when there is none', async () => {
    const evidence = await createPrometheus({ url: null, deadlineMs: 60_000 }).usage(queryFor([kill]));

    expect(evidence).toMatchObject({ found: false, reason: expect.stringContaining('OOMKEEPER_PROMETHEUS_URL') });
  });
});

describe('the request', () => {
  const empty = '{"status":"success","data":{"resultType":"matrix","result":[["not","a","series"]]}}';
  const values = '{"status":"success","data":{"resultType":"matrix","result":[]}}';

  test('carries the credentials of the URL, which no text shows', async () => {
    const server = await startAnswering({ status: 200, body: empty });
    closing.push(server.close);
    const url = `http://reader:s3cret%21@127.0.0.1:${server.port}/prometheus/`;

    const evidence = await createPrometheus({ url, deadlineMs: 60_000 }).usage(queryFor([]));

    expect(server.asked[0]?.authorization).toBe(`Basic ${Buffer.from('reader:s3cret!').toString('base64')}`);
    for (const { path } of server.asked) expect(path).toMatch(/^\/prometheus\/api\/v1\/query(_range)?$/);
    expect(JSON.stringify(evidence)).not.toMatch(/s3cret|reader/);
  });

  test('never asks for more points than Prometheus gives, nor for closer ones than can differ', async () => {
    const server = await startAnswering({ status: 200, body: values });
    closing.push(server.close);
    const prometheus = createPrometheus({ url: server.url, deadlineMs: 60_000 });
    const windows = [1000, minute, 60 * minute, 7 * 24 * 60 * minute];

    for (const ms of windows) await prometheus.usage(queryFor([], { from: now - ms }));

    const ranges = server.asked.filter(({ path }) => path.endsWith('_range'));
    for (const { parameters } of ranges) {
      const [start, end, step] = ['start', 'end', 'step'].map((name) => Number(parameters.get(name)));
      expect(step).toBeGreaterThanOrEqual(0.05);
      expect(((end ?? 0) - (start ?? 0)) / (step ?? 0)).toBeLessThanOrEqual(480);
    }
    expect(ranges.length).toBeGreaterThanOrEqual(windows.length);
    for (const { path, parameters } of server.asked.filter((one) => !ranges.includes(one))) {
      expect(path).toBe('/api/v1/query');
      const ms = Number(/\[(\d+)ms\]$/.exec(parameters.get('query') ?? '')?.[1]);
      expect(ms).toBeLessThanOrEqual(90 * minute);
    }
  });

  test('goes as a form when the names would make the address too long', async () => {
    const server = await startAnswering({ status: 200, body: values });
    closing.push(server.close);
    const pods = Array.from({ length: 100 }, (_, index) => `${'long-name-'.repeat(5)}${index}`);

    await createPrometheus({ url: server.url, deadlineMs: 60_000 }).usage(queryFor([], { pods }));

    const long = server.asked.filter(({ parameters }) => parameters.get('query')?.includes('long-name-'));
    expect(new Set(long.map(({ method }) => method))).toEqual(new Set(['POST']));
    expect(long.length).toBeGreaterThan(1);
  });
});

test('the closer look at young kills does not cut the history of the revision before', async () => {
  const before = 'checkout-aaaaaaa-22222';
  const kill = killAt(now - 20_000, 1.5 * minute, { containerId: `containerd://${hex('b')}` });
  const born = Date.parse(kill.startedAt ?? '');
  const series = [
    rows(workingSet, now - 55 * minute, born + 20_000, () => 140 * Mi, cgroup('a', before)),
    rows(workingSet, born, now - 20_000, growing, cgroup('b')),
  ];

  const { siblings } = historyOf(await ask(series, queryFor([kill], { pods: [pod, before] })));
  const [old] = siblings;
  const samples = old?.samples ?? [];

  expect(siblings).toHaveLength(1);
  expect((samples.at(-1)?.t ?? 0) - (samples[0]?.t ?? 0)).toBeGreaterThan(50 * minute);
});
