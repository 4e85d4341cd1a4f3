import type { Trigger } from '../kill/trigger.ts';
import type { PlanInputs } from './plan-inputs.ts';
import type { Means } from './plan.ts';

/** With more pods than this a change of the template comes first. */
const mostResized = 100;

/** Ordinary init and ephemeral containers cannot be resized before 1.36; BestEffort pods never. */
export function meansFor(trigger: Trigger, inputs: PlanInputs, changesFlags: boolean): Means[] {
  const inPlace = trigger.containerType === 'container' || trigger.containerType === 'sidecar';
  // A CronJob's pods end by themselves; what helps is what the next run begins with.
  const lasting = trigger.subject.workload.kind !== 'CronJob';
  // One call per pod, one after the other: of many, a rollout does it sooner.
  const few = inputs.pods.length <= mostResized || inputs.workload?.patchable !== true;
  // NOTE: an environment is fixed for the life of a pod.
  const resize =
    !changesFlags &&
    inPlace &&
    lasting &&
    few &&
    inputs.canResize &&
    inputs.qosClass !== 'BestEffort' &&
    inputs.pods.length > 0;
  return [
    ...(resize ? (['resize'] as const) : []),
    ...(inputs.workload?.patchable ? (['patch-workload'] as const) : []),
  ];
}
