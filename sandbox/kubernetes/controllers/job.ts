import { virtualNow } from '../../clock.ts';
import {
  createPodFor,
  deletePod,
  isOver,
  isReady,
  isTerminating,
  numberAt,
  ownedBy,
  writeStatus,
  type ControllerContext,
  type Reconcile,
} from './context.ts';
import { podFromTemplate, suffix, templateOf } from './template.ts';
import { objectOf, objectsOf } from '../objects/json-value.ts';
import { wholeSeconds } from '../kubelet/run.ts';
import type { JsonObject, KubeObject } from '../objects/object-store.ts';

const tracking = 'batch.kubernetes.io/job-tracking';
const firstRetryMs = 10_000;
const longestRetryMs = 360_000;

/**
 * One pod after the other until one succeeds or `backoffLimit` is used up (10 s, 20 s … between failures). With
 * `ttlSecondsAfterFinished` the Job and its pods vanish; with 0 that is 2 s after the kill (recorded).
 */
export const reconcileJob: Reconcile = (context, job) => {
  if (claimJob(context, job)) return;
  const { store, clock } = context;
  const pods = ownedBy(store, 'pods', job);
  // NOTE: a pod is counted before its finalizer goes, so that no failure is ever lost.
  const failed = countOf(pods, 'Failed');
  const succeeded = countOf(pods, 'Succeeded');
  for (const pod of pods.filter(isOver))
    context.store.write('pods', pod.metadata.namespace, pod.metadata.name, release);
  const active = pods.filter((pod) => !isOver(pod) && !isTerminating(pod));
  const finished = finishedAs(job);
  const failures = Math.max(failed, numberAt(job.status, 'failed', 0));
  const verdict = finished ?? verdictOf(job, failures, succeeded);
  if (verdict === undefined && active.length === 0) createPod(context, job, failures);
  if (verdict !== undefined && finished === undefined) announce(context, job, verdict);

  const startTime = job.status?.['startTime'] ?? wholeSeconds(clock.now());
  const live = ownedBy(store, 'pods', job).filter((pod) => !isOver(pod) && !isTerminating(pod)).length;
  writeStatus(store, 'jobs', job, {
    conditions: conditions(job, verdict, wholeSeconds(clock.now())),
    startTime,
    ...(verdict === 'Complete' ? { completionTime: wholeSeconds(clock.now()) } : {}),
    active: live || undefined,
    succeeded: succeeded || undefined,
    failed: failures || undefined,
    terminating: pods.filter(isTerminating).length,
    uncountedTerminatedPods: {},
    ready: active.filter(isReady).length,
  });
  const ttl = job.spec?.['ttlSecondsAfterFinished'];
  if (verdict !== undefined && typeof ttl === 'number') expire(context, job, ttl);
};

/** Gives a new Job the selector and labels that an API server makes of its uid. True when nobody had yet. */
function claimJob({ store }: ControllerContext, job: KubeObject): boolean {
  if (job.spec?.['selector'] !== undefined) return false;
  const { uid, name, namespace } = job.metadata;
  const selector = { 'batch.kubernetes.io/controller-uid': uid };
  const labels = { ...selector, 'batch.kubernetes.io/job-name': name, 'controller-uid': uid, 'job-name': name };
  store.write('jobs', namespace, name, (draft) => {
    const { metadata, ...template } = objectOf(draft.spec?.['template']);
    const own = objectOf(metadata);
    draft.metadata.labels = { ...draft.metadata.labels, ...labels };
    draft.spec = {
      ...draft.spec,
      selector: { matchLabels: selector },
      template: { ...template, metadata: { ...own, labels: { ...objectOf(own['labels']), ...labels } } },
    };
  });
  return true;
}

function countOf(pods: readonly KubeObject[], phase: string): number {
  return pods.filter(({ status }) => status?.['phase'] === phase).length;
}

function release({ metadata }: KubeObject): void {
  delete metadata['finalizers'];
}

function verdictOf(job: KubeObject, failed: number, succeeded: number): 'Complete' | 'Failed' | undefined {
  if (succeeded >= numberAt(job.spec, 'completions', 1)) return 'Complete';
  return failed > numberAt(job.spec, 'backoffLimit', 6) ? 'Failed' : undefined;
}

function finishedAs(job: KubeObject): 'Complete' | 'Failed' | undefined {
  const types = objectsOf(job.status?.['conditions']).map((each) => each['type']);
  if (types.includes('Complete')) return 'Complete';
  return types.includes('Failed') ? 'Failed' : undefined;
}

function createPod(context: ControllerContext, job: KubeObject, failures: number): void {
  const { random, again, clock, retries } = context;
  const { name, uid } = job.metadata;
  const now = virtualNow(clock);
  const known = retries.get(uid);
  if (failures > 0 && (known === undefined || known.failures < failures)) {
    const waitMs = Math.min(longestRetryMs, firstRetryMs * 2 ** (failures - 1));
    retries.set(uid, { failures, at: now + waitMs });
    again('jobs', job, waitMs);
    return;
  }
  if (known !== undefined && now < known.at) return;
  const generateName = `${name}-`;
  const podName = `${generateName}${suffix(random)}`;
  const pod = podFromTemplate(templateOf(job), job, { name: podName, generateName, finalizers: [tracking] }, random);
  const by = { component: 'job-controller', created: `Created pod: ${podName}` };
  createPodFor(context, job, pod, by);
}

function announce({ events }: ControllerContext, job: KubeObject, verdict: 'Complete' | 'Failed'): void {
  const done = { type: 'Normal', reason: 'Completed', message: 'Job completed' } as const;
  const lost = {
    type: 'Warning',
    reason: 'BackoffLimitExceeded',
    message: 'Job has reached the specified backoff limit',
  } as const;
  events('job-controller').record({ about: job, ...(verdict === 'Complete' ? done : lost) });
}

function conditions(
  job: KubeObject,
  verdict: 'Complete' | 'Failed' | undefined,
  now: string,
): JsonObject[] | undefined {
  const before = objectsOf(job.status?.['conditions']);
  if (verdict === undefined) return before.length === 0 ? undefined : before;
  if (before.some((each) => each['type'] === verdict)) return before;
  const why =
    verdict === 'Failed'
      ? { reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' }
      : {};
  return [...before, { type: verdict, status: 'True', lastProbeTime: now, lastTransitionTime: now, ...why }];
}

function expire(context: ControllerContext, job: KubeObject, ttlSeconds: number): void {
  const { store, clock } = context;
  const finishedAt = objectsOf(job.status?.['conditions']).find(({ type }) => type === 'Failed' || type === 'Complete');
  if (finishedAt === undefined) {
    context.again('jobs', job, ttlSeconds * 1000 + 100);
    return;
  }
  const ageMs = clock.now() - Date.parse(String(finishedAt['lastTransitionTime']));
  if (ageMs * clock.speed < ttlSeconds * 1000) {
    context.again('jobs', job, ttlSeconds * 1000);
    return;
  }
  for (const pod of ownedBy(store, 'pods', job)) deletePod(context, pod);
  store.remove('jobs', job.metadata.namespace, job.metadata.name);
}
