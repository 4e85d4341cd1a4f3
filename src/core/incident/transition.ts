import { destinationOf } from '../remediate/plan.ts';
import type { Plan } from '../remediate/plan.ts';
import { auditEntry, answerEntry, isSilentEvent } from './entry.ts';
import type { IncidentEvent, RemediationEvent, Transition } from './event.ts';
import type { Entry, Incident, Remediation, RemediationState } from './incident.ts';
import { aheadOfKill, keepAlert } from './ahead-moves.ts';
import { remediationAfter } from './remediation-after.ts';
import { followedUp, mayFollow } from './follow-up.ts';
import { isSoFar } from './later-checks.ts';
import { keepNotified } from './keep-notified.ts';

/*
 * An incident is `open` or `closed`; each of its remediations has a state of its own. Events move one remediation:
 *
 *   state       requested  approved  rejected  expired  stale  applying  fell-back  applied   watched    verified  failed
 *   proposed    requested  approved  rejected           stale
 *   requested              approved  rejected  expired  stale
 *   approved                                   expired  stale  applying                                           failed
 *   applying                                   expired  stale            applying   applied                       failed
 *   applied                                                                                   verifying  (result)
 *   verifying                                                                                            (result)
 *   (so far)                                                                                             (result)
 *
 * A plan that follows another one (`prepared`, on the click that asks for it) goes the same way up to `applied`, by which
 * it is `done`; it is not watched. The other one is `undone` then, or is no longer temporary (follow-up.ts).
 *
 * where (result) is failed | vanished | inconclusive, which end it, or one that later checks may still correct, (so far):
 * held | held-so-far | overshot | bought-time; `verifying` stays while it is too early to say. These no longer count as
 * under way: the incident closes by itself, and the last checks come afterwards, so `verified` is the one event about a
 * remediation that a closed incident takes. `looked` records that there was nothing to say. While `applying`, `wrote`,
 * `pull-request-opened` and `pull-request-merged` record the progress, and `pull-request-closed` rejects it. An empty
 * cell refuses the event: nothing changes and the caller learns why. `half-approved` records the
 * first of two approvals of a request, which stays one, and so it does when people are `reminded` of it. `edited`
 * replaces a proposed or requested plan by one with another value; what has ended stays as it was, so that its plan is
 * never carried out again. What may come back (may-come-back.ts) is a new try with a plan id of its own.
 *
 * Several plans may be proposed at a time, as alternatives. For each destination (core/remediate/plan.ts) at most one
 * goes further: the cluster is changed by one plan at a time, and one pull request may wait for its merge at the same
 * time. When one is requested or approved, the others for the same destination are withdrawn; when a merged pull
 * request is seen in the cluster, so is what was proposed for the cluster.
 *
 * An incident that was opened by a warning is ahead of its kill: `came` replaces the warning by the kill, and `calmed`
 * closes it, unless a kill happened or a request is under way. Alerts are kept in any open incident, each once.
 *
 * Of the other events `answered` is always possible, and `unsilenced` if there is a silence (a silence of the workload
 * outlasts its incident); `explained`, `assessed`, `acknowledged`, `notified` (each level of policy once), `silenced`
 * and `closed` only while the incident is open.
 */
const moves: Readonly<Record<RemediationEvent['type'], readonly RemediationState[]>> = {
  requested: ['proposed'],
  'half-approved': ['requested'],
  approved: ['proposed', 'requested'],
  rejected: ['proposed', 'requested'],
  reminded: ['requested'],
  expired: ['requested', 'approved', 'applying'],
  stale: ['proposed', 'requested', 'approved', 'applying'],
  applying: ['approved'],
  wrote: ['applying'],
  'pull-request-opened': ['applying'],
  'pull-request-merged': ['applying'],
  'pull-request-closed': ['applying'],
  'fell-back': ['applying'],
  applied: ['applying'],
  watched: ['applied'],
  verified: ['applied', 'verifying', 'held', 'held-so-far', 'overshot', 'bought-time'],
  looked: ['applied', 'verifying', 'held', 'held-so-far', 'overshot', 'bought-time'],
  failed: ['approved', 'applying'],
};

/** States in which a remediation still waits for somebody or something. */
export const liveStates: readonly RemediationState[] = [
  'proposed',
  'requested',
  'approved',
  'applying',
  'applied',
  'verifying',
];

/** The one place where an incident changes. Total: every event in every state has an answer. Never throws. */
export function transition(incident: Incident, event: IncidentEvent): Transition {
  switch (event.type) {
    case 'answered':
      return {
        ok: true,
        incident,
        entries: event.isUntold ? [] : [answerEntry(event.to, event.at, event.text, event.people)],
      };
    case 'closed':
      if (incident.state.is === 'closed') return { ok: false, refusal: 'incident-closed' };
      return {
        ok: true,
        incident: { ...incident, state: { is: 'closed', outcome: event.outcome, at: event.at } },
        entries: [auditEntry(event)],
      };
    case 'acknowledged':
      if (incident.state.is === 'closed') return { ok: false, refusal: 'incident-closed' };
      if (incident.acknowledged) return { ok: false, refusal: 'already-acknowledged' };
      return {
        ok: true,
        incident: { ...incident, acknowledged: { by: event.by, at: event.at } },
        entries: [auditEntry(event)],
      };
    case 'explained':
      if (incident.state.is === 'closed') return { ok: false, refusal: 'incident-closed' };
      return {
        ok: true,
        incident: {
          ...incident,
          mode: event.mode,
          explained: event.explained,
          remediations: propose(incident.remediations, event.plans),
        },
        entries: event.entries,
      };
    case 'assessed':
      if (incident.state.is === 'closed') return { ok: false, refusal: 'incident-closed' };
      return { ok: true, incident: { ...incident, impact: event.impact }, entries: [] };
    case 'notified':
      return keepNotified(incident, event);
    case 'edited':
      return edit(incident, event);
    case 'prepared':
      return prepare(incident, event.plan);
    case 'silenced':
      if (incident.state.is === 'closed') return { ok: false, refusal: 'incident-closed' };
      return { ok: true, incident: { ...incident, silence: event.silence }, entries: [auditEntry(event)] };
    case 'came':
    case 'calmed':
      return aheadOfKill(incident, event, underWay(incident).length > 0);
    case 'alerted':
    case 'alert-resolved':
      return keepAlert(incident, event);
    case 'unsilenced':
      if (incident.silence === null) return { ok: false, refusal: 'not-silenced' };
      return { ok: true, incident: { ...incident, silence: null }, entries: [auditEntry(event)] };
    default:
      return moveRemediation(incident, event);
  }
}

/** Whether it still waits for somebody or something. */
function isLive({ state }: Remediation): boolean {
  return liveStates.includes(state);
}

/** Whether it was requested or approved and has not ended. */
export function isUnderWay(remediation: Remediation): boolean {
  return isLive(remediation) && remediation.state !== 'proposed';
}

/** What was requested or approved and has not ended; plans for the cluster come before those for the forge. */
export function underWay({ remediations }: Incident): readonly Remediation[] {
  return remediations
    .filter(isUnderWay)
    .toSorted((a, b) => Number(destinationOf(a.plan) === 'forge') - Number(destinationOf(b.plan) === 'forge'));
}

/** The plans that are offered, best first. */
export function proposals({ remediations }: Incident): readonly Remediation[] {
  return remediations.filter(({ state }) => state === 'proposed');
}

/**
 * New plans replace those that nobody has requested yet; a requested plan stays until it is decided, and blocks its
 * destination. A plan id is proposed once, so a second try of the same change needs another one.
 */
function propose(remediations: readonly Remediation[], plans: readonly Plan[]): Remediation[] {
  const ended = remediations.filter((one) => one.state !== 'proposed');
  const offered = plans.flatMap((plan) => {
    const before = remediations.find((one) => one.plan.id === plan.id);
    if (before) return before.state === 'proposed' ? [before] : [];
    return destinationIsBusy(ended, plan) ? [] : [proposed(plan)];
  });
  return [...ended, ...offered];
}

/** Whether two plans change the same; what one of them is about does not keep it from being carried out. */
export function isInTheWay(one: Remediation, plan: Plan): boolean {
  return destinationOf(one.plan) === destinationOf(plan) && one.plan.id !== plan.follows?.plan;
}

function destinationIsBusy(remediations: readonly Remediation[], plan: Plan): boolean {
  return remediations.some((one) => isUnderWay(one) && isInTheWay(one, plan));
}

/** A plan that nobody has requested yet. */
export function proposed(plan: Plan): Remediation {
  return {
    plan,
    state: 'proposed',
    requested: null,
    expiresAt: null,
    remindAt: null,
    approved: null,
    approvals: [],
    rejected: null,
    means: null,
    applyingSince: null,
    writtenAt: null,
    applied: null,
    verifyAt: null,
    effect: plan.purpose,
    watch: null,
    promise: null,
    checks: [],
    looked: null,
    pullRequest: null,
    secondPerson: false,
    approvers: [],
    note: null,
    endedAt: null,
    temporary: false,
  };
}

function prepare(incident: Incident, plan: Plan): Transition {
  const { remediations, state } = incident;
  if (state.is === 'closed') return { ok: false, refusal: 'incident-closed' };
  const about = remediations.find((one) => one.plan.id === plan.follows?.plan);
  if (about === undefined || plan.follows === null) return { ok: false, refusal: 'no-such-plan' };
  if (!mayFollow(about, plan.follows.as)) return { ok: false, refusal: 'wrong-state' };
  if (remediations.some((one) => one.plan.id === plan.id)) return { ok: false, refusal: 'wrong-state' };
  if (destinationIsBusy(remediations, plan)) return { ok: false, refusal: 'other-under-way' };
  return { ok: true, incident: { ...incident, remediations: [...remediations, proposed(plan)] }, entries: [] };
}

function edit(incident: Incident, event: Extract<IncidentEvent, { type: 'edited' }>): Transition {
  if (incident.state.is === 'closed') return { ok: false, refusal: 'incident-closed' };
  const { plan, instead } = event;
  const seen = incident.remediations.find((one) => one.plan.id === instead);
  if (seen === undefined) return { ok: false, refusal: 'no-such-plan' };
  if (seen.state !== 'proposed' && seen.state !== 'requested') return { ok: false, refusal: 'wrong-state' };
  const isOffered = (one: Remediation): boolean => one.plan.id === plan.id && one.state === 'proposed';
  const others = incident.remediations.filter((one) => one !== seen && !isOffered(one));
  if (others.some((one) => one.plan.id === plan.id)) return { ok: false, refusal: 'wrong-state' };
  if (destinationIsBusy(others, plan)) return { ok: false, refusal: 'other-under-way' };
  return {
    ok: true,
    incident: { ...incident, remediations: [...others, proposed(plan)] },
    entries: [auditEntry(event, seen)],
  };
}

/** Several events in a row, all or none. */
export function transitionAll(incident: Incident, events: readonly IncidentEvent[]): Transition {
  const entries: Entry[] = [];
  let current = incident;
  for (const event of events) {
    const result = transition(current, event);
    if (!result.ok) return result;
    current = result.incident;
    entries.push(...result.entries);
  }
  return { ok: true, incident: current, entries };
}

function moveRemediation(incident: Incident, event: RemediationEvent): Transition {
  const index = incident.remediations.findLastIndex((one) => one.plan.id === event.plan);
  const before = incident.remediations[index];
  if (before === undefined) return { ok: false, refusal: 'no-such-plan' };
  if (!moves[event.type].includes(before.state)) return { ok: false, refusal: 'wrong-state' };
  const isLaterCheck = (event.type === 'verified' || event.type === 'looked') && isSoFar(before);
  if (incident.state.is === 'closed' && !isLaterCheck) return { ok: false, refusal: 'incident-closed' };
  const others = incident.remediations.toSpliced(index, 1);
  const starts = before.state === 'proposed' && (event.type === 'requested' || event.type === 'approved');
  if (starts && destinationIsBusy(others, before.plan)) return { ok: false, refusal: 'other-under-way' };
  const moved = remediationAfter(before, event);
  const after = isLive(moved) ? moved : { ...moved, endedAt: event.at };
  const isWithdrawn = (one: Remediation): boolean =>
    one.state === 'proposed' &&
    ((starts && destinationOf(one.plan) === destinationOf(before.plan)) ||
      // The merged change is in the cluster now, so the plans that were offered for it are out of date.
      (event.type === 'applied' && destinationOf(before.plan) === 'forge'));
  const remediations = incident.remediations
    .with(index, after)
    .filter((one) => !isWithdrawn(one))
    .map((one) => followedUp(one, after));
  return {
    ok: true,
    incident: { ...incident, remediations },
    // The thread of a closed incident is told; the channel has that of the new one.
    entries: isSilentEvent(event)
      ? []
      : [
          {
            ...auditEntry(event, before),
            ...(isLaterCheck && incident.state.is === 'closed' ? { broadcast: false } : {}),
          },
        ],
  };
}
