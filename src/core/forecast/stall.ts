import type { UsagePoint } from '../evidence/usage-now.ts';

/** One reading of `container_pressure_memory_stalled_seconds_total`. */
export interface StallPoint {
  /** ms UTC */
  readonly t: number;
  readonly seconds: number;
}

/** 2 min and 1 min where a run settles in 10: so long it stands still, and two readings are at most so far apart. */
const [near, apart] = [0.2, 0.1];
/**
 * Standing still for a tenth of the time. systemd-oomd kills a cgroup at 60 % over 30 s (its DefaultMemoryPressureLimit);
 * a warning has to come long before, and a healthy container stands still for next to nothing.
 */
const leastShare = 0.1;
/** Below this share of its limit a container that stands still does so for its node's sake, not for its own. */
const fromShare = 0.6;

/** Share of the last two minutes, 0..1, that nothing in a container ran for want of memory; null where that is little. */
export function stalledShare(
  stalls: readonly StallPoint[],
  last: UsagePoint,
  limitBytes: number,
  settledMs: number,
): number | null {
  const nearMs = near * settledMs;
  const recent = stalls.filter(({ t }) => t >= last.t - nearMs - apart * settledMs);
  const spanMs = (recent.at(-1)?.t ?? 0) - (recent[0]?.t ?? 0);
  if (spanMs < nearMs || last.bytes < fromShare * limitBytes) return null;
  // A counter that fell began anew.
  const seconds = recent.slice(1).reduce((sum, one, index) => {
    const grown = one.seconds - (recent[index]?.seconds ?? one.seconds);
    return sum + (grown < 0 ? one.seconds : grown);
  }, 0);
  const share = Math.min(1, (seconds * 1000) / spanMs);
  return share < leastShare ? null : share;
}
