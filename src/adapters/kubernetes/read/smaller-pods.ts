import { record, records } from '../../../core/kill/json-read.ts';
import type { JsonRecord } from '../../../core/kill/json-read.ts';

/*
 * What is held of many pods at a time. Whoever may write a pod may make it as large as an object can be, and sixteen of
 * those would hide a node from everybody: of the pods of a node only what tells memory and kills is held.
 */
export function asNeighbour(pod: JsonRecord): JsonRecord {
  const [metadata, spec] = [record(pod['metadata']), record(pod['spec'])];
  const containers = (group: string): JsonRecord[] =>
    records(spec[group]).map((one) => ({
      ...some(one, ['name', 'restartPolicy']),
      resources: memoryOnly(one['resources']),
    }));
  return {
    metadata: {
      ...some(metadata, metadataFields),
      annotations: some(record(metadata['annotations']), ['kubernetes.io/config.hash']),
      ownerReferences: records(metadata['ownerReferences']).filter((owner) => owner['controller'] === true),
    },
    spec: {
      ...some(spec, ['nodeName', 'restartPolicy', 'terminationGracePeriodSeconds']),
      ...('resources' in spec ? { resources: memoryOnly(spec['resources']) } : {}),
      overhead: some(record(spec['overhead']), ['memory']),
      containers: containers('containers'),
      initContainers: containers('initContainers'),
      ephemeralContainers: containers('ephemeralContainers'),
    },
    status: pod['status'],
  };
}

const metadataFields = [
  'name',
  'namespace',
  'uid',
  'generateName',
  'resourceVersion',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
];

function memoryOnly(resources: unknown): JsonRecord {
  const { limits, requests } = record(resources);
  return { limits: some(record(limits), ['memory']), requests: some(record(requests), ['memory']) };
}

function some(object: JsonRecord, fields: readonly string[]): JsonRecord {
  return Object.fromEntries(fields.flatMap((field) => (Object.hasOwn(object, field) ? [[field, object[field]]] : [])));
}

/** A pod of a workload that may have thousands: who wrote its fields is half of it, and only asked for memory. */
export function withMemoryOwners(pod: JsonRecord): JsonRecord {
  const metadata = record(pod['metadata']);
  const managedFields = records(metadata['managedFields']).flatMap((entry) => {
    const fieldsV1 = memoryIn(entry['fieldsV1']);
    return fieldsV1 === null ? [] : [{ ...some(entry, ['manager', 'operation', 'time']), fieldsV1 }];
  });
  return { ...pod, metadata: { ...metadata, managedFields } };
}

/** The paths that lead to memory; null where none does. */
function memoryIn(fields: unknown): JsonRecord | null {
  const kept = Object.entries(record(fields)).flatMap(([name, inner]) => {
    const below = name === 'f:memory' ? {} : memoryIn(inner);
    return below === null ? [] : [[name, below] as const];
  });
  return kept.length === 0 ? null : Object.fromEntries(kept);
}
