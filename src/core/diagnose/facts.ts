import { cleanSamples } from '../evidence/clean-samples.ts';
import { endedRuns, mayBeRunOf } from '../evidence/ended-runs.ts';
import type { Findings, RolloutFacts, UsageRun } from '../evidence/evidence.ts';
import { growAlike, pooledShape } from '../evidence/shape/pool-shapes.ts';
import { fewestSamples, isGrowing, startsFromNothing } from '../evidence/shape/run-shape.ts';
import type { Shape } from '../evidence/shape/run-shape.ts';
import { heldFiles } from '../evidence/held-files.ts';
import type { HeldFiles } from '../evidence/held-files.ts';
import { overlayOf } from '../evidence/shape/overlay-runs.ts';
import { shapeOfRun } from '../evidence/shape/long-run.ts';
import { lastSample } from '../evidence/last-sample.ts';
import type { LastSample } from '../evidence/last-sample.ts';
import { surelyBeforeMs } from '../evidence/samples-before.ts';
import { usualSettledMs } from '../forecast/forecast.ts';
import type { NodeOom } from '../evidence/node/node-oom.ts';
import { median, medianDeviation } from '../evidence/statistics.ts';
import { killedAtMs, limitAt } from '../kill/kill.ts';
import type { Kill } from '../kill/kill.ts';
import { triggeredAtMs } from '../kill/trigger.ts';
import type { Trigger } from '../kill/trigger.ts';
import { goSoftLimit, untilHeld } from './runtimes/go.ts';
import { heapOf } from './runtimes/heap.ts';
import type { Heap } from './runtimes/heap.ts';
import { runtimeOf } from './runtimes/runtime.ts';
import type { Runtime } from './runtimes/runtime.ts';
import { experimentOf } from './experiment.ts';
import type { Experiment } from './experiment.ts';
import { gotThrough, runTimes, slowStartMs, startingMs } from './run-times.ts';
import type { RunTimes } from './run-times.ts';

/** The input of the rules, derived once from findings and kills. Bytes and ms. */
export interface Facts {
  readonly findings: Findings;
  /** What is diagnosed: a kill, or what is at risk before there is one. */
  readonly trigger: Trigger;
  /** Kills of the subject, oldest first; the diagnosed one comes last. */
  readonly kills: readonly Kill[];
  readonly now: number;
  /** After how long a run counts as settled, as for a warning. */
  readonly settledMs: number;
  /** Limit in force at the kill; null where there is none. */
  readonly limitBytes: number | null;
  /** From start to kill, for kills at this limit with both times; whole seconds. */
  readonly lifetimesMs: readonly number[];
  /** Those of them at the end that are like the last one, and the longest before them. */
  readonly runTimes: RunTimes;
  /** Median time from start to kill, and how much it varies (0 = like clockwork); null if unknown. */
  readonly lifetime: { readonly ms: number; readonly variation: number } | null;
  /** From start to kill, also of a process whose container goes on; null if unknown. */
  readonly timeToKillMs: number | null;
  /** The shape, or, of a container that goes on without one of its processes, what it was until then. */
  readonly beforeKill: Shape | null;
  /** The shape that speaks for the ended runs of the killed revision: the one with the most samples among the latest. */
  readonly shape: Shape | null;
  /** How many of those runs are like it: the same pattern, the slope within a third. */
  readonly alike: number;
  /** Whether another replica of the same revision ran as long and stayed at the level that the shape began from. */
  readonly idle: boolean;
  /** Clean samples in the run that ended with the kill; null where no usage was found. */
  readonly samplesInRun: number | null;
  /**
   * What was seen of how the killed runs used memory: nothing at all of the last one, a few samples that have no shape,
   * or a shape.
   */
  readonly seen: 'none' | 'few' | 'shape';
  /** Whether its times say that it was killed while it was starting, and its samples nothing else. */
  readonly short: boolean;
  /** What the limits that were tried tell by their run times; null where only one was, or nothing follows. */
  readonly experiment: Experiment | null;
  /** What its pod still held in memory when the killed run was started; null where that was not measured. */
  readonly held: HeldFiles | null;
  readonly last: LastSample | null;
  readonly rollout: RolloutFacts | null;
  /** The kernel killed for the whole node when this container was killed. */
  readonly nodeOom: NodeOom | null;
  /** How its runtime sizes its heap; null if the runtime is not known, or its options are too long to read. */
  readonly heap: Heap | null;
  /** The language runtime, as far as its names tell; null if nothing does. */
  readonly runtime: Runtime | null;
  /** Runs of other revisions of the workload. */
  readonly otherRevisions: readonly UsageRun[];
  /** Those of them that lasted longer than the killed runs: they finished starting. */
  readonly outlived: readonly UsageRun[];
  /** Sentences about evidence that is missing. */
  readonly missing: readonly string[];
}

const unreadOptions = 'Its options are too long to read, so its heap flags are not known.';
/** How many runs back a shape may be taken from. */
const latestRuns = 6;
/** Runs whose shapes are looked at, for how many are alike and whether they bend: a crash loop has thousands, a Deployment hundreds. */
const mostRuns = { considered: 12, others: 4 } as const;
/** With fewer samples a step in one run looks like a bend, and a bend like a line. */
const fewForOne = 15;
/** A replica that was seen for nearly as long as the growing one, and grew by hardly any of what that one did. */
const idleShare = 0.9;
const stillShare = 0.1;
/**
 * A run with this many samples may be more than a start: a leak that is sampled five times less often looks the same.
 */
const moreThanStart = 3;

/** Derives the facts from the findings. Pure; missing evidence stays missing. */
export function factsOf(
  findings: Findings,
  trigger: Trigger,
  recent: readonly Kill[],
  now: number,
  settledMs = usualSettledMs,
): Facts {
  const before = recent.filter(({ fingerprint }) => fingerprint !== trigger.fingerprint);
  const kills = (trigger.kind === 'ahead' ? before : [...before, trigger]).toSorted(
    (a, b) => killedAtMs(a) - killedAtMs(b),
  );
  const limitBytes = limitAt(trigger);
  const times = runTimes(kills, limitBytes);
  const lifetimesMs = times.all;
  const history = findings.usage.found ? findings.usage.value : null;
  const own = history?.runs.find((run) => isRunOf(run, trigger));
  const ended = history ? endedRuns(history) : [];
  const softLimit = findings.spec.found ? goSoftLimit(findings.spec.value, trigger.labels, limitBytes) : null;
  // Before a kill the run is not over; what it shows so far is all there is.
  const considered = trigger.kind === 'ahead' && own && !ended.includes(own) ? [...ended, own] : ended;
  // What was killed in this incident before a rollout went the same way: the rollout changed nothing about it.
  const isSame = (run: UsageRun): boolean => sameRevision(run, trigger) || kills.some((kill) => isRunOf(run, kill));
  const everyShape = lookedAt((history ? [...history.runs, ...history.siblings] : []).filter(isSame), considered)
    .flatMap((run) => {
      const limit = positive(run.limitBytes) ?? limitBytes ?? Math.max(1, peakOf(run));
      const shape = shapeOfRun(untilHeld(run, softLimit), limit);
      return shape === null ? [] : [{ ...shape, run }];
    })
    .toSorted((a, b) => a.lastAt - b.lastAt);
  const shapes = everyShape.filter(({ run }) => considered.includes(run));
  const ownShape = trigger.kind === 'ahead' ? shapes.find(({ run }) => run === own) : undefined;
  const longest =
    ownShape ??
    shapes.slice(-latestRuns).reduce<Shape | null>((best, one) => (best && best.count > one.count ? best : one), null);
  // With few samples in each run, or few from its beginning, all of them together show more than the best one.
  const overlay =
    trigger.kind !== 'ahead' &&
    limitBytes !== null &&
    (longest === null || longest.count < fewForOne || (isGrowing(longest) && startsFromNothing(longest)))
      ? overlayOf(
          ended.filter((run) => isSame(run)),
          limitBytes,
        )
      : null;
  const shape = overlay?.shape ?? (longest && pooledShape(longest, everyShape));
  const lifetime = lifetimesMs.length === 0 ? null : { ms: median(lifetimesMs), variation: variationOf(lifetimesMs) };
  const heap = findings.spec.found ? heapOf(findings.spec.value, trigger.labels) : null;
  const otherRevisions = history
    ? [...history.runs, ...history.siblings].filter((run) => isOtherRevision(run, trigger))
    : [];
  const samplesInRun = history ? (own ? cleanSamples(own).length : 0) : null;
  return {
    findings,
    trigger,
    kills,
    now,
    settledMs,
    limitBytes,
    lifetimesMs,
    runTimes: times,
    lifetime,
    shape,
    alike: overlay?.runs ?? (shape ? shapes.filter((other) => isAlike(shape, other)).length : 0),
    idle: shape !== null && isGrowing(shape) && everyShape.some((other) => isIdle(other, shape)),
    samplesInRun,
    seen: shape !== null ? 'shape' : (samplesInRun ?? 0) > 0 ? 'few' : 'none',
    experiment: experimentOf(kills, { findings, trigger, now }),
    short: isStart(times, samplesInRun ?? 0, shape) && !startedBefore(times, shape),
    timeToKillMs: lifetime?.ms ?? timeToKill(own, trigger),
    beforeKill:
      shape ?? (own === undefined || limitBytes === null ? null : shapeUntil(own, surelyBeforeMs(trigger), limitBytes)),
    held: history && heldFiles(history, trigger, kills),
    last: lastSample(findings, trigger),
    rollout: findings.rollout.found ? findings.rollout.value : null,
    nodeOom: findings.nodeOom?.found === true ? findings.nodeOom.value : null,
    heap: heap === 'too-long' ? null : heap,
    runtime: findings.spec.found ? runtimeOf(findings.spec.value, trigger.labels) : null,
    otherRevisions,
    outlived: otherRevisions.filter((run) => run.killedAt === null && seenMs(run) > (lifetime?.ms ?? Infinity)),
    missing: [...missingWords(findings), ...(heap === 'too-long' ? [unreadOptions] : [])],
  };
}

/** The latest of the runs that count, and those of the others that were seen most; each costs milliseconds. */
function lookedAt(runs: readonly UsageRun[], considered: readonly UsageRun[]): readonly UsageRun[] {
  const [own, others] = [true, false].map((is) => runs.filter((run) => considered.includes(run) === is));
  return [
    ...(own ?? []).toSorted((a, b) => endOf(a) - endOf(b)).slice(-mostRuns.considered),
    ...(others ?? []).toSorted((a, b) => b.samples.length - a.samples.length).slice(0, mostRuns.others),
  ];
}

function endOf({ killedAt, samples }: UsageRun): number {
  return samples.at(-1)?.t ?? killedAt ?? 0;
}

/** The run that ended with this kill; before a kill, the running one. */
function isRunOf(run: UsageRun, trigger: Trigger): boolean {
  if (run.pod !== trigger.pod) return false;
  if (trigger.kind === 'ahead') return run.killedAt === null && mayBeRunOf(run, trigger);
  if (run.containerId !== null && trigger.containerId !== null) return run.containerId === trigger.containerId;
  return run.killedAt !== null && Math.abs(run.killedAt - killedAtMs(trigger)) < 2000;
}

/** Killed while it was starting, as its times tell: within seconds, or later if that happens each time. */
function isStart({ alike }: RunTimes, samples: number, shape: Shape | null): boolean {
  const last = alike.at(-1);
  if (last === undefined) return false;
  // Somebody who looks every second sees how it climbs. No leak is that quick, but calm and then a burst may be.
  if (samples >= fewestSamples) return last < startingMs && shape !== null && isGrowing(shape);
  return last < startingMs || (last < slowStartMs && alike.length > 1 && samples < moreThanStart);
}

/** An earlier run of these kills lasted several times as long under the same limit, and how it went was seen. */
function startedBefore({ alike, longestBefore }: RunTimes, shape: Shape | null): boolean {
  if (longestBefore === null || shape === null) return false;
  const isLonger = longestBefore >= Math.max(2 * startingMs, gotThrough * Math.max(...alike));
  return isLonger && shape.spanMs >= longestBefore / gotThrough;
}

/** ms; the start of a run is that of its container. */
function timeToKill(run: UsageRun | undefined, trigger: Trigger): number | null {
  const ms = triggeredAtMs(trigger) - (run?.startedAt ?? Number.NaN);
  return ms > 0 ? ms : null;
}

function shapeUntil(run: UsageRun, at: number, limitBytes: number): Shape | null {
  return shapeOfRun(
    { ...run, samples: run.samples.filter(({ t }) => t <= at) },
    positive(run.limitBytes) ?? limitBytes,
  );
}

/** It grew by next to nothing in the time that took the other one to its end. */
function isIdle(other: Shape, growing: Shape): boolean {
  const isAsLong = other.spanMs >= growing.spanMs * idleShare;
  return isAsLong && other.run.pod !== growing.run.pod && Math.abs(other.rise) < growing.rise * stillShare;
}

function isAlike(shape: Shape, other: Shape): boolean {
  return isGrowing(shape) ? growAlike(shape, other) : other.pattern === shape.pattern;
}

function sameRevision(run: UsageRun, trigger: Trigger): boolean {
  return run.revision === null || trigger.revision === null || run.revision === trigger.revision;
}

function isOtherRevision(run: UsageRun, trigger: Trigger): boolean {
  return run.revision !== null && trigger.revision !== null && run.revision !== trigger.revision;
}

function missingWords({ usage, rollout, log }: Findings): readonly string[] {
  return [
    ...(usage.found ? [] : [`No usage history: ${usage.reason}.`]),
    ...(rollout.found ? [] : [`No rollout history: ${rollout.reason}.`]),
    ...(log.found ? [] : [`No log of the killed run: ${log.reason}.`]),
  ].map((sentence) => sentence.replace(/\.\.$/, '.'));
}

function seenMs(run: UsageRun): number {
  const samples = cleanSamples(run);
  return (samples.at(-1)?.t ?? 0) - (samples[0]?.t ?? 0);
}

function variationOf(values: readonly number[]): number {
  const middle = median(values);
  return middle > 0 ? medianDeviation(values) / middle : 0;
}

function peakOf(run: UsageRun): number {
  return Math.max(0, ...cleanSamples(run).map(({ workingSetBytes }) => workingSetBytes));
}

function positive(bytes: number | null): number | null {
  return bytes !== null && bytes > 0 ? bytes : null;
}
