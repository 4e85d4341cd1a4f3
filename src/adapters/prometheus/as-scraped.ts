import { median } from '../../core/evidence/statistics.ts';
import type { Series } from './query-range.ts';
import { secondMs } from '../../core/units/duration.ts';

type Points = Series['points'];

/** Fewer changes say little about the scrape interval; the usual one is then assumed. */
const fewestChanges = 3;
const usualIntervalMs = 15_000;

/**
 * ms between scrapes: a range query repeats the last value at every step until a new one comes, so the median time
 * between changes is the scrape interval to within a step, and never less than one.
 */
export function scrapeInterval(series: readonly Points[], stepMs: number): number {
  const gaps = series.flatMap((points) => {
    const changes = points.filter(({ v }, index) => index === 0 || v !== points[index - 1]?.v).map(({ t }) => t);
    return changes.slice(1).map((t, index) => t - (changes[index] ?? t));
  });
  const intervalMs = gaps.length < fewestChanges ? Math.min(usualIntervalMs, ...gaps) : median(gaps);
  return Math.max(stepMs, intervalMs);
}

/**
 * The points as they may have been scraped: of each run of equal values the first, and then one per interval, because
 * what really stays flat gives equal values too. What is left of a run that is less than half an interval is no further
 * scrape: rows are late by that much (cAdvisor's are 10 to 19 s apart), and steps are not in step with scrapes.
 */
export function asScraped(points: Points, intervalMs: number): Points {
  const kept: { t: number; v: number }[] = [];
  const ends = runEnds(points);
  for (const [index, point] of points.entries()) {
    const last = kept.at(-1);
    const isNext = last !== undefined && point.t - last.t >= intervalMs * 0.9;
    if (last?.v !== point.v || (isNext && (ends[index] ?? 0) - point.t >= intervalMs / 2)) kept.push(point);
  }
  return kept;
}

/** For each point when its value was seen to change, ms UTC; one step after the last point where it never was. */
function runEnds(points: Points): readonly number[] {
  const last = points.at(-1)?.t ?? 0;
  const stepMs = Math.min(...points.slice(1).map(({ t }, index) => t - (points[index]?.t ?? t)));
  const ends: number[] = [];
  for (let index = points.length - 1, end = last + stepMs; index >= 0; index -= 1) {
    const next = points[index + 1];
    if (next !== undefined && next.v !== points[index]?.v) end = next.t;
    ends[index] = end;
  }
  return ends;
}

/**
 * Points until the end of a run. cAdvisor's rows get no staleness marker, so the last value goes on for up to 5 min;
 * repeats within the last interval before the end were not scraped. Ends have whole seconds.
 */
export function untilEnd(points: Points, endMs: number, intervalMs: number): Points {
  const before = points.filter(({ t }) => t <= endMs);
  const last = before.at(-1);
  const runBegins = before.findLastIndex(({ v }) => v !== last?.v) + 1;
  const unsureMs = Math.max(intervalMs / 2, secondMs);
  return before.filter(({ t }, index) => index <= runBegins || t <= endMs - unsureMs);
}
