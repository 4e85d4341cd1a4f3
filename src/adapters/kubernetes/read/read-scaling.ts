import type { ScalingFacts } from '../../../core/evidence/evidence.ts';
import { Failure } from '../../../core/failure.ts';
import { record, records, text } from '../../../core/kill/json-read.ts';
import type { JsonRecord } from '../../../core/kill/json-read.ts';
import type { Workload } from '../../../core/kill/kill.ts';
import { bounded } from '../../../core/units/text-bounds.ts';
import type { Transport } from '../transport/transport.ts';

const RESOURCES = {
  hpas: 'autoscaling/v2 horizontalpodautoscalers',
  vpas: 'autoscaling.k8s.io/v1 verticalpodautoscalers',
  scaledObjects: 'keda.sh/v1alpha1 scaledobjects',
} as const;

/** A workload, and where it is. */
export interface Scaled {
  readonly namespace: string;
  readonly workload: Workload;
}

/** What scales a workload by its memory or sets it; null where nothing does. Never throws. */
export async function readScaling(
  transport: Transport,
  { namespace, workload }: Scaled,
  deadlineMs: number,
): Promise<ScalingFacts | null> {
  const list = (of: keyof typeof RESOURCES) => autoscalersIn(transport, { namespace, of }, deadlineMs);
  const [hpas, vpas, scaledObjects] = await Promise.all([list('hpas'), list('vpas'), list('scaledObjects')]);
  const facts = scalingFacts(workload, { hpas, vpas, scaledObjects });
  return facts.scaler === null && facts.vpa === null ? null : facts;
}

/**
 * Without the right, or without the custom resources of KEDA and of the vertical autoscaler, nothing is known of them.
 */
export async function autoscalersIn(
  transport: Transport,
  { namespace, of }: { readonly namespace: string; readonly of: keyof typeof RESOURCES },
  deadlineMs: number,
): Promise<readonly JsonRecord[]> {
  const [api = '', resource = ''] = RESOURCES[of].split(' ');
  const path = `/apis/${api}/namespaces/${encodeURIComponent(namespace)}/${resource}`;
  try {
    return records(record(await transport.json({ path, deadlineMs }))['items']);
  } catch (error) {
    if (error instanceof Failure) return [];
    throw error;
  }
}

/** Pure. */
export function scalingFacts(
  workload: Workload,
  { hpas, vpas, scaledObjects }: Readonly<Record<'hpas' | 'vpas' | 'scaledObjects', readonly JsonRecord[]>>,
): ScalingFacts {
  const hpa = hpaOf(workload, hpas);
  const scaledObject = scaledObjectOf(workload, scaledObjects);
  const vpa = vpas.find((one) => isOf(record(one['spec'])['targetRef'], workload));
  const mode = text(record(record(vpa?.['spec'])['updatePolicy'])['updateMode']);
  return {
    scaler: hpa !== undefined ? ofHpa(hpa) : scaledObject !== undefined ? ofScaledObject(scaledObject) : null,
    // Without a mode it is `Auto`, which now is `Recreate`.
    vpa: vpa === undefined ? null : { name: nameOf(vpa), mode: bounded(mode ?? 'Recreate', 'name') },
  };
}

export function hpaOf(workload: Workload, hpas: readonly JsonRecord[]): JsonRecord | undefined {
  return hpas.find((one) => isOf(record(one['spec'])['scaleTargetRef'], workload));
}

export function scaledObjectOf(workload: Workload, scaledObjects: readonly JsonRecord[]): JsonRecord | undefined {
  return scaledObjects.find((one) => !isPaused(one) && isOf(targetOf(one), workload));
}

function isOf(reference: unknown, { kind, name }: Workload): boolean {
  const target = record(reference);
  return target['kind'] === kind && target['name'] === name;
}

type Scaler = NonNullable<ScalingFacts['scaler']>;

/** One that KEDA made is named by the ScaledObject that it was made of. */
function ofHpa(hpa: JsonRecord): Scaler {
  const maker = records(record(hpa['metadata'])['ownerReferences']).find(({ kind }) => kind === 'ScaledObject');
  const targets = records(record(hpa['spec'])['metrics'])
    .flatMap((metric) => [record(metric['resource']), record(metric['containerResource'])])
    .filter(({ name }) => name === 'memory')
    .map(({ target }) => record(target)['type']);
  const onMemory = onMemoryBy(targets);
  if (maker === undefined) return { kind: 'HPA', name: nameOf(hpa), onMemory };
  return { kind: 'ScaledObject', name: bounded(text(maker['name']) ?? '', 'name'), onMemory };
}

/** Where its HPA could not be read. */
function ofScaledObject(object: JsonRecord): Scaler {
  const targets = records(record(object['spec'])['triggers'])
    .filter(({ type }) => type === 'memory')
    // `metadata.type` is the older place.
    .map(({ metricType, metadata }) => metricType ?? record(metadata)['type']);
  return { kind: 'ScaledObject', name: nameOf(object), onMemory: onMemoryBy(targets) };
}

/** A target of utilisation is a share of the request; the others are bytes. */
function onMemoryBy(targets: readonly unknown[]): Scaler['onMemory'] {
  if (targets.includes('Utilization')) return 'share';
  return targets.length > 0 ? 'value' : 'no';
}

/** Without a kind it is a Deployment. */
function targetOf(scaledObject: JsonRecord): JsonRecord {
  return { kind: 'Deployment', ...record(record(scaledObject['spec'])['scaleTargetRef']) };
}

/** As long as it is paused it scales nothing, and has no HPA. */
function isPaused(scaledObject: JsonRecord): boolean {
  const annotations = record(record(scaledObject['metadata'])['annotations']);
  return (
    annotations['autoscaling.keda.sh/paused'] === 'true' ||
    annotations['autoscaling.keda.sh/paused-replicas'] !== undefined
  );
}

export function nameOf(object: JsonRecord): string {
  return bounded(text(record(object['metadata'])['name']) ?? '', 'name');
}
