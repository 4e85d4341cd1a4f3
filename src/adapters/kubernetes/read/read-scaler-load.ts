import type { LoadQuery } from '../../../core/evidence/load-query.ts';
import { promqlString } from '../../../core/evidence/promql-string.ts';
import { record, records, text } from '../../../core/kill/json-read.ts';
import type { JsonRecord } from '../../../core/kill/json-read.ts';
import { boundedOrNull, textBounds } from '../../../core/units/text-bounds.ts';
import type { Transport } from '../transport/transport.ts';
import { autoscalersIn, hpaOf, nameOf, scaledObjectOf } from './read-scaling.ts';
import type { Scaled } from './read-scaling.ts';

/** What is about memory, by its name, goes with usage whatever the load does. */
const ofMemory = /memory|memstats|heap|rss|working_set/i;

/**
 * What a workload is scaled by, as a query; null where nothing says so. KEDA has the query of a Prometheus in its
 * ScaledObject. What another autoscaler goes by is known to Prometheus from kube-state-metrics, 2.6 and later. Never
 * throws.
 */
export async function readScalerLoad(
  transport: Transport,
  { namespace, workload }: Scaled,
  deadlineMs: number,
): Promise<LoadQuery | null> {
  const list = (of: 'hpas' | 'scaledObjects') => autoscalersIn(transport, { namespace, of }, deadlineMs);
  const [hpas, scaledObjects] = await Promise.all([list('hpas'), list('scaledObjects')]);
  const scaledObject = scaledObjectOf(workload, scaledObjects);
  const hpa = hpaOf(workload, hpas);
  return (scaledObject && kedaLoad(scaledObject)) ?? (hpa === undefined ? null : hpaLoad(namespace, hpa));
}

/** The first of its queries that is not about memory; one that is too long is not asked. Pure. */
export function kedaLoad(scaledObject: JsonRecord): LoadQuery | null {
  const queries = records(record(scaledObject['spec'])['triggers'])
    .filter(({ type }) => type === 'prometheus')
    .flatMap(({ metadata }) => boundedOrNull(text(record(metadata)['query']), 'loadText')?.trim() ?? []);
  const promql = queries.find((one) => one !== '' && one.length <= textBounds.loadQuery && !ofMemory.test(one));
  return promql === undefined ? null : { promql, by: 'keda' };
}

/** The first metric that is not one of its pods' own resources, as the autoscaler's status had it over time. Pure. */
export function hpaLoad(namespace: string, hpa: JsonRecord): LoadQuery | null {
  const names = records(record(hpa['spec'])['metrics']).flatMap((metric) =>
    ['pods', 'object', 'external'].flatMap(
      (of) => boundedOrNull(text(record(record(metric[of])['metric'])['name']), 'name') ?? [],
    ),
  );
  const name = names.find((one) => !ofMemory.test(one));
  if (name === undefined) return null;
  const labels = { namespace, horizontalpodautoscaler: nameOf(hpa), metric_name: name };
  const matchers = Object.entries(labels).map(([label, value]) => `${label}=${promqlString(value)}`);
  return { promql: `max(kube_horizontalpodautoscaler_status_target_metric{${matchers.join(',')}})`, by: 'hpa' };
}
