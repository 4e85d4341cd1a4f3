import { record, records, text } from '../../../../core/kill/json-read.ts';
import type { JsonRecord } from '../../../../core/kill/json-read.ts';
import type { Revision } from '../../../../core/remediate/plan-inputs.ts';
import type { Target } from '../../../../core/remediate/plan.ts';
import { findContainer, memoryOf } from '../container-spec.ts';
import { keepPages, withoutManagedFields } from '../../transport/list-pages.ts';
import type { Transport } from '../../transport/transport.ts';
import { getObject, targetOf } from '../workload-objects.ts';

/** The annotation of Deployments and ReplicaSets with the number of the revision. */
export const revisionAnnotation = 'deployment.kubernetes.io/revision';

/**
 * Revisions that a roll back could restore, newest last; empty for other kinds than Deployments, whose history Oomkeeper
 * does not read. Throws Failures of the transport.
 */
export async function readRevisions(
  transport: Transport,
  workload: Target,
  container: string,
  deadlineMs: number,
): Promise<Revision[]> {
  if (workload.kind !== 'Deployment') return [];
  const sets = await replicaSetsOf(transport, workload, deadlineMs);
  return sets.flatMap((set) => revisionIn(set, container) ?? []);
}

/**
 * The ReplicaSet of a revision by its name, if it is still the same one and the Deployment's own; null if not. Throws
 * Failures of the transport.
 */
export async function templateOfRevision(
  transport: Transport,
  workload: Target,
  { name, uid }: Revision['replicaSet'],
  deadlineMs: number,
): Promise<JsonRecord | null> {
  const set = await getObject(transport, { kind: 'ReplicaSet', name }, workload.namespace, deadlineMs);
  if (!set || record(set['metadata'])['uid'] !== uid || !controlledBy(set, workload.uid)) return null;
  return templateToWrite(set);
}

function revisionIn(set: JsonRecord, container: string): Revision | null {
  const hash = hashOf(set);
  const { name, uid } = targetOf(set);
  if (hash === null) return null;
  const memory = memoryOf(findContainer(record(templateOf(set)['spec']), container)?.spec['resources']);
  return {
    number: String(revisionOf(set)),
    hash,
    memory,
    replicaSet: { name, uid },
    template: templateToWrite(set),
  };
}

/** The pod template as its Deployment would have it. */
function templateToWrite(set: JsonRecord): JsonRecord {
  const template = templateOf(set);
  const metadata = record(template['metadata']);
  // The controller adds this label to each ReplicaSet's template; it does not belong in a Deployment's.
  const { 'pod-template-hash': _hash, ...labels } = record(metadata['labels']);
  return { ...template, metadata: { ...metadata, labels } };
}

/** A Deployment's ReplicaSets, the newest revision last. A namespace may hold thousands of other ones. */
export async function replicaSetsOf(
  transport: Transport,
  { namespace, uid }: Pick<Target, 'namespace' | 'uid'>,
  deadlineMs: number,
): Promise<readonly JsonRecord[]> {
  const path = `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/replicasets`;
  const sets = await keepPages(transport, { path, endsAt: Date.now() + deadlineMs }, (set) =>
    controlledBy(set, uid) ? withoutManagedFields(set) : null,
  );
  return sets.toSorted((a, b) => revisionOf(a) - revisionOf(b));
}

/** By uid: anybody who may create ReplicaSets can write a Deployment's name into one. */
function controlledBy(set: JsonRecord, deployment: string): boolean {
  return records(record(set['metadata'])['ownerReferences']).some(
    (owner) => owner['controller'] === true && owner['kind'] === 'Deployment' && owner['uid'] === deployment,
  );
}

function templateOf(set: JsonRecord): JsonRecord {
  return record(record(set['spec'])['template']);
}

export function revisionOf(set: JsonRecord): number {
  return Number(record(record(set['metadata'])['annotations'])[revisionAnnotation] ?? 0);
}

export function hashOf(set: JsonRecord): string | null {
  return text(record(record(set['metadata'])['labels'])['pod-template-hash']);
}
