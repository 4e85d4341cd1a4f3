import { bareOrNull } from './cgroup.ts';
import { childFingerprint } from './fingerprint.ts';
import type { Kill } from './kill.ts';

/*
 * Processes that were killed in one run of a container while its first process lived on. There are three witnesses, none
 * of which is always there, each with its own delay:
 *
 *   the kernel's message      names the process, at once; where something turns messages into Events
 *   the counter               says how many, a scrape later; it counts the container's own kill too
 *   the mark on a later exit  says that there was at least one
 *
 * Each counts for itself, and the n-th kill that one of them reports in a run has the same fingerprint as the n-th of
 * another. A fingerprint counts once, so the number of a run is the maximum of its witnesses: a lower bound, since none
 * of them sees everything (docs/decisions/0018).
 */

/**
 * The run in which a kill is numbered; null for one with a fingerprint of its own. A container's own kill is numbered
 * where the kernel's message was reported before its status came: it is the same kill.
 */
export function numberedRun({ kind, victim, containerId }: Kill): string | null {
  const isNumbered = kind === 'child-process' || (kind === 'container' && victim !== undefined);
  return isNumbered ? bareOrNull(containerId) : null;
}

/** The kill as the `nth` (from 1) of its run. */
export function withNumber(kill: Kill, run: string, nth: number): Kill {
  return { ...kill, fingerprint: childFingerprint(kill.subject.cluster, run, nth) };
}

/** Of more kills than this between two readings of a counter only the latest are reported: a lower bound then. */
const mostAtOnce = 100;

/** The numbers to report when a counter has risen from `before` to `after`, without kills of the container itself. */
export function numbersOf(before: number, after: number, ownKills: number): readonly number[] {
  const last = Math.max(0, after - ownKills);
  const first = Math.max(0, before - ownKills, last - mostAtOnce) + 1;
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}
