import type { Kill } from '../kill/kill.ts';
import { killedAtMs } from '../kill/kill.ts';
import { hasWords } from '../recommend/change-words.ts';
import type { Means, Plan } from '../remediate/plan.ts';
import { formatBytes } from '../units/quantity.ts';
import type { Observation, SeenPod } from './observation.ts';
import { limitAt } from '../kill/limit-at.ts';

/*
 * When a change counts as done. A resize is done when, for every remaining pod of the plan, the container runs, spec
 * and status show the new value, no resize condition is left, and the pod-level limit shows the new total; where the
 * server has no pod-level limit, when the present run has lasted twice the median of its last three. Everything but the
 * pod-level limit can be true while the pod's cgroup still has the old limit: that was recorded on a crash-looping
 * container (k/k#138760), and it is the reason for `useless`.
 */
export type Confirmation =
  | { readonly is: 'done'; readonly seen: string }
  | { readonly is: 'waiting'; readonly why: string }
  | { readonly is: 'useless'; readonly why: string };

export interface ConfirmRequest {
  readonly plan: Plan;
  readonly means: Means;
  readonly observation: Observation;
  /** When it was written, ms UTC. */
  readonly since: number;
  readonly now: number;
  readonly timeoutMs: number;
  /** The last kills of the subject, oldest first. */
  readonly recentKills: readonly Kill[];
}

/** An accepted resize shows everywhere within 60 ms; a pod-level limit that is still old after this long stays old. */
const settledMs = 10_000;

export function confirm(request: ConfirmRequest): Confirmation {
  const { means, observation, since, now, timeoutMs } = request;
  if (!observation.exists) return { is: 'useless', why: 'The workload was deleted meanwhile.' };
  const seen = confirmBy[means](request);
  if (seen.is !== 'waiting' || now - since < timeoutMs) return seen;
  return { is: 'useless', why: `Not seen to work after ${Math.round(timeoutMs / 1000)} s: ${seen.why}` };
}

const confirmBy: Readonly<Record<Means, (request: ConfirmRequest) => Confirmation>> = {
  resize: confirmResize,
  'patch-workload': confirmRollout,
  'pull-request': confirmRollout,
  'roll-back': confirmRollBack,
};

function confirmResize(request: ConfirmRequest): Confirmation {
  const { plan, observation, since, now, timeoutMs } = request;
  const pods = plan.pods.flatMap(({ uid }) => observation.pods.find((pod) => pod.uid === uid) ?? []);
  if (pods.length === 0) return useless('The pods that were resized are gone.');
  const infeasible = pods.find((pod) => pod.resizeCondition?.reason === 'Infeasible');
  if (infeasible)
    return useless(`The node refuses the resize: ${infeasible.resizeCondition?.message ?? 'infeasible'}.`);
  const kills = pods.map((pod) => killsAfter(request).filter((kill) => kill.podUid === pod.uid));
  const limit = shown(plan.to.limitBytes);
  for (const [index, pod] of pods.entries()) {
    const again = kills[index]?.find((kill) => inForce(kill) !== plan.to.limitBytes || pod.podLimitBytes === null);
    if (again && inForce(again) !== plan.to.limitBytes)
      return useless(`The resize did nothing: ${again.pod} was killed again at ${shown(inForce(again))}.`);
    if (again)
      return useless(`${again.pod} was killed again, and this server does not show whether ${limit} was in force.`);
  }
  const settled = now - since >= Math.min(settledMs, timeoutMs / 4);
  const stale = pods.find((pod) => settled && showsNew(pod, plan) && podLimitIsOld(pod));
  if (stale)
    return useless(
      `The resize says that it worked, but the pod-level limit of ${stale.pod} is still ${shown(stale.podLimitBytes)}.`,
    );
  const stuck = pods.find((pod) => settled && pod.resizeCondition?.reason === 'Error');
  if (stuck)
    return useless(
      `The limit of ${stuck.pod} cannot be lowered to ${limit} while it runs: ${stuck.resizeCondition?.message ?? ''}`,
    );
  const missing = pods
    // A kill at the new limit proves that the limit is in force, even if the pod does not run.
    .filter((_, index) => kills[index]?.length === 0)
    .flatMap((pod) => whatIsMissing(pod, request) ?? []);
  if (missing[0] !== undefined) return { is: 'waiting', why: missing[0] };
  if (kills.some((some) => some.length > 0)) return killedAtIt(limit);
  const many = pods.length === 1 ? `${pods[0]?.pod} runs` : `${pods.length} pods run`;
  return done(`${many} with a limit of ${limit}, in the container's status and at pod level.`);
}

function confirmRollout(request: ConfirmRequest): Confirmation {
  const { plan, means, observation } = request;
  const { templateLimitBytes, rolloutDone, pods } = observation;
  const limit = shown(plan.to.limitBytes);
  const raised = plan.to.limitBytes !== plan.from.limitBytes;
  // A new pod has a new cgroup, so its limit is certainly in force.
  const killed = raised && killsAfter(request).some((kill) => inForce(kill) === plan.to.limitBytes);
  // A merge that is not synced yet changes nothing, and the pods may already have the same limit from a resize.
  if (killed && means !== 'pull-request') return killedAtIt(limit);
  if (templateLimitBytes !== plan.to.limitBytes)
    return { is: 'waiting', why: `the template shows ${shown(templateLimitBytes)}, not ${limit}.` };
  const flag = plan.env.find((one) => !hasWords(observation.templateEnv[one.name] ?? null, one));
  if (flag) return { is: 'waiting', why: `the template does not show ${flag.name} as it is to be.` };
  if (killed) return killedAtIt(limit);
  if (plan.workload?.kind === 'CronJob') return done(`the template has a limit of ${limit}; the next run will use it.`);
  const isOld = (pod: SeenPod): boolean =>
    pod.specLimitBytes !== plan.to.limitBytes || plan.env.some((one) => !hasWords(pod.env[one.name] ?? null, one));
  const flags = plan.env.map(({ name }) => name).join(' and ');
  return rolledOut(pods, rolloutDone, isOld, flags === '' ? limit : `${limit} and the new ${flags}`);
}

function confirmRollBack({ plan, observation: { pods, rolloutDone } }: ConfirmRequest): Confirmation {
  const { rollBack } = plan;
  if (!rollBack) return useless('The plan names no revision.');
  return rolledOut(pods, rolloutDone, (pod) => pod.revision !== rollBack.hash, `revision ${rollBack.toRevision} again`);
}

function rolledOut(
  pods: readonly SeenPod[],
  rolloutDone: boolean,
  isOld: (pod: SeenPod) => boolean,
  what: string,
): Confirmation {
  const old = pods.filter(isOld).length;
  if (!rolloutDone || old > 0)
    return { is: 'waiting', why: `the rollout is under way (${old} pods are still as they were).` };
  if (pods.length === 0) return { is: 'waiting', why: 'no pod of the new template exists yet.' };
  const idle = pods.filter((pod) => !pod.running).length;
  if (idle > 0) return { is: 'waiting', why: `${idle} of ${pods.length} new pods do not run yet.` };
  return done(
    `the rollout has ended; ${pods.length === 1 ? 'its pod runs' : `all ${pods.length} pods run`} with ${what}.`,
  );
}

function showsNew(pod: SeenPod, plan: Plan): boolean {
  const { limitBytes } = plan.to;
  return pod.specLimitBytes === limitBytes && pod.containerLimitBytes === limitBytes && pod.resizeCondition === null;
}

function podLimitIsOld({ podLimitBytes, expectedPodLimitBytes }: SeenPod): boolean {
  return podLimitBytes !== null && expectedPodLimitBytes !== null && podLimitBytes !== expectedPodLimitBytes;
}

function whatIsMissing(pod: SeenPod, { plan, now, recentKills }: ConfirmRequest): string | null {
  const limit = shown(plan.to.limitBytes);
  if (pod.specLimitBytes !== plan.to.limitBytes) return `the spec of ${pod.pod} shows ${shown(pod.specLimitBytes)}.`;
  if (pod.resizeCondition) return `${pod.pod}: ${pod.resizeCondition.type} ${pod.resizeCondition.reason}.`;
  if (pod.containerLimitBytes !== plan.to.limitBytes) return `the status of ${pod.pod} does not show ${limit} yet.`;
  if (!pod.running || pod.startedAt === null) return `the container of ${pod.pod} does not run.`;
  if (podLimitIsOld(pod)) return `the pod-level limit of ${pod.pod} is still ${shown(pod.podLimitBytes)}.`;
  if (pod.podLimitBytes !== null && pod.expectedPodLimitBytes !== null) return null;
  const needed = 2 * medianRunMs(recentKills);
  return now - pod.startedAt >= needed
    ? null
    : `no pod-level limit can be seen, so ${pod.pod} has to outlive ${Math.round(needed / 1000)} s first.`;
}

/** Kills of runs that began with the change or after it. `startedAt` is truncated to whole seconds. */
function killsAfter({ recentKills, since }: ConfirmRequest): readonly Kill[] {
  return recentKills.filter((kill) => kill.startedAt !== null && Date.parse(kill.startedAt) + 1000 > since);
}

/** Median of the last three runs that ended in a kill, ms; 0 when none is known. */
function medianRunMs(kills: readonly Kill[]): number {
  const runs = kills
    .flatMap((kill) => (kill.startedAt === null ? [] : [killedAtMs(kill) - Date.parse(kill.startedAt)]))
    .slice(-3)
    .toSorted((a, b) => a - b);
  return runs[Math.floor(runs.length / 2)] ?? 0;
}

function inForce(kill: Kill): number | null {
  return limitAt(kill);
}

function shown(bytes: number | null): string {
  return bytes === null ? 'no limit' : formatBytes(bytes);
}

function killedAtIt(limit: string): Confirmation {
  return done(`the new limit of ${limit} is in force: a container was killed at it.`);
}

function done(seen: string): Confirmation {
  return { is: 'done', seen };
}

function useless(why: string): Confirmation {
  return { is: 'useless', why };
}
