import { z } from 'zod';
import type { Subject } from '../kill/kill.ts';
import { textBounds } from '../units/text-bounds.ts';

/** The annotation on a workload that says in PromQL what its load is. */
export const loadAnnotation = 'oomkeeper.dev/load';

/**
 * PromQL that gives one series, and who says so: somebody who means the load, or what scales the workload. Anybody who
 * may annotate a workload, or scale it, writes it: it is not trusted.
 */
export interface LoadQuery {
  readonly promql: string;
  readonly by: 'policy' | 'annotation' | 'keda' | 'hpa';
}

/** An entry of the policy file. */
export const loadMappingSchema = z
  .strictObject({
    cluster: z.string().nullable().default(null),
    namespace: z.string(),
    /** `Deployment/checkout` */
    workload: z.string().regex(/^[A-Za-z]+\/[a-z0-9.-]+$/, 'must be Kind/name, such as Deployment/checkout'),
    query: z.string().trim().min(1, 'must be a PromQL query that gives one series').max(textBounds.loadQuery),
  })
  .readonly();
export type LoadMapping = z.infer<typeof loadMappingSchema>;

/** What the load of a workload is: by the policy, else by its annotation; null where neither says so. */
export function loadQueryOf(
  mappings: readonly LoadMapping[],
  { cluster, namespace, workload }: Subject,
  annotation: string | null,
): LoadQuery | null {
  const mapped = mappings.find(
    (one) =>
      (one.cluster === null || one.cluster === cluster) &&
      one.namespace === namespace &&
      one.workload === `${workload.kind}/${workload.name}`,
  );
  if (mapped !== undefined) return { promql: mapped.query, by: 'policy' };
  const text = annotation?.trim() ?? '';
  return text === '' || text.length > textBounds.loadQuery ? null : { promql: text, by: 'annotation' };
}
