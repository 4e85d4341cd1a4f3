import type { IgnoredReason } from '../ignored-reason.ts';
import type { Kill } from '../kill.ts';

/** A finding of the detector. A later detection with the same `kill.fingerprint` corrects an earlier one. */
export type Detection =
  | {
      readonly is: 'kill';
      readonly kill: Kill;
      /** Fields of the pod that could not be read, as sentences. */
      readonly problems: readonly string[];
    }
  | { readonly is: 'ignored'; readonly reason: IgnoredReason; readonly kill: Kill };

/** When and how a line was seen. */
export interface Sighting {
  /** ms UTC by a monotonic clock, used to measure windows. Never compared with times in the objects. */
  readonly atMs: number;
  /** From the initial list: what it shows happened before the watch began. */
  readonly initial?: boolean;
  /** Terminations that ended before this (ms UTC) are too old to report and are forgotten. */
  readonly notBeforeMs?: number;
}

/** Whether an end (ms UTC) is too old to count in this sighting. */
export function isOldNews(endedAtMs: number | null, { notBeforeMs }: Sighting): boolean {
  return endedAtMs !== null && notBeforeMs !== undefined && endedAtMs < notBeforeMs;
}
