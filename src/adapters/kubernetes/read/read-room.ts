import { Failure } from '../../../core/failure.ts';
import { record, records, text } from '../../../core/kill/json-read.ts';
import type { JsonRecord } from '../../../core/kill/json-read.ts';
import type { Trigger } from '../../../core/kill/trigger.ts';
import type { Room } from '../../../core/remediate/plan-inputs.ts';
import { bytesOf, podRequest } from './container-spec.ts';
import type { Transport } from '../transport/transport.ts';
import { getObject, isFinished, podsOnNode } from './workload-objects.ts';
import { bounded } from '../../../core/units/text-bounds.ts';

/**
 * What a new value has to fit into: the node, the namespace's quota, its LimitRange. Never throws: what cannot be read
 * (a missing right, a slow server) limits nothing here, and the API server still refuses what does not fit.
 */
export async function readRoom(transport: Transport, kill: Trigger, deadlineMs: number): Promise<Room> {
  const namespace = kill.subject.namespace ?? 'default';
  const items = async (path: string): Promise<readonly JsonRecord[]> =>
    records(record(await transport.json({ path, deadlineMs }))['items']);
  const { node } = kill;
  const [allocatable, neighbours, quotas, ranges] = await Promise.all([
    node === null ? null : orNull(getObject(transport, { kind: 'Node', name: node }, '', deadlineMs)),
    node === null ? null : orNull(podsOnNode(transport, node, deadlineMs)),
    orNull(items(`/api/v1/namespaces/${encodeURIComponent(namespace)}/resourcequotas`)),
    orNull(items(`/api/v1/namespaces/${encodeURIComponent(namespace)}/limitranges`)),
  ]);
  const nodeAllocatableBytes =
    allocatable === null ? null : bytesOf(record(record(record(allocatable)['status'])['allocatable'])['memory']);
  return {
    nodeAllocatableBytes,
    nodeFreeBytes:
      nodeAllocatableBytes === null || neighbours === null
        ? null
        : nodeAllocatableBytes - requestedByOthers(neighbours, kill.podUid),
    quota: tightestQuota(quotas ?? []),
    limitRange: limitRangeOf(ranges ?? []),
  };
}

/** Requests of the other pods on a node, bytes. Pure. */
export function requestedByOthers(pods: readonly JsonRecord[], uid: string): number {
  return pods
    .filter((pod) => record(pod['metadata'])['uid'] !== uid && !isFinished(pod))
    .reduce((sum, pod) => sum + podRequest(record(pod['spec'])), 0);
}

/** The quota on memory limits (or requests) with the least left. Pure. */
export function tightestQuota(quotas: readonly JsonRecord[]): Room['quota'] {
  const left = quotas.filter(isForMostPods).flatMap((quota) => {
    const { hard, used } = record(quota['status']);
    return ['limits.memory', 'requests.memory', 'memory'].flatMap((key) => {
      const most = bytesOf(record(hard)[key]);
      const name = bounded(text(record(quota['metadata'])['name']) ?? 'quota', 'name');
      return most === null ? [] : [{ name, leftBytes: Math.max(0, most - (bytesOf(record(used)[key]) ?? 0)) }];
    });
  });
  return left.toSorted((a, b) => a.leftBytes - b.leftBytes)[0] ?? null;
}

/** A quota with a scope may not apply to this pod, so it is left to the API server. Pure. */
export function isForMostPods(quota: JsonRecord): boolean {
  const { scopes, scopeSelector } = record(quota['spec']);
  const plain: readonly unknown[] = Array.isArray(scopes) ? scopes : [];
  const names = [...plain, ...records(record(scopeSelector)['matchExpressions']).map((one) => one['scopeName'])];
  return names.every((name) => name === 'NotTerminating' || name === 'NotBestEffort');
}

/** The narrowest bounds on a container's memory. Pure. */
export function limitRangeOf(ranges: readonly JsonRecord[]): Room['limitRange'] {
  const bounds = ranges.flatMap((range) =>
    records(record(range['spec'])['limits'])
      .filter(({ type }) => type === 'Container')
      .map((limit) => ({
        name: bounded(text(record(range['metadata'])['name']) ?? 'limit range', 'name'),
        minBytes: bytesOf(record(limit['min'])['memory']),
        maxBytes: bytesOf(record(limit['max'])['memory']),
      }))
      .filter(({ minBytes, maxBytes }) => minBytes !== null || maxBytes !== null),
  );
  return bounds.toSorted((a, b) => (a.maxBytes ?? Infinity) - (b.maxBytes ?? Infinity))[0] ?? null;
}

async function orNull<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof Failure) return null;
    throw error;
  }
}
