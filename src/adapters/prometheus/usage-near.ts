import { containerKey } from '../../core/evidence/usage-now.ts';
import type { UsageSeries } from '../../core/evidence/usage-now.ts';
import { queryRange, serverOf } from './query-range.ts';
import { queryInShares } from './query-in-shares.ts';
import type { MostHeld, Range, Server } from './query-range.ts';
import { oneOf, perRun, STALLED, WORKING_SET } from './selector.ts';
import { seriesOf, usageNowQuery } from './usage-now.ts';
import type { UsageNowOptions } from './usage-now.ts';
import { minuteMs } from '../../core/units/duration.ts';

/** Pods in one query: with more of them its text grows beyond what proxies take. */
const podsAtOnce = 40;

/** In one answer: an hour or a day of each container, and of the runs before the present one. */
const mostNear: MostHeld = { series: 2_000, points: 60_000 };

/** An hour in steps of a minute, where a run takes the usual 10 min to settle. */
const usageLookback = { metric: WORKING_SET, back: 6, step: 0.1 } as const;
/** The day before it, in steps of 10 min. What lies so far back changes little, and is asked for as seldom. */
const dayLookback = { metric: usageLookback.metric, back: 144, step: 1 } as const;
const stallLookback = { metric: STALLED, back: 0.4, step: 1 / 30 } as const;

type Named = Pick<UsageSeries, 'namespace' | 'pod' | 'container'>;

/**
 * What all containers use at this moment: one point each, in one query. Of the namespaces that are named, or of all.
 * @throws Failure `prometheus-…`
 */
export async function readUsagePoint(
  url: string,
  namespaces: readonly string[],
  { deadlineMs, fetch = globalThis.fetch, now = Date.now }: UsageNowOptions,
): Promise<readonly UsageSeries[]> {
  const at = now();
  const range = { from: at, to: at, stepMs: minuteMs };
  const signal = AbortSignal.timeout(deadlineMs);
  return queryInShares(serverOf(url, fetch), usageNowQuery(namespaces), range, signal, seriesOf);
}

export interface UsageNear {
  readonly usage: readonly UsageSeries[];
  /** Series whose `bytes` are seconds of memory stalls (PSI); none where it is not measured. */
  readonly stalls: readonly UsageSeries[];
}

export type ReadUsageNear = (
  url: string,
  containers: readonly Named[],
  options: UsageNowOptions & { readonly settledMs: number },
) => Promise<UsageNear>;

/**
 * Reads the last day of some containers, of that the last hour (six times what a run takes to settle) closely, and the
 * last minutes of the seconds that they stood still. It remembers the day of those that it is asked for again.
 * What it gives throws Failures `prometheus-…`.
 */
export function createUsageNear(): ReadUsageNear {
  /** By container; `at` is ms UTC. */
  let days = new Map<string, { readonly at: number; readonly allSeries: readonly UsageSeries[] }>();

  return async (url, containers, { deadlineMs, settledMs, fetch = globalThis.fetch, now = Date.now }) => {
    const server = serverOf(url, fetch);
    const signal = AbortSignal.timeout(deadlineMs);
    const read = async (of: readonly Named[], lookback: Lookback): Promise<readonly UsageSeries[]> => {
      const wanted = new Set(of.map(containerKey));
      const found: UsageSeries[] = [];
      for (let from = 0; from < of.length; from += podsAtOnce) {
        const to = now();
        const range = { from: to - lookback.back * settledMs, to, stepMs: lookback.step * settledMs };
        const near = await seriesNear(server, of.slice(from, from + podsAtOnce), lookback.metric, range, signal);
        for (const series of near) if (wanted.has(containerKey(series))) found.push(series);
      }
      return found;
    };
    const at = now();
    const old = containers.filter((one) => at - (days.get(containerKey(one))?.at ?? -Infinity) >= settledMs);
    const [usage, stalls, day] = await Promise.all([
      read(containers, usageLookback),
      read(containers, stallLookback),
      read(old, dayLookback),
    ]);
    const fresh = Map.groupBy(day, containerKey);
    const asked = new Set(old.map(containerKey));
    days = new Map(
      containers.map((one) => {
        const key = containerKey(one);
        const known = asked.has(key) ? undefined : days.get(key);
        return [key, known ?? { at, allSeries: fresh.get(key) ?? [] }];
      }),
    );
    const before = [...days.values()].flatMap(({ allSeries }) => until(allSeries, at - usageLookback.back * settledMs));
    return { usage: [...before, ...usage], stalls };
  };
}

/** `end` is ms UTC. */
function until(allSeries: readonly UsageSeries[], end: number): readonly UsageSeries[] {
  const cut = allSeries.map((series) => ({ ...series, points: series.points.filter(({ t }) => t < end) }));
  return cut.filter(({ points }) => points.length > 0);
}

interface Lookback {
  readonly metric: string;
  /** How far back and how closely, as shares of what a run takes to settle. */
  readonly back: number;
  readonly step: number;
}

async function seriesNear(
  server: Server,
  containers: readonly Named[],
  metric: string,
  range: Range,
  signal: AbortSignal,
): Promise<readonly UsageSeries[]> {
  const query = perRun(metric, [
    `namespace=~${oneOf(containers.map(({ namespace }) => namespace))}`,
    `pod=~${oneOf(containers.map(({ pod }) => pod))}`,
    `container=~${oneOf(containers.map(({ container }) => container))}`,
  ]);
  return seriesOf(await queryRange(server, query, range, signal, mostNear));
}
