import { realLimit } from '../../../core/kill/pod.ts';
import { record, records, text, timeMs, whole } from '../../../core/kill/json-read.ts';
import type { JsonRecord } from '../../../core/kill/json-read.ts';
import type { Subject } from '../../../core/kill/kill.ts';
import type { Plan } from '../../../core/remediate/plan.ts';
import type { Observation, SeenPod } from '../../../core/verify/observation.ts';
import { bytesOf, findContainer, limitChange, memoryOf, podLimit, templateChange } from './container-spec.ts';
import { containerStatus } from './container-status.ts';
import type { Transport } from '../transport/transport.ts';
import { getObject, isFinished, podsOf, templateSpec } from './workload-objects.ts';

/** Reads the objects of a plan. `subject` is the incident's. Throws Failures of the transport. */
export async function observe(
  transport: Transport,
  plan: Plan,
  subject: Subject,
  deadlineMs: number,
): Promise<Observation> {
  const namespace = subject.namespace ?? 'default';
  const bare = subject.workload.kind === 'Pod';
  const owner = bare ? null : await getObject(transport, subject.workload, namespace, deadlineMs);
  const all = await podsOf(transport, subject, owner, deadlineMs);
  const pods = all.filter((pod) => !isFinished(pod));
  return {
    exists: owner !== null || all.length > 0,
    templateLimitBytes: owner ? limitOf(templateSpec(owner), plan.container) : null,
    templateEnv: owner ? envOf(templateSpec(owner), plan) : {},
    templateChange: owner && templateChange(owner),
    rolloutDone: owner === null || rolloutDone(owner, pods.length),
    pods: pods.map((pod) => seePod(pod, plan)),
  };
}

/** What one pod shows of a plan's container. Pure. */
export function seePod(pod: JsonRecord, plan: Pick<Plan, 'container' | 'env'>): SeenPod {
  const { container } = plan;
  const metadata = record(pod['metadata']);
  const labels = record(metadata['labels']);
  const spec = record(pod['spec']);
  const status = record(pod['status']);
  const own = containerStatus(pod, container);
  const running = record(record(own?.['state'])['running']);
  const reported = record(own?.['resources'])['limits'];
  return {
    pod: text(metadata['name']) ?? '',
    uid: text(metadata['uid']) ?? '',
    running: 'startedAt' in running,
    specLimitBytes: limitOf(spec, container),
    containerLimitBytes: bytesOf(record(reported)['memory']),
    podLimitBytes: realLimit(memoryOf(status['resources']).limitBytes),
    expectedPodLimitBytes: podLimit(spec),
    resizeCondition: resizeCondition(status),
    startedAt: timeMs(running['startedAt']),
    revision: text(labels['pod-template-hash']) ?? text(labels['controller-revision-hash']),
    env: envOf(spec, plan),
    limitChange: limitChange(pod, container),
  };
}

/** Literal values of the variables that the plan changes. */
function envOf(
  podSpec: JsonRecord,
  { container, env }: Pick<Plan, 'container' | 'env'>,
): Record<string, string | null> {
  const variables = records(findContainer(podSpec, container)?.spec['env']);
  return Object.fromEntries(
    env.map(({ name }) => [name, text(variables.find((one) => one['name'] === name)?.['value'])]),
  );
}

function limitOf(podSpec: JsonRecord, container: string): number | null {
  return memoryOf(findContainer(podSpec, container)?.spec['resources']).limitBytes;
}

function resizeCondition(status: JsonRecord): SeenPod['resizeCondition'] {
  const found = records(status['conditions']).find(
    ({ type, status: value }) => (type === 'PodResizePending' || type === 'PodResizeInProgress') && value === 'True',
  );
  if (!found) return null;
  return { type: String(found['type']), reason: text(found['reason']) ?? '', message: text(found['message']) ?? '' };
}

/**
 * Whether a controller has replaced all `pods` (the existing ones) by pods of the newest template. Only
 * observedGeneration shows whether its status is about that template. Pure.
 */
export function rolloutDone(owner: JsonRecord, pods: number): boolean {
  const generation = whole(record(owner['metadata'])['generation']);
  const status = record(owner['status']);
  const seen = whole(status['observedGeneration']);
  if (owner['kind'] === 'Job' || owner['kind'] === 'CronJob') return true;
  if (generation === null || seen === null || seen < generation) return false;
  if (owner['kind'] === 'DaemonSet')
    return (whole(status['updatedNumberScheduled']) ?? 0) >= (whole(status['desiredNumberScheduled']) ?? pods);
  const wanted = whole(record(owner['spec'])['replicas']) ?? 1;
  if (owner['kind'] === 'StatefulSet' && status['currentRevision'] !== status['updateRevision']) return false;
  return (whole(status['updatedReplicas']) ?? 0) >= wanted && pods <= wanted;
}
