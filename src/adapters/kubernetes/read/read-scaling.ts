import type { ScalingFacts } from '../../../core/evidence/evidence.ts';
import { Failure } from '../../../core/failure.ts';
import { record, records, text } from '../../../core/kill/json-read.ts';
import type { JsonRecord } from '../../../core/kill/json-read.ts';
import type { Workload } from '../../../core/kill/kill.ts';
import { bounded } from '../../../core/units/text-bounds.ts';
import type { Transport } from '../transport/transport.ts';

/**
 * What scales a workload by its memory or sets it; null where nothing does. Never throws: without the right, or without
 * the custom resource of the vertical one, nothing is known of it.
 */
export async function readScaling(
  transport: Transport,
  { namespace, workload }: { readonly namespace: string; readonly workload: Workload },
  deadlineMs: number,
): Promise<ScalingFacts | null> {
  const items = async (api: string, resource: string): Promise<readonly JsonRecord[]> => {
    const path = `/apis/${api}/namespaces/${encodeURIComponent(namespace)}/${resource}`;
    try {
      return records(record(await transport.json({ path, deadlineMs }))['items']);
    } catch (error) {
      if (error instanceof Failure) return [];
      throw error;
    }
  };
  const [hpas, vpas] = await Promise.all([
    items('autoscaling/v2', 'horizontalpodautoscalers'),
    items('autoscaling.k8s.io/v1', 'verticalpodautoscalers'),
  ]);
  const facts = scalingFacts(workload, hpas, vpas);
  return facts.hpa === null && facts.vpa === null ? null : facts;
}

/** Pure. */
export function scalingFacts(
  workload: Workload,
  hpas: readonly JsonRecord[],
  vpas: readonly JsonRecord[],
): ScalingFacts {
  const hpa = hpas.find((one) => isOf(record(one['spec'])['scaleTargetRef'], workload));
  const vpa = vpas.find((one) => isOf(record(one['spec'])['targetRef'], workload));
  const mode = text(record(record(vpa?.['spec'])['updatePolicy'])['updateMode']);
  return {
    hpa: hpa === undefined ? null : { name: nameOf(hpa), onMemory: onMemory(hpa) },
    // Without a mode it is `Auto`, which now is `Recreate`.
    vpa: vpa === undefined ? null : { name: nameOf(vpa), mode: bounded(mode ?? 'Recreate', 'name') },
  };
}

function isOf(reference: unknown, { kind, name }: Workload): boolean {
  const target = record(reference);
  return target['kind'] === kind && target['name'] === name;
}

/** A target of utilisation is a share of the request; the others are bytes. */
function onMemory(hpa: JsonRecord): NonNullable<ScalingFacts['hpa']>['onMemory'] {
  const targets = records(record(hpa['spec'])['metrics'])
    .flatMap((metric) => [record(metric['resource']), record(metric['containerResource'])])
    .filter(({ name }) => name === 'memory')
    .map(({ target }) => record(target)['type']);
  if (targets.includes('Utilization')) return 'share';
  return targets.length > 0 ? 'value' : 'no';
}

function nameOf(object: JsonRecord): string {
  return bounded(text(record(object['metadata'])['name']) ?? '', 'name');
}
