import { leakRunMs } from '../diagnose/experiment.ts';
import { cleanSamples } from '../evidence/clean-samples.ts';
import type { UsageHistory } from '../evidence/evidence.ts';
import { trendOf } from '../evidence/statistics.ts';
import { growthFrom } from '../forecast/forecast.ts';
import type { Plan } from '../remediate/plan.ts';

/**
 * How long (ms) a run takes under a plan's limit if its need grows: the usual run so far, and what the raise gives it at
 * the measured rate, within what a leak can do (core/diagnose/experiment.ts). Null without a run, or without a raise.
 */
export function expectedRunMs(
  { from, to }: Pick<Plan, 'from' | 'to'>,
  usualMs: number | null,
  slopeBytesPerSecond: number | null,
): number | null {
  const { limitBytes: before } = from;
  const { limitBytes: after } = to;
  if (usualMs === null || before === null || after === null || after <= before) return null;
  const { least, most } = leakRunMs(usualMs, after / before);
  if (slopeBytesPerSecond === null || slopeBytesPerSecond <= 0) return (least + most) / 2;
  const more = ((after - before) / slopeBytesPerSecond) * 1000;
  return Math.min(most, Math.max(least, usualMs + more));
}

/**
 * The most that any container used since a moment (ms UTC), bytes; null where nothing was measured since then. Samples
 * of a week are far apart, so the peaks of its whole hours count too.
 */
export function mostUsedSince({ runs, siblings, peaks = [] }: UsageHistory, since: number): number | null {
  const used = [
    ...[...runs, ...siblings].flatMap(cleanSamples).flatMap((one) => (one.t >= since ? one.workingSetBytes : [])),
    ...peaks.flatMap(({ from, bytes }) => (from >= since && bytes > 0 ? bytes : [])),
  ];
  return used.length === 0 ? null : used.reduce((most, bytes) => Math.max(most, bytes), 0);
}

/** The climb of a start says nothing of a leak's rate: so much of what was seen since the change is left out. */
const startShare = 1 / 3;
/** Fewer points have no trend that means anything, and of these a leak has hardly one below the one before. */
const fewestPoints = 5;
const growingTau = 0.6;

/**
 * ms UTC when the first of the running containers will reach a limit (bytes), as it has grown since a moment (ms UTC);
 * null where none is seen to grow. Whether it leaks was decided before: here it only matters how fast.
 */
export function reachesAt({ runs, siblings }: UsageHistory, limitBytes: number, since: number): number | null {
  const times = [...runs, ...siblings].flatMap((run) => {
    if (run.killedAt !== null) return [];
    const seen = cleanSamples(run).filter(({ t }) => t >= since);
    const points = seen.slice(Math.floor(seen.length * startShare));
    const [first, last] = [points[0], points.at(-1)];
    if (first === undefined || last === undefined || points.length < fewestPoints) return [];
    const trend = trendOf(points.map(({ t, workingSetBytes }) => ({ x: (t - first.t) / 1000, y: workingSetBytes })));
    if (trend === null || trend.slope <= 0 || trend.tau < growingTau) return [];
    return growthFrom({ t: last.t, bytes: last.workingSetBytes }, limitBytes, trend.slope).reachesAt;
  });
  return times.length === 0 ? null : Math.min(...times);
}
