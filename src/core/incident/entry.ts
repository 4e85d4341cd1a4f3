import { sentence } from '../talk/words.ts';
import { formatBytes } from '../units/quantity.ts';
import type { Entry, Remediation } from './incident.ts';
import type { Means, Plan } from '../remediate/plan.ts';
import type { IncidentEvent, Outcome } from './event.ts';

/** What a person reads for one of the means of a plan for this workload. */
export function meansWords(means: Means, workload: Plan['workload'] | undefined): string {
  if (means === 'resize') return 'in-place resize of the running pods';
  return `change of the pod template (${workload?.kind === 'CronJob' ? 'its next run uses it' : 'a rollout follows'})`;
}

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
      return `${event.plan} is no longer valid: ${sentence(event.why)} Nothing more is done with it.`;
    case 'applying':
      return `Applying ${change}: ${meansWords(event.means, before?.plan.workload)}.`;
    case 'fell-back':
      return `${sentence(event.why)} Going on with the approved alternative: ${meansWords(event.means, before?.plan.workload)}.`;
    case 'applied':
      return `Applied ${change}: ${event.seen}`;
    case 'verified':
      return verifiedText(event.outcome, event.seen, before?.plan.purpose ?? 'fix');
    case 'failed':
      return `Applying ${change} failed: ${sentence(event.why)}`;
    case 'acknowledged':
      return `{0} acknowledged this incident.`;
    case 'closed':
      return event.outcome === 'gone' ? 'Closed: the workload was deleted.' : 'Closed: no kill for a long while.';
  }
}

function verifiedText(outcome: Outcome, seen: string, purpose: Plan['purpose']): string {
  switch (outcome) {
    case 'held':
      return `The ${purpose} held: ${seen}`;
    case 'failed':
      return `The ${purpose} did not hold: ${seen}`;
    case 'vanished':
      return `The change is gone: ${seen}`;
    case 'overshot':
      return `The ${purpose} held with room to spare: ${seen}`;
    case 'inconclusive':
      return `Could not tell whether the ${purpose} held: ${seen}`;
  }
}
