import type { CounterHistory } from '../../core/kill/counted-rise.ts';
import { readOomCount } from '../../core/kill/oom-count.ts';
import type { OomCount } from '../../core/kill/oom-count.ts';
import { queryRaw, serverOf } from './query-range.ts';
import type { MostHeld, Series } from './query-range.ts';
import { lookBackMs, oneOf } from './selector.ts';

export interface CounterHistoryOptions {
  /** ms UTC */
  readonly from: number;
  readonly to: number;
  readonly deadlineMs: number;
  readonly fetch?: typeof globalThis.fetch;
}

const counter = 'container_oom_events_total';
const limit = 'container_spec_memory_limit_bytes';
/** A day of scrapes each 15 s of a few series. */
const most: MostHeld = { series: 200, points: 50_000 };

/**
 * One run's counter of kernel kills and the limits that were in force meanwhile, as they were scraped: cAdvisor's rows
 * have times of their own, which say when it had read them.
 * @throws Failure `prometheus-…`
 */
export async function readCounterHistory(
  url: string,
  { namespace, pod, container, containerId }: OomCount,
  { from, to, deadlineMs, fetch = globalThis.fetch }: CounterHistoryOptions,
): Promise<CounterHistory> {
  const labels = `namespace=~${oneOf([namespace])},pod=~${oneOf([pod])},container=~${oneOf([container, ''])}`;
  const all = await queryRaw(
    serverOf(url, fetch),
    `{__name__=~"${counter}|${limit}",${labels}}`,
    // The last reading before the time that is asked about counts too; a scrape is never longer apart.
    { from: from - lookBackMs, to },
    AbortSignal.timeout(deadlineMs),
    most,
  );
  const named = (name: string): readonly Series[] => all.filter((one) => one.labels['__name__'] === name);
  const isOfRun = (one: Series): boolean => readOomCount(one.labels, 0, 0)?.containerId === containerId;
  const counts = [...largestAt(named(counter).filter(isOfRun))].map(([readAt, value]) => ({ readAt, value }));
  const own = [...largestAt(named(limit).filter(isOfRun))];
  const ofPod = [...largestAt(named(limit).filter((one) => (one.labels['container'] ?? '') === ''))];
  const podAt = (at: number): number | undefined => ofPod.findLast(([t]) => t <= at)?.[1];
  return { counts, limits: own.map(([at, bytes]) => ({ at, bytes: smaller(bytes, podAt(at)) })) };
}

/** By time; of several series the largest, since they differ only in who scraped them, or are a pause container's. */
function largestAt(series: readonly Series[]): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  for (const { points } of series)
    for (const { t, v } of points) found.set(t, Math.max(v, found.get(t) ?? Number.NEGATIVE_INFINITY));
  return new Map([...found].toSorted(([a], [b]) => a - b));
}

/** cAdvisor writes 0 for "no limit". */
function smaller(own: number, ofPod: number | undefined): number | null {
  const limits = [own, ofPod ?? 0].filter((bytes) => bytes > 0);
  return limits.length === 0 ? null : Math.min(...limits);
}
