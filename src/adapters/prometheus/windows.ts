import { killedAtMs } from '../../core/kill/kill.ts';
import type { Kill } from '../../core/kill/kill.ts';
import type { UsageQuery } from '../../core/evidence/usage-query.ts';
import { dayMs, hourMs, minuteMs, secondMs } from '../../core/units/duration.ts';
import type { Range } from './query-range.ts';
import { lookBackMs } from './selector.ts';

/*
 * What one question about usage looks at. A container runs for days and is killed within minutes: the whole time in 240
 * steps does not show the minutes, and the minutes do not show the days (docs/decisions/0034).
 *
 *   close  the last 90 min before each of the latest kills, and until now, every scrape of it
 *   wide   the whole time in coarse steps: the latest runs, siblings, and the revision before
 *   days   the most of each hour of two weeks
 */
export interface Windows {
  /** In the order of time, none of them overlap; the last one ends now, and is never missing. */
  readonly close: readonly CloseWindow[];
  readonly wide: Range;
  /** As `wide`, but for what changes seldom. */
  readonly seldom: Range;
  readonly days: Range;
}

/** ms UTC. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface CloseWindow extends Span {
  /** Whose kills it is about. */
  readonly pods: readonly string[];
}

/** The latest kills whose runs are looked at closely. */
const closeKills = 3;
/** Long enough for an hourly job and short enough for 180 samples a series at 30 s. */
const closeMs = 90 * minuteMs;
/** Closer together than this two windows are one question. A back-off lasts up to 5 min. */
const apartMs = 10 * minuteMs;
/** Rows of before a kill come late: up to 19 s old in cAdvisor, and a scrape later (recorded). */
const lateMs = minuteMs;
/** So often there can be something new; a question that is asked again sooner is the same question. */
const newEveryMs = 15 * secondMs;

/** Prometheus refuses more than 11 000. */
const wideSteps = 240;
const seldomSteps = 24;
/**
 * Each step shows all that died within the look-back, in a crash loop dozens of runs. So many take 0.3 MiB; where there
 * are more, fewer steps are asked for.
 */
const mostRuns = 1_000;
const fewestWideSteps = 60;
/** Short and long windows get the same number of steps: their number is bounded, not their length. */
const shortestStepMs = 50;

const daysBack = 14;

/** What to look at. `share`: which part of the time, the last one, where all of it was too much. */
export function windowsOf(query: UsageQuery, share = 1): Windows {
  const from = query.to - (query.to - query.from) * share;
  const to = Math.ceil(query.to / newEveryMs) * newEveryMs;
  const kills = query.kills.toSorted((a, b) => killedAtMs(a) - killedAtMs(b)).slice(-closeKills);
  return {
    close: closeWindows(query, kills, closeMs * share, to),
    wide: rangeOf(from, query.to, stepsFor(kills, query.to - from)),
    seldom: rangeOf(from, query.to, seldomSteps),
    days: daysUntil(query.to),
  };
}

function closeWindows(
  query: UsageQuery,
  kills: readonly Kill[],
  longestMs: number,
  now: number,
): readonly CloseWindow[] {
  const ofKills = kills.map((kill): CloseWindow => {
    const at = killedAtMs(kill);
    return { from: at - longestMs, to: Math.min(now, at + lateMs), pods: [kill.pod] };
  });
  // What runs now is asked about too.
  const present = { from: now - longestMs, to: now, pods: [query.pod] };
  return [...ofKills, present].toSorted((a, b) => a.from - b.from).reduce<readonly CloseWindow[]>(joined, []);
}

function joined(all: readonly CloseWindow[], next: CloseWindow): readonly CloseWindow[] {
  const last = all.at(-1);
  if (last === undefined || next.from > last.to + apartMs) return [...all, next];
  const pods = [...new Set([...last.pods, ...next.pods])];
  return [...all.slice(0, -1), { from: last.from, to: Math.max(last.to, next.to), pods }];
}

function stepsFor(kills: readonly Kill[], windowMs: number): number {
  const runs = kills.flatMap((kill) => {
    const ms = killedAtMs(kill) - Date.parse(kill.startedAt ?? '');
    return ms > 0 ? [ms] : [];
  });
  const shortest = Math.min(lookBackMs, ...runs);
  if (windowMs / shortest <= mostRuns) return wideSteps;
  return Math.min(wideSteps, Math.max(fewestWideSteps, Math.round((mostRuns * shortest) / lookBackMs)));
}

/** Begins and ends with whole steps, so that a moment later the same question is asked again. */
function rangeOf(from: number, to: number, steps: number): Range {
  const begin = Math.min(from, to - secondMs);
  const exactMs = (to - begin) / steps;
  // Two digits: a moment later, when there is a little more time to look at, it is the same step.
  const digitMs = Math.max(shortestStepMs, 10 ** (Math.floor(Math.log10(exactMs)) - 1));
  const stepMs = Math.max(1, Math.ceil(exactMs / digitMs)) * digitMs;
  return { from: Math.floor(begin / stepMs) * stepMs, to: Math.floor(to / stepMs) * stepMs, stepMs };
}

/** Whole hours, the present one included. */
function daysUntil(now: number): Range {
  const to = Math.ceil(now / hourMs) * hourMs;
  return { from: to - daysBack * dayMs, to, stepMs: hourMs };
}
