import { bareOrNull } from './cgroup.ts';
import { childFingerprint } from './fingerprint.ts';
import type { Kill } from './kill.ts';

/*
 * The processes that were killed in one run of a container while its first process lived on. Three witnesses tell of
 * them, none of them always, each in its own time:
 *
 *   the kernel's message    names the process, at once; where somebody turns messages into Events
 *   the counter             says how many, a scrape later; the container's own kill is in it too
 *   the mark on a later exit says that there was at least one
 *
 * Each counts for itself, and the n-th kill that one of them tells of in a run has the same fingerprint as the n-th of
 * another. A fingerprint counts once, so the number of a run is the maximum of its witnesses: a lower bound, since none
 * of them sees everything (docs/decisions/0018).
 */

/**
 * The run in which a kill is numbered; null for one that has a fingerprint of its own. A container's own kill is numbered
 * when the kernel's message was told of before its status came: it is the same kill.
 */
export function numberedRun({ kind, victim, containerId }: Kill): string | null {
  const isNumbered = kind === 'child-process' || (kind === 'container' && victim !== undefined);
  return isNumbered ? bareOrNull(containerId) : null;
}

/** The kill as the `nth` (from 1) of its run. */
export function withNumber(kill: Kill, run: string, nth: number): Kill {
  return { ...kill, fingerprint: childFingerprint(kill.subject.cluster, run, nth) };
}

/** More kills than this between two readings of a counter are not told one by one: the number is a lower bound then. */
const mostAtOnce = 100;

/** The numbers to tell when a counter has risen from `before` to `after`, kills of the container itself left out. */
export function numbersOf(before: number, after: number, ownKills: number): readonly number[] {
  const last = Math.max(0, after - ownKills);
  const first = Math.max(0, before - ownKills, last - mostAtOnce) + 1;
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}
