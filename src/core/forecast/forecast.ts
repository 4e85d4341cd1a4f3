import { fewestSamples, shapeOf, smallRise } from '../evidence/shape/run-shape.ts';
import { trendOf } from '../evidence/statistics.ts';
import type { UsagePoint } from '../evidence/usage-now.ts';
import { minuteMs } from '../units/duration.ts';
import { risingSaw } from './saw.ts';
import { stalledShare } from './stall.ts';
import type { StallPoint } from './stall.ts';

/*
 * Whether a running container is about to be killed for memory, from its working set in this run. A false warning costs
 * more trust than a late one, so all of this must hold:
 *
 *   it is settled      the first minutes of a run prove nothing: a start climbs in a straight line and then stays
 *   it is a line       the shape that the diagnosis calls `steady`: small residual, no bend towards a level
 *   it goes on         the second half of the samples grows too
 *   it is new          it was not as high before and came down again, as with garbage collectors and bursts, unless
 *                      it keeps coming down, each time less far (saw.ts)
 *   it was seen        for at least a quarter of the predicted time
 *
 * Reclaimable page cache is not in the working set, so a service that is at its limit because of the cache alone is
 * calm.
 */

/** What is known of one container in its present run. Bytes and ms UTC. */
export interface Watched {
  /** Null if unknown. */
  readonly startedAt: number | null;
  readonly limitBytes: number | null;
  /** Working set of this run, oldest first. */
  readonly points: readonly UsagePoint[];
  /** Time in which all of its tasks were stalled for memory (a counter); oldest first, empty if not measured. */
  readonly stalls: readonly StallPoint[];
}

export type CalmReason =
  | 'no-limit'
  /** No sample is recent enough. */
  | 'not-seen'
  | 'too-young'
  | 'too-few-samples'
  | 'not-growing'
  /** Grows, but not in a line. */
  | 'uneven'
  | 'levels-off'
  /** It was as high before and came down again. */
  | 'comes-down';

/** How it grows, and when it would reach its limit (ms UTC). */
export interface Growth {
  readonly reachesAt: number;
  readonly bytesPerSecond: number;
  readonly usedBytes: number;
}

export type Forecast =
  | ({ readonly is: 'on-course' } & Growth)
  | { readonly is: 'rising-near-limit'; readonly bytesPerSecond: number; readonly usedBytes: number }
  /** `share` of the time, 0..1, that nothing in it ran for want of memory. */
  | { readonly is: 'stalled'; readonly share: number; readonly usedBytes: number }
  | { readonly is: 'calm'; readonly why: CalmReason }
  /** On course, but too far ahead to predict or to warn of, or seen in too few samples. */
  | { readonly is: 'calm'; readonly why: 'too-far-off' | 'few-samples'; readonly growth: Growth };

export type Danger = Exclude<Forecast, { is: 'calm' }>;

/** All ms. */
export interface ForecastPace {
  /** How far ahead to warn. */
  readonly withinMs: number;
  /** After so long a run is settled. The usual 10 min are longer than any start takes, as in the rule for leaks. */
  readonly settledMs: number;
}

export const usualSettledMs = 10 * minuteMs;

/** The other times, as shares of what it takes to settle; what they are of the usual 10 min stands with each. */
const shares = {
  /** 3 min: scrapes are up to a minute apart, and what is older does not speak of now. */
  newest: 0.3,
  /** 2 min, as row D7 has it: for so long it is above 80 %, or stands still. */
  near: 0.2,
  /**
   * 1 h, and 4 h and 12 h where too little grows in that to be seen: a leak of 2 % of the limit an hour needs five hours
   * for what is called growth. What is older says nothing about the line that it is on now, but still that it came down.
   */
  lines: [6, 24, 72],
  /** 10 min: so long a rise near the limit is looked at; in less a start that comes to its level looks like one. */
  rise: 1,
} as const;
/**
 * A line is extrapolated for four times as long as it was observed: from the usual hour that gives the default of 4 h.
 */
const farthest = 4;
/** Row D7's own number. */
const nearShare = 0.8;
/** The second half has to grow at this share of the whole's rate, at least. */
const goesOn = 0.4;
/** Coming down by this share of the limit is more than noise; going this much above the last height is news. */
const fallShare = 0.1;
const newsShare = 0.05;
/** Near the limit even healthy usage varies by a few hundredths of it. */
const smallNews = 0.03;
/** A rise near the limit: so many points, hardly one lower than the one before, and more than noise in all. */
const fewestInRise = 4;
const risingTau = 0.6;
const smallGrowth = 0.02;

const mostPoints = 60;
/** Fewer points have no robust line. */
const fewestInLine = 3;

/** The forecast for a container. `now` is ms UTC. Pure. */
export function forecast(watched: Watched, now: number, pace: ForecastPace): Forecast {
  const { limitBytes, points } = watched;
  if (limitBytes === null || limitBytes <= 0) return calm('no-limit');
  const last = points.at(-1);
  if (last === undefined || now - last.t > shares.newest * pace.settledMs) return calm('not-seen');
  const growth = growthAhead(watched, last, limitBytes, { ...pace, now });
  if (growth.is !== 'calm') return growth;
  const share = stalledShare(watched.stalls, last, limitBytes, pace.settledMs);
  return share === null ? growth : { is: 'stalled', share, usedBytes: last.bytes };
}

/**
 * The line that it grows in; null where it grows in none. One that is too far off to warn of is a line all the same: who
 * only lists or explains what grows says the same time as a warning would.
 */
export function growthIn(of: Forecast): Growth | null {
  if (of.is === 'on-course') return of;
  return of.is === 'calm' && 'growth' in of ? of.growth : null;
}

function growthAhead(
  { startedAt, points }: Watched,
  last: UsagePoint,
  limitBytes: number,
  pace: ForecastPace & { readonly now: number },
): Forecast {
  const { settledMs } = pace;
  const began = startedAt ?? points[0]?.t ?? last.t;
  if (last.t - began < settledMs) return calm('too-young');
  const settled = points.filter(({ t }) => t >= began + settledMs);
  if (cameDown(points, limitBytes)) return sawAhead(points, settled, limitBytes, pace) ?? calm('comes-down');
  const line = lineOf(settled, last, limitBytes, pace);
  if (line.is !== 'calm' || !isNews(points, last, limitBytes, pace)) return line;
  return risingNear(settled, last, limitBytes, pace) ?? line;
}

/** It keeps coming down, each time less far, and was never as high as the last time. */
function sawAhead(
  points: readonly UsagePoint[],
  settled: readonly UsagePoint[],
  limitBytes: number,
  { now, settledMs, withinMs }: ForecastPace & { readonly now: number },
): Forecast | null {
  const last = settled.at(-1);
  if (last === undefined) return null;
  for (const share of shares.lines) {
    const from = last.t - share * settledMs;
    const seen = settled.filter(({ t }) => t >= from);
    const saw = risingSaw(seen, limitBytes);
    if (saw === null) continue;
    const { highBytes, bytesPerSecond } = saw;
    const isOld = points.some(({ t, bytes }) => t < from && bytes > highBytes - newsShare * limitBytes);
    const { reachesAt } = growthFrom({ t: last.t, bytes: highBytes }, limitBytes, bytesPerSecond);
    const isFar = reachesAt - last.t > (last.t - (seen[0]?.t ?? last.t)) * farthest || reachesAt - now > withinMs;
    if (!isOld && !isFar) return { is: 'on-course', reachesAt, bytesPerSecond, usedBytes: last.bytes };
  }
  return null;
}

/** The shortest look that has enough samples and in which anything grows decides. */
function lineOf(
  settled: readonly UsagePoint[],
  last: UsagePoint,
  limitBytes: number,
  pace: ForecastPace & { readonly now: number },
): Forecast {
  let line: Forecast = calm('not-growing');
  for (const share of shares.lines) {
    const from = last.t - share * pace.settledMs;
    const seen = settled.filter(({ t }) => t >= from);
    line = lineAhead(seen, last, limitBytes, pace);
    const tellsNothing = line.is === 'calm' && (line.why === 'not-growing' || line.why === 'too-few-samples');
    if (!tellsNothing || seen.length === settled.length) break;
  }
  return line;
}

/** The forecast at this rate, in bytes per second, more than 0. */
export function growthFrom(last: UsagePoint, limitBytes: number, bytesPerSecond: number): Growth {
  const leftMs = (Math.max(0, limitBytes - last.bytes) / bytesPerSecond) * 1000;
  return { reachesAt: Math.round(last.t + leftMs), bytesPerSecond, usedBytes: last.bytes };
}

/** On course to the limit, in a line. */
function lineAhead(
  settled: readonly UsagePoint[],
  last: UsagePoint,
  limitBytes: number,
  { now, withinMs }: ForecastPace & { readonly now: number },
): Forecast {
  // What lies within less than the shape calls growth has not grown: nearly all that stands near its limit.
  if (spreadOf(settled) < smallRise * limitBytes && settled.length >= fewestSamples) return calm('not-growing');
  const samples = thinnedByTime(settled).map(({ t, bytes }) => ({ t, workingSetBytes: bytes }));
  const run = { pod: '', containerId: null, revision: null, startedAt: null, killedAt: null, limitBytes, samples };
  const shape = shapeOf(run, limitBytes);
  if (shape === null) return calm('too-few-samples');
  if (shape.pattern === 'flat') return calm('not-growing');
  if (shape.pattern === 'slowing' || !stillGrows(settled, shape.slopeBytesPerSecond)) return calm('levels-off');
  if (shape.pattern !== 'steady' || shape.slopeBytesPerSecond <= 0) return calm('uneven');
  const growth = growthFrom(last, limitBytes, shape.slopeBytesPerSecond);
  // Enough to say where it goes, too few to warn anybody.
  if (shape.count < fewestSamples) return { is: 'calm', why: 'few-samples', growth };
  const isFar = growth.reachesAt - last.t > shape.spanMs * farthest || growth.reachesAt - now > withinMs;
  return isFar ? { is: 'calm', why: 'too-far-off', growth } : { is: 'on-course', ...growth };
}

function spreadOf(points: readonly UsagePoint[]): number {
  const sizes = points.map(({ bytes }) => bytes);
  return Math.max(...sizes) - Math.min(...sizes);
}

/** So many points are close enough, and half as many are a quarter of the work. As far apart as may be: what is older is seldom as close. */
function thinnedByTime(points: readonly UsagePoint[]): readonly UsagePoint[] {
  const [from, to] = [points[0]?.t ?? 0, points.at(-1)?.t ?? 0];
  if (points.length <= mostPoints) return points;
  const slotOf = ({ t }: UsagePoint): number => Math.floor(((to - t) / (to - from)) * mostPoints);
  return points.filter((point, index) => {
    const next = points[index + 1];
    return next === undefined || slotOf(next) !== slotOf(point);
  });
}

/** Above 80 % of the limit for two minutes, and still rising. */
function risingNear(
  settled: readonly UsagePoint[],
  last: UsagePoint,
  limitBytes: number,
  { settledMs }: ForecastPace,
): Forecast | null {
  const [nearMs, riseMs] = [shares.near * settledMs, shares.rise * settledMs];
  const isLong = (settled[0]?.t ?? Infinity) <= last.t - riseMs;
  const stretch = settled.filter(({ t }) => t >= last.t - nearMs);
  if (!isLong || stretch.some(({ bytes }) => bytes < nearShare * limitBytes)) return null;
  const rise = settled.filter(({ t }) => t >= last.t - riseMs);
  const from = rise[0]?.t ?? last.t;
  const trend = trendOf(rise.map(({ t, bytes }) => ({ x: (t - from) / 1000, y: bytes })));
  if (trend === null || rise.length < fewestInRise || trend.tau < risingTau) return null;
  const grown = trend.slope * ((last.t - from) / 1000);
  if (grown < smallGrowth * limitBytes || !stillGrows(rise, trend.slope)) return null;
  return { is: 'rising-near-limit', bytesPerSecond: trend.slope, usedBytes: last.bytes };
}

/** Whether the second half of the points grows as the whole does. Points in time order, `rate` in bytes per second. */
function stillGrows(points: readonly UsagePoint[], rate: number): boolean {
  const half = points.slice(Math.min(points.length >> 1, Math.max(0, points.length - fewestInLine)));
  const from = half[0]?.t ?? 0;
  const trend = trendOf(half.map(({ t, bytes }) => ({ x: (t - from) / 1000, y: bytes })));
  return trend !== null && trend.slope >= rate * goesOn;
}

/**
 * Whether it is higher than it ever was before it began to rise: a level that it survived before is no reason to wake
 * anybody.
 */
function isNews(
  points: readonly UsagePoint[],
  last: UsagePoint,
  limitBytes: number,
  { settledMs }: ForecastPace,
): boolean {
  const from = last.t - shares.rise * settledMs;
  return points.every(({ t, bytes }) => t >= from || last.bytes >= bytes + smallNews * limitBytes);
}

/** Whether it was about as high before as it is now, and then fell without a restart. */
function cameDown(points: readonly UsagePoint[], limitBytes: number): boolean {
  const last = points.at(-1)?.bytes ?? 0;
  let highest = 0;
  let highestFallen = 0;
  for (const { bytes } of points) {
    highest = Math.max(highest, bytes);
    if (highest - bytes >= fallShare * limitBytes) highestFallen = Math.max(highestFallen, highest);
  }
  return highestFallen > 0 && last < highestFallen + newsShare * limitBytes;
}

function calm(why: CalmReason): Forecast {
  return { is: 'calm', why };
}
