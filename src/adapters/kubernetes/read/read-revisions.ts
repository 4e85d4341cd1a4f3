import { record, records, text } from '../../../core/kill/json-read.ts';
import type { JsonRecord } from '../../../core/kill/json-read.ts';
import type { Trigger } from '../../../core/kill/trigger.ts';
import type { Revision } from '../../../core/remediate/plan-inputs.ts';
import type { Target } from '../../../core/remediate/plan.ts';
import { findContainer, memoryOf } from './container-spec.ts';
import { listWhole } from '../transport/list-pages.ts';
import type { Transport } from '../transport/transport.ts';

/** The annotation of Deployments and ReplicaSets with the number of the revision. */
export const revisionAnnotation = 'deployment.kubernetes.io/revision';

/**
 * Revisions of a Deployment that a rollback could restore, newest last; empty for other kinds, whose history Oomkeeper
 * does not read. Throws Failures of the transport.
 */
export async function readRevisions(transport: Transport, kill: Trigger, deadlineMs: number): Promise<Revision[]> {
  const { workload, namespace, container } = kill.subject;
  if (workload.kind !== 'Deployment') return [];
  const sets = await replicaSetsOf(transport, { namespace: namespace ?? 'default', name: workload.name }, deadlineMs);
  return sets.flatMap((set): Revision[] => {
    const hash = hashOf(set);
    const spec = record(templateOf(set)['spec']);
    const memory = memoryOf(findContainer(spec, container ?? '')?.spec['resources']);
    return hash === null ? [] : [{ number: String(revisionOf(set)), hash, memory }];
  });
}

/** The pod template of a revision as its Deployment would have it; null if it is no longer kept. */
export async function templateOfRevision(
  transport: Transport,
  workload: Pick<Target, 'namespace' | 'name'>,
  hash: string,
  deadlineMs: number,
): Promise<JsonRecord | null> {
  const sets = await replicaSetsOf(transport, workload, deadlineMs);
  const set = sets.find((one) => hashOf(one) === hash);
  if (!set) return null;
  const template = templateOf(set);
  const metadata = record(template['metadata']);
  // The controller adds this label to each ReplicaSet's template; it does not belong in a Deployment's.
  const { 'pod-template-hash': _hash, ...labels } = record(metadata['labels']);
  return { ...template, metadata: { ...metadata, labels } };
}

/** A Deployment's ReplicaSets, the newest revision last. A namespace may hold thousands of other ones. */
export async function replicaSetsOf(
  transport: Transport,
  { namespace, name }: Pick<Target, 'namespace' | 'name'>,
  deadlineMs: number,
): Promise<readonly JsonRecord[]> {
  const path = `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/replicasets`;
  const sets: JsonRecord[] = [];
  await listWhole(transport, { path, endsAt: Date.now() + deadlineMs }, (set) => {
    if (controlledBy(set, name)) sets.push(set);
  });
  return sets.toSorted((a, b) => revisionOf(a) - revisionOf(b));
}

function controlledBy(set: JsonRecord, deployment: string): boolean {
  return records(record(set['metadata'])['ownerReferences']).some(
    (owner) => owner['controller'] === true && owner['kind'] === 'Deployment' && owner['name'] === deployment,
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
