import type { Evidence, UsageHistory, UsageRun } from '../../core/evidence/evidence.ts';
import { Failure } from '../../core/failure.ts';
import { killedAtMs } from '../../core/kill/kill.ts';
import type { UsageQuery } from '../../core/evidence/usage-query.ts';
import { runsOf, workingSets } from './runs.ts';
import { queryRange, serverOf } from './query-range.ts';
import type { MostHeld, Range, Server } from './query-range.ts';
import { podPattern, usageSelector } from './selector.ts';
import { scrapeInterval } from './as-scraped.ts';
import { secondMs } from '../../core/units/duration.ts';

export interface PrometheusOptions {
  /** Base of a Prometheus-compatible API, with credentials or without; null = there is none. */
  readonly url: string | null;
  /** ms that one query may take. */
  readonly deadlineMs: number;
  readonly fetch?: typeof globalThis.fetch;
  readonly now?: () => number;
}

/** Steps over the whole window, and over the latest runs. Prometheus refuses more than 11 000. */
const wideSteps = 240;
const closeSteps = 480;
/** Short and long runs get the same number of steps: their number is bounded, not their length. */
const shortestStepMs = 50;
/** Some hundred runs of each of forty pods, or thousands of one that is killed every few minutes. */
const mostOfHistory: MostHeld = { series: 12_000, points: 250_000 };
/** The latest kills whose runs are looked at closely. */
const closeKills = 3;
/** With more pods than these the names of pods that are gone are not asked for: too many series. */
const mostForPattern = 50;

/** Usage history from a Prometheus-compatible server. `usage` never throws: it says why there is none. */
export function createPrometheus({ url, deadlineMs, fetch = globalThis.fetch, now = Date.now }: PrometheusOptions): {
  readonly usage: (query: UsageQuery) => Promise<Evidence<UsageHistory>>;
} {
  const server = url === null ? null : serverOf(url, fetch);

  async function usage(query: UsageQuery): Promise<Evidence<UsageHistory>> {
    const signal = AbortSignal.timeout(deadlineMs);
    let source = '';
    const missing = (reason: string): Evidence<UsageHistory> => ({ found: false, reason, source, at: now() });
    let tooMuch: Failure | null = null;
    for (const asked of lessAndLess(query)) {
      const selector = selectorOf(query, asked);
      const from = query.to - (query.to - query.from) * asked.share;
      source = `query_range ${selector}, ${new Date(from).toISOString()} to ${new Date(query.to).toISOString()}${asked.words}`;
      if (server === null) return missing('no Prometheus is configured; set OOMKEEPER_PROMETHEUS_URL');
      try {
        const value = await look(server, { ...query, from }, selector, signal);
        const seen = value.runs.length + value.siblings.length > 0;
        if (seen) return { found: true, value, source, at: now() };
        return missing(
          `Prometheus has no container_memory_working_set_bytes of ${query.namespace}/${query.pod}, container ${query.container}, in that window; its life may have been shorter than a scrape, or cAdvisor is not scraped`,
        );
      } catch (error) {
        if (!(error instanceof Failure)) return missing(`its usage could not be read: ${String(error)}`);
        if (error.code !== 'prometheus-too-large') return missing(error.message);
        tooMuch = error;
      }
    }
    return missing(`${tooMuch?.message ?? ''}, even for the killed pods alone and for a part of the time`);
  }

  return { usage };
}

interface AskedFor {
  /** Only the killed pods, without their siblings and those that are gone. */
  readonly onlyKilled: boolean;
  /** Which part of the time, the last one. */
  readonly share: number;
  /** What is not as usual, for the source; '' = nothing. */
  readonly words: string;
}

/** What to ask for, and if the answer is too large what to ask for then. */
function lessAndLess({ pod }: UsageQuery): readonly AskedFor[] {
  const because = 'because the answer to the whole question was too large';
  return [
    { onlyKilled: false, share: 1, words: '' },
    { onlyKilled: true, share: 1, words: `; only ${pod} and the killed pods, ${because}` },
    { onlyKilled: true, share: 1 / 8, words: `; only ${pod} and the killed pods, and only lately, ${because}` },
  ];
}

function selectorOf({ namespace, container, pod, pods, kills }: UsageQuery, { onlyKilled }: AskedFor): string {
  const killed = kills.map((kill) => kill.pod);
  const names = [...new Set([pod, ...killed, ...(onlyKilled ? [] : pods)])];
  const workload = kills.at(-1)?.subject.workload;
  const isWide = !onlyKilled && names.length <= mostForPattern;
  const pattern = workload && isWide ? podPattern(workload) : null;
  return usageSelector({ namespace, container, pods: names, patterns: pattern === null ? [] : [pattern] });
}

/** The whole window coarsely and, where that would miss the killed runs, those runs closely. */
async function look(server: Server, query: UsageQuery, selector: string, signal: AbortSignal): Promise<UsageHistory> {
  const wide = rangeOf(query.from, query.to, wideSteps);
  const close = closeRange(query);
  const ranges = close && close.stepMs <= wide.stepMs / 2 ? [wide, close] : [wide];
  const [coarse, fine] = await Promise.all(
    ranges.map(async (range) => {
      const series = await queryRange(server, selector, range, signal, mostOfHistory);
      const intervalMs = scrapeInterval(workingSets(series), range.stepMs);
      return { range, intervalMs, runs: runsOf(series, query.kills, intervalMs) };
    }),
  );
  const runs = fine && coarse ? merged(coarse.runs, fine.runs, fine.range.from) : (coarse?.runs ?? []);
  const killedPods = new Set([query.pod, ...query.kills.map(({ pod }) => pod)]);
  return {
    runs: runs.filter(({ pod }) => killedPods.has(pod)),
    siblings: runs.filter(({ pod }) => !killedPods.has(pod)),
    resolutionMs: runs.some(({ samples }) => samples.length > 1) ? ((fine ?? coarse)?.intervalMs ?? null) : null,
  };
}

/** From the start of the latest killed runs until now; null where no kill says when its run began. */
function closeRange({ kills, to }: UsageQuery): Range | null {
  const latest = kills.toSorted((a, b) => killedAtMs(a) - killedAtMs(b)).slice(-closeKills);
  const starts = latest.map(({ startedAt }) => Date.parse(startedAt ?? '')).filter((at) => Number.isFinite(at));
  return starts.length === 0 ? null : rangeOf(Math.min(...starts) - secondMs, to, closeSteps);
}

function rangeOf(from: number, to: number, steps: number): Range {
  const begin = Math.min(from, to - secondMs);
  const inSteps = Math.ceil((to - begin) / steps / shortestStepMs);
  return { from: begin, to, stepMs: Math.max(1, inSteps) * shortestStepMs };
}

/**
 * A run is taken whole from the closer look where that covers it, so that its samples are evenly apart. One whose start
 * nobody tells began at the latest with its first sample of either look: of an earlier revision the closer look has only
 * the end.
 */
function merged(coarse: readonly UsageRun[], fine: readonly UsageRun[], fineFrom: number): readonly UsageRun[] {
  const nameOf = ({ pod, containerId, killedAt }: UsageRun): string => `${pod}/${containerId}/${killedAt}`;
  const known = Map.groupBy(coarse, nameOf);
  const beganAt = (run: UsageRun): number => {
    const firsts = [run, ...(known.get(nameOf(run)) ?? [])].flatMap(({ samples }) => samples[0]?.t ?? []);
    return run.startedAt ?? Math.min(...firsts);
  };
  const isCovering = (run: UsageRun): boolean => beganAt(run) >= fineFrom;
  const covered = fine.filter(isCovering);
  const names = new Set(covered.map(nameOf));
  const ids = new Set(coarse.map(({ containerId }) => containerId));
  const rest = fine.filter((run) => !isCovering(run) && !ids.has(run.containerId));
  return [...coarse.filter((run) => !names.has(nameOf(run))), ...covered, ...rest].toSorted(
    (a, b) => (a.samples[0]?.t ?? 0) - (b.samples[0]?.t ?? 0),
  );
}
