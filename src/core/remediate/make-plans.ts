import type { Trigger } from '../kill/trigger.ts';
import { valueAfter } from '../recommend/change-words.ts';
import { isNewVariable } from '../recommend/env-change.ts';
import type { EnvChange } from '../recommend/env-change.ts';
import { changedWords, envWords } from '../recommend/env-words.ts';
import type { Recommendation } from '../recommend/recommendation.ts';
import { formatBytes } from '../units/quantity.ts';
import { fieldsHash } from './fields-hash.ts';
import { meansFor } from './means-for.ts';
import { memoryDiff } from './memory-diff.ts';
import type { PlanInputs } from './plan-inputs.ts';
import { changesFlagsOnly, targetIn } from './plan.ts';
import type { Means, Memory, Plan } from './plan.ts';
import { planId } from './plan-id.ts';
import type { Made, PlanRequest } from './plan-request.ts';
import { rollBackPlan } from './roll-back/roll-back-plan.ts';
import { formatSource } from './source.ts';
import type { Source } from './source.ts';

/** Alternative plans, best first, and why one is missing. */
export interface Plans {
  readonly plans: readonly Plan[];
  /** Why nothing in the cluster is offered; null when something is, or where `noRollBack` says it. */
  readonly noPlan: string | null;
  /** Why the roll back that was recommended is not offered. */
  readonly noRollBack: string | null;
  /** Why no pull request is offered although a source is named; null when one is, or where there is no source. */
  readonly noPullRequest: string | null;
}

/**
 * Makes a recommendation executable, or says why that cannot be done. A rollback comes before the raise that it makes
 * unnecessary. In-place resize comes first if the pods allow it (no rollout, no restart); the pod template is the
 * alternative that is approved with it. A pull request is for a fix, not for what only buys time.
 */
export function makePlans(request: PlanRequest): Plans {
  const back = rollBackPlan(request);
  const change = changePlan(request);
  const inCluster = [back, change].filter((one) => 'id' in one);
  const source = sourcePlan(request, change);
  return {
    plans: [...inCluster, ...('id' in source ? [source] : [])],
    noPlan: inCluster.length > 0 ? null : noPlanOf(change),
    noRollBack: noPlanOf(back),
    noPullRequest: noPlanOf(source),
  };
}

function noPlanOf(made: Made): string | null {
  return 'noPlan' in made ? made.noPlan : null;
}

const onlyRequest = 'A request alone is changed where the workload is deployed from.';

/** The change of memory, and of heap flags with it, in the cluster. */
function changePlan({ recommendation, trigger, inputs, now, spent, useless = [] }: PlanRequest): Made {
  const raise = raiseOf(recommendation);
  const { container } = trigger.subject;
  if (!raise) return { noPlan: recommendation.fix.kind === 'adjust-requests' ? onlyRequest : null };
  if (raise.whose === 'pod') return { noPlan: podLimitWords(raise.limitBytes) };
  if (container === null || trigger.containerType === null) return { noPlan: 'It is about no single container.' };
  if (!inputs.exists) return { noPlan: `${name(trigger)} does not exist any more, so there is nothing to change.` };
  const from = inputs.pods[0]?.memory ?? inputs.workload?.memory;
  if (!from || from.limitBytes === null) return { noPlan: `${container} has no memory limit of its own to change.` };
  const flagOnly = raise.env.length > 0 && raise.limitBytes === from.limitBytes;
  if (raise.limitBytes <= from.limitBytes && !flagOnly)
    return { noPlan: `The limit is ${formatBytes(from.limitBytes)} by now; nothing higher is proposed yet.` };
  const tooMuch = flagOnly ? null : whatRefuses(raise.limitBytes, from.limitBytes, inputs);
  if (tooMuch !== null) return { noPlan: tooMuch };

  const able = meansFor(trigger, inputs, raise.env.length > 0);
  const untried = able.filter((one) => !useless.includes(one));
  const means = untried.length > 0 ? untried : able;
  if (means.length === 0) return { noPlan: nothingToChange(trigger, inputs) };
  const noPlace = noPlaceFor(raise.env, inputs);
  if (noPlace !== null) return { noPlan: noPlace };
  const to: Memory = { limitBytes: raise.limitBytes, requestBytes: requestFor(raise, from, inputs) };
  const targets = { workload: inputs.workload ? targetIn(inputs.workload) : null, pods: inputs.pods.map(targetIn) };
  const hash = fieldsHash(inputs.fields);
  const env = [...raise.env];
  const content = {
    container,
    means,
    from,
    to,
    ...(env.length === 0 ? {} : { env }),
    hash,
    workload: targets.workload?.uid ?? targets.pods[0]?.uid,
  };
  const title = `${trigger.subject.namespace ?? ''} ${name(trigger)}, container ${container}`;
  return {
    id: planId(content, spent),
    purpose: raise.purpose,
    kind: env.length > 0 ? 'set-heap' : 'raise-limit',
    container,
    containerType: trigger.containerType,
    workload: inputs.workload?.patchable ? targets.workload : null,
    pods: means.includes('resize') ? targets.pods : [],
    means,
    from,
    to,
    env,
    rollBack: null,
    follows: null,
    source: null,
    fileHash: null,
    drift: [],
    fieldsHash: hash,
    owner: inputs.workload?.owner ?? inputs.pods[0]?.owner ?? null,
    diff: memoryDiff(title, from, to, env),
    expectedEffect: expectedEffect(means, { from, to, env }, inputs),
    undo: undoWords({ from, to, env }),
    createdAt: now,
  };
}

/** The same change in the file that the workload is made from. */
function sourcePlan({ inputs, source, recommendation, spent, now }: PlanRequest, change: Made): Made {
  if (source === null) return { noPlan: null };
  if ('problem' in source) return { noPlan: source.problem };
  const raise = raiseOf(recommendation);
  if (!raise || raise.purpose !== 'fix') return { noPlan: null };
  if (!('id' in change)) return { noPlan: change.noPlan };
  if (!inputs.workload) return { noPlan: 'A bare pod has no template, so there is no file to change it in.' };
  const content = { pullRequest: formatSource(source), to: change.to, env: change.env, kind: change.kind };
  return {
    ...change,
    id: planId(content, spent),
    means: ['pull-request'],
    workload: targetIn(inputs.workload),
    pods: [],
    source,
    expectedEffect: pullRequestEffect(source, inputs.workload),
    undo: 'To undo, revert the pull request.',
    createdAt: now,
  };
}

export function pullRequestEffect(source: Source, workload: PlanInputs['workload']): string {
  const then = workload?.kind === 'CronJob' ? 'the next run of' : 'a rollout of';
  const of = workload === null ? 'it' : `${workload.kind} ${workload.name}`;
  return `A pull request for ${formatSource(source)}: once it is merged and synced, ${then} ${of} has it for good.`;
}

interface Raise {
  readonly purpose: Plan['purpose'];
  readonly limitBytes: number;
  readonly requestBytes: number;
  readonly env: readonly EnvChange[];
  readonly whose?: 'pod' | undefined;
}

/** A container's own limit would not help, and must not be above that of its pod (the API server refuses it). */
function podLimitWords(limitBytes: number): string {
  return `Oomkeeper changes limits of containers, and here the pod's own is meant: set spec.resources.limits.memory of the pod template to ${formatBytes(limitBytes)} where it is made.`;
}

function raiseOf({ fix, mitigation }: Recommendation): Raise | null {
  if (fix.kind === 'raise-limit') return { ...fix, purpose: 'fix', env: [] };
  if (fix.kind === 'set-heap') return { ...fix, purpose: 'fix' };
  return mitigation && { ...mitigation, purpose: 'mitigation', env: [] };
}

/** Why the template has no place for a flag: the flag was seen in a pod, to which others may have added it. */
function noPlaceFor(env: readonly EnvChange[], { variables }: PlanInputs): string | null {
  const problems = env.flatMap((change) => {
    const after = valueAfter(variables, change);
    return 'problem' in after ? [after.problem] : [];
  });
  return problems[0] ?? null;
}

/** Why the API server or the scheduler would refuse a limit, said before somebody approves it. */
function whatRefuses(
  limitBytes: number,
  present: number,
  { pods, room: { quota, limitRange, nodeAllocatableBytes } }: PlanInputs,
): string | null {
  const wanted = formatBytes(limitBytes);
  const more = (limitBytes - present) * Math.max(1, pods.length);
  const most = limitRange?.maxBytes ?? null;
  if (limitRange && most !== null && limitBytes > most)
    return `${wanted} is needed, but the LimitRange ${limitRange.name} allows at most ${formatBytes(most)} here.`;
  if (quota && more > quota.leftBytes)
    return `${wanted} is needed${pods.length > 1 ? `, in ${pods.length} pods ${formatBytes(more)} more` : ''}, but the ResourceQuota ${quota.name} has only ${formatBytes(quota.leftBytes)} left.`;
  if (nodeAllocatableBytes !== null && limitBytes > nodeAllocatableBytes)
    return `${wanted} is needed, but its node has only ${formatBytes(nodeAllocatableBytes)} in all.`;
  return null;
}

/** Memory request = limit by default (R1), unless that would change the QoS class, which a resize may not. */
function requestFor(
  raise: Pick<Raise, 'limitBytes' | 'requestBytes'>,
  from: Memory,
  inputs: PlanInputs,
): number | null {
  if (inputs.qosClass === 'Guaranteed') return raise.limitBytes;
  if (inputs.equalMakesGuaranteed) return from.requestBytes;
  return raise.requestBytes;
}

function nothingToChange(trigger: Trigger, inputs: PlanInputs): string {
  const { kind } = trigger.subject.workload;
  if (kind === 'Job')
    return 'A Job cannot be changed once it runs, and none of its pods is left to resize: raise the limit where the Job is made.';
  if (inputs.workload && !inputs.workload.patchable)
    return `Oomkeeper cannot change the template of a ${kind} and no pod is left to resize: raise the limit where it is made.`;
  return 'No pod of it is left to resize, and there is no template to change: raise the limit where the pod is made.';
}

type Changed = Pick<Plan, 'from' | 'to' | 'env'>;

function undoWords({ from, to, env }: Changed): string {
  const { limitBytes, requestBytes } = from;
  const parts = [
    ...(limitBytes === null || limitBytes === to.limitBytes
      ? []
      : [`set the limit back to ${formatBytes(limitBytes)}`]),
    ...(requestBytes === null || requestBytes === to.requestBytes
      ? []
      : [`${limitBytes === to.limitBytes ? 'set the request back' : 'the request'} to ${formatBytes(requestBytes)}`]),
    ...env.map((one) => {
      if (isNewVariable(one)) return `remove ${one.name}`;
      const { gone, added } = changedWords(one);
      return gone === '' ? `remove ${added} from ${one.name}` : `put ${gone} back into ${one.name}`;
    }),
  ];
  return `To undo, ${parts.join(' and ')}.`;
}

function expectedEffect(means: readonly Means[], changed: Changed, { pods, workload }: PlanInputs): string {
  const { to, env } = changed;
  const limit = to.limitBytes === null ? '' : formatBytes(to.limitBytes);
  const template = workload ? `the template of ${workload.kind} ${workload.name}` : '';
  const then = workload?.kind === 'CronJob' ? 'its next run uses it' : 'a rollout replaces the pods';
  const flags = env.map((one) => ` and ${envWords(one)}`).join('');
  if (changesFlagsOnly(changed)) return `Changes ${env.map(envWords).join(' and ')} in ${template}; ${then}.`;
  if (!means.includes('resize')) return `Changes ${template} to a limit of ${limit}${flags}; ${then}.`;
  const many = pods.length === 1 ? 'the pod' : `${pods.length} pods`;
  const stopped = pods.some((pod) => !pod.running) ? ' A container that is not running may ignore it.' : '';
  const otherwise = means.includes('patch-workload')
    ? ` If that is not seen to work, changes ${template} instead, and ${then}.`
    : '';
  const rollsOut = workload?.patchable === true && workload.kind !== 'CronJob';
  const undone = rollsOut ? 'the next rollout undoes it' : 'a new pod has the old limit again';
  return `Resizes ${many} in place to a limit of ${limit}, without a restart; ${undone}.${stopped}${otherwise}`;
}

function name(trigger: Trigger): string {
  return `${trigger.subject.workload.kind} ${trigger.subject.workload.name}`;
}
