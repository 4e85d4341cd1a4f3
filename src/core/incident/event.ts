import type { Means, Plan } from '../remediate/plan.ts';
import type { Check, TimePromise, Watch } from '../verify/check.ts';
import type { Kill } from '../kill/kill.ts';
import type { Impact, Notified } from '../notify/impact.ts';
import type { Approval, Entry, Explained, Incident, Remediation, Silence } from './incident.ts';
import type { Alert, Calm } from './warning.ts';

export type RemediationEvent =
  | {
      readonly type: 'requested';
      readonly plan: string;
      readonly by: string;
      readonly at: number;
      readonly expiresAt: number;
      readonly secondPerson: boolean;
      readonly approvers: readonly string[];
      /** The requester's own, where it is the first of two. */
      readonly approvals: readonly Approval[];
    }
  /** The first of two approvals, of what somebody else asked for. */
  | {
      readonly type: 'half-approved';
      readonly plan: string;
      readonly by: string;
      readonly at: number;
      readonly approvers: readonly string[];
      readonly approvals: readonly Approval[];
    }
  | {
      readonly type: 'approved';
      readonly plan: string;
      readonly by: string;
      readonly at: number;
      /** All of them, the one that completed it last. */
      readonly approvals: readonly Approval[];
    }
  | {
      readonly type: 'rejected';
      readonly plan: string;
      readonly by: string;
      readonly at: number;
      /** What the person wrote about it; '' for nothing. */
      readonly reason: string;
    }
  /** Half of the time that was left has passed, and nobody has decided. */
  | { readonly type: 'reminded'; readonly plan: string; readonly at: number }
  /** Nobody approved it in time, or the approval no longer counts. */
  | { readonly type: 'expired'; readonly plan: string; readonly at: number; readonly why: string }
  | { readonly type: 'stale'; readonly plan: string; readonly at: number; readonly why: string }
  | { readonly type: 'applying'; readonly plan: string; readonly at: number; readonly means: Means }
  | { readonly type: 'wrote'; readonly plan: string; readonly at: number }
  /** The pull request exists; reported once. */
  | {
      readonly type: 'pull-request-opened';
      readonly plan: string;
      readonly at: number;
      readonly number: number;
      readonly url: string;
    }
  | {
      readonly type: 'pull-request-merged';
      readonly plan: string;
      readonly at: number;
      readonly login: string | null;
      readonly mergedAt: number;
    }
  | { readonly type: 'pull-request-closed'; readonly plan: string; readonly at: number; readonly login: string | null }
  | {
      readonly type: 'fell-back';
      readonly plan: string;
      readonly at: number;
      readonly means: Means;
      readonly why: string;
    }
  | {
      readonly type: 'applied';
      readonly plan: string;
      readonly at: number;
      readonly seen: string;
      /** Only the running pods have it. */
      readonly temporary?: boolean;
    }
  | {
      readonly type: 'watched';
      readonly plan: string;
      readonly at: number;
      readonly kills: number;
      readonly effect: Remediation['effect'];
      readonly watch: Watch | null;
      readonly verifyAt: number;
    }
  /** A check, and when the next one is. */
  | ({
      readonly type: 'verified';
      readonly plan: string;
      readonly kills: number;
      readonly promise: TimePromise | null;
      readonly verifyAt: number | null;
      /** Others have written into the template by now what only the running pods had. */
      readonly lasting?: boolean;
    } & Check)
  /** A kill made us look before its time, and there was nothing to say. */
  | {
      readonly type: 'looked';
      readonly plan: string;
      readonly at: number;
      readonly kills: number;
      readonly lasting?: boolean;
    }
  | { readonly type: 'failed'; readonly plan: string; readonly at: number; readonly why: string };

export type IncidentEvent =
  | RemediationEvent
  | {
      readonly type: 'explained';
      readonly explained: Explained;
      /** The plans that are offered from now on, best first. */
      readonly plans: readonly Plan[];
      readonly mode: Incident['mode'];
      readonly entries: readonly Entry[];
    }
  | { readonly type: 'assessed'; readonly impact: Impact }
  /** Nobody took care of it; `text` says so to them, with `{0}` and so on for the people. */
  | { readonly type: 'notified'; readonly notified: Notified; readonly text: string }
  /** A plan with a person's own value; it replaces the plan that the person saw. */
  | { readonly type: 'edited'; readonly plan: Plan; readonly instead: string; readonly by: string; readonly at: number }
  /** Somebody asks for a plan that follows one that was carried out. */
  | { readonly type: 'prepared'; readonly plan: Plan; readonly by: string; readonly at: number }
  | { readonly type: 'silenced'; readonly silence: Silence }
  | { readonly type: 'unsilenced'; readonly by: string; readonly at: number }
  | { readonly type: 'acknowledged'; readonly by: string; readonly at: number }
  | {
      readonly type: 'answered';
      readonly to: string;
      readonly at: number;
      readonly text: string;
      readonly people: readonly string[];
      /** What was refused, for the audit record; null if nothing was refused. */
      readonly refused: { readonly action: string; readonly plan: string | null; readonly reason: string } | null;
      /** Only the audit record has it: the person gets one answer for many incidents. */
      readonly isUntold?: boolean;
    }
  /** The predicted kill happened. */
  | { readonly type: 'came'; readonly kill: Kill; readonly at: number }
  /** The predicted kill did not happen. */
  | { readonly type: 'calmed'; readonly calm: Calm; readonly at: number }
  | { readonly type: 'alerted'; readonly alert: Alert; readonly at: number }
  | {
      readonly type: 'alert-resolved';
      readonly alert: Pick<Alert, 'fingerprint' | 'startsAt' | 'name'>;
      readonly at: number;
    }
  | { readonly type: 'closed'; readonly outcome: 'quiet' | 'gone'; readonly at: number };

export type Refusal =
  | 'no-such-plan'
  | 'wrong-state'
  | 'other-under-way'
  | 'incident-closed'
  | 'already-acknowledged'
  | 'already-notified'
  | 'not-silenced'
  | 'not-ahead'
  | 'known-alert'
  | 'no-such-alert';

/** The result of applying an event to an incident. */
export type Transition =
  | { readonly ok: true; readonly incident: Incident; readonly entries: readonly Entry[] }
  | { readonly ok: false; readonly refusal: Refusal };
