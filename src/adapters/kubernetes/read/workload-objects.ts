import { Failure } from '../../../core/failure.ts';
import { record, text, texts } from '../../../core/kill/json-read.ts';
import type { JsonRecord } from '../../../core/kill/json-read.ts';
import type { Subject, Workload } from '../../../core/kill/kill.ts';
import { readPod } from '../../../core/kill/pod.ts';
import type { Trigger } from '../../../core/kill/trigger.ts';
import { workloadOf } from '../../../core/kill/subject.ts';
import { keepPages } from '../transport/list-pages.ts';
import { asNeighbour, withMemoryOwners } from './smaller-pods.ts';
import type { Transport } from '../transport/transport.ts';
import { bounded } from '../../../core/units/text-bounds.ts';

/** How each kind of workload is reached, and whether it makes pods of a template that may be changed. */
interface KindRoute {
  readonly api: string;
  readonly resource: string;
  readonly patchable: boolean;
}

const routes = new Map<string, KindRoute>(
  Object.entries({
    Pod: { api: '/api/v1', resource: 'pods', patchable: false },
    Deployment: { api: '/apis/apps/v1', resource: 'deployments', patchable: true },
    ReplicaSet: { api: '/apis/apps/v1', resource: 'replicasets', patchable: false },
    StatefulSet: { api: '/apis/apps/v1', resource: 'statefulsets', patchable: true },
    DaemonSet: { api: '/apis/apps/v1', resource: 'daemonsets', patchable: true },
    Job: { api: '/apis/batch/v1', resource: 'jobs', patchable: false },
    CronJob: { api: '/apis/batch/v1', resource: 'cronjobs', patchable: true },
  }),
);

/** Whether a change of the object's template makes new pods: not while paused, not with `OnDelete`. */
export function makesPods(kind: string, object: JsonRecord): boolean {
  const spec = record(object['spec']);
  const onDelete = record(spec['updateStrategy'])['type'] === 'OnDelete';
  return routes.get(kind)?.patchable === true && spec['paused'] !== true && !onDelete;
}

/** It has ended for good; nothing can be changed about it, and it says nothing about how its workload is. */
export function isFinished(pod: JsonRecord): boolean {
  const { phase } = record(pod['status']);
  return phase === 'Failed' || phase === 'Succeeded';
}

/** Path of one object; null for a kind that we know no address of (a Rollout, say). */
function objectPath(kind: string, namespace: string, name: string): string | null {
  if (kind === 'Node') return `/api/v1/nodes/${encodeURIComponent(name)}`;
  const route = routes.get(kind);
  if (!route) return null;
  return `${route.api}/namespaces/${encodeURIComponent(namespace)}/${route.resource}/${encodeURIComponent(name)}`;
}

/** The object as JSON; null when it does not exist or is of a kind without an address. Throws other Failures. */
export async function getObject(
  transport: Transport,
  { kind, name }: Workload,
  namespace: string,
  deadlineMs: number,
): Promise<JsonRecord | null> {
  const path = objectPath(kind, namespace, name);
  if (path === null) return null;
  try {
    return record(await transport.json({ path, deadlineMs }));
  } catch (error) {
    if (error instanceof Failure && error.code === 'cluster-not-found') return null;
    throw error;
  }
}

/** The pod of a kill as it is now; null when it is gone, or replaced by another one of its name. Throws Failures. */
export async function readKilledPod(
  transport: Transport,
  { subject, pod, podUid }: Trigger,
  deadlineMs: number,
): Promise<JsonRecord | null> {
  const found = await getObject(transport, { kind: 'Pod', name: pod }, subject.namespace ?? 'default', deadlineMs);
  return found && targetOf(found).uid === podUid ? found : null;
}

/** The pod template's spec: where it lies differs between CronJobs and all others; a pod is its own. */
export function templateSpec(object: JsonRecord): JsonRecord {
  const spec = record(object['spec']);
  if (object['kind'] === 'Pod') return spec;
  const from = object['kind'] === 'CronJob' ? record(record(spec['jobTemplate'])['spec']) : spec;
  return record(record(from['template'])['spec']);
}

/** Pods of a workload that are not being deleted, as JSON. Its selector narrows the list, its pods' owners decide. */
export async function podsOf(
  transport: Transport,
  subject: Subject,
  workload: JsonRecord | null,
  deadlineMs: number,
): Promise<readonly JsonRecord[]> {
  const namespace = subject.namespace ?? 'default';
  const labels = texts(record(record(record(workload)['spec'])['selector'])['matchLabels']);
  const selector = Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  const query: Record<string, string> = selector === '' ? {} : { labelSelector: selector };
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
  return keepPages(transport, { path, query, endsAt: Date.now() + deadlineMs }, (listed) => {
    const pod = { kind: 'Pod', apiVersion: 'v1', ...listed };
    return isOf(subject, pod) ? withMemoryOwners(pod) : null;
  });
}

/** All pods of a node, as far as memory and kills go. @throws Failure */
export async function podsOnNode(
  transport: Transport,
  node: string,
  deadlineMs: number,
): Promise<readonly JsonRecord[]> {
  const list = { path: '/api/v1/pods', query: { fieldSelector: `spec.nodeName=${node}` } };
  return keepPages(transport, { ...list, endsAt: Date.now() + deadlineMs }, asNeighbour);
}

function isOf({ workload }: Subject, pod: JsonRecord): boolean {
  const view = readPod(pod);
  if (view === null || view.deletion !== null) return false;
  const { kind, name } = workloadOf(view);
  return kind === workload.kind && name === workload.name;
}

/** What names an object in a plan. */
export function targetOf(object: JsonRecord) {
  const metadata = record(object['metadata']);
  return {
    apiVersion: text(object['apiVersion']) ?? 'v1',
    kind: text(object['kind']) ?? 'Pod',
    namespace: bounded(text(metadata['namespace']) ?? 'default', 'name'),
    name: bounded(text(metadata['name']) ?? '', 'name'),
    uid: bounded(text(metadata['uid']) ?? '', 'name'),
  };
}
