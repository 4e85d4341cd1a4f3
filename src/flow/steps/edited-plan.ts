import { Failure } from '../../core/failure.ts';
import type { Loaded, Request } from '../../core/incident/incident.ts';
import { latestTrigger } from '../../core/incident/triggers.ts';
import { judgeValue } from '../../core/recommend/judge-value.ts';
import { destinationOf } from '../../core/remediate/plan.ts';
import type { Plan } from '../../core/remediate/plan.ts';
import { formatBytes } from '../../core/units/quantity.ts';
import type { WorkerNeeds } from '../worker-needs.ts';
import { plansFor } from './plans-for.ts';

/**
 * The plan for a request with its own value, made from the live objects, or a sentence that says why the value cannot
 * be used. The checks are those of the dialog, repeated because what the bot checked may be out of date.
 */
export async function editedPlan(
  loaded: Loaded,
  request: Request,
  needs: WorkerNeeds,
  now: number,
): Promise<{ readonly plan: Plan } | { readonly problem: string }> {
  const { incident } = loaded;
  const seen = incident.remediations.findLast((one) => one.plan.id === request.plan);
  const explained = incident.explained;
  if (!seen || !explained)
    return { problem: 'That plan has been replaced by a newer one; look at the top of the thread.' };
  if (explained.bounds === null)
    return {
      problem: 'What the value would mean cannot be told, because the cluster could not be read. Nothing changed.',
    };
  const judged = judgeValue(request.value ?? '', explained.bounds);
  if (!judged.ok) return { problem: `${judged.text} Nothing changed.` };
  const trigger = latestTrigger(loaded);
  try {
    const inputs = await needs.reader.planInputs(trigger);
    const { limitBytes, requestBytes } = judged;
    const present = (inputs.pods[0] ?? inputs.workload)?.memory.limitBytes ?? null;
    if (present !== null && limitBytes < present)
      return {
        problem: `The limit is ${formatBytes(present)} now, and Oomkeeper lowers none: lower it where the workload is made. Nothing changed.`,
      };
    const why = 'A value of a person’s own.';
    const { fix } = explained.recommendation;
    const recommendation = {
      fix:
        fix.kind === 'set-heap' && limitBytes >= fix.limitBytes
          ? { ...fix, limitBytes, requestBytes, why }
          : { kind: 'raise-limit' as const, limitBytes, requestBytes, holds: judged.holds ?? 0, why },
      mitigation: null,
    };
    const { plans, noPlan } = await plansFor({ recommendation, incident, trigger, inputs, now, wanted: true }, needs);
    const plan = plans.find((one) => destinationOf(one) === destinationOf(seen.plan));
    if (!plan) return { problem: `${noPlan ?? 'Nothing can be changed with it.'} Nothing changed.` };
    return { plan: { ...plan, purpose: seen.plan.purpose } };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return {
      problem: `The cluster could not be read just now (${error.message}). Nothing changed; please try again.`,
    };
  }
}
