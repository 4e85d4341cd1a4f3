import { record, records, texts } from '../../../../core/kill/json-read.ts';
import type { JsonRecord } from '../../../../core/kill/json-read.ts';
import { bytesOf } from '../container-spec.ts';

/** Annotations that say who rolled out and when; what a container runs does not depend on them. */
const remarks = ['kubectl.kubernetes.io/restartedAt', 'kubernetes.io/change-cause'];
const sides = ['limits', 'requests'] as const;

/**
 * Whether a rollout only gave more: memory limits or requests were raised, none was lowered, and nothing else differs
 * between the pod templates. Such a rollout cannot be why something is killed. Pure.
 */
export function onlyRaises(before: JsonRecord, after: JsonRecord): boolean {
  const [old, now] = [podSpecOf(before), podSpecOf(after)];
  if (JSON.stringify(withoutMemory(before)) !== JSON.stringify(withoutMemory(after))) return false;
  const pairs = resourcesOf(old).map((was, index) => [was, resourcesOf(now)[index] ?? {}] as const);
  const changes = pairs.flatMap(([was, is]) =>
    sides.map((side) => raised(memoryIn(was, side), memoryIn(is, side), side)),
  );
  return changes.every((change) => change >= 0) && changes.some((change) => change > 0);
}

/** 1 = raised, 0 = as it was, -1 = lowered. A missing limit is no limit, a missing request is none at all. */
function raised(was: number | null, is: number | null, side: (typeof sides)[number]): number {
  const missing = side === 'limits' ? Infinity : 0;
  return Math.sign((is ?? missing) - (was ?? missing)) || 0;
}

function memoryIn(resources: JsonRecord, side: (typeof sides)[number]): number | null {
  return bytesOf(record(resources[side])['memory']);
}

/** Of the pod, then of each of its containers, in the order of the spec. */
function resourcesOf(spec: JsonRecord): readonly JsonRecord[] {
  const containers = [...records(spec['initContainers']), ...records(spec['containers'])];
  return [record(spec['resources']), ...containers.map((container) => record(container['resources']))];
}

function withoutMemory(set: JsonRecord): JsonRecord {
  const template = templateOf(set);
  const spec = podSpecOf(set);
  const { annotations, labels, ...metadata } = record(template['metadata']);
  const { 'pod-template-hash': _hash, ...ownLabels } = record(labels);
  const kept = Object.entries(texts(annotations)).filter(([name]) => !remarks.includes(name));
  return {
    metadata,
    labels: ownLabels,
    annotations: Object.fromEntries(kept.toSorted(([a], [b]) => (a < b ? -1 : 1))),
    spec: {
      ...spec,
      resources: without(spec['resources']),
      ...Object.fromEntries(
        ['initContainers', 'containers'].map((group) => [
          group,
          records(spec[group]).map((container) => ({ ...container, resources: without(container['resources']) })),
        ]),
      ),
    },
  };
}

function without(resources: unknown): JsonRecord {
  const parts = sides.map((side) => {
    const { memory: _, ...others } = record(record(resources)[side]);
    return [side, others] as const;
  });
  return { ...record(resources), ...Object.fromEntries(parts) };
}

function podSpecOf(set: JsonRecord): JsonRecord {
  return record(templateOf(set)['spec']);
}

function templateOf(set: JsonRecord): JsonRecord {
  return record(record(set['spec'])['template']);
}
