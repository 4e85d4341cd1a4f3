import { record, records, text } from '../../core/kill/json-read.ts';
import type { JsonRecord } from '../../core/kill/json-read.ts';
import type { Memory } from '../../core/remediate/plan.ts';
import { parseBytes } from '../../core/units/quantity.ts';

const groups = ['containers', 'initContainers', 'ephemeralContainers'] as const;
export type ContainerGroup = (typeof groups)[number];

/** A container of a pod spec with the list that it stands in; null when there is none of that name. */
export function findContainer(podSpec: JsonRecord, name: string): { group: ContainerGroup; spec: JsonRecord } | null {
  for (const group of groups) {
    const spec = records(podSpec[group]).find((container) => container['name'] === name);
    if (spec) return { group, spec };
  }
  return null;
}

/** Bytes of a quantity; null when absent or unreadable. */
export function bytesOf(quantity: unknown): number | null {
  if (quantity === undefined || quantity === null) return null;
  try {
    return parseBytes(String(quantity));
  } catch {
    return null;
  }
}

/** Memory limit and request in a `resources` object. */
export function memoryOf(resources: unknown): Memory {
  return {
    limitBytes: bytesOf(record(record(resources)['limits'])['memory']),
    requestBytes: bytesOf(record(record(resources)['requests'])['memory']),
  };
}

/** Containers that run beside each other: the ordinary ones and the sidecars. */
export function runningContainers(podSpec: JsonRecord): readonly JsonRecord[] {
  const sidecars = records(podSpec['initContainers']).filter((container) => container['restartPolicy'] === 'Always');
  return [...records(podSpec['containers']), ...sidecars];
}

/** What decides the QoS class and what a plan writes: every container's resources, by name. */
export function resourceFields(podSpec: JsonRecord): JsonRecord {
  return {
    pod: podSpec['resources'],
    ...Object.fromEntries(
      groups.flatMap((group) =>
        records(podSpec[group]).map((container) => [
          `${group}/${text(container['name']) ?? ''}`,
          container['resources'],
        ]),
      ),
    ),
  };
}

/**
 * Whether memory request = limit in this container would complete the conditions of Guaranteed: request = limit for
 * CPU and memory in every container (domain.md section 3).
 */
export function equalMakesGuaranteed(podSpec: JsonRecord, name: string): boolean {
  return runningContainers(podSpec).every((container) => {
    const { limits, requests } = record(container['resources']);
    const own = container['name'] === name;
    return (['cpu', 'memory'] as const).every((resource) => {
      const limit = record(limits)[resource];
      const request = record(requests)[resource] ?? limit;
      if (limit === undefined) return false;
      return (own && resource === 'memory') || String(limit) === String(request);
    });
  });
}

/** Who last set this container's memory limit according to managedFields; null when nobody is named. */
export function resourcesOwner(object: JsonRecord, container: string): string | null {
  const key = `k:{"name":"${container}"}`;
  const owners = records(record(object['metadata'])['managedFields'])
    .filter((entry) => mentions(entry['fieldsV1'], [key, 'f:resources', 'f:limits', 'f:memory']))
    .toSorted((a, b) => String(a['time']).localeCompare(String(b['time'])));
  return text(owners.at(-1)?.['manager']);
}

/** Whether the keys occur below each other, with others between them. */
function mentions(fields: unknown, [key, ...rest]: readonly string[]): boolean {
  if (key === undefined) return true;
  return Object.entries(record(fields)).some(
    ([name, inner]) => (name === key && mentions(inner, rest)) || mentions(inner, [key, ...rest]),
  );
}
