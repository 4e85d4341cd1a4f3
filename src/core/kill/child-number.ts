import { bareOrNull } from './cgroup.ts';
import { childFingerprint } from './fingerprint.ts';
import type { Kill } from './kill.ts';

/*
 * Processes that were killed in one run of a container while its main process kept running. There are three witnesses,
 * none of them always available, each with its own delay:
 *
 *   the kernel's message          names the process, at once; needs something that turns messages into Events
 *   the counter                   says how many, a scrape later; it counts the container's own kill too
 *   `OOMKilled` on a later exit   says that there was at least one
 *
 * Each counts for itself, and the n-th kill that one of them reports in a run has the same fingerprint as the n-th of
 * another. A fingerprint counts once, so the number of a run is the maximum of its witnesses: a lower bound, since none
 * of them sees everything (docs/decisions/0018).
 */

/**
 * The run in which a kill is numbered; null for one with a fingerprint of its own. A container's own kill is numbered
 * too if the kernel's message was reported before its status arrived: both are the same kill.
 */
export function numberedRun({ kind, victim, containerId }: Kill): string | null {
  const isNumbered = kind === 'child-process' || (kind === 'container' && victim !== undefined);
  return isNumbered ? bareOrNull(containerId) : null;
}

/** The kill as the `nth` of its run, counted from 1. */
export function withNumber(kill: Kill, run: string, nth: number): Kill {
  return { ...kill, fingerprint: childFingerprint(kill.subject.cluster, run, nth) };
}

/** If a counter rises by more than this between two readings, only the latest kills are reported, as a lower bound. */
const mostAtOnce = 100;

/**
 * The numbers to report when a counter has risen from `before` to `after`, leaving out the container's own
 * kills.
 */
export function numbersOf(before: number, after: number, ownKills: number): readonly number[] {
  const last = Math.max(0, after - ownKills);
  const first = Math.max(0, before - ownKills, last - mostAtOnce) + 1;
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}
