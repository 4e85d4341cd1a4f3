import { Failure } from '../../core/failure.ts';
import type { Loaded, Remediation, Request } from '../../core/incident/incident.ts';
import { followerOf, mayFollow } from '../../core/incident/follow-up.ts';
import { latestTrigger } from '../../core/incident/triggers.ts';
import { permanentPlan, undoPlan } from '../../core/remediate/follow-plan.ts';
import type { Followed, FollowRequest } from '../../core/remediate/follow-request.ts';
import type { Follows, Plan } from '../../core/remediate/plan.ts';
import { undoRollBack } from '../../core/remediate/roll-back/undo-roll-back.ts';
import { whatHappened } from '../../core/talk/what-happened.ts';
import type { Notice } from '../../core/talk/what-happened.ts';
import type { WorkerNeeds } from '../worker-needs.ts';
import { pullRequestInstead } from './plans-for.ts';
import { undoMerged } from './undo-merged.ts';

export interface FollowUp extends Request {
  readonly action: Follows['as'];
}

/** What somebody has asked for already, for the same change: another click on it is an approval, or a question again. */
export function askedAlready({ incident }: Loaded, { plan, action }: FollowUp): Remediation | null {
  const asked = followerOf(incident, plan ?? '');
  return asked?.state === 'requested' && asked.plan.follows?.as === action ? asked : null;
}

/**
 * The plan for taking a change back or for making it permanent, from the live objects, or a sentence that says why that
 * cannot be done any more.
 */
export async function followPlan(
  loaded: Loaded,
  request: FollowUp,
  needs: WorkerNeeds,
  now: number,
): Promise<{ readonly plan: Plan } | { readonly problem: Notice }> {
  const { incident } = loaded;
  const about = incident.remediations.find(({ plan }) => plan.id === request.plan);
  const happened = whatHappened(incident, request);
  if (happened !== null) return { problem: happened };
  if (about === undefined || about.means === null || !mayFollow(about, request.action))
    return no('That change is not what is in force here any more; look at the top of the thread. Nothing changed.');
  try {
    const trigger = latestTrigger(loaded);
    const inputs = await needs.reader.planInputs(trigger);
    const taken = new Set(incident.remediations.map(({ plan }) => plan.id));
    const asked = { plan: about.plan, means: about.means, inputs, taken, now };
    const made = request.action === 'undo' ? await undo(asked, loaded, needs) : permanentPlan(asked);
    if ('problem' in made) return no(made.problem);
    return {
      plan: request.action === 'undo' ? made.plan : await pullRequestInstead(made.plan, { incident, inputs }, needs),
    };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return no(`The cluster could not be read just now (${error.message}). Nothing changed; please try again.`);
  }
}

async function undo(asked: FollowRequest, loaded: Loaded, needs: WorkerNeeds): Promise<Followed> {
  switch (asked.means) {
    case 'resize':
    case 'patch-workload':
      return undoPlan(asked);
    case 'roll-back':
      return undoRollBack(asked);
    case 'pull-request':
      return undoMerged(asked, loaded, needs);
  }
}

function no(text: string): { readonly problem: Notice } {
  return { problem: { text, people: [] } };
}
