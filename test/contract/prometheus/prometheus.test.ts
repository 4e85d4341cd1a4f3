import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { createHandClock } from '../../../sandbox/hand-clock.ts';
import type { StoredSeries } from '../../../sandbox/prometheus/evaluate-query.ts';
import { startPrometheus, type Prometheus } from '../../../sandbox/prometheus/start-prometheus.ts';

const metric = z.record(z.string(), z.string());
const point = z.tuple([z.number(), z.string()]);
const matrixSchema = z.strictObject({
  status: z.literal('success'),
  data: z.strictObject({
    resultType: z.literal('matrix'),
    result: z.array(z.strictObject({ metric, values: z.array(point) })),
  }),
});
const errorSchema = z.strictObject({ status: z.literal('error'), errorType: z.string(), error: z.string() });

const clock = createHandClock();
const now = clock.now();
const usage = { __name__: 'container_memory_working_set_bytes', namespace: 'shop', job: 'kubelet' };
const series: StoredSeries[] = [
  {
    labels: { ...usage, pod: 'web-1', container: 'app' },
    points: [
      { t: now - 60_000, v: 100 },
      { t: now - 45_000, v: 300 },
      { t: now - 30_000, v: 200 },
    ],
  },
  { labels: { ...usage, pod: 'web-2', container: 'app' }, points: [{ t: now - 30_000, v: 50 }] },
  { labels: { ...usage, pod: 'web-1' }, points: [{ t: now - 30_000, v: 210 }] },
  {
    labels: { __name__: 'container_spec_memory_limit_bytes', pod: 'web-1', namespace: 'shop' },
    points: [
      { t: now - 60_000, v: 512 },
      { t: now - 30_000, v: null },
    ],
  },
];
const logged: string[] = [];
let prometheus: Prometheus;

beforeAll(async () => {
  const log = (line: string): void => {
    logged.push(line);
  };
  prometheus = await startPrometheus({ clock, source: { series: () => series }, log });
});

afterAll(async () => {
  await prometheus.close();
});

interface Asked {
  readonly status: number;
  readonly body: unknown;
}

async function get(parameters: Record<string, string>, path = '/api/v1/query_range'): Promise<Asked> {
  const range = { start: String(now / 1000), end: String(now / 1000), step: '15' };
  const query = new URLSearchParams({ ...range, ...parameters }).toString();
  const response = await fetch(`${prometheus.url}${path}?${query}`);
  return { status: response.status, body: await response.json() };
}

async function resultOf(query: string): Promise<z.infer<typeof matrixSchema>['data']['result']> {
  return matrixSchema.parse((await get({ query })).body).data.result;
}

describe('the Prometheus simulator', () => {
  test.each([
    ['container_memory_working_set_bytes', 3],
    ['container_memory_working_set_bytes{container!="",container!="POD"}', 2],
    ['container_memory_working_set_bytes{pod=~"web-.*",container="app",namespace="shop"}', 2],
    ['max by (namespace,pod) (container_memory_working_set_bytes{pod!=""}) > 200', 1],
    ['{__name__=~"container_memory_working_set_bytes|other",pod="web-2"}', 1],
    ['{__name__="container_memory_working_set_bytes",container=""}', 1],
    ['container_memory_working_set_bytes{pod="nobody"}', 0],
    ['container_spec_memory_limit_bytes', 0],
  ])('selects %s', async (query, count) => {
    const result = await resultOf(query);

    expect(result).toHaveLength(count);
  });

  test.each([
    ['max(container_memory_working_set_bytes{container!=""})', [{ metric: {}, values: [[now / 1000, '200']] }]],
    [
      'max by (pod) (container_memory_working_set_bytes)',
      [
        { metric: { pod: 'web-1' }, values: [[now / 1000, '210']] },
        { metric: { pod: 'web-2' }, values: [[now / 1000, '50']] },
      ],
    ],
  ])('answers %s with the largest', async (query, expected) => {
    const result = await resultOf(query);

    expect(result).toEqual(expected);
  });

  test('says when each sample was taken, under no name', async () => {
    const result = await resultOf('timestamp(container_memory_working_set_bytes{pod="web-2"})');

    const labels = { container: 'app', job: 'kubelet', namespace: 'shop', pod: 'web-2' };
    expect(result).toEqual([{ metric: labels, values: [[now / 1000, String((now - 30_000) / 1000)]] }]);
  });

  test.each([
    ['max(max_over_time(container_memory_working_set_bytes{pod="web-1",container="app"}[1m]))', '300'],
    ['max(max_over_time(container_memory_working_set_bytes{pod="web-1",container="app"}[40s]))', '200'],
    ['max by (pod) (last_over_time(container_spec_memory_limit_bytes[5m]))', '512'],
  ])('looks back in %s', async (query, value) => {
    const [found] = await resultOf(query);

    expect(found?.values).toEqual([[now / 1000, value]]);
  });

  test('tells the samples of a range selector with the times that they have, and nothing of markers', async () => {
    const asked = { query: '{__name__=~".*_(set|limit)_bytes",pod="web-1"}[50s]', time: String(now / 1000) };

    const { body } = await get(asked, '/api/v1/query');

    expect(matrixSchema.parse(body).data.result.map(({ values }) => values)).toEqual([
      [
        [now / 1000 - 45, '300'],
        [now / 1000 - 30, '200'],
      ],
      [[now / 1000 - 30, '210']],
    ]);
  });

  test('a series without a staleness marker stays for five minutes', async () => {
    const query = 'container_memory_working_set_bytes{pod="web-2"}';

    const { body } = await get({ query, step: '60', end: String(now / 1000 + 600) });

    const [found] = matrixSchema.parse(body).data.result;
    expect(found?.values.map(([at, value]) => [at - now / 1000, value])).toEqual(
      [0, 60, 120, 180, 240].map((at) => [at, '50']),
    );
  });

  test('a query may come as a form', async () => {
    const query = 'container_memory_working_set_bytes{pod="web-2"}';
    const response = await fetch(`${prometheus.url}/api/v1/query_range`, {
      method: 'POST',
      body: new URLSearchParams({ query, start: String(now / 1000), end: String(now / 1000), step: '15' }),
    });

    expect(matrixSchema.parse(await response.json()).data.result).toHaveLength(1);
  });

  test.each([
    [{ step: '0' }, 'invalid parameter'],
    [{ step: '1', start: '0' }, 'exceeded maximum resolution of 11,000 points'],
    [{ end: '1' }, 'invalid parameter'],
  ])('refuses %o as Prometheus does', async (parameters, message) => {
    const { status, body } = await get({ query: 'up', ...parameters });

    expect(status).toBe(400);
    expect(errorSchema.parse(body)).toMatchObject({ errorType: 'bad_data', error: expect.stringContaining(message) });
  });

  test.each([
    'rate(up[5m])',
    'up[5m]',
    'max(up[5m])',
    'max_over_time(up)',
    'up / 2',
    'sum(up)',
    'container_memory{',
    '{pod!="a"}',
    '',
    '1',
  ])('says that it does not cover "%s"', async (query) => {
    const { status, body } = await get({ query });

    expect(status).toBe(501);
    expect(errorSchema.parse(body).error).toContain('does not cover');
    expect(logged.at(-1)).toContain('does not cover');
  });

  test('says that it does not cover another path', async () => {
    const { status } = await get({ query: 'up' }, '/api/v1/query');

    expect(status).toBe(501);
  });
});

describe('a Prometheus that is down', () => {
  const statusOf = async (query: string): Promise<number> =>
    (await fetch(`${prometheus.url}/api/v1/query_range?start=1&end=2&step=1&query=${encodeURIComponent(query)}`))
      .status;

  test('answers 503 to what mentions a word, and everything else as ever', async () => {
    prometheus.down(60_000, 'shop');

    const [shop, other] = [await statusOf('up{namespace="shop"}'), await statusOf('up{namespace="data"}')];
    await clock.advance(60_000);

    expect([shop, other, await statusOf('up{namespace="shop"}')]).toEqual([503, 200, 200]);
  });

  test('answers 503 to everything when nothing is mentioned', async () => {
    prometheus.down(1000);

    const down = await statusOf('up');
    await clock.advance(1000);

    expect([down, await statusOf('up')]).toEqual([503, 200]);
  });
});

const captures = join(import.meta.dirname, '../../../../shared/captures/prometheus-view');

describe('answers recorded from a real Prometheus', () => {
  test('have the shape that is tested here', ({ skip }) => {
    skip(!existsSync(captures), 'the larger set of captures is not beside the repository');

    const files = readdirSync(captures).filter((name) => name.startsWith('prom-'));

    const parsed = files.map((name) => matrixSchema.safeParse(JSON.parse(readFileSync(join(captures, name), 'utf8'))));

    expect(files.length).toBeGreaterThan(5);
    expect(parsed.filter(({ success }) => !success)).toEqual([]);
  });
});
