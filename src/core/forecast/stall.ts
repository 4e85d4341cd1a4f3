import type { UsagePoint } from '../evidence/usage-now.ts';

/** One reading of `container_pressure_memory_stalled_seconds_total`. */
export interface StallPoint {
  /** ms UTC */
  readonly t: number;
  readonly seconds: number;
}

/** For a settling time of 10 min: 2 min of stalls are needed, with readings at most 1 min apart. */
const [near, apart] = [0.2, 0.1];
/**
 * Stalled for a tenth of the time. systemd-oomd kills a cgroup at 60% over 30 s (its DefaultMemoryPressureLimit); a
 * warning must come long before, and a healthy container is hardly ever stalled.
 */
export const leastStalled = 0.1;
/** Below this share of its limit, a container is stalled because of its node, not because of its own limit. */
const fromShare = 0.6;

/** Share of the last two minutes, 0..1, in which all tasks were stalled for memory; null if it is small. */
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
  // A counter that fell was reset.
  const seconds = recent.slice(1).reduce((sum, one, index) => {
    const grown = one.seconds - (recent[index]?.seconds ?? one.seconds);
    return sum + (grown < 0 ? one.seconds : grown);
  }, 0);
  const share = Math.min(1, (seconds * 1000) / spanMs);
  return share < leastStalled ? null : share;
}
