import type { NamespaceFacts } from '../../../../core/evidence/evidence.ts';
import { Failure } from '../../../../core/failure.ts';
import { record, records, text } from '../../../../core/kill/json-read.ts';
import type { JsonRecord } from '../../../../core/kill/json-read.ts';
import { bounded } from '../../../../core/units/text-bounds.ts';
import type { Transport } from '../../transport/transport.ts';
import { bytesOf } from '../container-spec.ts';
import { isForMostPods } from '../read-room.ts';

/** What LimitRanger writes on a pod whose container it gave a limit: `…; cpu, memory limit for container app`. */
const remark = 'kubernetes.io/limit-ranger';
/** More of either than a namespace has. */
const mostShown = 10;

interface Asked {
  readonly namespace: string;
  readonly container: string;
}

interface Objects {
  /** The killed pod, where it is still there. */
  readonly pod: JsonRecord | null;
  /** The object with the pod template, where there is one. */
  readonly owner: JsonRecord | null;
}

/**
 * What a namespace lets its containers have; null where it says nothing of memory. Never throws: without the rights
 * nothing is known of it.
 */
export async function readNamespace(
  transport: Transport,
  { namespace, container }: Asked,
  { pod, owner }: { readonly [K in keyof Objects]: Promise<Objects[K]> },
  deadlineMs: number,
): Promise<NamespaceFacts | null> {
  const items = async (resource: string): Promise<readonly JsonRecord[]> => {
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/${resource}`;
    try {
      return records(record(await transport.json({ path, deadlineMs }))['items']);
    } catch (error) {
      if (error instanceof Failure) return [];
      throw error;
    }
  };
  const known = [pod.catch(() => null), owner.catch(() => null)] as const;
  // All at once: others read the same, and what is under way is read once.
  const [quotas, ranges, ...objects] = await Promise.all([items('resourcequotas'), items('limitranges'), ...known]);
  const facts = namespaceFacts({ namespace, container, pod: objects[0], owner: objects[1] }, quotas, ranges);
  return facts.quotas.length + facts.ranges.length === 0 ? null : facts;
}

/** Pure. */
export function namespaceFacts(
  { namespace, container, pod, owner }: Asked & Objects,
  quotas: readonly JsonRecord[],
  ranges: readonly JsonRecord[],
): NamespaceFacts {
  return {
    namespace: bounded(namespace, 'name'),
    quotas: quotas.filter(isForMostPods).flatMap(quotaOf).slice(0, mostShown),
    ranges: ranges.flatMap(rangeOf).slice(0, mostShown),
    limitIsDefault: gotItsLimit(pod, container),
    pods: podsOf(owner),
  };
}

function quotaOf(quota: JsonRecord): NamespaceFacts['quotas'][number][] {
  const { hard, used } = record(quota['status']);
  return (['limits.memory', 'requests.memory', 'memory'] as const).flatMap((of) => {
    const hardBytes = bytesOf(record(hard)[of]);
    const what = of === 'memory' ? 'requests.memory' : of;
    return hardBytes === null
      ? []
      : [{ name: nameOf(quota), of: what, hardBytes, usedBytes: bytesOf(record(used)[of]) ?? 0 }];
  });
}

function rangeOf(range: JsonRecord): NamespaceFacts['ranges'][number][] {
  return records(record(range['spec'])['limits'])
    .filter(({ type }) => type === 'Container')
    .map((limit) => ({
      name: nameOf(range),
      maxBytes: bytesOf(record(limit['max'])['memory']),
      // Without a default of its own the API server writes the maximum there.
      defaultBytes: bytesOf(record(limit['default'])['memory']),
    }))
    .filter(({ maxBytes, defaultBytes }) => maxBytes !== null || defaultBytes !== null);
}

/** Whether the admission says that it set the memory limit of this container. */
function gotItsLimit(pod: JsonRecord | null, container: string): boolean {
  const said = text(record(record(pod?.['metadata'])['annotations'])[remark]) ?? '';
  const [, list = ''] = said.split('LimitRanger plugin set: ');
  return list.split('; ').some((one) => {
    const [what = '', whose] = one.split(' limit for container ');
    return whose === container && what.split(', ').includes('memory');
  });
}

/** How many pods a workload is to have. */
function podsOf(owner: JsonRecord | null): number {
  const wanted = record(owner?.['spec'])['replicas'] ?? record(owner?.['status'])['desiredNumberScheduled'];
  return typeof wanted === 'number' && Number.isSafeInteger(wanted) && wanted > 0 ? wanted : 1;
}

function nameOf(object: JsonRecord): string {
  return bounded(text(record(object['metadata'])['name']) ?? '', 'name');
}
