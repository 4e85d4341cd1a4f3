import { afterEach, expect, test } from 'vitest';

import { createHandClock } from '../../../sandbox/hand-clock.ts';
import { startPrometheus } from '../../../sandbox/prometheus/start-prometheus.ts';
import { createPrometheus } from '../../../src/adapters/prometheus/prometheus.ts';
import { diagnose } from '../../../src/core/diagnose/diagnose.ts';
import { recommend } from '../../../src/core/recommend/recommend.ts';
import { day, killedOnce, leaking, ramp, rampPeak } from '../../contract/prometheus/production.ts';
import type { Need } from '../../contract/prometheus/production.ts';
import { findingsOf, found, Mi, minute } from '../../fixtures/findings.ts';

/*
 * The same container, however long it ran and however often somebody scrapes it. Nothing about an incident is in either.
 */
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

const now = Date.UTC(2026, 10, 24, 12);
const killedAt = now - 2 * minute;
const hour = 60 * minute;

/** 94 % of the limit, and nothing else. */
const level: Need = () => 241 * Mi;
/** A job every 20 min that ends by itself, and then one that is too large. */
const jobs: Need = (left) => (left < 2 * minute ? 262 * Mi : left % (20 * minute) < 6 * minute ? 215 * Mi : 90 * Mi);
/** Less and less, towards 300Mi. */
const bending: Need = (left, run) => (20 + 280 * (1 - Math.exp((-1.87 * (run - left)) / run))) * Mi;

const needs = [
  { words: 'a leak', need: leaking, cause: 'leak', fix: 'fix-leak', least: 0 },
  { words: 'a rise in the last four minutes', need: ramp, cause: 'traffic-spike', fix: 'raise-limit', least: rampPeak },
  { words: 'a level close below the limit', need: level, cause: 'limit-too-low', fix: 'raise-limit', least: 262 * Mi },
  { words: 'jobs, the last one too large', need: jobs, cause: 'traffic-spike', fix: 'raise-limit', least: 262 * Mi },
  { words: 'a climb that bends', need: bending, cause: 'limit-too-low', fix: 'raise-limit', least: 297 * Mi },
] as const;
const runs = [
  ['40 min', 40 * minute],
  ['12 h', 12 * hour],
  ['48 h', 48 * hour],
  ['7 d', 7 * day],
] as const;
const intervals = [15, 30, 60];

async function judged(need: Need, runMs: number, stepMs: number) {
  const { series, kills, pods } = killedOnce('web', killedAt, runMs, need, { now, stepMs });
  const prometheus = await startPrometheus({
    clock: createHandClock(now),
    source: { series: () => series.map(({ labels, points }) => ({ labels, points: points.filter(hasValue) })) },
  });
  closing.push(prometheus.close);
  const usage = await createPrometheus({ url: prometheus.url, deadlineMs: 60_000, now: () => now }).usage({
    namespace: 'shop',
    pod: pods[0] ?? '',
    container: 'app',
    pods,
    from: now - 7 * day,
    to: now,
    kills,
  });
  const [kill] = kills;
  if (!usage.found || kill === undefined) throw new Error('it was not measured');
  const findings = { ...findingsOf([]), usage: found(usage.value) };
  const diagnosis = diagnose(findings, kill, kills, now);
  return { cause: diagnosis.hypotheses[0]?.cause, fix: recommend(diagnosis, findings, kill, kills).fix };
}

function hasValue(point: { readonly t: number; readonly v: number | null }): point is { t: number; v: number } {
  return point.v !== null;
}

const cases = needs.flatMap((need) => runs.map(([ran, runMs]) => ({ ...need, ran, runMs })));

test.each(cases)(
  '$words is one after $ran, scraped every 15, 30 or 60 s',
  async ({ need, runMs, cause, fix, least }) => {
    for (const seconds of intervals) {
      const said = await judged(need, runMs, seconds * 1_000);

      expect({ seconds, cause: said.cause, fix: said.fix.kind }).toEqual({ seconds, cause, fix });
      expect('limitBytes' in said.fix ? said.fix.limitBytes : 0).toBeGreaterThanOrEqual(least);
    }
  },
);
