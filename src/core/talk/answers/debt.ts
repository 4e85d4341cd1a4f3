import { z } from 'zod';
import { workloadSchema } from '../../kill/kill.ts';
import { hourMs } from '../../units/duration.ts';
import { gibi } from '../../units/quantity.ts';

/*
 * Memory that is asked for and not used. A request reserves memory of a node and so costs money; a limit far above it lets
 * a node promise more than it has. Only what is far above the use counts, because demand has peaks that nobody measured,
 * and nothing of a workload that was killed lately: its limit is not too high.
 */

/** Of a container of a workload, all pods together. Bytes; null = none is set. */
export const debtRowSchema = z.strictObject({
  cluster: z.string(),
  namespace: z.string().nullable(),
  workload: workloadSchema,
  container: z.string().nullable(),
  pods: z.number().int(),
  /** Of one pod; the highest of those that differ. */
  requestBytes: z.number().nullable(),
  limitBytes: z.number().nullable(),
  /** The most that any of its pods was seen to use. */
  peakBytes: z.number(),
  /** What all pods ask for beyond that and the room to spare. */
  requestDebtBytes: z.number(),
  limitDebtBytes: z.number(),
});
export type DebtRow = z.infer<typeof debtRowSchema>;

/** One pod's container. A request that is not set is the limit, as Kubernetes sets it. */
export interface DebtPod {
  readonly requestBytes: number | null;
  readonly limitBytes: number | null;
  /** The most that it was seen to use, bytes; null where that is not measured. */
  readonly peakBytes: number | null;
  /** For how long it runs, ms; null where nobody says. */
  readonly ageMs: number | null;
}

/** Room to spare above the highest use, as Goldilocks and others leave it. */
export const spareFactor = 1.25;
/** Less than this many times its use is no debt. */
const farAbove = 2;
/** A pod that runs for less has not shown yet what it needs. */
const settledMs = hourMs;

/** What one container of a workload asks for beyond its use; null where it is not measured (long enough). */
export function debtRow(
  subject: Pick<DebtRow, 'cluster' | 'namespace' | 'workload' | 'container'>,
  pods: readonly DebtPod[],
): DebtRow | null {
  const settled = pods.filter(({ ageMs, peakBytes }) => peakBytes !== null && ageMs !== null && ageMs >= settledMs);
  if (settled.length === 0) return null;
  const { cluster, namespace, workload, container } = subject;
  const peakBytes = Math.max(...settled.map((pod) => pod.peakBytes ?? 0));
  const debtOf = (asked: number | null): number =>
    asked === null || asked < farAbove * peakBytes ? 0 : asked - spareFactor * peakBytes;
  return {
    cluster,
    namespace,
    workload,
    container,
    pods: pods.length,
    requestBytes: highest(pods.map(reserved)),
    limitBytes: highest(pods.map(({ limitBytes }) => limitBytes)),
    peakBytes,
    requestDebtBytes: pods.reduce((sum, pod) => sum + debtOf(reserved(pod)), 0),
    limitDebtBytes: pods.reduce((sum, { limitBytes }) => sum + debtOf(limitBytes), 0),
  };
}

/** Those with debt, the worst first: by what is reserved, which costs money, then by limits. */
export function rankDebt(rows: readonly DebtRow[]): readonly DebtRow[] {
  return rows
    .filter((row) => row.requestDebtBytes > 0 || row.limitDebtBytes > 0)
    .toSorted((a, b) => b.requestDebtBytes - a.requestDebtBytes || b.limitDebtBytes - a.limitDebtBytes);
}

/** What memory costs. */
export const memoryPriceSchema = z
  .strictObject({
    perGiBMonth: z.number().positive().max(100_000),
    currency: z.string().regex(/^[A-Z]{3}$/, 'must be three letters such as EUR'),
  })
  .readonly();
export type MemoryPrice = z.infer<typeof memoryPriceSchema>;

/** `230 EUR a month`; a price is never so exact that cents would mean something. */
export function costWords(bytes: number, { perGiBMonth, currency }: MemoryPrice): string {
  const cost = (bytes / gibi) * perGiBMonth;
  return `${cost < 10 ? cost.toFixed(1) : Math.round(cost)} ${currency} a month`;
}

function reserved({ requestBytes, limitBytes }: DebtPod): number | null {
  return requestBytes ?? limitBytes;
}

function highest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}
