import { hasWords, valueAfter } from '../recommend/change-words.ts';
import { reversed } from '../recommend/env-change.ts';
import { formatBytes } from '../units/quantity.ts';
import { counted } from '../talk/words.ts';
import { fieldsHash } from './fields-hash.ts';
import { memoryDiff } from './memory-diff.ts';
import { planId } from './plan-id.ts';
import type { Followed, FollowRequest } from './follow-request.ts';
import type { PlanInputs } from './plan-inputs.ts';
import { targetIn } from './plan.ts';
import type { Follows, Means, Memory, Plan } from './plan.ts';

/** The name under which Oomkeeper owns fields. */
export const ourselves = 'oomkeeper';

/** What was written by a resize or into the template goes back. */
export function undoPlan(request: FollowRequest): Followed {
  const { plan, means, inputs } = request;
  const problem = means === 'resize' ? podsDiffer(request) : templateDiffers(request);
  if (problem !== null) return { problem: `${problem} Nothing changed.` };
  const [to, env] = [plan.from, plan.env.map(reversed)];
  const noPlace = env.flatMap((change) => {
    const after = valueAfter(inputs.variables, change);
    return 'problem' in after ? [after.problem] : [];
  });
  if (noPlace[0] !== undefined) return { problem: `${noPlace[0]} Nothing changed.` };
  const pods = means === 'resize' ? resized(request).map(targetIn) : [];
  const limit = shown(to.limitBytes);
  const effect =
    means === 'resize'
      ? `Resizes ${counted(pods.length, 'pod')} in place, back to a limit of ${limit}, without a restart.`
      : `Changes the template of ${nameOf(plan)} back to a limit of ${limit}; ${then(plan)}.`;
  return { plan: follow(request, { as: 'undo', means, from: plan.to, to, env, pods, effect }) };
}

/** The change of the template. A pull request is made of it where a source is named. */
export function permanentPlan(request: FollowRequest): Followed {
  const { plan, inputs } = request;
  const from = inputs.workload?.memory ?? null;
  if (inputs.workload?.patchable !== true || from === null)
    return { problem: `The template of ${nameOf(plan)} cannot be changed here: change it where it is made.` };
  if (from.limitBytes === plan.to.limitBytes)
    return { problem: `The template of ${nameOf(plan)} has ${shown(from.limitBytes)} already. Nothing changed.` };
  const problem = podsDiffer(request) ?? (sameMemory(from, plan.from) ? null : changedWords(request, from));
  // Whoever clicks was shown the owner of then, and consents to overriding that one and no other.
  if (problem === null && inputs.workload.owner !== plan.owner)
    return { problem: `The template of ${nameOf(plan)} has another owner by now${byWhom(inputs)}. Nothing changed.` };
  if (problem !== null) return { problem: `${problem} Nothing changed.` };
  const effect = `Changes the template of ${nameOf(plan)} to a limit of ${shown(plan.to.limitBytes)}, which its running pods have already; ${then(plan)}.`;
  const means = 'patch-workload' as const;
  return { plan: follow(request, { as: 'make-permanent', means, from, to: plan.to, env: [], pods: [], effect }) };
}

interface Change extends Pick<Plan, 'from' | 'to' | 'env' | 'pods'> {
  readonly as: Follows['as'];
  readonly means: Means;
  readonly effect: string;
}

function follow({ plan, inputs, taken, now }: FollowRequest, { as, means, from, to, env, pods, effect }: Change): Plan {
  const hash = fieldsHash(inputs.fields);
  const follows = { plan: plan.id, as };
  return {
    ...plan,
    id: planId({ follows, means, from, to, hash }, taken),
    follows,
    workload: inputs.workload?.patchable === true ? targetIn(inputs.workload) : null,
    means: [means],
    pods,
    from,
    to,
    env,
    fieldsHash: hash,
    owner: means === 'resize' ? (inputs.pods[0]?.owner ?? null) : (inputs.workload?.owner ?? null),
    diff: memoryDiff(`${plan.workload?.namespace ?? ''} ${nameOf(plan)}, container ${plan.container}`, from, to, env),
    expectedEffect: effect,
    undo: `To undo that, set the limit to ${shown(from.limitBytes)} again.`,
    createdAt: now,
  };
}

/** The running pods that have what they were resized to. */
function resized({ plan, inputs }: FollowRequest): PlanInputs['pods'] {
  return inputs.pods.filter(({ memory }) => sameMemory(memory, plan.to));
}

/** Why a resize is no longer what decides: null where it is. */
function podsDiffer(request: FollowRequest): string | null {
  const { plan, inputs } = request;
  const [pod] = inputs.pods;
  if (!inputs.exists || pod === undefined)
    return 'No pod of it runs any more, so there is nothing of that change left.';
  if (resized(request).length === 0) return changedWords(request, pod.memory);
  const template = inputs.workload?.memory.limitBytes ?? null;
  if (template !== null && template === plan.to.limitBytes)
    return `The template of ${nameOf(plan)} has ${shown(template)} by now too${byWhom(inputs)}: change it there.`;
  return null;
}

function templateDiffers(request: FollowRequest): string | null {
  const { plan, inputs } = request;
  const { workload } = inputs;
  if (workload === null || workload.uid !== plan.workload?.uid)
    return `${nameOf(plan)} was deleted or replaced, so there is nothing of that change left.`;
  if (!workload.patchable) return `${nameOf(plan)} is paused, or its template cannot be changed here.`;
  const flag = plan.env.find((one) => !hasWords(valueIn(inputs, one.name), one));
  if (flag) return `${flag.name} is not as that change left it${byWhom(inputs)}: change it there.`;
  if (!sameMemory(workload.memory, plan.to)) return changedWords(request, workload.memory);
  return workload.owner === null || workload.owner === ourselves
    ? null
    : `The limit of ${nameOf(plan)} was set by ${workload.owner} since: change it there.`;
}

function changedWords({ plan, inputs }: FollowRequest, { limitBytes, requestBytes }: Memory): string {
  const what =
    limitBytes === plan.to.limitBytes
      ? `The request of ${nameOf(plan)} is ${shown(requestBytes)} by now`
      : `The limit of ${nameOf(plan)} is ${shown(limitBytes)} by now, not ${shown(plan.to.limitBytes)}`;
  return `${what}: something else has changed it since${byWhom(inputs)}.`;
}

/** ` (kubectl)`, where it is known who set the template's limit last. */
function byWhom({ workload }: PlanInputs): string {
  const owner = workload?.owner ?? null;
  return owner === null || owner === ourselves ? '' : ` (${owner})`;
}

function valueIn({ variables }: PlanInputs, name: string): string | null {
  return variables.find((one) => one.name === name)?.value ?? null;
}

/** A request that a plan does not set is filled in by the API server. */
function sameMemory(live: Memory, planned: Memory): boolean {
  const isRequest = planned.requestBytes === null || live.requestBytes === planned.requestBytes;
  return live.limitBytes === planned.limitBytes && isRequest;
}

function nameOf({ workload, container }: Plan): string {
  return workload === null ? container : `${workload.kind} ${workload.name}`;
}

function then({ workload }: Plan): string {
  return workload?.kind === 'CronJob' ? 'its next run uses it' : 'a rollout replaces the pods';
}

function shown(bytes: number | null): string {
  return bytes === null ? 'no limit' : formatBytes(bytes);
}
