import { median } from '../../core/evidence/statistics.ts';
import type { Series } from './query-range.ts';

type Points = Series['points'];

const wholeSecondMs = 1000;

/** Fewer changes say nothing about how often somebody looks. */
const fewestChanges = 3;

/**
 * ms between scrapes: a range query repeats the last value at every step until a new one comes, so the median time
 * between changes is the scrape interval to within a step, and never less than one. The step where nothing changes.
 */
export function scrapeInterval(series: readonly Points[], stepMs: number): number {
  const gaps = series.flatMap((points) => {
    const changes = points.filter(({ v }, index) => index === 0 || v !== points[index - 1]?.v).map(({ t }) => t);
    return changes.slice(1).map((t, index) => t - (changes[index] ?? t));
  });
  return gaps.length < fewestChanges ? stepMs : Math.max(stepMs, median(gaps));
}

/**
 * The points as they may have been scraped: of each run of equal values the first, and then one per interval, because
 * what really stays flat gives equal values too.
 */
export function thinned(points: Points, intervalMs: number): Points {
  const kept: { t: number; v: number }[] = [];
  for (const point of points) {
    const last = kept.at(-1);
    // NOTE: scrapes and steps are not in step; nine tenths of an interval is the next scrape.
    if (last?.v !== point.v || point.t - last.t >= intervalMs * 0.9) kept.push(point);
  }
  return kept;
}

/**
 * Points until the end of a life. cAdvisor's rows get no staleness marker, so the last value goes on for up to 5 min;
 * repeats within the last interval before the end were not scraped (domain.md section 2). Ends have whole seconds.
 */
export function untilEnd(points: Points, endMs: number, intervalMs: number): Points {
  const before = points.filter(({ t }) => t <= endMs);
  const last = before.at(-1);
  const runBegins = before.findLastIndex(({ v }) => v !== last?.v) + 1;
  const unsureMs = Math.max(intervalMs / 2, wholeSecondMs);
  return before.filter(({ t }, index) => index <= runBegins || t <= endMs - unsureMs);
}
