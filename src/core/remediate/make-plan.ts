import type { Kill } from '../kill/kill.ts';
import type { Mitigation, Recommendation, Fix } from '../recommend/recommendation.ts';
import { formatBytes } from '../units/quantity.ts';
import { shortHash } from '../units/short-hash.ts';
import { fieldsHash } from './fields-hash.ts';
import { memoryDiff } from './memory-diff.ts';
import type { PlanInputs } from './plan-inputs.ts';
import type { Means, Memory, Plan } from './plan.ts';

export interface PlanRequest {
  readonly recommendation: Recommendation;
  readonly kill: Kill;
  readonly inputs: PlanInputs;
  /** ms UTC */
  readonly now: number;
  /** How many plans of this incident lapsed before; a plan that is proposed again needs a new id. */
  readonly attempt: number;
}

/**
 * Makes a recommendation executable, or says why that cannot be done. In-place resize comes first where the pods allow
 * it (no rollout, no restart), the pod template is the alternative that is approved with it.
 */
export function makePlan({
  recommendation,
  kill,
  inputs,
  now,
  attempt,
}: PlanRequest): Plan | { readonly noPlan: string } {
  const raise = raiseOf(recommendation);
  const { container } = kill.subject;
  if (!raise) return { noPlan: recommendation.fix.why };
  if (container === null || kill.containerType === null) return { noPlan: 'It is about no single container.' };
  if (!inputs.exists) return { noPlan: `${name(kill)} does not exist any more, so there is nothing to change.` };
  const from = inputs.pods[0]?.memory ?? inputs.workload?.memory;
  if (!from || from.limitBytes === null) return { noPlan: `${container} has no memory limit of its own to change.` };
  if (raise.limitBytes <= from.limitBytes)
    return { noPlan: `The limit is ${formatBytes(from.limitBytes)} by now; nothing higher is proposed yet.` };

  const means = meansFor(kill, inputs);
  if (means.length === 0) return { noPlan: nothingToChange(kill, inputs) };
  const to: Memory = { limitBytes: raise.limitBytes, requestBytes: requestFor(raise, from, inputs) };
  const targets = { workload: inputs.workload ? target(inputs.workload) : null, pods: inputs.pods.map(target) };
  const hash = fieldsHash(inputs.fields);
  const content = {
    container,
    means,
    from,
    to,
    hash,
    attempt,
    workload: targets.workload?.uid ?? targets.pods[0]?.uid,
  };
  const id = `PLAN-${shortHash(JSON.stringify(content), 6)}`;
  const owner = inputs.workload?.owner ?? inputs.pods[0]?.owner ?? null;
  return {
    id,
    purpose: recommendation.fix.kind === 'raise-limit' ? 'fix' : 'mitigation',
    container,
    containerType: kill.containerType,
    workload: inputs.workload?.patchable ? targets.workload : null,
    pods: means.includes('resize') ? targets.pods : [],
    means,
    from,
    to,
    fieldsHash: hash,
    owner,
    diff: memoryDiff(`${kill.subject.namespace ?? ''} ${name(kill)}, container ${container}`, from, to),
    expectedEffect: expectedEffect(means, to, inputs),
    undo: `To undo, set the limit back to ${formatBytes(from.limitBytes)}${
      from.requestBytes === null ? '' : ` and the request to ${formatBytes(from.requestBytes)}`
    }.`,
    createdAt: now,
  };
}

function raiseOf({ fix, mitigation }: Recommendation): Extract<Fix, { kind: 'raise-limit' }> | Mitigation | null {
  return fix.kind === 'raise-limit' ? fix : mitigation;
}

/** Ordinary init and ephemeral containers cannot be resized before 1.36; BestEffort pods never (domain.md section 4). */
function meansFor(kill: Kill, inputs: PlanInputs): Means[] {
  const inPlace = kill.containerType === 'container' || kill.containerType === 'sidecar';
  // A CronJob's pods end by themselves; what helps is what the next run begins with.
  const lasting = kill.subject.workload.kind !== 'CronJob';
  const resize = inPlace && lasting && inputs.canResize && inputs.qosClass !== 'BestEffort' && inputs.pods.length > 0;
  return [
    ...(resize ? (['resize'] as const) : []),
    ...(inputs.workload?.patchable ? (['patch-workload'] as const) : []),
  ];
}

/** Memory request = limit by default (R1), unless that would change the QoS class, which a resize may not. */
function requestFor(
  raise: Pick<Mitigation, 'limitBytes' | 'requestBytes'>,
  from: Memory,
  inputs: PlanInputs,
): number | null {
  if (inputs.qosClass === 'Guaranteed') return raise.limitBytes;
  if (inputs.equalMakesGuaranteed) return from.requestBytes;
  return raise.requestBytes;
}

function nothingToChange(kill: Kill, inputs: PlanInputs): string {
  const { kind } = kill.subject.workload;
  if (kind === 'Job')
    return 'A Job cannot be changed once it runs, and none of its pods is left to resize: raise the limit where the Job is made.';
  if (inputs.workload && !inputs.workload.patchable)
    return `Oomkeeper cannot change the template of a ${kind} and no pod is left to resize: raise the limit where it is made.`;
  return 'No pod of it is left to resize, and there is no template to change: raise the limit where the pod is made.';
}

function expectedEffect(means: readonly Means[], to: Memory, { pods, workload }: PlanInputs): string {
  const limit = to.limitBytes === null ? '' : formatBytes(to.limitBytes);
  const template = workload ? `the template of ${workload.kind} ${workload.name}` : '';
  const then = workload?.kind === 'CronJob' ? 'its next run uses it' : 'a rollout replaces the pods';
  if (!means.includes('resize')) return `Changes ${template} to a limit of ${limit}; ${then}.`;
  const many = pods.length === 1 ? 'the pod' : `${pods.length} pods`;
  const stopped = pods.some((pod) => !pod.running) ? ' A container that is not running may ignore it.' : '';
  const otherwise = means.includes('patch-workload')
    ? ` If that is not seen to work, changes ${template} instead, and ${then}.`
    : '';
  const rollsOut = workload?.patchable === true && workload.kind !== 'CronJob';
  const undone = rollsOut ? 'the next rollout undoes it' : 'a new pod has the old limit again';
  return `Resizes ${many} in place to a limit of ${limit}, without a restart; ${undone}.${stopped}${otherwise}`;
}

function target({ apiVersion, kind, namespace, name: own, uid }: Plan['pods'][number]): Plan['pods'][number] {
  return { apiVersion, kind, namespace, name: own, uid };
}

function name(kill: Kill): string {
  return `${kill.subject.workload.kind} ${kill.subject.workload.name}`;
}
