import type { Cause } from '../diagnose/diagnosis.ts';
import { isAllAfter, runMs } from '../kill/kill.ts';
import type { Kill } from '../kill/kill.ts';
import { median } from '../evidence/statistics.ts';
import type { Plan } from '../remediate/plan.ts';
import { dayMs, hourMs, roughDuration } from '../units/duration.ts';
import type { Watch } from './check.ts';

/** What ran that long was killed days apart: twice as long says less than a peak as high as the one before. */
const daysApartMs = dayMs;
/** So often a run has to be survived. */
const runsSurvived = 2;
/** From how many of the last runs the length is taken. */
const lastRuns = 3;
/** A scrape sees a little less than the kernel does at a kill. */
const asHigh = 0.95;
/** When checks come after a change was seen; the first one, and the end of the watch, are the caller's. */
const laterChecksMs = [hourMs, dayMs, 7 * dayMs] as const;
/** Nothing is checked after that. */
export const lastCheckMs = 7 * dayMs;

export interface WatchRequest {
  readonly plan: Plan;
  /** The verdict that the plan was made for. */
  readonly cause: Cause | null;
  /** The last kills of the subject, oldest first. */
  readonly kills: readonly Kill[];
  /** ms UTC when the change was seen in the cluster. */
  readonly appliedAt: number;
  /** Whether anybody measures what it uses. */
  readonly isMeasured: boolean;
  /** At least so long. */
  readonly leastMs: number;
  /** At most so long: a pretended world has no time for more. */
  readonly mostMs: number;
}

/**
 * How long a fix is watched, and why: a result is a claim about the future, and needs as much evidence as the verdict
 * had (docs/decisions/0038). Twice the median of the last three runs that ended in a kill, never less than `leastMs`;
 * where those lasted days, or kills came with load, until it used as much again as when it was killed. Pure.
 */
export function watchOf(request: WatchRequest): Watch {
  const wanted = wantedWatch(request);
  const forMs = Math.max(request.leastMs, wanted.forMs);
  const { mostMs } = request;
  return { ...wanted, forMs, shortenedToMs: mostMs < forMs ? mostMs : null };
}

function wantedWatch({
  plan,
  cause,
  kills,
  appliedAt,
  isMeasured,
  leastMs,
}: WatchRequest): Omit<Watch, 'shortenedToMs'> {
  const usual = usualRunMs(kills, appliedAt);
  const isLoad = cause === 'traffic-spike';
  const isLong = usual !== null && usual >= daysApartMs;
  const why = isLoad
    ? 'its kills came with load'
    : usual === null
      ? 'how long it usually ran before is not known'
      : `it used to be killed every ${roughDuration(usual)}`;
  const { from, to } = plan;
  const isRaised = from.limitBytes !== null && to.limitBytes !== null && to.limitBytes > from.limitBytes;
  if (usual !== null && !isLoad && !(isLong && isRaised))
    return { by: 'runs', forMs: Math.min(lastCheckMs, usual * runsSurvived), why, peakBytes: null };
  if (isMeasured && isRaised)
    return { by: 'peak', forMs: leastMs, why, peakBytes: Math.round((from.limitBytes ?? 0) * asHigh) };
  return { by: 'time', forMs: dayMs, why, peakBytes: null };
}

/** Median of the last three runs that ended in a kill before the change, ms; null where none is known. */
export function usualRunMs(kills: readonly Kill[], appliedAt: number): number | null {
  const runs = kills
    .filter((kill) => !isAllAfter(kill, appliedAt))
    .flatMap((kill) => runMs(kill) ?? [])
    .slice(-lastRuns);
  return runs.length === 0 ? null : median(runs);
}

/** How long it really takes, ms. */
export function takesMs({ forMs, shortenedToMs }: Watch): number {
  return shortenedToMs ?? forMs;
}

/** ms UTC of the next check after `now`: 15 min (`leastMs`), 1 h, 24 h, 7 d, and the end of the watch; null = none. */
export function nextCheckAt(
  { appliedAt, leastMs }: Pick<WatchRequest, 'appliedAt' | 'leastMs'>,
  watch: Watch | null,
  now: number,
): number | null {
  const whole = watch === null ? leastMs : takesMs(watch);
  const first = Math.min(leastMs, whole);
  const times = [first, whole, ...laterChecksMs].filter((ms) => ms >= first && appliedAt + ms > now);
  return times.length === 0 ? null : appliedAt + Math.min(...times);
}
