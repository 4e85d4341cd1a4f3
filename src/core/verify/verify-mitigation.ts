import type { Cause } from '../diagnose/diagnosis.ts';
import { killedAtMs } from '../kill/kill.ts';
import { aboutTime, clockTime } from '../talk/words.ts';
import { minuteMs, roughDuration } from '../units/duration.ts';
import type { Outcome, TimePromise } from './check.ts';
import type { Verified, VerifyRequest } from './verify-request.ts';
import { nextCheckAt } from './watch-length.ts';
import { whatIsThere } from './what-is-there.ts';

/** A kill that comes after less than this share of the time that was expected came early. */
const early = 0.75;
/** After this share of it the kill did not come. */
const overdue = 1.5;
/** The thread reminds so long before the expected kill, but not before three quarters of the time are over. */
const remindMs = 30 * minuteMs;
const remindShare = 0.25;

/**
 * A mitigation never holds: it buys time, and says until when. `bought-time` is said once when that is known, as a
 * reminder before the expected kill, and when it is over: killed as expected, or the kill did not come. Only a kill that
 * comes early is a failure. Pure.
 */
export function verifyMitigation(request: VerifyRequest): Verified | null {
  const { remediation, observation, against, mostBytes, cause, leastMs, now } = request;
  const appliedAt = remediation.applied?.at ?? now;
  const expected = remediation.promise ?? promised(request, appliedAt);
  const isDue = now >= (remediation.verifyAt ?? 0);
  const say = (outcome: Outcome, seen: string, promise = expected, verifyAt: number | null = null): Verified => ({
    outcome,
    seen,
    mostBytes,
    enoughBytes: null,
    promise,
    verifyAt,
  });
  const [kill] = against;
  if (kill !== undefined) {
    const livedMs = killedAtMs(kill) - appliedAt;
    const when = `killed again at ${clockTime(killedAtMs(kill), now)}, ${roughDuration(livedMs)} after the change`;
    const about = expected === null ? '' : `; expected about ${aboutTime(expected.at, now)}`;
    if (expected !== null && livedMs < (expected.at - appliedAt) * early)
      return say('failed', `${when}, which is early${about}.`, { ...expected, kept: 'earlier' });
    return say('bought-time', `${when}${about}.`, expected && { ...expected, kept: 'as-expected' });
  }
  if ('unseen' in observation)
    return isDue ? say('bought-time', `the cluster could not be read: ${observation.unseen}`) : null;
  const there = whatIsThere(remediation, observation);
  if (there.is === 'vanished') return say('vanished', there.seen);
  if (there.is === 'deleted') return say('inconclusive', there.seen);
  if (!isDue) return null;
  if (expected === null) {
    const seen = `no kill in ${roughDuration(now - appliedAt)}; nothing tells when the next one comes. ${notFixed(cause)}`;
    return say('bought-time', seen, null, nextCheckAt({ appliedAt, leastMs }, remediation.watch, now));
  }
  if (remediation.promise === null)
    return say(
      'bought-time',
      `next kill expected about ${aboutTime(expected.at, now)}. ${notFixed(cause)}`,
      expected,
      remindAt(expected),
    );
  if (now >= overdueAt(expected, appliedAt)) {
    const was = `the kill that was expected about ${aboutTime(expected.at, now)}`;
    const { growsUntil } = request;
    if (growsUntil !== null && growsUntil > now) {
      const later = { ...expected, at: growsUntil };
      const seen = `${was} has not come yet; as it grows now, it comes about ${aboutTime(growsUntil, now)}. ${notFixed(cause)}`;
      return say('bought-time', seen, later, overdueAt(later, appliedAt));
    }
    return say('bought-time', `${was} did not come; ${there.seen}. ${notFixed(cause)}`, {
      ...expected,
      kept: 'did-not-come',
    });
  }
  const left = roughDuration(Math.max(0, expected.at - now));
  const seen = `the next kill is expected in about ${left}, at ${aboutTime(expected.at, now)}. ${notFixed(cause)}`;
  return say('bought-time', seen, { ...expected, remindedAt: now }, overdueAt(expected, appliedAt));
}

/** `The leak is not fixed.` */
function notFixed(cause: Cause | null): string {
  return `The ${cause === 'leak' ? 'leak' : 'cause'} is not fixed.`;
}

/** By the growth of the present run, which was measured; else by how long the runs before it took. */
function promised(
  { growsUntil, expectedRunMs, observation, now }: VerifyRequest,
  appliedAt: number,
): TimePromise | null {
  const made = { madeAt: now, remindedAt: null, kept: null };
  if (growsUntil !== null && growsUntil > now) return { ...made, at: growsUntil, by: 'growth' };
  if (expectedRunMs === null) return null;
  const starts = 'unseen' in observation ? [] : observation.pods.flatMap(({ startedAt }) => startedAt ?? []);
  // What began before the change is killed first.
  const at = Math.round(Math.min(appliedAt, ...starts) + expectedRunMs);
  return { ...made, at: Math.max(at, now), by: 'runs' };
}

function remindAt({ at, madeAt }: TimePromise): number {
  return Math.round(at - Math.min(remindMs, (at - madeAt) * remindShare));
}

function overdueAt({ at }: TimePromise, appliedAt: number): number {
  return Math.round(appliedAt + (at - appliedAt) * overdue);
}
