import { setImmediate as nextTurn } from 'node:timers/promises';
import type { UsageHistory } from '../../core/evidence/evidence.ts';
import type { UsageQuery } from '../../core/evidence/usage-query.ts';
import { Failure } from '../../core/failure.ts';
import { scrapeInterval } from './as-scraped.ts';
import type { Answers } from './answers.ts';
import { cgroupsOf, gapOf } from './cgroups.ts';
import { hasMemoryQos, mayBeSlowed } from './memory-qos.ts';
import { loadsOf, namedLoad, whyUnnamed } from './load-of.ts';
import { peaksOf, podRows } from './pod-rows.ts';
import { queryRange, queryRaw } from './query-range.ts';
import type { MostHeld, Range, Series, Server } from './query-range.ts';
import { secondMs } from '../../core/units/duration.ts';
import { runsOf } from './runs.ts';
import type { Looked } from './runs.ts';
import { STALLED, WORKING_SET } from './selector.ts';
import type { Subject } from './selector.ts';
import type { CloseWindow, Windows } from './windows.ts';

/** What a query gives may change as often as it is scraped, which nobody says: as often as most are. */
const loadStepMs = 15 * secondMs;
/** A node's kubelet, scraped by some. */
const mostOfNode: MostHeld = { series: 20, points: 100 };
/** One series is what it has to be; of some more it can still be said how many they are. */
const mostOfLoad: MostHeld = { series: 20, points: 11_000 };

/** What was read, or why not. */
async function readable<T>(read: Promise<T>): Promise<T | Failure> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

export interface Asking {
  readonly server: Server;
  readonly answers: Answers;
  /** ms for everything. */
  readonly deadlineMs: number;
}

export interface LookedAt {
  readonly history: UsageHistory;
  /** What could not be read although the rest could, for the source; '' = nothing. */
  readonly lacks: string;
}

/** Some hundred runs of each of forty pods, or thousands of one that is killed every few minutes. */
const mostOfHistory: MostHeld = { series: 12_000, points: 250_000 };
/** What makes the evidence better may take this part of the time: a verdict does not wait for it. */
const patience = 0.5;

/**
 * Looks at usage in all windows at once. The last minutes or the whole time have to be read; what else cannot be is left
 * out, and said. Limits, load, the pod as a whole and the days before get half of the time.
 * @throws Failure `prometheus-…`
 */
export async function lookAt(
  { server, answers, deadlineMs }: Asking,
  query: UsageQuery,
  subject: Subject,
  windows: Windows,
): Promise<LookedAt> {
  const necessary = AbortSignal.timeout(deadlineMs);
  const better = AbortSignal.timeout(Math.ceil(deadlineMs * patience));
  const lacking: string[] = [];

  const range = (
    text: string,
    over: Range,
    signal: AbortSignal,
    most: MostHeld = mostOfHistory,
  ): Promise<readonly Series[]> =>
    answers.to(`${server.base} ${text} ${over.from} ${over.to} ${over.stepMs}`, () =>
      queryRange(server, text, over, signal, most),
    );
  const raw = (text: string, { from, to }: CloseWindow, signal: AbortSignal): Promise<readonly Series[]> =>
    answers.to(`${server.base} ${text} ${from} ${to}`, () =>
      queryRaw(server, text, { from, to }, signal, mostOfHistory),
    );
  const ifReadable = async (what: string, read: Promise<readonly Series[]>): Promise<readonly Series[] | null> => {
    try {
      return await read;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      lacking.push(`${what} could not be read: ${error.message}`);
      return null;
    }
  };

  const { close } = windows;
  const last = close.at(-1);
  const hasOthers = subject.hasSiblings && last !== undefined;
  const namedBy = query.load ?? null;
  const [own, siblings, wide, seldom, pods, load, days, named, qos] = await Promise.all([
    readable(Promise.all(close.map((span) => raw(subject.containers(span.pods), span, necessary)))),
    hasOthers ? readable(raw(subject.workingSets, last, necessary)) : [],
    readable(range(subject.wide, windows.wide, necessary)),
    ifReadable('limits and starts', range(subject.seldom, windows.seldom, better)),
    query.container === ''
      ? null
      : Promise.all(close.map((span) => ifReadable('the pod as a whole', raw(subject.pods(span.pods), span, better)))),
    Promise.all(close.map((span) => ifReadable('its network', raw(subject.packets(span.pods), span, better)))),
    ifReadable('the days before', range(subject.days, windows.days, better)),
    namedBy === null || last === undefined
      ? null
      : ifReadable('its load', range(namedBy.promql, { ...last, stepMs: loadStepMs }, better, mostOfLoad)),
    // Not said where it is missing: hardly anybody has it.
    mayBeSlowed(query) && readable(hasMemoryQos(query, (text, over) => range(text, over, better, mostOfNode))),
  ]);
  const tooLarge = [own, siblings, wide].find((one) => one instanceof Failure && one.code === 'prometheus-too-large');
  if (tooLarge instanceof Failure) throw tooLarge;
  if (own instanceof Failure && wide instanceof Failure) throw own;
  const found = <T>(what: string, read: readonly T[] | Failure): readonly T[] => {
    if (!(read instanceof Failure)) return read;
    lacking.push(`${what} could not be read: ${read.message}`);
    return [];
  };
  await nextTurn();

  const near = [...found('the last minutes', own).flat(), ...found('the other pods', siblings)];
  const far = found('the time before', wide);
  const nearSets = cgroupsOf(near).map(({ byMetric }) => byMetric.get(WORKING_SET) ?? []);
  const wideSets = cgroupsOf(far).map(({ byMetric }) => byMetric.get(WORKING_SET) ?? []);
  const closeMs = gapOf(nearSets);
  const wideMs =
    closeMs === null ? scrapeInterval(wideSets, windows.wide.stepMs) : Math.max(windows.wide.stepMs, closeMs);
  await nextTurn();

  const byName = namedBy === null || named === null ? null : namedLoad(namedBy, named);
  const unnamed = namedBy === null || named === null ? null : whyUnnamed(namedBy, named);
  if (unnamed !== null) lacking.push(unnamed);
  const loads = byName ?? loadsOf([...load.flatMap((one) => one ?? []), ...near]);
  const spans: Looked['spans'] = [
    ...(own instanceof Failure ? [] : close),
    ...(hasOthers && !(siblings instanceof Failure) ? [{ ...last, pods: 'all' as const }] : []),
  ];
  const looked = {
    close: near,
    spans,
    wide: far,
    seldom: seldom ?? [],
    loads,
    closeMs: closeMs ?? wideMs,
    wideMs,
    wideTo: windows.wide.to,
  };
  const loadQuery = (counter: string | null): string | null =>
    counter === null ? (namedBy?.promql ?? null) : subject.rate(counter, last?.pods ?? []);
  const runs = runsOf(looked, query.kills);
  const killedPods = new Set([query.pod, ...query.kills.map(({ pod }) => pod)]);
  const together = pods?.flatMap((one) => one ?? []);
  const history: UsageHistory = {
    runs: runs.filter(({ pod }) => killedPods.has(pod)),
    siblings: runs.filter(({ pod }) => !killedPods.has(pod)),
    resolutionMs: runs.some(({ samples }) => samples.length > 1) ? (closeMs ?? wideMs) : null,
    ...(together === undefined ? {} : { pods: podRows(together) }),
    ...(days === null ? {} : { peaks: peaksOf(days, windows.days, query.to) }),
    ...(loads === null ? {} : { loadFrom: loads.from }),
    queries: {
      peaks: subject.days,
      stalled: subject.rate(STALLED, last?.pods ?? []),
      load: loads === null ? null : loadQuery(loads.counter),
    },
    ...(qos === true ? { memoryQos: true } : {}),
  };
  return { history, lacks: [...new Set(lacking)].map((one) => `; ${one}`).join('') };
}
