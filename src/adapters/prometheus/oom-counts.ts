import { readOomCount } from '../../core/kill/oom-count.ts';
import type { OomCount } from '../../core/kill/oom-count.ts';
import { queryInShares } from './query-in-shares.ts';
import { serverOf } from './query-range.ts';
import type { Series } from './query-range.ts';
import { containersIn, lookBackMs, perRun } from './selector.ts';
import { minuteMs } from '../../core/units/duration.ts';

export interface OomCountsOptions {
  /** Empty = all. */
  readonly namespaces: readonly string[];
  /** ms UTC that is asked about. */
  readonly at: number;
  /** Also return counters that are 0, which tells them from counters that do not exist. */
  readonly zeros: boolean;
  readonly deadlineMs: number;
  readonly fetch?: typeof globalThis.fetch;
}

/**
 * One step. VictoriaMetrics blanks the last 30 s of what is asked for in steps of less than a minute
 * (`-search.latencyOffset`), and would answer nothing about this moment.
 */
const stepMs = minuteMs;

/**
 * Counters of kernel kills as a Prometheus-compatible server had them at one moment; only those above 0, since in a large
 * cluster nearly all are 0. The largest of those that only differ in who scraped them.
 * @throws Failure `prometheus-…`
 */
export async function readOomCounts(
  url: string,
  { namespaces, at, zeros, deadlineMs, fetch = globalThis.fetch }: OomCountsOptions,
): Promise<readonly OomCount[]> {
  const queryOf = (matchers: readonly string[]): string =>
    `${perRun('container_oom_events_total', [...containersIn(namespaces), ...matchers], { of: 'last', backMs: lookBackMs })}${zeros ? '' : ' > 0'}`;
  const range = { from: at, to: at, stepMs };
  const signal = AbortSignal.timeout(deadlineMs);
  return queryInShares(serverOf(url, fetch), queryOf, range, signal, (series) => series.flatMap(countOf));
}

function countOf({ labels, points }: Series): readonly OomCount[] {
  const last = points.at(-1);
  const count = last === undefined ? null : readOomCount(labels, last.v, last.t);
  return count === null ? [] : [count];
}
