import type { IgnoredReason } from '../ignored-reason.ts';
import type { Kill } from '../kill.ts';

/** What the detector found out. Keyed by `kill.fingerprint`: a later detection with the same one corrects it. */
export type Detection =
  | {
      readonly is: 'kill';
      readonly kill: Kill;
      /** Fields of the pod that could not be read, as sentences. */
      readonly problems: readonly string[];
    }
  | { readonly is: 'ignored'; readonly reason: IgnoredReason; readonly kill: Kill };

/** How a line came to be seen. */
export interface Sighting {
  /** ms UTC, by a clock that goes on evenly: windows are measured by it. Nothing in the objects is compared with it. */
  readonly atMs: number;
  /** From the list that began the watch: what it shows happened before. */
  readonly initial?: boolean;
  /** Terminations that ended before this (ms UTC) are old news and leave no trace. */
  readonly notBeforeMs?: number;
}

/** Whether it ended (ms UTC) before what counts in this sighting. */
export function isOldNews(endedAtMs: number | null, { notBeforeMs }: Sighting): boolean {
  return endedAtMs !== null && notBeforeMs !== undefined && endedAtMs < notBeforeMs;
}
