import { cleanSamples } from '../evidence/clean-samples.ts';
import { beginsAt } from '../evidence/ended-runs.ts';
import type { Findings } from '../evidence/evidence.ts';
import { median } from '../evidence/statistics.ts';
import type { Kill } from '../kill/kill.ts';
import { isSameLimit, killedAtMs, limitAt, runMs } from '../kill/kill.ts';
import type { Trigger } from '../kill/trigger.ts';
import { minuteMs } from '../units/duration.ts';
import { isAlike, startingMs } from './run-times.ts';

/*
 * What a changed limit tells, without any sample. A leak that grows by `s` from a level `b` reaches a limit `L` after
 * (L - b) / s: its run time grows with the limit, and two limits with their run times give `s` and `b`. A need that is
 * bounded ends the kills once the limit is above it. What needs far more at one moment is killed just as fast.
 */

/** Runs under one limit. Bytes, ms. */
export interface Step {
  readonly limitBytes: number;
  /** Median from start to kill. */
  readonly runMs: number;
  /** How many there were. */
  readonly runs: number;
}

export type Experiment =
  | { readonly is: 'in-proportion'; readonly low: Step; readonly high: Step; readonly slopeBytesPerSecond: number }
  | { readonly is: 'as-fast'; readonly low: Step; readonly high: Step }
  /** It runs under `limitBytes` for `ms`, longer than a leak would have taken. */
  | { readonly is: 'outlived'; readonly low: Step; readonly limitBytes: number; readonly ms: number };

/** A smaller change of the limit tells nothing: run times vary as much. */
const leastRaise = 1.1;
/** Killed as fast: a leak from nothing would have taken at least as much longer as the limit is higher. */
const asFast = { raise: 1.2, times: 1.15 };
/**
 * The level that a leak began from, as a share of the lower limit. Leaks of the labelled traces and of the recorded
 * round begin from 0.17 to 0.55 of their limit, the one of the capture `prometheus-view` from nothing; the rest is for
 * whole seconds and for growth that is not quite even.
 */
const baseShares = { least: -0.15, most: 0.6 };
/** A run that is younger has not outlived anything, however quick the kills were. */
const leastOutlivedMs = minuteMs;

/** What the limits that were tried tell; null where there was one only, or what came of it is not clear. Pure. */
export function experimentOf(
  kills: readonly Kill[],
  { findings, trigger, now }: { readonly findings: Findings; readonly trigger: Trigger; readonly now: number },
): Experiment | null {
  const steps = stepsOf(kills);
  const last = steps.at(-1);
  if (last === undefined) return null;
  const since = killedAtMs(kills.at(-1) ?? { finishedAt: null, seenAt: trigger.seenAt });
  const present = presentRun(findings, since, now);
  if (present !== null && present.limitBytes >= last.limitBytes * leastRaise) {
    const raise = present.limitBytes / last.limitBytes;
    const isOutlived = last.isRegular && present.ms > Math.max(leakRunMs(last.runMs, raise).most, leastOutlivedMs);
    if (isOutlived) return { is: 'outlived', low: last, limitBytes: present.limitBytes, ms: present.ms };
  }
  const before = steps.at(-2);
  if (before === undefined || !last.isRegular || !before.isRegular) return null;
  const [low, high] = before.limitBytes < last.limitBytes ? [before, last] : [last, before];
  return compared(low, high);
}

/** How long (ms) a leak that was killed after `ms` would run under a limit `raise` times as high. Pure. */
export function leakRunMs(ms: number, raise: number): { readonly least: number; readonly most: number } {
  return { least: ms * raise, most: (ms * (raise - baseShares.most)) / (1 - baseShares.most) };
}

function compared(low: Step, high: Step): Experiment | null {
  const raise = high.limitBytes / low.limitBytes;
  if (raise < leastRaise) return null;
  const areQuick = low.runMs < startingMs && high.runMs < startingMs;
  if (raise >= asFast.raise && (areQuick || high.runMs <= low.runMs * asFast.times))
    return { is: 'as-fast', low, high };
  const longer = high.runMs - low.runMs;
  if (longer <= 0 || low.runMs < startingMs) return null;
  const base = (low.limitBytes * high.runMs - high.limitBytes * low.runMs) / longer / low.limitBytes;
  if (base < baseShares.least || base > baseShares.most) return null;
  const slopeBytesPerSecond = (high.limitBytes - low.limitBytes) / (longer / 1000);
  return { is: 'in-proportion', low, high, slopeBytesPerSecond };
}

/** Kills one after the other under the same limit, oldest first. */
function stepsOf(kills: readonly Kill[]): readonly (Step & { readonly isRegular: boolean })[] {
  const groups: { limitBytes: number; times: number[] }[] = [];
  for (const kill of kills) {
    const [limitBytes, ms] = [limitAt(kill), runMs(kill)];
    // Where the limit was changed within the time of the kill, nobody knows which one was in force.
    const isOwn = (kill.kind === 'container' || kill.kind === 'start') && kill.orLimitBytes === undefined;
    if (!isOwn || limitBytes === null || ms === null) continue;
    const group = groups.at(-1);
    if (group && isSameLimit(group.limitBytes, limitBytes)) group.times.push(ms);
    else groups.push({ limitBytes, times: [ms] });
  }
  return groups.map(({ limitBytes, times }) => {
    const usual = median(times);
    const isRegular = times.every((ms) => isAlike(ms, usual));
    return { limitBytes, runMs: usual, runs: times.length, isRegular };
  });
}

/** The run that goes on since the last kill: as its pod says, or as its samples show. */
function presentRun(
  { restarts, usage }: Findings,
  since: number,
  now: number,
): { readonly limitBytes: number; readonly ms: number } | null {
  const running = restarts.found ? (restarts.value.running ?? null) : null;
  if (running !== null && running.limitBytes !== null && running.startedAt >= since)
    return { limitBytes: running.limitBytes, ms: now - running.startedAt };
  if (!usage.found) return null;
  const { runs, siblings } = usage.value;
  const later = [...runs, ...siblings].flatMap((run) => {
    const seenUntil = cleanSamples(run).at(-1)?.t ?? 0;
    const isLater = run.killedAt === null && beginsAt(run) >= since;
    return isLater && run.limitBytes !== null && run.limitBytes > 0
      ? [{ limitBytes: run.limitBytes, ms: seenUntil - beginsAt(run) }]
      : [];
  });
  return later.toSorted((a, b) => a.ms - b.ms).at(-1) ?? null;
}
