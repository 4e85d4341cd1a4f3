import { Failure } from '../core/failure.ts';
import { minuteMs } from '../core/units/duration.ts';

/** A document that is met again is tried again within this time. */
const recentMs = 10 * minuteMs;

/** What a newer version has stored and this process leaves alone, for whoever looks at its readiness. */
export interface NewerDocuments {
  /** Whether the failure is about such a document. */
  readonly noted: (failure: unknown) => boolean;
  readonly warnings: () => readonly string[];
}

/** `now`: ms of any clock that only goes forward. */
export function createNewerDocuments(now: () => number = () => performance.now()): NewerDocuments {
  let latest: { readonly message: string; readonly at: number } | null = null;
  return {
    noted: (failure) => {
      if (!(failure instanceof Failure) || failure.code !== 'newer-document') return false;
      latest = { message: failure.message, at: now() };
      return true;
    },
    warnings: () =>
      latest === null || now() - latest.at > recentMs
        ? []
        : [`${latest.message}. What it cannot read it leaves alone and tries again; nothing is lost.`],
  };
}
