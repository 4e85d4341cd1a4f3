import { cleanSamples } from '../../evidence/clean-samples.ts';
import type { UsageRun } from '../../evidence/evidence.ts';
import { secondMs } from '../../units/duration.ts';
import { median } from '../../evidence/statistics.ts';

/*
 * Two revisions of one workload, compared at the same age of their containers. A leak, a start and a growing load go by
 * the age of the container, so a revision that was replaced early shows whether it went the same way as long as it ran,
 * although it never came near the limit.
 */

/**
 * `same`: the revision before went the same way, and not only while both stood still. `higher`: towards its end the
 * killed one used more than the one before did at that age.
 */
export type SameAges = 'same' | 'higher' | 'unknown';

/** Differences below this share of the limit are noise: samples of the same program differ by 1 to 3 % of it. */
const noise = 0.06;
/** So much more of the limit is another need. */
const clearlyMore = 0.15;
/** A rise by this share of the limit is growth; a run that stands still says nothing about what comes later. */
const growth = 0.1;
/** Fewer pairs show no course. */
const fewestPairs = 5;
const mostOfThem = 0.8;
/** A status gives a start in whole seconds: within ten of them every age may be a tenth too old. */
const shortestMs = 10 * secondMs;
/** The end is the last quarter, but no fewer pairs than these: one may be an outlier. */
const endPairs = 3;

interface Point {
  readonly age: number;
  readonly bytes: number;
}

/** `before` are runs of other revisions, `killed` those that ended with a kill. `lifeMs` is from a start to its kill. */
export function atSameAges(
  before: readonly UsageRun[],
  killed: readonly UsageRun[],
  { limitBytes, lifeMs }: { readonly limitBytes: number; readonly lifeMs: number },
): SameAges {
  const old = before.map(pointsOf).filter((points) => points.length > 0);
  const pairs = killed
    .flatMap((run) => pointsOf(run))
    .flatMap(({ age, bytes }) => {
      const band = bandAt(old, age);
      if (band === null) return [];
      const off = bytes > band.high ? bytes - band.high : Math.min(0, bytes - band.low);
      return [{ age, share: off / limitBytes, before: (band.low + band.high) / 2 }];
    })
    .toSorted((a, b) => a.age - b.age);
  const last = pairs.at(-1);
  if (last === undefined) return 'unknown';
  const late = pairs.filter(({ age }) => age >= last.age / 2);
  if (late.length > 1 && last.age >= lifeMs / 2 && late.every(({ share }) => share > noise))
    return median(late.map(({ share }) => share)) > clearlyMore ? 'higher' : 'unknown';
  if (pairs.length < fewestPairs || lifeMs < shortestMs) return 'unknown';
  const alike = pairs.filter(({ share }) => Math.abs(share) <= noise).length;
  if (alike < pairs.length * mostOfThem) return 'unknown';
  const levels = pairs.map((pair) => pair.before);
  const grew = Math.max(...levels) - Math.min(...levels) > growth * limitBytes;
  // Two starts look alike until one of them is done; a burst that killed only one of them comes at its very end.
  const atEnd = median(pairs.slice(-Math.max(endPairs, pairs.length / 4)).map(({ share }) => Math.abs(share)));
  return (grew ? atEnd <= noise : last.age >= mostOfThem * lifeMs) ? 'same' : 'unknown';
}

function pointsOf(run: UsageRun): readonly Point[] {
  const samples = cleanSamples(run);
  const start = run.startedAt ?? samples[0]?.t ?? 0;
  return samples.map(({ t, workingSetBytes }) => ({ age: Math.max(0, t - start), bytes: workingSetBytes }));
}

/** What the runs used at about this age, a sample earlier or later; null if none was seen then. */
function bandAt(runs: readonly (readonly Point[])[], age: number): { low: number; high: number } | null {
  const near = runs.flatMap((points) => {
    const [first, last] = [points[0], points.at(-1)];
    if (first === undefined || last === undefined || age < first.age || age > last.age) return [];
    const after = points.findIndex((point) => point.age >= age);
    return points.slice(Math.max(0, after - 1), after + 1).map(({ bytes }) => bytes);
  });
  return near.length === 0 ? null : { low: Math.min(...near), high: Math.max(...near) };
}
