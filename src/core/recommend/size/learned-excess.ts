import type { FormerRaise } from '../../evidence/before/seen-before.ts';
import { dayMs, roughDuration } from '../../units/duration.ts';
import { formatBytes } from '../../units/quantity.ts';

/** The tables speak of other workloads: one own experience counts as much as what they say. Assumed, for want of traces. */
const weightOfTable = 1;
/** Shorter is no experience: a need that comes once a day was not seen. */
const leastMs = dayMs;

/**
 * How far the demand goes beyond the limit on average (a share of it), in the light of what this workload needed after
 * earlier raises: the mean of the table's and its own, and a sentence that says so ('' where it has none). What was killed
 * again is not among them: there the step itself gets larger (estimate-limit.ts). Pure.
 */
export function learnedExcess(
  tableMean: number,
  raises: readonly FormerRaise[],
): { readonly mean: number; readonly words: string } {
  const own = raises.flatMap(({ outcome, lastedMs, mostBytes, fromBytes }) =>
    outcome === 'held' && lastedMs >= leastMs && mostBytes !== null ? Math.max(0, mostBytes / fromBytes - 1) : [],
  );
  const last = raises.findLast((one) => one.outcome === 'held' && one.lastedMs >= leastMs && one.mostBytes !== null);
  if (last === undefined) return { mean: tableMean, words: '' };
  const sum = own.reduce((total, excess) => total + excess, 0);
  return {
    mean: (weightOfTable * tableMean + sum) / (weightOfTable + own.length),
    words: `After the raise from ${formatBytes(last.fromBytes)} to ${formatBytes(last.toBytes)} it used at most ${formatBytes(last.mostBytes ?? 0)} in ${roughDuration(last.lastedMs)} (${last.incident}), which counts here.`,
  };
}
