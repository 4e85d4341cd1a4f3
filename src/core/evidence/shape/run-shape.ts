import { cleanSamples } from '../clean-samples.ts';
import { bentBow, bowOf, fadeOf, isBend } from './bend.ts';
import { byWork, scatterOf } from './by-work.ts';
import { comesDown, risingFloor } from './floor.ts';
import { stairsOf, stepsOf } from './stairs.ts';
import type { UsageRun, UsageSample } from '../evidence.ts';
import { median, medianDeviation, trendOf } from '../statistics.ts';
import type { Point, Trend } from '../statistics.ts';

/**
 * The shape of usage in one run, in measures without a unit of time, because a leak may take a minute or a week. Shares
 * are of the limit unless said otherwise.
 */
export interface Shape {
  readonly run: UsageRun;
  /** What it was made of. */
  readonly samples: readonly UsageSample[];
  /** Clean samples, and ms from the first to the last of them. */
  readonly count: number;
  readonly spanMs: number;
  readonly lastBytes: number;
  readonly lastAt: number;
  readonly maxBytes: number;
  /** What the shares are of. */
  readonly limitBytes: number;
  /** Median of the second half: where usage stays after the warm-up. */
  readonly levelBytes: number;
  /** Growth after the warm-up, bytes per second (Theil-Sen). */
  readonly slopeBytesPerSecond: number;
  /** Growth after the warm-up over the run, as a share of the limit. */
  readonly rise: number;
  /** -1..1: how steadily it goes up (Kendall's tau). */
  readonly tau: number;
  /** How far usage bows above (+) or below (-) the straight line between its ends, as a share of its rise. */
  readonly bow: number;
  /**
   * What is left at the end of the rate that it began to grow with, by the thirds of the run; 1 where the rate does not
   * fall from each to the next, as in a line, and in growth that is only uneven.
   */
  readonly fade: number;
  /** Share of the run that the samples cover; 1 where nobody knows when it began and ended. */
  readonly seenShare: number;
  /**
   * How many sample intervals the growth would have needed for the level that it began from: what was seen first, or,
   * of a run that was not seen from its start, where the line comes from.
   */
  readonly headStart: number;
  /**
   * The level that it began from, as a share of the limit: where its line was when the container started, or what was
   * seen first where nobody knows when that was.
   */
  readonly baseShare: number;
  /** Median distance from the line, as a share of its rise: next to nothing in growth that is as even as a clock. */
  readonly unevenness: number;
  /** Whether it grows in a straighter line by the work that it did than by the time that has passed. */
  readonly withLoad: boolean;
  /** Whether it goes up and down, and what it comes down to rises: the growth is that of its lowest usage. */
  readonly risesBetweenPeaks: boolean;
  /** Whether it stands still most of the time and grows in steps. */
  readonly isStairs: boolean;
  /** Share of the growth that is the processes' own memory; null where rss was not measured or nothing grew. */
  readonly ownShare: number | null;
  readonly pattern: Pattern;
}

/**
 * `flat` stays where it is; `steady` grows in a straight line; `slowing` grows and bends towards a level; `sudden`
 * jumps at its end; `spiky` goes up and down; `irregular` is none of these.
 */
export type Pattern = 'flat' | 'steady' | 'slowing' | 'sudden' | 'spiky' | 'irregular';

/** Fewer samples have no shape; */
const fewestForShape = 4;
/** and fewer than these show it, but not for certain. */
export const fewestSamples = 6;
/** The most that a shape of so few samples makes sure. */
const fewMakeSure = 0.68;
/** From here on usage is near the limit. */
export const nearShare = 0.85;
/** A level from here on leaves less room than ordinary work takes. */
export const tightLevel = 0.8;
/**
 * Sample intervals of head start that a working level has. In the labelled traces start-ups have 0.6 to 3.6 and leaks
 * 5.0 and more; but the leak of the capture `prometheus-view` climbs from nothing and has less than this. So more
 * speaks for a leak, and less decides nothing.
 */
const someHeadStart = 4.3;
/**
 * A level that a program works at, as a share of the limit. Programs of the labelled traces that load their data begin
 * from up to 0.13, but for one from 0.28, and leaks from 0.16 to 0.45. Unlike the head start it depends neither on how
 * often somebody looks nor on when they looked first.
 */
const someBase = 0.146;
/** If less of a run than this was seen, the rest may have looked different: a bend can look straight. */
export const wellSeen = 0.8;
/** Growth below this is taken for noise. */
export const smallRise = 0.1;
/** What a quarter of the samples are further below (a share of the limit) is no level: few samples of bursts look so. */
const farBelowLevel = 0.2;
const warmUpShare = 0.1;
/** Above this hardly any sample is lower than the one before. */
export const smoothTau = 0.9;
/** The shape of a run under `limitBytes`; null where there are too few samples. */
export function shapeOf(run: UsageRun, limitBytes: number): Shape | null {
  const samples = cleanSamples(run);
  const [first] = samples;
  const last = samples.at(-1);
  if (samples.length < fewestForShape || !first || !last) return null;
  const spanMs = last.t - first.t;
  const warmUp = first.t + spanMs * warmUpShare;
  const warm = samples.filter(({ t }) => t >= warmUp);
  const all = warm.map((sample) => pointOf(sample, first.t, limitBytes));
  const whole = trendOf(all);
  if (!whole || spanMs <= 0) return null;
  const floor = whole.tau < smoothTau && comesDown(all) ? risingFloor(all) : null;
  const points = floor ?? all;
  const trend = (floor && trendOf(floor)) ?? whole;
  const work = floor === null ? byWork(warm, points, smallRise) : null;

  const ys = samples.map(({ workingSetBytes }) => workingSetBytes / limitBytes);
  const seconds = spanMs / 1000;
  const { startedAt, killedAt } = run;
  const intervalMs = median(samples.slice(1).map(({ t }, index) => t - (samples[index]?.t ?? t)));
  // A container is seen an interval or two after its start.
  const lateMs = Math.max(0, first.t - (startedAt ?? first.t) - 2 * intervalMs);
  const rise = trend.slope * seconds * (1 - warmUpShare);
  const stairs = stairsOf(points, smallRise);
  const course = work ?? (stairs === null ? points : stepsOf(points));
  const measured = {
    rise,
    tau: trend.tau,
    bow: bowOf(course, work === null ? trend.slope * seconds : rise),
    fade: fadeOf(course),
  };
  const scatter = scatterOf(points, trend);
  // Most of it came at once and stayed: what happened then is not told by how it went before and after.
  const isOneJump = stairs?.isOneJump === true;
  const byLine = work === null ? scatter : scatterOf(work, trendOf(work) ?? trend);
  const pattern = patternOf(measured, byLine, ys);
  return {
    run,
    samples,
    count: samples.length,
    spanMs,
    lastBytes: last.workingSetBytes,
    lastAt: last.t,
    maxBytes: Math.max(...ys) * limitBytes,
    levelBytes: median(ys.slice(ys.length >> 1)) * limitBytes,
    limitBytes,
    slopeBytesPerSecond: trend.slope * limitBytes,
    ...measured,
    seenShare: Math.min(1, (spanMs + 2 * intervalMs) / ((killedAt ?? last.t) - (startedAt ?? first.t))),
    headStart: trend.slope <= 0 ? Infinity : baseOf(trend, lateMs / 1000) / (trend.slope * (intervalMs / 1000)),
    baseShare: levelBefore(
      Math.max(ys[0] ?? 0, trend.intercept),
      trend.slope * Math.max(0, (first.t - (startedAt ?? first.t)) / 1000),
    ),
    unevenness: scatter / Math.max(Math.abs(rise), smallRise),
    withLoad: work !== null,
    ownShare: ownShareOf(samples),
    isStairs: stairs !== null,
    risesBetweenPeaks: floor !== null,
    pattern: isOneJump && isGrowing({ pattern }) ? 'irregular' : pattern,
  };
}

/** The line at the start of the run, as a share of the limit; a line from below zero has not gone on since then. */
function baseOf({ slope, intercept }: Trend, lateSeconds: number): number {
  const base = intercept - slope * lateSeconds;
  return base < -smallRise ? intercept : base;
}

/** What it held before it grew by so much, shares of the limit; a line from below zero has not gone on for so long. */
function levelBefore(seen: number, grown: number): number {
  return seen - grown < -smallRise ? seen : Math.max(0, seen - grown);
}

function pointOf({ t, workingSetBytes }: UsageSample, from: number, limitBytes: number): Point {
  return { x: (t - from) / 1000, y: workingSetBytes / limitBytes };
}

/** The most that a verdict by this shape can be sure of. */
export function mostSure({ count }: Pick<Shape, 'count'>): number {
  return count < fewestSamples ? fewMakeSure : 0.95;
}

/** One line from next to nothing, as a program grows that loads its data: it had no level to work at before. */
export function startsFromNothing({ headStart, baseShare }: Pick<Shape, 'headStart' | 'baseShare'>): boolean {
  return headStart < someHeadStart && baseShare < someBase;
}

/** It goes up from beginning to end, bent or not. */
export function isGrowing({ pattern }: Pick<Shape, 'pattern'>): boolean {
  return pattern === 'steady' || pattern === 'slowing';
}

/** `scatter`: median distance from the line. */
function patternOf(
  { rise, tau, bow, fade }: Pick<Shape, 'rise' | 'tau' | 'bow' | 'fade'>,
  scatter: number,
  ys: readonly number[],
): Pattern {
  const settled = ys.slice(Math.ceil(ys.length * warmUpShare));
  const middle = median(settled);
  const height = Math.max(...settled) - middle;
  const spread = medianDeviation(settled);
  if (Math.abs(rise) < smallRise) {
    const lastFew = Math.max(1, Math.round(settled.length / 10));
    const beforeEnd = Math.max(...settled.slice(0, -lastFew));
    if (height > 0.12 && beforeEnd - middle < height / 2) return 'sudden';
    if (height > Math.max(0.12, 4 * spread)) return 'spiky';
    const low = settled.toSorted((a, b) => a - b)[settled.length >> 2] ?? middle;
    return middle - low > farBelowLevel ? 'irregular' : 'flat';
  }
  if (tau < 0.5) return height > 0.12 ? 'spiky' : 'irregular';
  if (bow > bentBow) return 'slowing';
  if (bow < -0.18) return 'sudden';
  if (tau < 0.6 || scatter >= Math.max(0.03, rise / 5)) return 'irregular';
  return isBend({ bow, fade }) ? 'slowing' : 'steady';
}

/** Growth of rss as a share of the growth of the working set, both by trend. */
function ownShareOf(samples: readonly UsageSample[]): number | null {
  const from = samples[0]?.t ?? 0;
  const own = samples.flatMap(({ t, rssBytes }) => (rssBytes === undefined ? [] : [{ x: t - from, y: rssBytes }]));
  if (own.length < fewestSamples) return null;
  const all = trendOf(samples.map(({ t, workingSetBytes }) => ({ x: t - from, y: workingSetBytes })));
  const ownTrend = trendOf(own);
  return !all || !ownTrend || all.slope <= 0 ? null : ownTrend.slope / all.slope;
}
