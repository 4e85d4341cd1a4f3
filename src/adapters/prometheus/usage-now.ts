import type { UsageSeries, UsagePoint } from '../../core/evidence/usage-now.ts';
import { labelledPlace } from '../../core/kill/cgroup.ts';
import { queryInShares } from './query-in-shares.ts';
import { serverOf } from './query-range.ts';
import type { Series } from './query-range.ts';
import { containersIn, lookBackMs, perRun, WORKING_SET } from './selector.ts';
import { hourMs, minuteMs } from '../../core/units/duration.ts';

/**
 * Four hours for what grows too slowly to be seen in one (core/forecast), the last hour, and the last
 * minutes closely for what has not run for long: 13, 13 and 16 points a container.
 */
const lookbacks = [
  { backMs: 4 * hourMs, stepMs: 20 * minuteMs },
  { backMs: 60 * minuteMs, stepMs: 5 * minuteMs },
  { backMs: 5 * minuteMs, stepMs: 20_000 },
] as const;

/**
 * What all containers use and used in the last hours, by a Prometheus-compatible server, in three queries whatever the
 * size of the cluster. Of the namespaces that are named, or of all.
 * @throws Failure `prometheus-…`
 */
export async function readUsageNow(
  url: string,
  namespaces: readonly string[],
  { deadlineMs, fetch = globalThis.fetch, now = Date.now }: UsageNowOptions,
): Promise<readonly UsageSeries[]> {
  const server = serverOf(url, fetch);
  const to = now();
  const queryOf = usageNowQuery(namespaces);
  const signal = AbortSignal.timeout(deadlineMs);
  const answers = await Promise.all(
    lookbacks.map(({ backMs, stepMs }) =>
      queryInShares(server, queryOf, { from: to - backMs, to, stepMs }, signal, (series) => series),
    ),
  );
  return seriesOf(answers.flat());
}

const peakBackMs = 24 * hourMs;

/**
 * The most that each container used in the last day, one point per run, in one query.
 * @throws Failure `prometheus-…`
 */
export async function readUsagePeaks(
  url: string,
  namespaces: readonly string[],
  { deadlineMs, fetch = globalThis.fetch, now = Date.now }: UsageNowOptions,
): Promise<readonly UsageSeries[]> {
  const at = now();
  const all = containersIn(namespaces);
  const queryOf = (matchers: readonly string[]): string =>
    perRun(WORKING_SET, [...all, ...matchers], { backMs: peakBackMs, of: 'max' });
  const signal = AbortSignal.timeout(deadlineMs);
  return queryInShares(serverOf(url, fetch), queryOf, { from: at, to: at, stepMs: minuteMs }, signal, seriesOf);
}

export interface UsageNowOptions {
  /** ms for the whole answer. */
  readonly deadlineMs: number;
  readonly fetch?: typeof globalThis.fetch;
  readonly now?: () => number;
}

/** What all containers of these namespaces use, one series per run; the matchers narrow it down. */
export function usageNowQuery(namespaces: readonly string[]): (matchers: readonly string[]) => string {
  const all = containersIn(namespaces);
  return (matchers) => perRun(WORKING_SET, [...all, ...matchers], { backMs: lookBackMs, of: 'last' });
}

/** What some series are about, those of one run together. */
export function seriesOf(found: readonly Series[]): readonly UsageSeries[] {
  const byRun = new Map<string, Omit<UsageSeries, 'points'> & { readonly points: UsagePoint[] }>();
  for (const { labels, points } of found) {
    const { namespace, pod, container } = labels;
    if (namespace === undefined || pod === undefined || container === undefined) continue;
    const hex = labelledPlace({ id: labels['id'] ?? null, name: labels['name'] ?? null }).containerId;
    const key = [namespace, pod, container, hex ?? ''].join('/');
    const series = byRun.get(key) ?? { namespace, pod, container, hex, points: [] };
    byRun.set(key, series);
    series.points.push(...points.map(({ t, v }) => ({ t, bytes: v })));
  }
  return [...byRun.values()];
}
