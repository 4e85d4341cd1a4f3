import type { Incident, Remediation, Request } from '../incident/incident.ts';
import { mostNamed, namesOf } from '../talk/words.ts';

export type RefusalReason =
  | 'observe-only'
  | 'no-approvers'
  | 'may-not-approve'
  | 'already-requested'
  | 'already-decided'
  | 'no-such-plan'
  | 'already-acknowledged'
  | 'incident-closed';

/** What becomes of a request. A refusal carries a sentence for the person; `{0}` … in it stand for `people`. */
export type Decision =
  | { readonly is: 'approved' | 'rejected' | 'acknowledged' }
  | { readonly is: 'requested'; readonly text: string; readonly people: readonly string[] }
  | {
      readonly is: 'refused';
      readonly reason: RefusalReason;
      readonly text: string;
      readonly people: readonly string[];
    };

export interface Policy {
  readonly mode: 'observe' | 'act';
  /** Slack ids of those who may approve. */
  readonly approvers: readonly string[];
}

/**
 * Whether this person may have what they asked for. *Apply* by an approver is request and approval in one; by anybody
 * else it only records the request. Acknowledging needs no right: it changes nothing in a cluster.
 */
export function decide(request: Request, incident: Incident, policy: Policy): Decision {
  if (incident.state.is === 'closed') return refused('incident-closed', `${incident.id} is closed; nothing was done.`);
  if (request.action === 'acknowledge') {
    const before = incident.acknowledged;
    if (before) return refused('already-acknowledged', '{0} has acknowledged this incident already.', [before.by]);
    return { is: 'acknowledged' };
  }
  const remediation = incident.remediations.findLast((one) => one.plan.id === request.plan);
  if (!remediation)
    return refused(
      'no-such-plan',
      'That plan has been replaced by a newer one; look at the top of the thread. Nothing was done.',
    );
  if (remediation.state !== 'proposed' && remediation.state !== 'requested') return alreadyDecided(remediation);
  if (policy.mode === 'observe')
    return refused(
      'observe-only',
      'Oomkeeper is observe-only in this cluster, so nothing was changed. Whoever runs it can allow changes with OOMKEEPER_MODE=act.',
    );
  if (policy.approvers.includes(request.by)) return { is: request.action === 'reject' ? 'rejected' : 'approved' };
  return fromSomebodyElse(request, remediation, policy.approvers);
}

function fromSomebodyElse(request: Request, remediation: Remediation, approvers: readonly string[]): Decision {
  if (approvers.length === 0)
    return refused(
      'no-approvers',
      'Nobody may approve changes yet: OOMKEEPER_APPROVERS is empty. Nothing was done; whoever runs Oomkeeper can set it.',
    );
  const people = approvers.slice(0, mostNamed);
  const who = namesOf(
    people.map((_, index) => `{${index}}`),
    approvers.length,
  );
  if (request.action !== 'apply')
    return refused('may-not-approve', `You may not decide about this change; ${who} can. Nothing was done.`, people);
  if (remediation.state === 'requested')
    return refused('already-requested', `This was asked for already and waits for ${who}.`, people);
  return { is: 'requested', text: `You may not approve this yourself, so I asked for it: ${who} can approve.`, people };
}

function alreadyDecided(remediation: Remediation): Decision {
  const { state, approved, rejected } = remediation;
  if (rejected) return refused('already-decided', '{0} has rejected this already; nothing was done.', [rejected.by]);
  if (state === 'expired')
    return refused(
      'already-decided',
      'That request has expired and nothing was done. If the plan still helps, it is soon proposed anew at the top of the thread.',
    );
  if (state === 'stale')
    return refused('already-decided', `That plan is out of date: ${remediation.note ?? 'things have changed'}`);
  const by = approved?.by;
  const text = `${by ? '{0} has approved this already' : 'This was decided already'} (now: ${state}); it is done only once.`;
  return refused('already-decided', text, by ? [by] : []);
}

function refused(reason: RefusalReason, text: string, people: readonly string[] = []): Decision {
  return { is: 'refused', reason, text, people };
}
