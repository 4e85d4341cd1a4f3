import { formatBytes } from '../units/quantity.ts';
import type { Entry, Remediation } from './incident.ts';
import type { Means } from '../remediate/plan.ts';
import type { IncidentEvent } from './event.ts';

/** What a person reads for each of a plan's means. */
export const meansWords: Readonly<Record<Means, string>> = {
  resize: 'in-place resize of the running pods',
  'patch-workload': 'change of the pod template (a rollout follows)',
};

/** An answer that only one person sees. `at` is ms UTC; `{0}` … in the text stand for `people`. */
export function answerEntry(user: string, at: number, text: string, people: readonly string[] = []): Entry {
  return {
    at,
    audience: { to: 'person', user },
    kind: 'answer',
    text,
    people: [...people],
    pre: null,
    broadcast: false,
  };
}

/** The line that an event leaves in the thread. */
export function auditEntry(
  event: Exclude<IncidentEvent, { type: 'answered' | 'explained' | 'watched' | 'wrote' }>,
  before?: Remediation,
): Entry {
  const verification = event.type === 'verified';
  const failed = event.type === 'failed' || (verification && event.outcome === 'failed');
  return {
    at: event.at,
    audience: { to: 'thread' },
    kind: verification ? 'verification' : 'audit',
    text: auditText(event, before),
    people: 'by' in event ? [event.by] : [],
    pre: null,
    broadcast: failed,
  };
}

function auditText(
  event: Exclude<IncidentEvent, { type: 'answered' | 'explained' | 'watched' | 'wrote' }>,
  before: Remediation | undefined,
): string {
  const to = before?.plan.to.limitBytes ?? null;
  const change = to === null ? 'the change' : `limit ${formatBytes(to)}`;
  switch (event.type) {
    case 'requested':
      return `{0} asked for ${change}; it waits for somebody who may approve it.`;
    case 'approved':
      return `{0} approved ${change}${before ? ` (${event.plan})` : ''}.`;
    case 'rejected':
      return `{0} rejected ${change} (${event.plan}).`;
    case 'expired':
      return `Nobody approved ${change} in time; the request has expired and nothing was changed.`;
    case 'stale':
      return `${event.plan} is no longer valid: ${event.why} Nothing more is done with it.`;
    case 'applying':
      return `Applying ${change}: ${meansWords[event.means]}.`;
    case 'fell-back':
      return `${event.why} Going on with the approved alternative: ${meansWords[event.means]}.`;
    case 'applied':
      return `Applied ${change}: ${event.seen}`;
    case 'verified':
      return verifiedText(event.outcome, event.seen);
    case 'failed':
      return `Applying ${change} failed: ${event.why}`;
    case 'acknowledged':
      return `{0} acknowledged this incident.`;
    case 'closed':
      return event.outcome === 'gone' ? 'Closed: the workload was deleted.' : 'Closed: no kill for a long while.';
  }
}

function verifiedText(outcome: string, seen: string): string {
  switch (outcome) {
    case 'held':
      return `The fix held: ${seen}`;
    case 'failed':
      return `The fix did not hold: ${seen}`;
    case 'vanished':
      return `The change is gone: ${seen}`;
    case 'overshot':
      return `The fix held with room to spare: ${seen}`;
    default:
      return `Could not tell whether the fix held: ${seen}`;
  }
}
