import type { Trigger } from '../kill/trigger.ts';
import type { PlanInputs } from './plan-inputs.ts';
import type { Means } from './plan.ts';

/** With more pods than this, a change of the template is preferred. */
const mostResized = 100;

/** Ordinary init and ephemeral containers cannot be resized before 1.36; BestEffort pods never. */
export function meansFor(trigger: Trigger, inputs: PlanInputs, changesFlags: boolean): Means[] {
  const inPlace = trigger.containerType === 'container' || trigger.containerType === 'sidecar';
  // A CronJob's pods end anyway; what helps is the template of the next Job.
  const lasting = trigger.subject.workload.kind !== 'CronJob';
  // One call per pod, one after the other: for many pods a rollout is faster.
  const few = inputs.pods.length <= mostResized || inputs.workload?.patchable !== true;
  // NOTE: a pod's environment cannot be changed.
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
