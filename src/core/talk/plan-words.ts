import { changesFlagsOnly } from '../remediate/plan.ts';
import type { Means, Plan } from '../remediate/plan.ts';
import { formatBytes } from '../units/quantity.ts';
import { sentence } from './words.ts';

/** What a plan changes, as people say it: `limit 640Mi`, `limit 1Gi with JAVA_TOOL_OPTIONS`, `roll back to revision 3`. */
export function changeWords(plan: Plan | undefined): string {
  if (plan === undefined) return 'the change';
  if (plan.follows?.as === 'undo') return `the undo of ${undoneWords(plan)}`;
  if (plan.follows !== null) return `${changeWords({ ...plan, follows: null })} for good`;
  if (plan.rollBack) return `roll back to revision ${plan.rollBack.toRevision}`;
  const flags = plan.env.map(({ name }) => name).join(' and ');
  if (changesFlagsOnly(plan)) return flags;
  const limit = plan.to.limitBytes === null ? 'the change' : `limit ${formatBytes(plan.to.limitBytes)}`;
  return flags === '' ? limit : `${limit} with ${flags}`;
}

/** What the plan of an undo takes back, and to what: `limit 640Mi (back to 512Mi)`, `the roll back (revision 4 again)`. */
export function undoneWords(plan: Plan): string {
  const { from, to, rollBack } = plan;
  if (rollBack) return `the roll back (revision ${rollBack.toRevision} again)`;
  const back =
    to.limitBytes === null || to.limitBytes === from.limitBytes ? '' : ` (back to ${formatBytes(to.limitBytes)})`;
  return `${changeWords({ ...plan, follows: null, from: to, to: from })}${back}`;
}

/** What a person reads for one of the means of a plan for this workload. */
export function meansWords(means: Means, workload: Plan['workload'] | undefined): string {
  const follows = workload?.kind === 'CronJob' ? 'its next run uses it' : 'a rolling restart follows';
  switch (means) {
    case 'resize':
      return 'in-place resize of the running pods';
    case 'patch-workload':
      return `new pod template (${follows})`;
    case 'roll-back':
      return 'earlier pod template (a rolling restart follows)';
    case 'pull-request':
      return 'pull request for the source file';
  }
}

/** What will happen, as sentences: `Running pods are resized without a restart. If that fails, a rolling restart follows.` */
export function stepsWords({ means, workload }: Pick<Plan, 'means' | 'workload'>): string {
  const steps = sentence(means.map((one) => stepWords(one, workload)).join('. If that fails, '));
  return `${steps.charAt(0).toUpperCase()}${steps.slice(1)}`;
}

function stepWords(means: Means, workload: Plan['workload']): string {
  switch (means) {
    case 'resize':
      return 'running pods are resized without a restart';
    case 'patch-workload':
      return workload?.kind === 'CronJob' ? 'its next run uses it' : 'a rolling restart follows';
    case 'roll-back':
      return 'the earlier pod template is put back, and a rolling restart follows';
    case 'pull-request':
      return 'a pull request for its source file is opened, and nothing changes before it is merged';
  }
}
