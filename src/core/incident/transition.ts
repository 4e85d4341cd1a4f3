import type { Plan } from '../remediate/plan.ts';
import { auditEntry, answerEntry } from './entry.ts';
import type { IncidentEvent, RemediationEvent } from './event.ts';
import type { Entry, Incident, Remediation, RemediationState } from './incident.ts';

/*
 * An incident is `open` or `closed`; each of its remediations has a state of its own. Events move one remediation:
 *
 *   state       requested  approved  rejected  expired  stale  applying  fell-back  applied   watched    verified  failed
 *   proposed    requested  approved  rejected           stale
 *   requested              approved  rejected  expired  stale
 *   approved                                            stale  applying                                           failed
 *   applying                                            stale            applying   applied                       failed
 *   applied                                                                                   verifying  (result)
 *   verifying                                                                                            (result)
 *
 * where (result) is held | failed | vanished | overshot | inconclusive. An empty cell refuses the event: nothing
 * changes and the caller learns why. Of the other events `answered` is always possible, `explained`, `acknowledged`
 * and `closed` only while the incident is open.
 */
const moves: Readonly<Record<RemediationEvent['type'], readonly RemediationState[]>> = {
  requested: ['proposed'],
  approved: ['proposed', 'requested'],
  rejected: ['proposed', 'requested'],
  expired: ['requested'],
  stale: ['proposed', 'requested', 'approved', 'applying'],
  applying: ['approved'],
  wrote: ['applying'],
  'fell-back': ['applying'],
  applied: ['applying'],
  watched: ['applied'],
  verified: ['applied', 'verifying'],
  failed: ['approved', 'applying'],
};

/** States in which a remediation still waits for somebody or something. */
const liveStates: readonly RemediationState[] = [
  'proposed',
  'requested',
  'approved',
  'applying',
  'applied',
  'verifying',
];

export type Refusal = 'no-such-plan' | 'wrong-state' | 'incident-closed' | 'already-acknowledged';

export type Transition =
  | { readonly ok: true; readonly incident: Incident; readonly entries: readonly Entry[] }
  | { readonly ok: false; readonly refusal: Refusal };

/** The one place where an incident changes. Total: every event in every state has an answer. Never throws. */
export function transition(incident: Incident, event: IncidentEvent): Transition {
  switch (event.type) {
    case 'answered':
      return { ok: true, incident, entries: [answerEntry(event.to, event.at, event.text, event.people)] };
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
          remediations: propose(incident.remediations, event.plan),
        },
        entries: event.entries,
      };
    default:
      return moveRemediation(incident, event);
  }
}

/** The remediation that is under way or waits for a decision; null when there is none. */
export function liveRemediation(incident: Incident): Remediation | null {
  return incident.remediations.findLast((remediation) => liveStates.includes(remediation.state)) ?? null;
}

/**
 * A new plan replaces one that nobody has asked for yet; what somebody asked for stays until it is decided. A plan id
 * is proposed once: what was rejected or has failed does not come back unless the plan itself differs.
 */
function propose(remediations: readonly Remediation[], plan: Plan | null): Remediation[] {
  const kept = remediations.filter((one) => one.state !== 'proposed' || one.plan.id === plan?.id);
  const busy = kept.some((one) => liveStates.includes(one.state) || one.plan.id === plan?.id);
  if (plan === null || busy) return kept;
  return [
    ...kept,
    {
      plan,
      state: 'proposed',
      requested: null,
      expiresAt: null,
      approved: null,
      rejected: null,
      means: null,
      applyingSince: null,
      writtenAt: null,
      applied: null,
      verifyAt: null,
      note: null,
    },
  ];
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
  if (incident.state.is === 'closed') return { ok: false, refusal: 'incident-closed' };
  const after = changed(before, event);
  return {
    ok: true,
    incident: { ...incident, remediations: incident.remediations.with(index, after) },
    entries: event.type === 'watched' || event.type === 'wrote' ? [] : [auditEntry(event, before)],
  };
}

function changed(before: Remediation, event: RemediationEvent): Remediation {
  switch (event.type) {
    case 'requested':
      return { ...before, state: 'requested', requested: { by: event.by, at: event.at }, expiresAt: event.expiresAt };
    case 'approved': {
      const approved = { by: event.by, at: event.at };
      return { ...before, state: 'approved', requested: before.requested ?? approved, approved };
    }
    case 'rejected':
      return { ...before, state: 'rejected', rejected: { by: event.by, at: event.at } };
    case 'expired':
      return { ...before, state: 'expired', note: 'nobody approved it in time' };
    case 'stale':
      return { ...before, state: 'stale', note: event.why };
    case 'applying':
      return { ...before, state: 'applying', means: event.means, applyingSince: event.at };
    case 'wrote':
      return { ...before, writtenAt: event.at };
    case 'fell-back':
      return { ...before, means: event.means, applyingSince: event.at, writtenAt: null, note: event.why };
    case 'applied':
      return { ...before, state: 'applied', applied: { at: event.at, seen: event.seen } };
    case 'watched':
      return { ...before, state: 'verifying', verifyAt: event.verifyAt };
    case 'verified':
      return { ...before, state: event.outcome, note: event.seen };
    case 'failed':
      return { ...before, state: 'failed', note: event.why };
  }
}
