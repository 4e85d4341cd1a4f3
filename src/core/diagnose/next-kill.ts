import { cleanSamples } from '../evidence/clean-samples.ts';
import { beginsAt } from '../evidence/ended-runs.ts';
import type { UsageRun } from '../evidence/evidence.ts';
import { wellSeen } from '../evidence/shape/run-shape.ts';
import { forecast, growthFrom, growthIn } from '../forecast/forecast.ts';
import type { Growth } from '../forecast/forecast.ts';
import { triggeredAtMs } from '../kill/trigger.ts';
import type { Facts } from './facts.ts';

/**
 * ms UTC when a growing container will reach its limit again, by the growth of the present run; without samples of it,
 * a typical run's length after the last kill. Null where neither is known or that time has passed.
 */
export function nextKillAt(facts: Facts): number | null {
  const { kills, trigger, lifetime, now } = facts;
  const growth = presentGrowth(facts);
  if (growth !== null) return inFuture(growth.reachesAt, now);
  return lifetime === null ? null : inFuture(triggeredAtMs(kills.at(-1) ?? trigger) + lifetime.ms, now);
}

/**
 * How the present run grows: along the line that a warning would use, or, while it has none of its own, from its
 * present usage at the rate of earlier runs. Null if there are no samples of it.
 */
export function presentGrowth(facts: Facts): Growth | null {
  const { limitBytes, shape, now, settledMs } = facts;
  const run = presentRun(facts);
  if (run === undefined || limitBytes === null) return null;
  const points = cleanSamples(run).map(({ t, workingSetBytes }) => ({ t, bytes: workingSetBytes }));
  const last = points.at(-1);
  if (last === undefined) return null;
  const watched = { startedAt: run.startedAt, limitBytes, points, stalls: [] };
  const own = growthIn(forecast(watched, now, { settledMs, withinMs: Infinity }));
  if (own !== null || shape === null || shape.slopeBytesPerSecond <= 0) return own;
  // Beyond the range in which earlier runs were observed, growth may change.
  const isKnown = shape.seenShare >= wellSeen || last.bytes <= shape.lastBytes;
  return isKnown ? growthFrom(last, limitBytes, shape.slopeBytesPerSecond) : null;
}

function presentRun({ findings, trigger, kills, shape }: Facts): UsageRun | undefined {
  if (!findings.usage.found) return undefined;
  // Before a kill, the present run is the one that the warning is about.
  const since = trigger.kind === 'ahead' && shape ? beginsAt(shape.run) : triggeredAtMs(kills.at(-1) ?? trigger);
  return findings.usage.value.runs.find(
    (run) => run.pod === trigger.pod && run.killedAt === null && beginsAt(run) >= since,
  );
}

function inFuture(at: number, now: number): number | null {
  return at > now ? Math.round(at) : null;
}
