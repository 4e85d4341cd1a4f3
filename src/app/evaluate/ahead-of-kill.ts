import type { TraceInput } from '../../adapters/recording/read-trace.ts';
import { forecast, growthIn, usualSettledMs } from '../../core/forecast/forecast.ts';
import type { Truth } from '../../core/evaluate/truth.ts';
import { timeMs } from '../../core/kill/json-read.ts';
import { podObject, podsOfTrace } from './trace-pods.ts';
import type { TracePod, TraceRun } from './trace-pods.ts';

/**
 * When the first of the running containers will reach its limit, as a warning would say; ms UTC, null where none is on
 * its way. In a trace time is compressed, so that a run is settled after a tenth of what was seen of it, where that is
 * less than usual.
 */
export function nextKillAhead(pods: readonly TracePod[], now: number): number | null {
  const times = pods.flatMap(({ runs }) => {
    const run = runs.at(-1);
    return run === undefined || run.endedAt !== null ? [] : (reachesAt(run, now) ?? []);
  });
  return times.length === 0 ? null : Math.min(...times);
}

function reachesAt({ startedAt, limitBytes, rows }: TraceRun, now: number): number | null {
  const points = rows.flatMap(({ t, workingSetBytes }) =>
    workingSetBytes === null ? [] : [{ t, bytes: workingSetBytes }],
  );
  const seenMs = (points.at(-1)?.t ?? 0) - startedAt;
  const settledMs = Math.min(usualSettledMs, seenMs / 10);
  const growth = growthIn(
    forecast({ startedAt, limitBytes, points, stalls: [] }, now, { settledMs, withinMs: Infinity }),
  );
  return growth === null || growth.reachesAt <= now ? null : growth.reachesAt;
}

/** How much of a run is shown before the next kill has to be foretold. */
const shownShare = 0.6;

/** The trace as it was at 60% of the life that ended with the first kill; null where no samples show that life. */
export function cutBeforeKill(
  trace: TraceInput,
  truth: Truth,
): { readonly input: TraceInput; readonly at: number; readonly killedAt: number } | null {
  const killedAt = timeMs(truth.killed_at[0]);
  if (killedAt === null) return null;
  const all = podsOfTrace(trace).flatMap((pod) => pod.runs.map((run) => ({ pod, run })));
  const [life] = all
    .filter(({ run }) => run.rows.length > 0 && run.startedAt < killedAt)
    .toSorted((a, b) => awayFrom(killedAt, a.run) - awayFrom(killedAt, b.run));
  if (life === undefined) return null;
  const { pod, run } = life;
  const at = run.startedAt + shownShare * (killedAt - run.startedAt);
  const rows = run.rows.filter(({ t }) => t <= at);
  const input = {
    ...trace,
    pod: podObject(trace, { ...pod, runs: [{ ...run, endedAt: null }] }, at, null),
    events: [],
    rows,
  };
  return { input, at: rows.at(-1)?.t ?? at, killedAt };
}

function awayFrom(killedAt: number, { rows }: TraceRun): number {
  return Math.abs(killedAt - (rows.at(-1)?.t ?? 0));
}
