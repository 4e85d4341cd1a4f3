import { z } from 'zod';
import type { Subject } from '../kill/kill.ts';
import { globsSchema, matchesGlob } from '../units/glob.ts';
import type { ImpactFacts } from './impact.ts';
import { severitySchema } from './severity.ts';
import type { Severity } from './severity.ts';

const rowSchema = z
  .strictObject({
    severity: severitySchema,
    clusters: globsSchema.prefault(['*']),
    namespaces: globsSchema.prefault(['*']),
    /** Of the pods that the workload is to have: none is ready, or some but not all. */
    ready: z.enum(['none', 'some']).optional(),
    /** A Service that leads to it has none left. */
    endpoints: z.literal('none').optional(),
    /** At least so many in the last hour. */
    restarts: z.number().int().min(1).max(1000).optional(),
    qos: z
      .array(z.enum(['Guaranteed', 'Burstable', 'BestEffort']))
      .min(1)
      .optional(),
    priorityClasses: globsSchema.optional(),
  })
  .readonly();
type Row = z.infer<typeof rowSchema>;

const everywhere = { clusters: ['*'], namespaces: ['*'] };

/** The table of whoever has none in a policy file. */
export const usualSeverities: readonly Row[] = [
  { ...everywhere, severity: 'critical', endpoints: 'none' },
  { ...everywhere, severity: 'critical', ready: 'none' },
  { ...everywhere, severity: 'critical', ready: 'some', priorityClasses: ['system-*'] },
  { ...everywhere, severity: 'high', ready: 'some' },
  { ...everywhere, severity: 'high', restarts: 3 },
];

export const severityTableSchema = z.array(rowSchema).min(1).readonly();
export type SeverityTable = z.infer<typeof severityTableSchema>;

/**
 * The severity of the first row of which all is true. What could not be read makes no row true; `low` where none is, but
 * `high` where neither pods nor Services are known: nobody can say that it is not bad.
 */
export function severityFor(
  facts: ImpactFacts,
  { cluster, namespace }: Pick<Subject, 'cluster' | 'namespace'>,
  table: SeverityTable,
): Severity {
  const there = table.find(
    (row) =>
      row.clusters.some((glob) => matchesGlob(glob, cluster)) &&
      row.namespaces.some((glob) => matchesGlob(glob, namespace ?? '')) &&
      isTrue(row, facts),
  );
  if (there !== undefined) return there.severity;
  return facts.pods === null && facts.unserved === null ? 'high' : 'low';
}

function isTrue({ ready, endpoints, restarts, qos, priorityClasses }: Row, facts: ImpactFacts): boolean {
  const { pods, unserved, qosClass, priorityClass } = facts;
  if (ready !== undefined && readyOf(pods) !== ready) return false;
  if (endpoints !== undefined && (unserved ?? []).length === 0) return false;
  if (restarts !== undefined && (facts.restarts?.count ?? 0) < restarts) return false;
  if (qos !== undefined && !qos.some((one) => one === qosClass)) return false;
  return priorityClasses === undefined || priorityClasses.some((glob) => matchesGlob(glob, priorityClass ?? ''));
}

/** A workload that is to have no pod lacks none. */
function readyOf(pods: ImpactFacts['pods']): 'none' | 'some' | 'all' | null {
  if (pods === null) return null;
  if (pods.ready >= pods.desired) return 'all';
  return pods.ready === 0 ? 'none' : 'some';
}
