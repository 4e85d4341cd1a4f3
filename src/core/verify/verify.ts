import type { Remediation } from '../incident/incident.ts';
import { killedAtMs } from '../kill/kill.ts';
import type { Kill } from '../kill/kill.ts';
import type { Plan } from '../remediate/plan.ts';
import { clockTime, counted } from '../talk/words.ts';
import { dayMs, roughDuration } from '../units/duration.ts';
import { formatBytes } from '../units/quantity.ts';
import type { Outcome, Watch } from './check.ts';
import { enoughAfter } from './enough.ts';
import { verifyMitigation } from './verify-mitigation.ts';
import type { Verified, VerifyRequest } from './verify-request.ts';
import { demoWords, watchWords } from './watch-words.ts';
import { lastCheckMs, nextCheckAt, takesMs } from './watch-length.ts';
import { whatIsThere } from './what-is-there.ts';

/**
 * What one check says of an applied change, by the cluster's state, the kills since and what it used; null where there is
 * nothing new to say before its time. The rules are those of docs/decisions/0038. Pure.
 */
export function verify(request: VerifyRequest): Verified | null {
  return request.remediation.effect === 'mitigation' ? verifyMitigation(request) : verifyFix(request);
}

function verifyFix(request: VerifyRequest): Verified | null {
  const { remediation, observation, against, mostBytes, leastMs, mostMs, now } = request;
  const { plan } = remediation;
  const appliedAt = appliedAtOf(request);
  const elapsed = now - appliedAt;
  const watch = watchIn(remediation);
  const say = (outcome: Outcome, seen: string): Verified => {
    const goesOn = !['failed', 'vanished', 'inconclusive'].includes(outcome);
    const isUndecided = outcome === 'watching' || outcome === 'held-so-far' || outcome === 'not-measured';
    const next = nextCheckAt({ appliedAt, leastMs }, watch, now);
    const verifyAt = next !== null && isUndecided ? Math.min(next, now + mostMs) : next;
    return {
      outcome,
      seen: [seen, momentWords(request.inTheMoment, now)].join(' ').trimEnd(),
      mostBytes,
      enoughBytes: outcome === 'overshot' ? enoughAfter(plan, mostBytes) : null,
      promise: null,
      verifyAt: goesOn ? verifyAt : null,
    };
  };
  if (against.length > 0) return say('failed', killedAgain(plan, against.length, elapsed));
  const isDue = now >= (remediation.verifyAt ?? 0);
  const isOver = elapsed >= takesMs(watch);
  const open = remediation.state === 'verifying' || remediation.state === 'applied';
  /** Nothing could be seen: what was said stands, and if nothing was said yet, nothing ever will be. */
  const unknown = (why: string): Verified | null => {
    if (!isDue) return null;
    const before = standing(remediation.state);
    if (before !== null) return say(before, why);
    return isOver ? say('inconclusive', why) : say('watching', `${why} ${watchWords(watch, appliedAt, now)}`);
  };
  if ('unseen' in observation) return unknown(`the cluster could not be read: ${observation.unseen}`);
  const there = whatIsThere(remediation, observation);
  if (there.is === 'vanished') return say('vanished', there.seen);
  if (there.is === 'deleted') return open ? say('inconclusive', there.seen) : unknown(there.seen);
  if (there.is === 'idle') return unknown(`${there.seen}, ${roughDuration(elapsed)} after the change.`);
  if (!isDue) return null;
  const lived = `no kill in ${roughDuration(elapsed)} at ${placeOf(plan)}; ${there.seen}.`;
  const outcome = outcomeOf(watch, elapsed, mostBytes);
  switch (outcome) {
    case 'watching':
      return say(outcome, `${lived} ${watchWords(watch, appliedAt, now)}`);
    case 'held':
      if (elapsed >= dayMs && enoughAfter(plan, mostBytes) !== null)
        return say('overshot', `${lived} ${roomWords(plan, mostBytes)}`);
      return say(outcome, `${lived} ${heldWords(watch, elapsed, mostBytes)}`.trimEnd());
    case 'held-so-far':
      return say(outcome, `${lived} ${sofarWords(plan, mostBytes)}`);
    case 'not-measured':
      return say(
        outcome,
        `no kill for ${roughDuration(elapsed)} at ${placeOf(plan)}; usage is not measured${demoWords(watch)}.`,
      );
  }
}

/** What was said of it at an earlier check, so that it stands where a later one sees nothing. */
function standing(state: Remediation['state']): Outcome | null {
  return state === 'held' || state === 'overshot' || state === 'held-so-far' ? state : null;
}

function outcomeOf(
  watch: Watch,
  elapsed: number,
  mostBytes: number | null,
): 'watching' | 'held' | 'held-so-far' | 'not-measured' {
  const { by, peakBytes } = watch;
  if (elapsed < takesMs(watch)) return 'watching';
  if (by === 'runs') return 'held';
  if (by === 'peak' && mostBytes !== null && mostBytes >= (peakBytes ?? Infinity)) return 'held';
  if (mostBytes !== null) return by === 'time' && elapsed >= lastCheckMs ? 'held' : 'held-so-far';
  return by === 'time' || elapsed >= dayMs ? 'not-measured' : 'watching';
}

/** Documents of versions that had one check only: what they wait for is the whole watch. */
function watchIn({ watch }: Remediation): Watch {
  return watch ?? { by: 'runs', forMs: 0, why: '', peakBytes: null, shortenedToMs: null };
}

function appliedAtOf({ remediation: { applied }, now }: VerifyRequest): number {
  return applied?.at ?? now;
}

/** `160Mi`, `revision 3`: under what it lives now. */
function placeOf({ rollBack, to }: Plan): string {
  if (rollBack) return `revision ${rollBack.toRevision}`;
  return to.limitBytes === null ? 'no limit' : formatBytes(to.limitBytes);
}

function killedAgain(plan: Plan, times: number, elapsed: number): string {
  return `killed ${times === 1 ? 'once' : `${times} times`} ${withWhat(plan)} within ${roughDuration(elapsed)}.`;
}

/** What the killed pods had of the change. */
function withWhat(plan: Plan): string {
  const { rollBack, from, to, env } = plan;
  if (rollBack) return `in ${placeOf(plan)}`;
  if (to.limitBytes !== from.limitBytes) return `at the new limit of ${placeOf(plan)}`;
  return `with the new ${env.map(({ name }) => name).join(' and ')}`;
}

function heldWords(watch: Watch, elapsed: number, mostBytes: number | null): string {
  if (watch.by === 'peak' && mostBytes !== null)
    return `It has used ${formatBytes(mostBytes)} since, as much as when it was killed.`;
  // At a later check, how long it was watched for is old news.
  if (elapsed > takesMs(watch) * 2) return mostBytes === null ? '' : `It used at most ${formatBytes(mostBytes)}.`;
  const why = watch.why.charAt(0).toUpperCase() + watch.why.slice(1);
  return why === '' ? '' : `${why}${demoWords(watch)}.`;
}

function sofarWords({ from }: Plan, mostBytes: number | null): string {
  const most = mostBytes === null ? '' : `It used at most ${formatBytes(mostBytes)} since`;
  return from.limitBytes === null ? `${most}.` : `${most}, and it was killed at ${formatBytes(from.limitBytes)}.`;
}

function roomWords(plan: Plan, mostBytes: number | null): string {
  const smaller = (plan.to.limitBytes ?? 0) - (enoughAfter(plan, mostBytes) ?? 0);
  return `It used at most ${formatBytes(mostBytes ?? 0)}, so the limit could be ${formatBytes(smaller)} smaller.`;
}

function momentWords(kills: readonly Kill[], now: number): string {
  const last = kills.at(-1);
  if (last === undefined) return '';
  const when = kills.length === 1 ? `at ${clockTime(killedAtMs(last), now)} ` : '';
  return `${counted(kills.length, 'kill')} ${when}fell into the moment of the change and ${kills.length === 1 ? 'counts' : 'count'} neither for nor against it.`;
}
