import type { Incident, Remediation, Request } from '../incident/incident.ts';
import { calmWords } from '../incident/warning.ts';
import { followerOf, mayFollow } from '../incident/follow-up.ts';
import type { Follows } from '../remediate/plan.ts';
import { changeWords } from './plan-words.ts';
import { datedTime, reasonWords } from './words.ts';

/** A sentence for one person; `{0}` in it stands for `people`. */
export interface Notice {
  readonly text: string;
  readonly people: readonly string[];
}

/**
 * Why a button no longer applies: what has happened since its message was shown. Null while the worker can still decide
 * the click. Apply stays open while somebody else's request waits, because an approver's
 * click on it is an approval.
 */
export function whatHappened(incident: Incident, click: Pick<Request, 'action' | 'plan'>): Notice | null {
  const { id, state, trigger } = incident;
  if (state.is === 'closed') {
    const calm = trigger.kind === 'ahead' ? trigger.warning.calm : null;
    const quiet = calm === null ? 'there was no kill for a long while' : calmWords(calm);
    const why = state.outcome === 'gone' ? 'the workload was deleted' : quiet;
    return notice(`${id} was closed at ${datedTime(state.at)}: ${why}. Your click changed nothing.`);
  }
  switch (click.action) {
    case 'acknowledge': {
      const before = incident.acknowledged;
      return before ? notice(`{0} acknowledged ${id} at ${datedTime(before.at)}.`, before.by) : null;
    }
    case 'silence':
      return null;
    case 'apply':
    case 'approve':
    case 'reject':
    case 'edit':
      return remediationHappened(incident.remediations.findLast((one) => one.plan.id === click.plan));
    case 'undo':
    case 'make-permanent':
      return followUpHappened(incident, click.plan ?? '', click.action);
  }
}

/** The same for a click that is about a change that was carried out. */
function followUpHappened(incident: Incident, id: string, as: Follows['as']): Notice | null {
  const about = incident.remediations.findLast(({ plan }) => plan.id === id);
  if (about === undefined) return remediationHappened(about);
  const follower = followerOf(incident, id);
  if (follower !== null && (follower.state !== 'requested' || follower.plan.follows?.as !== as))
    return notice(
      `${changeWords(follower.plan)} (${follower.plan.id}) is under way already. Your click changed nothing.`,
    );
  if (mayFollow(about, as)) return null;
  if (mayFollow(about, 'undo'))
    return notice(
      `${changeWords(about.plan)} is in the pod template by now, so a rollout keeps it. Your click changed nothing.`,
    );
  return remediationHappened(about);
}

function remediationHappened(remediation: Remediation | undefined): Notice | null {
  if (remediation === undefined)
    return notice('That plan has been replaced by a newer one; look at the top of the thread. Nothing changed.');
  const { state, approved, rejected, applied, note, plan } = remediation;
  const yes = approved ? `{0} approved ${plan.id} at ${datedTime(approved.at)}` : `${plan.id} was approved`;
  const because = note === null ? '' : ` (${note})`;
  switch (state) {
    case 'proposed':
    case 'requested':
      return null;
    case 'approved':
      return notice(`${yes}; it is about to be applied. It is done only once.`, approved?.by);
    case 'applying':
      return notice(`${yes}; it is being applied now. It is done only once.`, approved?.by);
    case 'applied':
    case 'verifying': {
      const seen = applied ? `, and it was confirmed in the cluster at ${datedTime(applied.at)}` : '';
      return notice(`${yes}${seen}. It is being watched now; your click changed nothing.`, approved?.by);
    }
    case 'bought-time':
      return notice(`${yes}, and it bought time${because}. Your click changed nothing.`, approved?.by);
    case 'held':
    case 'held-so-far':
    case 'overshot':
      return notice(`${yes}, and it held${because}. Your click changed nothing.`, approved?.by);
    case 'failed':
      return notice(`${yes}, but it did not work${because}. Your click changed nothing.`, approved?.by);
    case 'vanished':
      return notice(`${yes}, but the change is gone again${because}. Your click changed nothing.`, approved?.by);
    case 'inconclusive':
      return notice(`${yes}; whether it held could not be told${because}. Your click changed nothing.`, approved?.by);
    case 'rejected':
      return rejected
        ? notice(
            `{0} rejected ${plan.id} at ${datedTime(rejected.at)}${reasonWords(rejected.reason)}; nothing changed. ${atTheTop}`,
            rejected.by,
          )
        : notice(`${plan.id} was not carried out${because}; nothing changed. ${atTheTop}`);
    case 'expired':
      return approved
        ? notice(`${yes}, but the approval no longer counts${because}. Your click changed nothing.`, approved.by)
        : notice(`The request for ${plan.id} expired before anybody approved it; nothing changed. ${atTheTop}`);
    case 'undone':
      return notice(`${yes}, and it was undone since. Your click changed nothing. ${atTheTop}`, approved?.by);
    case 'done':
      return notice(`${yes}, and it was done. It is done only once.`, approved?.by);
    case 'stale':
      return notice(`${plan.id} is out of date${because}; nothing changed. ${atTheTop}`);
  }
}

const atTheTop = 'What can be done now is at the top of the thread.';

function notice(text: string, person?: string): Notice {
  return { text, people: person === undefined ? [] : [person] };
}
