import { record, records, text, timeMs } from '../../../../core/kill/json-read.ts';
import type { JsonRecord } from '../../../../core/kill/json-read.ts';
import type { DeployedFacts } from '../../../../core/notify/impact.ts';
import { bounded } from '../../../../core/units/text-bounds.ts';

/** An object names a few, and anybody who may patch it can add some. */
const mostWriters = 20;

/** Which programs have written a workload's template, and when they did last; what we changed ourselves is no deployment. */
export function templateWriters(workload: JsonRecord | null): DeployedFacts['writers'] {
  return records(record(workload?.['metadata'])['managedFields'])
    .flatMap(({ manager, subresource, time, fieldsV1 }) => {
      const name = text(manager);
      const at = timeMs(time);
      const isTemplate = 'f:template' in record(record(fieldsV1)['f:spec']);
      if (name === null || at === null || !isTemplate || subresource !== undefined || name === 'oomkeeper') return [];
      return [{ name: bounded(name, 'name'), at }];
    })
    .slice(0, mostWriters);
}
