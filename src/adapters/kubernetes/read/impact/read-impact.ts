import { record, records, text, texts, timeMs, whole } from '../../../../core/kill/json-read.ts';
import type { JsonRecord } from '../../../../core/kill/json-read.ts';
import { isOfNode } from '../../../../core/kill/kill.ts';
import type { Trigger } from '../../../../core/kill/trigger.ts';
import type { ImpactRead } from '../../../../core/notify/impact.ts';
import { ownerAnnotation } from '../../../../core/notify/owner.ts';
import { hourMs } from '../../../../core/units/duration.ts';
import { boundedOrNull } from '../../../../core/units/text-bounds.ts';
import { inTime } from '../../../in-time.ts';
import type { Transport } from '../../transport/transport.ts';
import { getObject, podsOf } from '../workload-objects.ts';
import { templateWriters } from './template-writers.ts';
import { readEndpoints, unservedBy } from './endpoints.ts';
import type { ServiceEndpoints } from './endpoints.ts';

/** Of the commit that an image was built from: on pods or workloads, by whoever deploys. */
const commitAnnotations = ['org.opencontainers.image.revision', 'org.label-schema.vcs-ref'] as const;

interface Objects {
  readonly workload: JsonRecord | null;
  readonly pods: readonly JsonRecord[] | null;
  readonly endpoints: readonly ServiceEndpoints[] | null;
}

/**
 * How the users of a workload fare: its pods, and the Services that lead to them. Never throws, and takes no longer than
 * `deadlineMs`: what could not be read is null.
 */
export async function readImpact(
  transport: Transport,
  kill: Trigger,
  deadlineMs: number,
  now: number,
): Promise<ImpactRead> {
  const { namespace, workload: called } = kill.subject;
  if (namespace === null || isOfNode(kill)) return impactOf(kill, { workload: null, pods: null, endpoints: null }, now);
  const reading = getObject(transport, called, namespace, deadlineMs);
  const pods = reading.then((owner) =>
    podsOf(transport, kill.subject, called.kind === 'Pod' ? null : owner, deadlineMs),
  );
  const read = <T>(work: Promise<T>): Promise<T | null> => inTime(work, deadlineMs, () => null).catch(() => null);
  const [workload, itsPods, endpoints] = await Promise.all([
    read(reading),
    read(pods),
    read(readEndpoints(transport, namespace, deadlineMs)),
  ]);
  return impactOf(kill, { workload, pods: itsPods, endpoints }, now);
}

/** Pure. `now` is ms UTC. */
export function impactOf(kill: Trigger, { workload, pods, endpoints }: Objects, now: number): ImpactRead {
  const pod = pods?.find((one) => nameOf(one) === kill.pod) ?? pods?.[0] ?? null;
  const names = new Set([kill.pod, ...(pods ?? []).map(nameOf)]);
  const annotations = { ...annotationsOf(workload), ...annotationsOf(pod) };
  return {
    pods: podsReady(kill.subject.workload.kind, workload, pods),
    unserved: endpoints === null ? null : unservedBy(endpoints, names),
    qosClass: kill.qosClass,
    priorityClass: boundedOrNull(text(record(pod?.['spec'])['priorityClassName']), 'name'),
    young: youngPods(pods ?? [], now),
    owner: boundedOrNull(annotations[ownerAnnotation] ?? null, 'label'),
    deployed: {
      image: kill.image,
      commit: boundedOrNull(
        commitAnnotations.map((name) => annotations[name]).find((one) => one !== undefined) ?? null,
        'label',
      ),
      writers: templateWriters(workload),
    },
  };
}

/** How many of how many: of a Job there is no such number. */
function podsReady(kind: string, workload: JsonRecord | null, pods: readonly JsonRecord[] | null): ImpactRead['pods'] {
  const [spec, status] = [record(workload?.['spec']), record(workload?.['status'])];
  switch (kind) {
    case 'Job':
    case 'CronJob':
      return null;
    case 'Deployment':
    case 'StatefulSet':
    case 'ReplicaSet':
      if (workload === null) return null;
      return { ready: whole(status['readyReplicas']) ?? 0, desired: whole(spec['replicas']) ?? 1 };
    case 'DaemonSet':
      if (workload === null) return null;
      return { ready: whole(status['numberReady']) ?? 0, desired: whole(status['desiredNumberScheduled']) ?? 0 };
    default:
      // Of a bare pod, or of a kind whose object is not read.
      return pods === null ? null : { ready: pods.filter(isReady).length, desired: pods.length };
  }
}

function isReady(pod: JsonRecord): boolean {
  return records(record(pod['status'])['conditions']).some(({ type, status }) => type === 'Ready' && status === 'True');
}

/** What pods count that are less than an hour old: all of their restarts are of this hour. */
function youngPods(pods: readonly JsonRecord[], now: number): ImpactRead['young'] {
  const young = pods
    .map((pod) => ({
      createdAt: timeMs(record(pod['metadata'])['creationTimestamp']) ?? 0,
      restarts: records(record(pod['status'])['containerStatuses'])
        .map(({ restartCount }) => whole(restartCount) ?? 0)
        .reduce((sum, one) => sum + one, 0),
    }))
    .filter(({ createdAt }) => now - createdAt <= hourMs);
  if (young.length === 0) return null;
  return {
    restarts: young.reduce((sum, { restarts }) => sum + restarts, 0),
    since: Math.min(...young.map(({ createdAt }) => createdAt)),
  };
}

function annotationsOf(object: JsonRecord | null): Readonly<Record<string, string>> {
  return texts(record(object?.['metadata'])['annotations']);
}

function nameOf(object: JsonRecord): string {
  return text(record(object['metadata'])['name']) ?? '';
}
