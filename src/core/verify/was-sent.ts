import { hasWords } from '../recommend/change-words.ts';
import type { Means, Plan } from '../remediate/plan.ts';
import type { Observation } from './observation.ts';

/** Whether the objects show that a change was sent, in part at least; whether it is in force is `confirm`'s to say. */
export function wasSent(
  plan: Plan,
  means: Means,
  { exists, templateLimitBytes, templateEnv, pods }: Observation,
): boolean {
  if (!exists) return false;
  switch (means) {
    case 'resize':
      return pods.some(
        ({ uid, specLimitBytes }) => plan.pods.some((pod) => pod.uid === uid) && specLimitBytes === plan.to.limitBytes,
      );
    case 'patch-workload':
    case 'pull-request':
      return (
        templateLimitBytes === plan.to.limitBytes &&
        plan.env.every((one) => hasWords(templateEnv[one.name] ?? null, one))
      );
    case 'roll-back':
      return pods.some(({ revision }) => revision === plan.rollBack?.hash);
  }
}
