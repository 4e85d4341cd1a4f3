import { leakRunMs } from '../diagnose/experiment.ts';
import { cleanSamples } from '../evidence/clean-samples.ts';
import type { UsageHistory } from '../evidence/evidence.ts';
import { forecast, growthIn } from '../forecast/forecast.ts';
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

/** The most that any container used since a moment (ms UTC), bytes; null where there is no sample since then. */
export function mostUsedSince({ runs, siblings }: UsageHistory, since: number): number | null {
  const used = [...runs, ...siblings]
    .flatMap(cleanSamples)
    .flatMap(({ t, workingSetBytes }) => (t >= since ? workingSetBytes : []));
  return used.length === 0 ? null : used.reduce((most, bytes) => Math.max(most, bytes), 0);
}

/**
 * ms UTC when the first of the containers that run since then (ms UTC) will reach a limit (bytes), along the line that it
 * is on now; null where none is seen to grow.
 */
export function reachesAt(
  { runs, siblings }: UsageHistory,
  limitBytes: number,
  { since, now, settledMs }: { readonly since: number; readonly now: number; readonly settledMs: number },
): number | null {
  const times = [...runs, ...siblings].flatMap((run) => {
    if (run.killedAt !== null) return [];
    const points = cleanSamples(run).map(({ t, workingSetBytes }) => ({ t, bytes: workingSetBytes }));
    const last = points.at(-1);
    if (last === undefined || last.t < since) return [];
    const watched = { startedAt: run.startedAt, limitBytes, points, stalls: [] };
    return growthIn(forecast(watched, now, { settledMs, withinMs: Infinity }))?.reachesAt ?? [];
  });
  return times.length === 0 ? null : Math.min(...times);
}
