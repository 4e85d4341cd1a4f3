import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { createHandClock } from '../../../sandbox/hand-clock.ts';
import type { StoredSeries } from '../../../sandbox/prometheus/evaluate-query.ts';
import { coveredPaths, startPrometheus, type Prometheus } from '../../../sandbox/prometheus/start-prometheus.ts';

const metric = z.record(z.string(), z.string());
const point = z.tuple([z.number(), z.string()]);
const matrixSchema = z.strictObject({
  status: z.literal('success'),
  data: z.strictObject({
    resultType: z.literal('matrix'),
    result: z.array(z.strictObject({ metric, values: z.array(point) })),
  }),
});
const vectorSchema = z.strictObject({
  status: z.literal('success'),
  data: z.strictObject({
    resultType: z.literal('vector'),
    result: z.array(z.strictObject({ metric, value: point })),
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

async function get(path: string, parameters: Record<string, string> = {}): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${prometheus.url}${path}?${new URLSearchParams(parameters).toString()}`);
  return { status: response.status, body: await response.json() };
}

async function instant(query: string): Promise<z.infer<typeof vectorSchema>['data']['result']> {
  const { body } = await get('/api/v1/query', { query, time: String(now / 1000) });
  return vectorSchema.parse(body).data.result;
}

describe('the Prometheus simulator', () => {
  test.each([
    ['container_memory_working_set_bytes', 3],
    ['container_memory_working_set_bytes{container!="",container!="POD"}', 2],
    ['container_memory_working_set_bytes{pod=~"web-.*",container="app",namespace=\'shop\'}', 2],
    ['container_memory_working_set_bytes{pod!~"web-1|x"}', 1],
    ['container_memory_working_set_bytes > 200', 1],
    ['max by (namespace,pod) (container_memory_working_set_bytes{pod!=""}) <= 210', 2],
    ['{__name__="container_memory_working_set_bytes",pod="web-2"}', 1],
    ['container_memory_working_set_bytes{pod="nobody"}', 0],
    ['kube_pod_info', 0],
    ['container_spec_memory_limit_bytes', 0],
    ['(container_memory_working_set_bytes{container="app"})', 2],
  ])('selects %s', async (query, count) => {
    const result = await instant(query);

    expect(result).toHaveLength(count);
  });

  test('max_over_time looks at the whole window and drops the name', async () => {
    const result = await instant('max_over_time(container_memory_working_set_bytes{pod="web-1",container="app"}[1m])');

    expect(result).toEqual([
      { metric: { container: 'app', job: 'kubelet', namespace: 'shop', pod: 'web-1' }, value: [now / 1000, '300'] },
    ]);
  });

  test('adds up by label', async () => {
    const result = await instant('sum by (pod) (container_memory_working_set_bytes)');

    expect(result).toEqual([
      { metric: { pod: 'web-1' }, value: [now / 1000, '410'] },
      { metric: { pod: 'web-2' }, value: [now / 1000, '50'] },
    ]);
  });

  test('a series without a staleness marker stays for five minutes', async () => {
    const range = { query: 'container_memory_working_set_bytes{pod="web-2"}', step: '60' };

    const { body } = await get('/api/v1/query_range', {
      ...range,
      start: new Date(now).toISOString(),
      end: String(now / 1000 + 600),
    });

    const [found] = matrixSchema.parse(body).data.result;
    expect(found?.values.map(([at, value]) => [at - now / 1000, value])).toEqual(
      [0, 60, 120, 180, 240].map((at) => [at, '50']),
    );
  });

  test('a query may come as a form', async () => {
    const response = await fetch(`${prometheus.url}/api/v1/query`, {
      method: 'POST',
      body: new URLSearchParams({ query: 'container_memory_working_set_bytes{pod="web-2"}', time: String(now / 1000) }),
    });

    expect(vectorSchema.parse(await response.json()).data.result).toHaveLength(1);
  });

  test.each([
    ['container_memory{', {}, 'parse error'],
    ['container_memory{pod=web}', {}, 'expected string'],
    ['max_of_time(up[5m])', {}, 'unknown function'],
    ['up{a=~"("}', {}, 'regexp'],
    ['{}', {}, 'non-empty matcher'],
    ['', {}, 'unexpected end of input'],
    ['up', { step: '0' }, 'zero or negative'],
    ['up', { step: '1s', start: '0' }, 'exceeded maximum resolution of 11,000 points'],
    ['up', { end: '1' }, 'before start time'],
    ['up', { start: 'yesterday' }, 'cannot parse "yesterday" to a valid timestamp'],
  ])('refuses %s %o as Prometheus does', async (query, parameters, message) => {
    const range = { start: String(now / 1000), end: String(now / 1000 + 60), step: '15' };

    const { status, body } = await get('/api/v1/query_range', { query, ...range, ...parameters });

    expect(status).toBe(400);
    expect(errorSchema.parse(body)).toMatchObject({ errorType: 'bad_data', error: expect.stringContaining(message) });
  });

  test.each(['rate(up[5m])', 'up / 2', 'up offset 5m', 'max_over_time(up[1h:5m])', 'quantile(0.9, up)', '1'])(
    'says that it does not cover %s',
    async (query) => {
      const { status, body } = await get('/api/v1/query', { query });

      expect(status).toBe(501);
      expect(errorSchema.parse(body).error).toContain('does not cover');
      expect(logged.at(-1)).toContain('does not cover');
    },
  );

  test('every covered path answers 200 and others are not silently empty', async () => {
    const statuses = await Promise.all(
      coveredPaths.map(async (path) => {
        const response = await fetch(`${prometheus.url}${path}?query=up&start=1&end=2&step=1`);
        await response.text();
        return response.status;
      }),
    );
    const { status } = await get('/api/v1/labels');

    expect(statuses).toEqual(coveredPaths.map(() => 200));
    expect(status).toBe(501);
  });
});

describe('a Prometheus that is down', () => {
  async function status(query: string): Promise<number> {
    const answer = await fetch(`${prometheus.url}/api/v1/query?query=${encodeURIComponent(query)}`);
    await answer.text();
    return answer.status;
  }

  test('answers 503 to what mentions a word, and everything else as ever', async () => {
    prometheus.down(60_000, 'shop');

    const [shop, other] = [await status('up{namespace="shop"}'), await status('up{namespace="data"}')];
    await clock.advance(60_000);

    expect([shop, other, await status('up{namespace="shop"}')]).toEqual([503, 200, 200]);
  });

  test('answers 503 to everything when nothing is mentioned', async () => {
    prometheus.down(1000);

    const ready = await fetch(`${prometheus.url}/-/ready`);
    await clock.advance(1000);

    expect([ready.status, await ready.text(), await status('up')]).toEqual([503, 'Service Unavailable\n', 200]);
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
