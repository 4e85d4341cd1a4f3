import type { Plan } from '../remediate/plan.ts';
import type { Observation } from './observation.ts';

/** Whether there is a pod template that has another limit than the pods were given: a rollout would undo it. */
export function isOnlyInPods({ workload, to }: Plan, { templateLimitBytes }: Observation): boolean {
  return workload !== null && templateLimitBytes !== to.limitBytes;
}
