import { Failure } from '../../core/failure.ts';
import { queryRange } from './query-range.ts';
import type { MostHeld, Range, Series, Server } from './query-range.ts';

/** Of a whole cluster: 150 000 containers with one point each, or 30 000 with the points of some hours. */
const mostInAll: MostHeld = { series: 150_000, points: 500_000 };

/**
 * Pods by the last character of their names, in shares of about the same size: random suffixes have 27 different ones,
 * StatefulSets' pods end in digits. Every name ends in one of these.
 */
const shares = ['[01]', '[2-4]', '[5-7]', '[89ab]', '[c-f]', '[g-j]', '[k-m]', '[n-q]', '[r-t]', '[u-z]'];

/**
 * A range query over all pods: in one answer where that is small enough, else in ten, one after the other. `queryOf`
 * takes the label matchers that narrow it down. `read` keeps what is needed of each answer.
 * @throws Failure as `queryRange`
 */
export async function queryInShares<T>(
  server: Server,
  queryOf: (matchers: readonly string[]) => string,
  range: Range,
  signal: AbortSignal,
  read: (series: readonly Series[]) => readonly T[],
): Promise<readonly T[]> {
  try {
    return read(await queryRange(server, queryOf([]), range, signal));
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'prometheus-too-large') throw error;
  }
  const found: T[] = [];
  let left = mostInAll;
  for (const share of shares) {
    const series = await queryRange(server, queryOf([`pod=~".*${share}"`]), range, signal, left);
    left = {
      series: left.series - series.length,
      points: left.points - series.reduce((sum, { points }) => sum + points.length, 0),
    };
    for (const one of read(series)) found.push(one);
  }
  return found;
}
