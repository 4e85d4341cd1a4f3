import { afterEach, expect, test } from 'vitest';
import { createHandClock } from '../../../sandbox/hand-clock.ts';
import type { StoredSeries } from '../../../sandbox/prometheus/evaluate-query.ts';
import { startPrometheus } from '../../../sandbox/prometheus/start-prometheus.ts';
import { readCounterHistory } from '../../../src/adapters/prometheus/counter-history.ts';
import { countedRise } from '../../../src/core/kill/counted-rise.ts';
import type { CounterHistory } from '../../../src/core/kill/counted-rise.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

const now = Date.UTC(2026, 10, 30, 12);
const containerId = 'c'.repeat(64);
const count = {
  namespace: 'shop',
  pod: 'web-1',
  podUid: null,
  container: 'app',
  containerId,
  value: 2,
  atMs: now,
};
const app = {
  namespace: 'shop',
  pod: 'web-1',
  container: 'app',
  id: `/kubepods/poduid/${containerId}`,
  name: containerId,
};
const mebi = 2 ** 20;

/** Rows of the last ten minutes, every 15 s. */
function rows(name: string, labels: Record<string, string>, value: (t: number) => number): StoredSeries {
  const points = [];
  for (let t = now - 600_000; t <= now; t += 15_000) points.push({ t, v: value(t) });
  return { labels: { __name__: name, ...labels }, points };
}

async function ask(series: readonly StoredSeries[]): Promise<CounterHistory> {
  const prometheus = await startPrometheus({ clock: createHandClock(now), source: { series: () => series } });
  closing.push(prometheus.close);
  return readCounterHistory(prometheus.url, count, { from: now - 600_000, to: now, deadlineMs: 60_000 });
}

test('a counter that rose twice around a resize shows between which rows, and at which limits', async () => {
  const [first, resized, second] = [now - 400_000, now - 375_000, now - 100_000];
  const history = await ask([
    rows('container_oom_events_total', app, (t) => (t < first ? 0 : 1) + (t < second ? 0 : 1)),
    rows('container_oom_events_total', { ...app, name: 'd'.repeat(64), id: '/d' }, () => 7),
    rows('container_spec_memory_limit_bytes', app, (t) => (t < resized ? 64 : 128) * mebi),
    rows(
      'container_spec_memory_limit_bytes',
      { namespace: 'shop', pod: 'web-1', id: '/kubepods/poduid' },
      () => 96 * mebi,
    ),
  ]);

  const known = { from: now - 600_000, to: now };
  const [before, after] = [countedRise(history, 1, known), countedRise(history, 2, known)];
  expect([before.from < first, before.to >= first, before.to < resized, before.limits]).toEqual([
    true,
    true,
    true,
    [64 * mebi],
  ]);
  expect(before.to - before.from).toBe(15_000);
  expect([after.from > resized, after.to - after.from, after.limits]).toEqual([true, 15_000, [96 * mebi]]);
});

test('nothing is known of a counter that the server does not have', async () => {
  expect(await ask([])).toEqual({ counts: [], limits: [] });
});
