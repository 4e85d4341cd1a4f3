import type { CounterHistory } from '../../core/kill/counted-rise.ts';
import { readOomCount } from '../../core/kill/oom-count.ts';
import type { OomCount } from '../../core/kill/oom-count.ts';
import { queryRange, serverOf } from './query-range.ts';
import type { Series } from './query-range.ts';
import { oneOf } from './selector.ts';

export interface CounterHistoryOptions {
  /** ms UTC */
  readonly from: number;
  readonly to: number;
  readonly deadlineMs: number;
  readonly fetch?: typeof globalThis.fetch;
}

const counter = 'container_oom_events_total';
const limit = 'container_spec_memory_limit_bytes';
/** Scrapes are 15 s apart or more, but two servers may scrape the same kubelet. An hour has 720 steps. */
const stepMs = 5_000;

/**
 * One run's counter of kernel kills and the limits that were in force meanwhile. A step of a range shows the last value
 * before it, which may be minutes old: `timestamp()` says when cAdvisor had read it.
 * @throws Failure `prometheus-…`
 */
export async function readCounterHistory(
  url: string,
  { namespace, pod, container, containerId }: OomCount,
  { from, to, deadlineMs, fetch = globalThis.fetch }: CounterHistoryOptions,
): Promise<CounterHistory> {
  const server = serverOf(url, fetch);
  const signal = AbortSignal.timeout(deadlineMs);
  const range = { from, to, stepMs };
  const where = (containers: readonly string[]): string =>
    `namespace=~${oneOf([namespace])},pod=~${oneOf([pod])},container=~${oneOf(containers)}`;
  const values = await queryRange(server, `{__name__=~"${counter}|${limit}",${where([container, ''])}}`, range, signal);
  const times = await queryRange(server, `timestamp(${counter}{${where([container])}})`, range, signal);
  const isOfRun = ({ labels }: Series): boolean => readOomCount(labels, 0, 0)?.containerId === containerId;
  const named = (name: string): readonly Series[] => values.filter(({ labels }) => labels['__name__'] === name);
  const readAt = largestAt(times.filter(isOfRun));
  const counts = [...largestAt(named(counter).filter(isOfRun))].flatMap(([t, value]) => {
    const seconds = readAt.get(t);
    return seconds === undefined ? [] : [{ readAt: Math.round(seconds * 1000), value }];
  });
  const own = largestAt(named(limit).filter(isOfRun));
  const ofPod = largestAt(named(limit).filter(({ labels }) => (labels['container'] ?? '') === ''));
  return { counts, limits: [...own].map(([at, bytes]) => ({ at, bytes: smaller(bytes, ofPod.get(at)) })) };
}

/** By step; of several series the largest, since they differ only in who scraped them, or are a pause container's. */
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
