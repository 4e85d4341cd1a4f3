import { Failure } from '../../../../core/failure.ts';
import type { RolloutFacts } from '../../../../core/evidence/evidence.ts';
import { record, timeMs } from '../../../../core/kill/json-read.ts';
import type { JsonRecord } from '../../../../core/kill/json-read.ts';
import type { Trigger } from '../../../../core/kill/trigger.ts';
import { onlyRaises } from './only-raises.ts';
import { hashOf, replicaSetsOf, revisionOf } from './read-revisions.ts';
import { heapFlagsChange, limitChange, templateChanges } from './template-changes.ts';
import type { Transport } from '../../transport/transport.ts';
import { getObject, targetOf } from '../workload-objects.ts';
import { bounded } from '../../../../core/units/text-bounds.ts';

/** Nobody is told of more. */
const mostChanges = 50;

/**
 * Which revision of a Deployment was killed, since when it exists, and what it changed. Throws Failure('no-rollout')
 * for workloads without ReplicaSets, and Failures of the transport.
 */
export async function readRollout(transport: Transport, kill: Trigger, deadlineMs: number): Promise<RolloutFacts> {
  const { workload, namespace } = kill.subject;
  if (workload.kind !== 'Deployment')
    throw new Failure('no-rollout', `a ${workload.kind} keeps no history that is read`);
  const deployment = await getObject(transport, workload, namespace ?? 'default', deadlineMs);
  if (!deployment) throw new Failure('no-rollout', `the Deployment ${workload.name} is gone`);
  const sets = await replicaSetsOf(transport, targetOf(deployment), deadlineMs);
  const killed = sets.find((set) => hashOf(set) === kill.revision) ?? sets.at(-1);
  if (!killed) throw new Failure('no-rollout', `the Deployment ${workload.name} has no ReplicaSet`);
  const previous = sets.filter((set) => revisionOf(set) < revisionOf(killed)).at(-1);
  return rolloutFacts(killed, previous ?? null, kill.subject.container ?? '');
}

/** The facts of a rollout from the ReplicaSets of two revisions; `before` is null for the first. Pure. */
export function rolloutFacts(killed: JsonRecord, before: JsonRecord | null, container: string): RolloutFacts {
  return {
    revision: String(revisionOf(killed)),
    startedAt: timeMs(record(killed['metadata'])['creationTimestamp']) ?? 0,
    previousRevision: before ? String(revisionOf(before)) : null,
    changed: before
      ? templateChanges(before, killed, container)
          .slice(0, mostChanges)
          .map((one) => bounded(one, 'change'))
      : [],
    limit: before ? limitChange(before, killed, container) : null,
    heapFlags: before ? heapFlagsChange(before, killed, container) : null,
    onlyRaises: before !== null && onlyRaises(before, killed),
  };
}
