import type { Approval, Incident, Remediation } from '../incident/incident.ts';
import { changeWords } from '../talk/plan-words.ts';
import { clockTime } from '../talk/words.ts';
import { roughDuration } from '../units/duration.ts';
import { freezeOf, frozenWords, isWithin, names, rulesFor } from './policy.ts';
import type { LimitBefore, Pause, Policy } from './policy.ts';

/*
 * Whether a change that was approved may still be written. It is asked before a change is begun and before each call
 * that changes something, because minutes and a restart with another policy may lie between the click and the call.
 *
 *   Oomkeeper is observe-only by now                        -> no, it failed
 *   approved longer ago than `changeTtlMs`                  -> no, the approval has expired
 *   policy no longer names everybody who approved it        -> no
 *   policy wants two approvers by now, and there is one     -> no
 *   policy no longer allows so much                         -> no
 *   changes are paused or frozen                            -> not now; the approval goes on expiring
 *
 * A no is final: what ends a pause does not revive it. NOTE: groups are those of the click, because the worker does not
 * know Slack. Somebody who has left a group since can cause a write until their approval has expired.
 */
export type Lapse = 'observe-only' | 'expired' | 'not-approved' | 'approver-may-not' | 'second-person' | 'too-much';
export type MayStill =
  | { readonly is: 'yes' }
  /** `until` is when the approval expires, ms UTC. */
  | { readonly is: 'not-now'; readonly reason: 'paused' | 'frozen'; readonly why: string; readonly until: number }
  | { readonly is: 'no'; readonly reason: Lapse; readonly why: string };

export interface Asked {
  readonly incident: Incident;
  readonly remediation: Remediation;
  readonly policy: Policy;
  readonly pause: Pause | null;
  readonly before: LimitBefore | null;
  /** ms UTC */
  readonly now: number;
}

/** `why` is part of a sentence, without a full stop. */
export function mayStill({ incident, remediation, policy, pause, before, now }: Asked): MayStill {
  const { plan } = remediation;
  const approvals = approvalsOf(remediation);
  const last = approvals.at(-1);
  if (policy.mode === 'observe') return no('observe-only', 'Oomkeeper has become observe-only since it was approved');
  if (last === undefined) return no('not-approved', 'nobody has approved it');
  const until = last.at + policy.changeTtlMs;
  if (now >= until)
    return no(
      'expired',
      `it was approved at ${clockTime(last.at, now)} and could not be made within ${roughDuration(policy.changeTtlMs)}`,
    );
  const rules = rulesFor(policy, incident, plan);
  const naming = approvals.map((approval) => rules.filter((rule) => names(rule, approval)));
  if (naming.some((mine) => mine.length === 0))
    return no('approver-may-not', 'policy no longer lets everybody who approved it do so');
  const allowing = naming.map((mine) => mine.filter((rule) => isWithin(rule, plan, before)));
  if (allowing.some((mine) => mine.length === 0))
    return no('too-much', `policy no longer allows as much as ${changeWords(plan)}`);
  const people = new Set(approvals.map(({ by }) => by));
  if (people.size < 2 && allowing.at(-1)?.[0]?.secondPerson === true)
    return no('second-person', 'policy now wants a second person to approve it');
  if (pause !== null) return { is: 'not-now', reason: 'paused', why: 'changes are paused', until };
  const freeze = freezeOf(policy, incident, now);
  if (freeze !== null) return { is: 'not-now', reason: 'frozen', why: frozenWords(freeze, now), until };
  return { is: 'yes' };
}

/** An approval that an older version has stored is without the person's groups. */
function approvalsOf({ approvals, approved }: Remediation): readonly Approval[] {
  return approvals.length === 0 && approved !== null ? [{ ...approved, groups: [] }] : approvals;
}

function no(reason: Lapse, why: string): MayStill {
  return { is: 'no', reason, why };
}
