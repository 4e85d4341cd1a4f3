import type { Approval, Incident, Remediation, Request } from '../incident/incident.ts';
import { isInTheWay, isUnderWay } from '../incident/transition.ts';
import { changeWords } from '../talk/plan-words.ts';
import { clockTime, mostNamed, namesOf } from '../talk/words.ts';
import { formatBytes } from '../units/quantity.ts';
import { freezeOf, frozenWords, isWithin, names, rulesFor } from './policy.ts';
import type { LimitBefore, Pause, Policy, Rule } from './policy.ts';

export type RefusalReason =
  | 'observe-only'
  | 'paused'
  | 'frozen'
  | 'no-approvers'
  | 'may-not-approve'
  | 'too-much'
  | 'second-person'
  | 'already-requested'
  | 'already-decided'
  | 'other-under-way'
  | 'no-such-plan'
  | 'already-acknowledged'
  | 'incident-closed';

/** The decision about a request. A refusal has a sentence for the person, in which `{0}` … stand for `people`. */
export type Decision =
  | { readonly is: 'rejected' | 'acknowledged' }
  /** `after` are the approvals of others that came before and still count. */
  | { readonly is: 'approved'; readonly after: readonly Approval[] }
  | {
      /** `half-approved`: it has the first of the two approvals that policy wants. */
      readonly is: 'requested' | 'half-approved';
      readonly text: string;
      readonly people: readonly string[];
      /** How long it may wait, ms. */
      readonly forMs: number;
      readonly secondPerson: boolean;
      /** Ids of people and groups who may approve it. */
      readonly approvers: readonly string[];
    }
  | {
      readonly is: 'refused';
      readonly reason: RefusalReason;
      readonly text: string;
      readonly people: readonly string[];
    };

/** Requests that policy decides. Silence is not among them: anybody may ask for it. */
export type Decidable = Request & { readonly action: Exclude<Request['action'], 'silence'> };

/**
 * Whether a person's request is granted. Of the rules that apply to the plan, the first that names the person and
 * allows the size decides. *Apply* by an approver is request and approval in one, or where the rule wants a second
 * person the first of two approvals, which two different people give. *Apply* by anybody else only records the request,
 * and counts as no approval. `before` is what a factor counts against.
 * Acknowledging needs no permission: it changes nothing in a cluster. While changes are paused or frozen nothing is
 * approved, and a request past its time expires. What was approved is judged again before each write (may-still.ts).
 */
export function decide(
  request: Decidable,
  incident: Incident,
  policy: Policy,
  pause: Pause | null,
  before: LimitBefore | null = null,
): Decision {
  if (incident.state.is === 'closed') return refused('incident-closed', `${incident.id} is closed; nothing changed.`);
  switch (request.action) {
    case 'acknowledge':
      return decideAcknowledgement(incident);
    case 'apply':
    case 'approve':
    case 'edit':
    case 'reject':
    case 'undo':
    case 'make-permanent':
      return decideAboutPlan(request, incident, { policy, pause, before });
  }
}

function decideAcknowledgement({ acknowledged: before }: Incident): Decision {
  if (before) return refused('already-acknowledged', '{0} has acknowledged this incident already.', [before.by]);
  return { is: 'acknowledged' };
}

interface Conditions {
  readonly policy: Policy;
  readonly pause: Pause | null;
  readonly before: LimitBefore | null;
}

function decideAboutPlan(request: Decidable, incident: Incident, conditions: Conditions): Decision {
  const { policy, pause } = conditions;
  const remediation = incident.remediations.findLast((one) => one.plan.id === request.plan);
  if (!remediation)
    return refused(
      'no-such-plan',
      'That plan has been replaced by a newer one; look at the top of the thread. Nothing changed.',
    );
  if (remediation.state !== 'proposed' && remediation.state !== 'requested') return alreadyDecided(remediation);
  if (policy.mode === 'observe')
    return refused(
      'observe-only',
      'Oomkeeper is observe-only in this cluster, so nothing changed. Whoever runs it can allow changes with OOMKEEPER_MODE=act.',
    );
  const rules = rulesFor(policy, incident, remediation.plan);
  if (request.action === 'reject') return decideRejection(request, remediation, rules);
  if (request.action !== 'edit' && remediation.expiresAt !== null && request.at >= remediation.expiresAt)
    return refused('already-decided', expiredText);
  if (pause !== null)
    return refused(
      'paused',
      `Changes are paused since ${clockTime(pause.at, request.at)} by {0}${pause.reason === '' ? '' : ` (${pause.reason})`}; nothing changed. /oom resume lets them go on.`,
      [pause.by],
    );
  const freeze = freezeOf(policy, incident, request.at);
  if (freeze !== null)
    return refused('frozen', `Nothing changed, because ${frozenWords(freeze, request.at)}. Please ask again then.`);
  const busy = incident.remediations.find(
    (one) => one !== remediation && isUnderWay(one) && isInTheWay(one, remediation.plan),
  );
  if (busy)
    return refused(
      'other-under-way',
      `${changeWords(busy.plan)} (${busy.plan.id}) is under way here; nothing changed. Wait until it has ended${busy.state === 'requested' ? ', or reject it' : ''}.`,
    );
  return decideApproval(request, remediation, rules, conditions);
}

function decideApproval(
  request: Request,
  remediation: Remediation,
  rules: readonly Rule[],
  { policy, before }: Conditions,
): Decision {
  const allowing = rules.filter((rule) => isWithin(rule, remediation.plan, before));
  const mine = allowing.find((rule) => names(rule, request));
  const approvers = [...new Set(allowing.flatMap(({ who }) => who))];
  if (!mine) return fromSomebodyElse(request, remediation, { rules, allowing, approvers, policy, before });
  const counting = remediation.approvals.filter((one) => allowing.some((rule) => names(rule, one)));
  const after = counting.filter(({ by }) => by !== request.by);
  if (!mine.secondPerson || after.length > 0) return { is: 'approved', after };
  const who = whoCan(approvers.filter((one) => one !== request.by));
  if (counting.length > 0)
    return refused(
      'second-person',
      `You have approved this already, and policy wants a second person: waiting for ${who.text} to approve.`,
      who.people,
    );
  return {
    is: 'half-approved',
    text: `Your approval counts. Policy wants a second person: waiting for ${who.text} to approve.`,
    people: who.people,
    forMs: mine.expires ?? policy.approvalTtlMs,
    secondPerson: true,
    approvers,
  };
}

interface Allowed {
  readonly rules: readonly Rule[];
  readonly allowing: readonly Rule[];
  readonly approvers: readonly string[];
  readonly policy: Policy;
  readonly before: LimitBefore | null;
}

function fromSomebodyElse(
  request: Request,
  remediation: Remediation,
  { rules, allowing, approvers, policy, before }: Allowed,
): Decision {
  const [rule] = allowing;
  if (!rule) {
    if (rules.length > 0)
      return refused(
        'too-much',
        `Policy allows nobody to approve as much as ${changeWords(remediation.plan)} here${baseWords(rules, before, request.at)}. Nothing changed; a smaller value may be allowed.`,
      );
    return refused(
      'no-approvers',
      'Policy lets nobody approve this here, so nothing changed. Whoever runs Oomkeeper can name approvers with OOMKEEPER_APPROVERS or in the policy file.',
    );
  }
  const who = whoCan(approvers);
  if (request.action === 'approve' || request.action === 'reject')
    return refused('may-not-approve', `Only ${who.text} can approve this. Nothing changed.`, who.people);
  if (remediation.state === 'requested')
    return refused('already-requested', `This is already waiting for ${who.text} to approve.`, who.people);
  return {
    is: 'requested',
    text: `Only ${who.text} can approve this, so I asked in the thread${rule.secondPerson ? '; policy wants two people' : ''}.`,
    people: who.people,
    forMs: rule.expires ?? policy.approvalTtlMs,
    secondPerson: rule.secondPerson,
    approvers,
  };
}

/** `: at most 2x of 256Mi, the limit on 2026-11-24 14:02:11 UTC`, where changes of the last days count. */
function baseWords(rules: readonly Rule[], before: LimitBefore | null, now: number): string {
  const factors = rules.flatMap(({ upTo }) => (upTo !== null && 'factor' in upTo ? [upTo.factor] : []));
  if (before === null || factors.length === 0) return '';
  return `: at most ${Math.max(...factors)}x of ${formatBytes(before.bytes)}, which the limit was at ${clockTime(before.at, now)} before it was changed`;
}

/** Whoever may approve part of it may reject all of it; whoever asked may take it back. */
function decideRejection(request: Request, { requested }: Remediation, rules: readonly Rule[]): Decision {
  if (requested?.by === request.by || rules.some((rule) => names(rule, request))) return { is: 'rejected' };
  const who = whoCan([...new Set(rules.flatMap(({ who: ids }) => ids))]);
  return refused(
    'may-not-approve',
    `Only ${who.text} can reject this, or whoever asked for it. Nothing changed.`,
    who.people,
  );
}

function whoCan(approvers: readonly string[]): { readonly text: string; readonly people: readonly string[] } {
  const people = approvers.slice(0, mostNamed);
  if (people.length === 0) return { text: 'nobody else', people };
  return {
    text: namesOf(
      people.map((_, index) => `{${index}}`),
      approvers.length,
    ),
    people,
  };
}

const atTheTop = 'What can be done now is at the top of the thread.';
const expiredText = `That request has expired and nothing changed. ${atTheTop}`;

function alreadyDecided(remediation: Remediation): Decision {
  const { state, approved, rejected } = remediation;
  if (rejected)
    return refused('already-decided', `{0} has rejected this already; nothing changed. ${atTheTop}`, [rejected.by]);
  if (state === 'expired') return refused('already-decided', expiredText);
  if (state === 'rejected')
    return refused('already-decided', `That has ended: ${remediation.note ?? 'it was rejected'}. ${atTheTop}`);
  if (state === 'stale')
    return refused('already-decided', `That plan is out of date: ${remediation.note ?? 'things have changed'}`);
  const by = approved?.by;
  if (state === 'undone') return refused('already-decided', `That was done and then undone. ${atTheTop}`);
  const text = `${by ? '{0} has approved this already' : 'This was decided already'} (now: ${state}); it is done only once.`;
  return refused('already-decided', text, by ? [by] : []);
}

function refused(reason: RefusalReason, text: string, people: readonly string[] = []): Decision {
  return { is: 'refused', reason, text, people };
}
