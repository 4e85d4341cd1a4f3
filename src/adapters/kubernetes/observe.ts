import { record, records, text, timeMs, whole } from '../../core/kill/json-read.ts';
import type { JsonRecord } from '../../core/kill/json-read.ts';
import type { Subject } from '../../core/kill/kill.ts';
import type { Plan } from '../../core/remediate/plan.ts';
import type { Observation, SeenPod } from '../../core/verify/observation.ts';
import { bytesOf, findContainer, memoryOf, runningContainers } from './container-spec.ts';
import { containerStatus } from './container-status.ts';
import type { Transport } from './transport.ts';
import { getObject, podsOf, templateSpec } from './workload-objects.ts';

/** Looks at the objects of a plan. `subject` is the incident's. Throws Failures of the transport. */
export async function observe(
  transport: Transport,
  plan: Plan,
  subject: Subject,
  deadlineMs: number,
): Promise<Observation> {
  const namespace = subject.namespace ?? 'default';
  const bare = subject.workload.kind === 'Pod';
  const owner = bare ? null : await getObject(transport, subject.workload, namespace, deadlineMs);
  const pods = await podsOf(transport, subject, owner, deadlineMs);
  return {
    exists: owner !== null || pods.length > 0,
    templateLimitBytes: owner ? limitOf(templateSpec(owner), plan.container) : null,
    rolloutDone: owner === null || rolloutDone(owner, pods.length),
    pods: pods.map((pod) => seePod(pod, plan.container)),
  };
}

/** What one pod shows of a container. Pure. */
export function seePod(pod: JsonRecord, container: string): SeenPod {
  const metadata = record(pod['metadata']);
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
    podLimitBytes: memoryOf(status['resources']).limitBytes,
    expectedPodLimitBytes: podTotal(spec),
    resizeCondition: resizeCondition(status),
    startedAt: timeMs(running['startedAt']),
  };
}

function limitOf(podSpec: JsonRecord, container: string): number | null {
  return memoryOf(findContainer(podSpec, container)?.spec['resources']).limitBytes;
}

/** What somebody wrote for the whole pod, else the sum over what runs beside each other; null without such a sum. */
function podTotal(podSpec: JsonRecord): number | null {
  const written = memoryOf(podSpec['resources']).limitBytes;
  if (written !== null) return written;
  const limits = runningContainers(podSpec).map((container) => memoryOf(container['resources']).limitBytes);
  if (limits.some((limit) => limit === null)) return null;
  const sum = limits.reduce((total: number, limit) => total + (limit ?? 0), 0);
  // An ordinary init container with more than that decides the pod's limit (scheduler's rule).
  const init = records(podSpec['initContainers']).filter((container) => container['restartPolicy'] !== 'Always');
  return Math.max(sum, ...init.map((container) => memoryOf(container['resources']).limitBytes ?? 0));
}

function resizeCondition(status: JsonRecord): SeenPod['resizeCondition'] {
  const found = records(status['conditions']).find(
    ({ type, status: value }) => (type === 'PodResizePending' || type === 'PodResizeInProgress') && value === 'True',
  );
  if (!found) return null;
  return { type: String(found['type']), reason: text(found['reason']) ?? '', message: text(found['message']) ?? '' };
}

/** Only observedGeneration tells whether the status is about the newest template (domain.md section 9). */
function rolloutDone(owner: JsonRecord, pods: number): boolean {
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
