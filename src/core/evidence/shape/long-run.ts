import type { UsageRun, UsageSample } from '../evidence.ts';
import { isGrowing, shapeOf } from './run-shape.ts';
import type { Shape } from './run-shape.ts';
import { median } from '../statistics.ts';

/*
 * A run of days is known in steps of minutes or hours, and its last 90 min as it was scraped. A shape is made of samples
 * that are evenly apart, or the minutes would outweigh the days: so there are two of them, and one decides.
 */

/** A run that is sampled so many times more often in one part than in most of its time is known twice. */
const unlike = 2;
/** Samples of one part are as far apart as its gaps say, more or less: cAdvisor's rows of 15 s are 10 to 19 s apart. */
const nearly = 0.75;

/**
 * The shape of a run under `limitBytes`, as `shapeOf`. Of a run that was looked at in two ways the whole time decides
 * where it shows growth, or where usage was as high before and came down again: then the last minutes are one more rise.
 * Else the last minutes do, which the whole time does not see.
 */
export function shapeOfRun(run: UsageRun, limitBytes: number): Shape | null {
  const parts = partsOf(run.samples);
  if (parts === null) return shapeOf(run, limitBytes);
  const whole = shapeOf({ ...run, samples: parts.whole }, limitBytes);
  const close = shapeOf({ ...run, samples: parts.close }, limitBytes);
  if (whole === null || close === null) return whole ?? close ?? shapeOf(run, limitBytes);
  const isOneMore = whole.pattern === 'spiky' && isGrowing(close);
  return isGrowing(whole) || isOneMore ? whole : close;
}

/** The samples of a run evenly apart, and those of its end as often as there are; null where all are alike. */
export function partsOf(
  samples: readonly UsageSample[],
): { readonly whole: readonly UsageSample[]; readonly close: readonly UsageSample[] } | null {
  const gaps = samples.slice(1).map(({ t }, index) => t - (samples[index]?.t ?? t));
  const often = median(gaps.slice(-Math.ceil(gaps.length / 4)));
  const seldom = gapOfHalfTheTime(gaps);
  if (!(seldom > often * unlike)) return null;
  const from = gaps.findLastIndex((gap) => gap > often * unlike && gap > seldom * nearly) + 1;
  return { whole: evenly(samples, seldom), close: samples.slice(from) };
}

/** Gaps as long as this or longer make up half of the time. */
function gapOfHalfTheTime(gaps: readonly number[]): number {
  const sorted = gaps.toSorted((a, b) => b - a);
  const half = sorted.reduce((sum, gap) => sum + gap, 0) / 2;
  let sum = 0;
  for (const gap of sorted) {
    sum += gap;
    if (sum >= half) return gap;
  }
  return 0;
}

/** At most one sample in each step, the last one among them. */
function evenly(samples: readonly UsageSample[], stepMs: number): readonly UsageSample[] {
  const kept: UsageSample[] = [];
  for (const sample of samples.toReversed()) {
    const next = kept.at(-1);
    if (next === undefined || next.t - sample.t >= stepMs * nearly) kept.push(sample);
  }
  return kept.toReversed();
}
