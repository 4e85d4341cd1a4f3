import { record, records, text, timeMs } from '../../../core/kill/json-read.ts';
import type { JsonRecord } from '../../../core/kill/json-read.ts';
import type { Memory } from '../../../core/remediate/plan.ts';
import { parseBytes } from '../../../core/units/quantity.ts';
import { boundedOrNull } from '../../../core/units/text-bounds.ts';
import type { Change } from '../../../core/verify/observation.ts';

const groups = ['containers', 'initContainers', 'ephemeralContainers'] as const;
export type ContainerGroup = (typeof groups)[number];

/** A container of a pod spec and the list that contains it; null if there is none of that name. */
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
    return parseBytes(typeof quantity === 'string' ? quantity : JSON.stringify(quantity));
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

/**
 * The memory limit of the pod's cgroup by its spec: the pod-level limit if there is one, else the most that its
 * containers may use at one time. Null if one of them has no limit, because then the pod has none (kubelet,
 * ResourceConfigForPod).
 */
export function podLimit(podSpec: JsonRecord): number | null {
  const written = memoryOf(podSpec['resources']).limitBytes;
  if (written !== null) return written;
  const all = [...records(podSpec['initContainers']), ...records(podSpec['containers'])];
  if (all.some((container) => memoryOf(container['resources']).limitBytes === null)) return null;
  return mostAtOneTime(podSpec, 'limitBytes') + overheadOf(podSpec);
}

/** What the scheduler reserves for a pod on its node, bytes; a missing request counts as 0. */
export function podRequest(podSpec: JsonRecord): number {
  const written = memoryOf(podSpec['resources']).requestBytes;
  return (written ?? mostAtOneTime(podSpec, 'requestBytes')) + overheadOf(podSpec);
}

/** KEP-753: an init container runs beside the sidecars before it. */
function mostAtOneTime(podSpec: JsonRecord, side: keyof Memory): number {
  const size = (container: JsonRecord): number => memoryOf(container['resources'])[side] ?? 0;
  let sidecars = 0;
  let starting = 0;
  for (const container of records(podSpec['initContainers'])) {
    starting = Math.max(starting, sidecars + size(container));
    if (container['restartPolicy'] === 'Always') sidecars += size(container);
  }
  const running = records(podSpec['containers']).reduce((sum, container) => sum + size(container), sidecars);
  return Math.max(running, starting);
}

function overheadOf(podSpec: JsonRecord): number {
  return bytesOf(record(podSpec['overhead'])['memory']) ?? 0;
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
 * Whether memory request = limit in this container would complete the conditions of Guaranteed: request = limit for CPU
 * and memory in every container, init containers too. Resources of the whole pod decide alone where they are set.
 */
export function equalMakesGuaranteed(podSpec: JsonRecord, name: string): boolean {
  const whole = record(podSpec['resources']);
  if ('limits' in whole || 'requests' in whole) return false;
  return [...records(podSpec['containers']), ...records(podSpec['initContainers'])].every((container) => {
    const limits = record(record(container['resources'])['limits']);
    // The API server sets a missing request to the limit in pods, but not in templates.
    const requests = { ...limits, ...record(record(container['resources'])['requests']) };
    if (limits['cpu'] === undefined || limits['memory'] === undefined) return false;
    const sameMemory = container['name'] === name || bytesOf(limits['memory']) === bytesOf(requests['memory']);
    return sameMemory && limits['cpu'] === requests['cpu'];
  });
}

/** Who last set this container's memory limit according to managedFields; null if unknown. */
export function resourcesOwner(object: JsonRecord, container: string): string | null {
  return managerIn(lastEntry(object, memoryPath(container)));
}

/** The same, and when; null where somebody did at a time that is not known. */
export function limitChange(object: JsonRecord, container: string): Change | null {
  return changeIn(lastEntry(object, memoryPath(container)));
}

/** Who last changed anything in a workload's pod template, and when; null where that is not known. */
export function templateChange(object: JsonRecord): Change | null {
  return changeIn(lastEntry(object, ['f:spec', 'f:template']));
}

function memoryPath(container: string): readonly string[] {
  return [`k:{"name":"${container}"}`, 'f:resources', 'f:limits', 'f:memory'];
}

/** Of managedFields, the newest entry with these fields. */
function lastEntry(object: JsonRecord, path: readonly string[]): JsonRecord | undefined {
  return records(record(object['metadata'])['managedFields'])
    .filter((entry) => mentions(entry['fieldsV1'], path))
    .toSorted((a, b) => String(a['time']).localeCompare(String(b['time'])))
    .at(-1);
}

function managerIn(entry: JsonRecord | undefined): string | null {
  return boundedOrNull(text(entry?.['manager']), 'name');
}

function changeIn(entry: JsonRecord | undefined): Change | null {
  const at = timeMs(entry?.['time']);
  return at === null ? null : { by: managerIn(entry), at };
}

/** Whether the keys occur nested in this order, with others in between allowed. */
function mentions(fields: unknown, [key, ...rest]: readonly string[]): boolean {
  if (key === undefined) return true;
  return Object.entries(record(fields)).some(
    ([name, inner]) => (name === key && mentions(inner, rest)) || mentions(inner, [key, ...rest]),
  );
}
