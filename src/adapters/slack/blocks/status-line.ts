import type { Incident, Remediation } from '../../../core/incident/incident.ts';
import { askedOf, askedPeople } from '../../../core/incident/asked-words.ts';
import { calmWords } from '../../../core/incident/warning.ts';
import type { Standing } from '../../../core/talk/moment.ts';
import { clockTime, reasonWords, sentence } from '../../../core/talk/words.ts';
import { changeWords, meansWords, undoneWords } from '../../../core/talk/plan-words.ts';
import { watchWords } from '../../../core/verify/watch-words.ts';
import { escapeLine, linkTo, mention } from './escape.ts';

/** What was decided or done, by whom and when, and what else is under way; null if nothing was. mrkdwn, escaped. */
export function statusLine(incident: Incident, { moment, remediation, beside, before }: Standing): string | null {
  if (moment === 'closed') return closedLine(incident, remediation);
  const lines = [
    ...(before === null ? [] : [`${remediationLine(before)} What can be done now is offered below.`]),
    ...[remediation, beside].flatMap((one) => (one === null ? [] : [remediationLine(one)])),
  ].filter((line) => line !== null);
  return lines.length === 0 ? null : lines.join('\n');
}

function closedLine({ state, trigger }: Incident, remediation: Remediation | null): string | null {
  if (state.is !== 'closed') return null;
  const calm = trigger.kind === 'ahead' ? trigger.warning.calm : null;
  const reasons = {
    gone: 'the workload was deleted',
    quiet: 'no kill for a long while',
    calmed: calm === null ? 'the warning is over' : calmWords(calm),
  };
  const why = reasons[state.outcome];
  const before = remediation === null ? null : remediationLine(remediation);
  return [`*Closed* at ${clockTime(state.at)}: ${why}.`, before].filter((part) => part !== null).join('\n');
}

/** One whose effect only the running pods have says so for as long as that is true. */
function remediationLine(remediation: Remediation): string | null {
  const line = stateLine(remediation);
  return remediation.temporary && line !== null ? `${line}\n${temporaryLine}` : line;
}

const temporaryLine = ':warning: *Temporary:* the next rollout undoes it.';

function stateLine(remediation: Remediation): string | null {
  const { state, plan, requested, approved, rejected, applied, verifyAt, expiresAt, means } = remediation;
  const limit = planLine(remediation);
  const note = remediation.note === null ? '' : escapeLine(remediation.note);
  const yes = approved ? `, approved by ${approversOf(remediation)} at ${clockTime(approved.at)}` : '';
  const done = applied
    ? `${limit}${yes}; seen in the cluster at ${clockTime(applied.at)}: ${escapeLine(applied.seen.replace(/\.$/, ''))}`
    : `${limit}${yes}`;
  switch (state) {
    case 'proposed':
      return null;
    case 'requested': {
      const { secondPerson, approvals } = remediation;
      const who = askedPeople(remediation, askedOf(remediation).map(mention));
      const second = secondPerson ? ' Policy wants two people.' : '';
      const first = approvals.map(({ by }) => ` ${mention(by)} has approved.`).join('');
      const until = expiresAt === null ? '' : ` (expires ${clockTime(expiresAt, requested?.at)})`;
      const by = requested ? ` ${mention(requested.by)} asked for it at ${clockTime(requested.at)}.` : '';
      return `*Waiting for ${who} to approve* ${limit}${until}.${by}${first}${second}`;
    }
    case 'approved':
      return `*Approved:* ${limit}${yes}; about to be applied.`;
    case 'applying': {
      if (remediation.pullRequest) return pullRequestLine(remediation.pullRequest, `${limit}${yes}`);
      const how = means === null ? '' : ` by ${meansWords(means, plan.workload)}`;
      return `*Applying:* ${limit}${yes}${how}. ${note}`.trimEnd();
    }
    case 'applied':
    case 'verifying': {
      const { watch } = remediation;
      const why = watch === null || applied === null ? '' : ` ${watchWords(watch, applied.at, applied.at)}`;
      const next = verifyAt === null ? '' : ` Next check at ${clockTime(verifyAt, applied?.at)}.`;
      return `*Applied:* ${done}.${why}${next}`;
    }
    case 'held':
    case 'held-so-far':
    case 'overshot':
      return `*Result:* ${note === '' ? 'it held' : note}\n*Applied:* ${done}.`;
    case 'bought-time':
      return `*Bought time:* ${note}\n*Applied:* ${done}.`;
    case 'inconclusive':
      return `*Result:* ${note === '' ? 'it could not be told whether it held' : note}\n*Applied:* ${done}.`;
    case 'vanished':
      return `*Result:* ${note === '' ? 'the change is no longer there' : note}\n*Applied:* ${done}.`;
    case 'failed':
      return applied
        ? `*Result:* ${note === '' ? 'it was killed again' : note}\n*Applied:* ${done}.`
        : `*Not applied:* ${limit}${yes}${note === '' ? '.' : `: ${note}`}`;
    case 'rejected':
      if (rejected === null) return `*Not merged:* ${limit}${yes}; ${sentence(note)}`;
      return `*Rejected:* ${limit}, by ${mention(rejected.by)} at ${clockTime(rejected.at)}${escapeLine(reasonWords(rejected.reason))}. Nothing changed.`;
    case 'expired':
      return approved
        ? `*Expired:* ${limit}${yes}; ${sentence(note)}`
        : `*Expired:* nobody approved ${limit} in time. Nothing changed.`;
    case 'undone':
      return `*Undone:* ${done}.`;
    case 'done':
      return `*Undone:* ${escapeLine(undoneWords(plan))}${done.slice(limit.length).replace(', approved by', ' by')}.`;
    case 'stale':
      return `*Out of date:* ${plan.id}${note === '' ? '.' : `, ${note}`}`;
  }
}

function approversOf({ approvals, approved }: Remediation): string {
  const all = approvals.length > 0 ? approvals : [approved].filter((one) => one !== null);
  return all.map(({ by }) => mention(by)).join(' and ');
}

function pullRequestLine({ number, url, merged }: NonNullable<Remediation['pullRequest']>, what: string): string {
  const link = linkTo(url, `pull request #${number}`);
  if (merged === null) return `*Waiting for merge:* ${link}, ${what}.`;
  const by = merged.by === null ? '' : ` by ${escapeLine(merged.by)}`;
  return `*Merged:* ${link}${by} at ${clockTime(merged.at)}, ${what}; waiting to see it in the cluster.`;
}

function planLine({ plan }: Remediation): string {
  return `${escapeLine(changeWords(plan))} (${plan.id})`;
}
