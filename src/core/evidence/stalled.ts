import { leastStalled } from '../forecast/stall.ts';
import type { Trigger } from '../kill/trigger.ts';
import { minuteMs, roughDuration } from '../units/duration.ts';
import { percent } from '../units/percent.ts';
import type { Findings } from './evidence.ts';
import { samplesBefore } from './samples-before.ts';

/** For which share of the last minutes that were measured all tasks of a container waited for memory. */
export interface Stalled {
  /** 0..1 */
  readonly share: number;
  readonly ms: number;
}

/** Long enough for ten scrapes at 30 s: what was short of memory for so long was not surprised by a burst. */
const nearMs = 5 * minuteMs;
/** With less than this one slow moment would be most of the time. */
const leastMs = minuteMs;

/** Null where it was not measured, not for long enough, or hardly ever stalled. */
export function stalledBefore(findings: Findings, trigger: Trigger): Stalled | null {
  const all = samplesBefore(findings, trigger).flatMap(({ t, stalledSeconds }) =>
    stalledSeconds === undefined ? [] : [{ t, seconds: stalledSeconds }],
  );
  const last = all.at(-1);
  const [first] = all.filter(({ t }) => last !== undefined && t >= last.t - nearMs);
  if (last === undefined || first === undefined || last.t - first.t < leastMs) return null;
  const ms = last.t - first.t;
  // A counter that fell is not that of one run.
  const share = Math.min(1, ((last.seconds - first.seconds) * 1000) / ms);
  return share < leastStalled ? null : { share, ms };
}

/** `stalled for memory 34% of its last 5 min`. */
export function stalledWords({ share, ms }: Stalled): string {
  return `stalled for memory ${percent(share)} of its last ${roughDuration(ms)}`;
}
