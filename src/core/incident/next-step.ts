import type { Incident, Loaded, Remediation, Request } from './incident.ts';
import { mayBeForNode } from '../evidence/node/node-oom.ts';
import { alertsOverSince, alertsRestMs } from './alerts-over.ts';
import { latestTrigger, warningOf } from './triggers.ts';
import { isAllAfter, isOfNode, killedAtMs } from '../kill/kill.ts';
import { killsAgainst } from '../verify/kills-against.ts';
import type { Kill } from '../kill/kill.ts';
import { destinations, destinationOf } from '../remediate/plan.ts';
import { nextAssessment } from '../notify/next-assessment.ts';
import { isBeingFollowed } from './follow-up.ts';
import { mayComeBack } from './may-come-back.ts';
import { quietAfterMs } from './quiet-close.ts';
import { isSoFar, laterChecks } from './later-checks.ts';
import { underWay } from './transition.ts';
import { dayMs } from '../units/duration.ts';

/*
 * What the worker does next with an incident: a pure function of the stored state and the time. The first that applies,
 * in this order:
 *
 *   there is an undecided request                       -> answer
 *   closed, and a check is still to come                -> verify in its time
 *   closed                                              -> wait for ever
 *   the predicted kill happened                         -> receive
 *   never explained                                     -> explain
 *   remediations under way, the cluster's before the forge's:
 *     approved / applying / written / applied           -> begin / write / confirm / watch
 *     verifying, its time has come or there was a kill  -> verify
 *     requested, and its time is over                   -> expire
 *     requested, and half of its time is over           -> remind (once)
 *   a result that a later check may correct, the same   -> verify
 *   killed again since it was explained                 -> explain (at most once per `explainAgainMs`)
 *   its plan was rejected, has expired, failed or
 *   vanished, or is stale                               -> explain (the same), to propose it anew
 *   verdict open, evidence may have arrived since       -> explain (once, `settleMs` after the first); open is one
 *                                                          that is inconclusive, and one far below its limit, which the
 *                                                          kernel may have killed for its node
 *   a node that is short of memory                      -> explain (every `settleMs`, until it has enough)
 *   short of pods or endpoints, or people may be due
 *   to be notified                                    -> assess
 *   explained long ago                                  -> explain (every `refreshMs`; sees a deleted workload)
 *   quiet for long enough, or all alerts that opened it
 *   resolved for long enough, nothing under way, and no
 *   check due within a day of a fix or a week of a
 *   mitigation                                          -> close
 *   a pull request is waiting for merge                 -> check it (the forge's webhook makes us check at once)
 *   else                                                -> wait until the earliest of these
 *
 * A remediation that has to wait (for a rollout, for a forge that is unreachable, for the end of a pause) is skipped
 * for one round and does not block anything else: the other destination goes on, and a request expires in time.
 */
export type Step =
  | { readonly do: 'answer'; readonly request: Request }
  | { readonly do: 'receive'; readonly kill: Kill }
  | { readonly do: 'explain' }
  | { readonly do: 'assess' }
  | { readonly do: 'begin'; readonly remediation: Remediation }
  | { readonly do: 'write'; readonly remediation: Remediation }
  | { readonly do: 'confirm'; readonly remediation: Remediation }
  | { readonly do: 'watch'; readonly remediation: Remediation }
  | { readonly do: 'verify'; readonly remediation: Remediation }
  | { readonly do: 'expire'; readonly remediation: Remediation }
  | { readonly do: 'remind'; readonly remediation: Remediation }
  | { readonly do: 'close'; readonly why: 'quiet' | 'resolved' }
  | { readonly do: 'look-at-pull-request'; readonly remediation: Remediation; readonly until: number | null }
  | { readonly do: 'wait'; readonly until: number | null };

/** All ms. */
export interface Pace {
  readonly explainAgainMs: number;
  /** An open verdict is explained once more this long after the first time: scrapes lag behind kills. */
  readonly settleMs: number;
  readonly refreshMs: number;
  /** Between two looks at the pods of a workload that is short of them. */
  readonly impactEveryMs: number;
}

/** What is held back, beside plans. */
export const assessing = 'assess';

const nothing: ReadonlySet<string> = new Set();

/**
 * `now` is ms UTC by the store's clock; `heldBack` are the ids of plans whose step was tried in this round and has to
 * wait, and `assessing` likewise.
 */
export function nextStep(loaded: Loaded, now: number, pace: Pace, heldBack = nothing): Step {
  const { incident, requests } = loaded;
  const [request] = requests;
  if (request) return { do: 'answer', request };
  const later = laterChecks(incident).filter((one) => !heldBack.has(one.plan.id) && !isBeingFollowed(incident, one));
  if (incident.state.is === 'closed') return lateCheck(later, now);
  const [kill] = loaded.tally.recent;
  if (incident.trigger.kind === 'ahead' && kill) return { do: 'receive', kill };
  if (!incident.explained) return { do: 'explain' };
  const busy = underWay(incident);
  const free = busy.filter((one) => !heldBack.has(one.plan.id) && !isBeingFollowed(incident, one));
  for (const remediation of [...free, ...later]) {
    const step = remediationStep(loaded, remediation, now, pace);
    if (step) return step;
  }
  const explainAt = nextExplanation(loaded, incident.explained, busy, pace);
  if (explainAt !== null && explainAt <= now) return { do: 'explain' };
  const assessAt = heldBack.has(assessing) ? null : nextAssessment(loaded, pace);
  if (assessAt !== null && assessAt <= now) return { do: 'assess' };
  const over = alertsOverSince(loaded);
  const resolvedAt = over === null ? Infinity : over + alertsRestMs;
  const quiet = Math.max(quietAt(loaded), ...later.map(awaitedUntil));
  const closeAt = busy.length > 0 ? null : Math.min(quiet, resolvedAt);
  if (closeAt !== null && closeAt <= now) return { do: 'close', why: resolvedAt <= now ? 'resolved' : 'quiet' };
  const checks = [...free, ...later].map((one) => nextCheck(loaded, one, pace));
  const times = [explainAt, closeAt, assessAt, ...checks].filter((time) => time !== null);
  const until = times.length === 0 ? null : Math.min(...times);
  const unmerged = busy.find(waitsForMerge);
  return unmerged ? { do: 'look-at-pull-request', remediation: unmerged, until } : { do: 'wait', until };
}

function waitsForMerge({ state, pullRequest }: Remediation): boolean {
  return state === 'applying' && pullRequest !== null && pullRequest.merged === null;
}

/** The newest change that has a result which stands, and nothing was killed since it is in force; null without one. */
export function resultSinceLastKill({ remediations }: Incident, tally: Loaded['tally']): Remediation | null {
  const result = remediations.findLast(isSoFar);
  const since = result?.applied?.at;
  if (result === undefined || since === undefined) return null;
  return tally.recent.some((kill) => isAllAfter(kill, since)) ? null : result;
}

/**
 * The last plan for a destination has ended since the explanation, and nothing of it is in force: one new explanation
 * proposes it again, or another one.
 */
function wantsNewPlan({ remediations }: Incident, { at }: NonNullable<Incident['explained']>): boolean {
  return destinations.some((destination) => {
    const last = remediations.findLast(({ plan }) => plan.follows === null && destinationOf(plan) === destination);
    return last !== undefined && mayComeBack(last) && at < (last.endedAt ?? 0);
  });
}

/** Of a closed incident only the checks go on. */
function lateCheck(later: readonly Remediation[], now: number): Step {
  const [next] = later.toSorted((a, b) => (a.verifyAt ?? 0) - (b.verifyAt ?? 0));
  if (next === undefined) return { do: 'wait', until: null };
  return now >= (next.verifyAt ?? 0) ? { do: 'verify', remediation: next } : { do: 'wait', until: next.verifyAt };
}

/** ms UTC until when an incident stays open for a check: its thread is where people look for the result. */
function awaitedUntil({ effect, applied, verifyAt }: Remediation): number {
  const latest = (applied?.at ?? 0) + (effect === 'mitigation' ? 7 * dayMs : dayMs);
  return verifyAt !== null && verifyAt <= latest ? verifyAt : 0;
}

function remediationStep(loaded: Loaded, remediation: Remediation, now: number, pace: Pace): Step | null {
  switch (remediation.state) {
    case 'approved':
      return { do: 'begin', remediation };
    case 'applying':
      if (waitsForMerge(remediation)) return null;
      return { do: remediation.writtenAt === null ? 'write' : 'confirm', remediation };
    case 'applied':
      return { do: 'watch', remediation };
    case 'verifying':
    case 'held':
    case 'held-so-far':
    case 'overshot':
    case 'bought-time':
      return now >= (nextCheck(loaded, remediation, pace) ?? 0) ? { do: 'verify', remediation } : null;
    case 'requested':
      if (now >= (remediation.expiresAt ?? 0)) return { do: 'expire', remediation };
      return now >= (remediation.remindAt ?? Infinity) ? { do: 'remind', remediation } : null;
    default:
      return null;
  }
}

function nextExplanation(
  { tally, incident }: Loaded,
  explained: NonNullable<Incident['explained']>,
  busy: readonly Remediation[],
  pace: Pace,
): number | null {
  // While a change waits for an approval or the end of a pause, nothing has changed in the cluster yet.
  const changes = busy.some(
    ({ plan, state }) => destinationOf(plan) === 'cluster' && state !== 'requested' && state !== 'approved',
  );
  if (changes) return null;
  // What has a result needs no new explanation until there is another kill.
  if (resultSinceLastKill(incident, tally) !== null) return null;
  if (tally.count > explained.kills || wantsNewPlan(incident, explained)) return explained.at + pace.explainAgainMs;
  // How short of memory a node is changes from minute to minute.
  if (isOfNode(incident) && warningOf({ incident, tally }) !== null) return explained.at + pace.settleMs;
  const verdict = explained.diagnosis.hypotheses[0]?.cause;
  const last = explained.lastSample?.bytes ?? null;
  const open = verdict === 'inconclusive' || mayBeForNode(latestTrigger({ incident, tally }), last);
  const early = explained.at < incident.openedAt + pace.settleMs;
  return explained.at + (open && early ? pace.settleMs : pace.refreshMs);
}

/**
 * For a kill that was found late, the quiet time starts when its incident was opened: nobody could have seen it
 * earlier.
 */
function quietAt({ incident, tally }: Loaded): number {
  return Math.max(tally.lastAt, incident.openedAt) + quietAfterMs(tally.recent.map(killedAtMs));
}

/**
 * ms UTC when a remediation is due for a check; null while it waits for others. A kill that counts against it is due at
 * once; any other kill since the last look may tell that it is gone, and is looked at soon.
 */
function nextCheck(loaded: Loaded, remediation: Remediation, pace: Pace): number | null {
  const { state, remindAt, expiresAt, verifyAt, looked } = remediation;
  if (state === 'requested') return remindAt ?? expiresAt;
  if (state !== 'verifying' && !isSoFar(remediation)) return verifyAt;
  if (killsAgainst(loaded, remediation).length > 0) return 0;
  const isNews = looked !== null && loaded.tally.count > looked.kills;
  return isNews ? Math.min(verifyAt ?? Infinity, looked.at + pace.explainAgainMs) : verifyAt;
}
