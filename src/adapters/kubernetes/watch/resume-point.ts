import { dayMs, minuteMs } from '../../../core/units/duration.ts';

/** Where a stream may resume, and the API server's time (ms UTC) when it was there. */
export interface Checkpoint {
  readonly resourceVersion: string;
  readonly at: number;
}

/**
 * Kills that ended up to this long before the resume point are considered again: they are dated by the nodes' clocks,
 * which may be ten minutes behind the API server's or have been set back since, in truncated seconds.
 */
const overlapMs = 11 * minuteMs;
/** The ledger forgets after 8 days; nothing that old may count as new, however long a pod shows it. */
const forgottenMs = 7 * dayMs;

/**
 * How far one stream has come, and which kills are too old for it. Times are the API server's, ms UTC.
 *
 *   a list shows the past    -> kills since the resume point, within the look-back
 *   a watch shows changes    -> the same bound as at the start, or a kill that a node reports late would be lost
 */
export interface ResumePoint {
  /** Kills that ended before this are too old. `initial`: seen in a list. */
  readonly notBefore: (initial: boolean, now: number) => number;
  /**
   * The checkpoint to write at this point of the stream. It never passes the line of `pending`, which is still
   * undecided; null if it has not moved.
   */
  readonly moveTo: (
    resourceVersion: string,
    now: number,
    pending: { readonly resourceVersion: string | null; readonly atMs: number } | null,
  ) => Checkpoint | null;
}

export function createResumePoint(start: Checkpoint | null, lookBackMs: number): ResumePoint {
  let reached = start;
  let startBound: number | null = null;

  function listBound(now: number): number {
    return Math.max(reached ? reached.at - overlapMs : 0, now - lookBackMs);
  }

  return {
    notBefore: (initial, now) => {
      startBound ??= listBound(now);
      return initial ? listBound(now) : Math.max(startBound, now - forgottenMs);
    },
    moveTo: (resourceVersion, now, pending) => {
      if (pending === null) {
        reached = { resourceVersion, at: now };
        return reached;
      }
      const before = pointBefore(pending.resourceVersion, resourceVersion);
      if (before === null || (reached !== null && !isLater(before, reached.resourceVersion))) return null;
      reached = { resourceVersion: before, at: Math.min(now, pending.atMs) };
      return reached;
    },
  };
}

/** A watch from N shows what happened after N. Versions of one resource are comparable numbers (KEP-5504). */
function pointBefore(pending: string | null, reached: string): string | null {
  if (pending === null || !isNumber(pending) || !isNumber(reached)) return null;
  const before = BigInt(pending) - 1n;
  return before < BigInt(reached) ? before.toString() : reached;
}

function isLater(version: string, than: string): boolean {
  return isNumber(than) && BigInt(version) > BigInt(than);
}

function isNumber(version: string): boolean {
  return /^\d+$/.test(version);
}
