import type { IncidentEvent } from '../../src/core/incident/event.ts';
import type { Incident } from '../../src/core/incident/incident.ts';
import { transition } from '../../src/core/incident/transition.ts';
import { destinationOf } from '../../src/core/remediate/plan.ts';
import type { Plan } from '../../src/core/remediate/plan.ts';
import type { Outcome } from '../../src/core/verify/check.ts';
import { aKill, anExplanation, anImpact, aVerified, aWatched, killedAt, Mi } from '../fixtures/incidents.ts';

/** An event of each type. A new type of event does not compile until it has its own here; then it is in the gallery. */
type Events = { readonly [Type in IncidentEvent['type']]: Extract<IncidentEvent, { readonly type: Type }> };

export const amira = 'UAMIRA';
const sam = 'USAM';
const minute = 60_000;
/** So many minutes after the kill, ms UTC. */
export const after = (minutes: number): number => killedAt + minutes * minute;

const alert = {
  fingerprint: 'f1',
  startsAt: '2026-11-24T14:00:00Z',
  name: 'ContainerNearMemoryLimit',
  summary: 'checkout uses more than 95% of its limit.',
  resolvedAt: null,
};

export function eventsOf(plan: Plan, explained = anExplanation()): Events {
  const by = (minutes: number, person = amira) => ({ plan: plan.id, by: person, at: after(minutes) });
  const of = (minutes: number) => ({ plan: plan.id, at: after(minutes) });
  const [means = 'resize'] = plan.means;
  const approvals = [{ by: amira, at: after(3), groups: [] }];
  return {
    explained: { type: 'explained', explained, plans: [plan], mode: 'act', entries: [] },
    assessed: { type: 'assessed', impact: anImpact() },
    notified: {
      type: 'notified',
      notified: { level: 1, people: ['SONCALL'], at: after(5) },
      text: 'Nobody has taken care of this for 5 min. {0}',
    },
    requested: {
      type: 'requested',
      ...by(2, sam),
      expiresAt: after(62),
      secondPerson: false,
      approvers: [amira, 'SONCALL'],
      approvals: [],
    },
    'half-approved': { type: 'half-approved', ...by(3), approvers: [amira, 'ULENA'], approvals },
    approved: { type: 'approved', ...by(3), approvals },
    rejected: { type: 'rejected', ...by(3), reason: 'The fix ships at noon.' },
    reminded: { type: 'reminded', ...of(32) },
    expired: { type: 'expired', ...of(62), why: 'nobody approved it in time.' },
    stale: { type: 'stale', ...of(4), why: 'its pods were deleted or replaced.' },
    applying: { type: 'applying', ...of(3), means },
    wrote: { type: 'wrote', ...of(3) },
    'pull-request-opened': {
      type: 'pull-request-opened',
      ...of(3),
      number: 17,
      url: 'https://github.example.com/acme/deploy/pull/17',
    },
    'pull-request-merged': { type: 'pull-request-merged', ...of(20), login: 'lena', mergedAt: after(20) },
    'pull-request-closed': { type: 'pull-request-closed', ...of(20), login: 'lena' },
    'fell-back': {
      type: 'fell-back',
      ...of(4),
      means: 'patch-workload',
      why: 'The node has no room for the resize',
    },
    applied: { type: 'applied', ...of(5), seen: 'confirmed on all 3 pods.' },
    watched: aWatched({
      ...of(5),
      effect: plan.purpose,
      watch: {
        by: 'runs',
        forMs: 160 * minute,
        why: 'it used to be killed every 80 min',
        peakBytes: null,
        shortenedToMs: null,
      },
      verifyAt: after(20),
    }),
    looked: { type: 'looked', ...of(12), kills: 1 },
    verified: verified(plan, 'held'),
    failed: { type: 'failed', ...of(4), why: 'the API server refused it: quota exceeded.' },
    prepared: { type: 'prepared', plan: followerOf(plan, 'undo'), by: amira, at: after(30) },
    edited: { type: 'edited', plan: { ...plan, id: 'PLAN-9Q2M4X' }, instead: plan.id, by: amira, at: after(3) },
    silenced: { type: 'silenced', silence: { scope: 'incident', by: amira, at: after(3), until: after(63) } },
    unsilenced: { type: 'unsilenced', by: amira, at: after(30) },
    acknowledged: { type: 'acknowledged', by: amira, at: after(2) },
    answered: {
      type: 'answered',
      to: sam,
      at: after(3),
      text: 'Only {0} can approve this. Nothing changed.',
      people: [amira],
      refused: { action: 'approve', plan: plan.id, reason: 'not-an-approver' },
    },
    came: { type: 'came', kill: aKill(), at: killedAt },
    calmed: { type: 'calmed', calm: 'came-down', at: after(30) },
    alerted: { type: 'alerted', alert, at: after(1) },
    'alert-resolved': { type: 'alert-resolved', alert, at: after(30) },
    closed: { type: 'closed', outcome: 'quiet', at: after(24 * 60) },
  };
}

const seen: Readonly<Record<Outcome, string>> = {
  watching: 'no kill so far, usage 505Mi of 640Mi.',
  held: 'no kill for 2 h 40 min, usage 505Mi of 640Mi.',
  'held-so-far': 'no kill for 1 h, but it has not used as much again as before its kill.',
  'not-measured': 'no kill for 24 h; usage is not measured.',
  overshot: 'no kill; it used at most 380Mi of 640Mi.',
  'bought-time': 'no kill for 31 min; it still grows 4.1 Mi/min.',
  failed: 'killed again at 14:20:11 UTC with the limit of 640Mi.',
  vanished: 'the limit is 512Mi again; a rollout by argocd put it back.',
  inconclusive: 'no kill, but usage is not measured.',
};

export function verified(plan: Plan, outcome: Outcome): Extract<IncidentEvent, { readonly type: 'verified' }> {
  const at = after(20);
  return aVerified({
    plan: plan.id,
    at,
    outcome,
    seen: seen[outcome],
    enoughBytes: outcome === 'overshot' ? 448 * Mi : null,
    promise:
      outcome === 'bought-time' ? { at: after(163), by: 'growth', madeAt: at, remindedAt: null, kept: null } : null,
    verifyAt: outcome === 'failed' || outcome === 'vanished' ? null : after(60),
  });
}

/** What happens until a plan is applied. */
export function untilApplied(plan: Plan, events: Events): readonly IncidentEvent[] {
  const { applying, wrote, applied } = events;
  const forge = destinationOf(plan) === 'forge' ? [events['pull-request-opened'], events['pull-request-merged']] : [];
  return [events.requested, events.approved, applying, ...(forge.length > 0 ? forge : [wrote]), applied];
}

/** A plan that takes a change back or makes it permanent. */
function followerOf(plan: Plan, as: 'undo' | 'make-permanent'): Plan {
  const undo = {
    from: plan.to,
    to: plan.from,
    rollBack: plan.rollBack && { ...plan.rollBack, toRevision: '2' },
  };
  const permanent = { means: ['patch-workload' as const] };
  return { ...plan, id: 'PLAN-4B7Z0C', follows: { plan: plan.id, as }, ...(as === 'undo' ? undo : permanent) };
}

/** How a change is taken back or made permanent: asked for by somebody, and approved. */
export function followed(plan: Plan, as: 'undo' | 'make-permanent'): readonly IncidentEvent[] {
  const follower = followerOf(plan, as);
  const events = eventsOf(follower);
  return [{ type: 'prepared', plan: follower, by: sam, at: after(30) }, ...untilApplied(follower, events)];
}

/** The incident after these events. Throws where one is refused: then the sample is wrong. */
export function walked(incident: Incident, events: readonly IncidentEvent[]): Incident {
  return events.reduce((before, event) => {
    const result = transition(before, event);
    if (!result.ok) throw new Error(`${event.type} was refused: ${result.refusal}`);
    return result.incident;
  }, incident);
}
