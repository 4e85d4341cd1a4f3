import { mappedSource } from '../../core/approve/policy.ts';
import { Failure } from '../../core/failure.ts';
import type { Incident, Remediation, RemediationState } from '../../core/incident/incident.ts';
import { mayComeBack, uselessMeans } from '../../core/incident/may-come-back.ts';
import { liveStates, underWay } from '../../core/incident/transition.ts';
import type { Trigger } from '../../core/kill/trigger.ts';
import type { Recommendation } from '../../core/recommend/recommendation.ts';
import { driftOf, liveValues } from '../../core/remediate/drift.ts';
import { editOf } from '../../core/remediate/edit/edit-of.ts';
import { makePlans, pullRequestEffect } from '../../core/remediate/make-plans.ts';
import type { Plans } from '../../core/remediate/make-plans.ts';
import type { PlanInputs } from '../../core/remediate/plan-inputs.ts';
import { destinationOf } from '../../core/remediate/plan.ts';
import type { Plan } from '../../core/remediate/plan.ts';
import { parseSource, sourceAnnotation } from '../../core/remediate/source.ts';
import type { Source } from '../../core/remediate/source.ts';
import type { WorkerNeeds } from '../worker-needs.ts';
import { cut } from '../../core/units/text-bounds.ts';

export interface PlansRequest {
  readonly recommendation: Recommendation;
  readonly incident: Incident;
  readonly trigger: Trigger;
  readonly inputs: PlanInputs;
  /** ms UTC */
  readonly now: number;
  /** A person wants exactly this value: it is proposed even if it was rejected or has failed before. */
  readonly wanted: boolean;
}

/**
 * Plans for a recommendation, made from the present state. The source file is read before a pull request is offered, so
 * that no button is shown that cannot work. While a pull request is under way no other is prepared, because it could
 * not be offered.
 */
export async function plansFor(request: PlansRequest, needs: WorkerNeeds): Promise<Plans> {
  const { incident, inputs, wanted } = request;
  const isSpent = (one: Remediation): boolean => mayComeBack(one) || (wanted && hasEnded(one.state));
  const spent = new Set(incident.remediations.filter(isSpent).map(({ plan }) => plan.id));
  const isBusy = !wanted && underWay(incident).some(({ plan }) => destinationOf(plan) === 'forge');
  const source = needs.forge === null || isBusy ? null : sourceOf(incident, inputs, needs);
  const made = makePlans({ ...request, spent, source, useless: uselessMeans(incident) });
  const known = new Map(incident.remediations.map(({ plan }) => [plan.id, plan]));
  const looked = await Promise.all(
    made.plans.map(async (plan) => {
      if (plan.source === null) return plan;
      // What is offered already stays as it was shown: whether the file still is, is asked when it is written.
      return known.get(plan.id) ?? preview(plan, request, needs);
    }),
  );
  const refused = looked.find((one) => 'problem' in one);
  return {
    ...made,
    plans: looked.flatMap((one) => ('problem' in one ? [] : [one])),
    noPullRequest: refused ? refused.problem : made.noPullRequest,
  };
}

/**
 * The change of a template as one of the file that it is made from, where such a file is named and can be edited; else
 * the plan as it is, because who deploys from elsewhere is named as the owner that it overrides.
 */
export async function pullRequestInstead(
  plan: Plan,
  { incident, inputs }: Pick<PlansRequest, 'incident' | 'inputs'>,
  needs: WorkerNeeds,
): Promise<Plan> {
  const source = needs.forge === null ? null : sourceOf(incident, inputs, needs);
  if (source === null || 'problem' in source) return plan;
  const asFile = {
    ...plan,
    id: plan.id,
    means: ['pull-request' as const],
    source,
    undo: 'To undo, revert the pull request.',
  };
  const made = await preview(asFile, { incident, inputs }, needs);
  return 'problem' in made ? plan : { ...made, expectedEffect: pullRequestEffect(source, inputs.workload) };
}

function hasEnded(state: RemediationState): boolean {
  return !liveStates.includes(state);
}

/** The workload's source file, or why it cannot be used; null if none is named. */
export function sourceOf(
  { subject }: Incident,
  { sourceText }: PlanInputs,
  { sources }: WorkerNeeds,
): Source | { readonly problem: string } | null {
  if (sourceText === null) return mappedSource(sources, subject);
  return (
    parseSource(sourceText) ?? {
      problem: `The annotation ${sourceAnnotation} says "${cut(sourceText, 100)}", which is not of the form owner/repo//path@branch.`,
    }
  );
}

/** The plan as the file makes it: the lines that would change, and in what the file differs from the cluster. */
async function preview(
  plan: Plan,
  { incident: { id, subject }, inputs }: Pick<PlansRequest, 'incident' | 'inputs'>,
  { forge, log }: WorkerNeeds,
): Promise<Plan | { readonly problem: string }> {
  if (forge === null || plan.source === null) return plan;
  const edit = editOf(plan, subject);
  try {
    const { diff, hash, before } = await forge.preview(plan.source, edit);
    return { ...plan, diff, fileHash: hash, drift: driftOf(before, liveValues(inputs), edit) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    log('warn', 'source file not usable', { incident: id, code: error.code, error });
    return { problem: error.message };
  }
}
