import { cleanSamples } from '../clean-samples.ts';
import type { UsageRun, UsageSample } from '../evidence.ts';
import { median } from '../statistics.ts';

/** One rise from the calm level and, where it was seen, the fall back. Bytes and ms UTC. */
export interface Burst {
  /** Last calm moment before it. */
  readonly from: number;
  /** The most that was seen in it, never more than that. */
  readonly seenBytes: number;
  /** Whether it fell back to the calm level without a kill. */
  readonly over: boolean;
  /** How many times the most load of a calm time as long was seen around it; null where load was not measured. */
  readonly loadTimes: number | null;
}

/** Usage that is calm most of the time, and its bursts. */
export interface Bursts {
  readonly calmBytes: number;
  /** Share of the samples at the calm level, 0..1. */
  readonly calmShare: number;
  readonly bursts: readonly Burst[];
}

/** Fewer samples show no level. */
const fewest = 4;
/** The calm level: what a quarter of the samples stay below. Bursts may take up to half of the time. */
const calmQuantile = 0.25;
/** Nearer to the calm level than this share of the way to the top is calm; beyond the other it is a burst. */
const calmBand = 0.15;
const burstBand = 0.5;
/** Samples before and after a burst that may contain its load, because two meters are never read at the same moment. */
const loadReach = 2;

/**
 * Finds the bursts of a run: short rises from a calm level. `leastBytes` is how high above the calm level a rise has
 * to come to be one. Null where there are too few samples. Without a unit of time of its own: a burst may take seconds
 * or an hour.
 */
export function burstsOf(run: UsageRun, leastBytes: number): Bursts | null {
  const samples = cleanSamples(run);
  if (samples.length < fewest) return null;
  const sizes = samples.map(({ workingSetBytes }) => workingSetBytes).toSorted((a, b) => a - b);
  const calmBytes = sizes[Math.floor(sizes.length * calmQuantile)] ?? 0;
  const height = Math.max(leastBytes, (sizes.at(-1) ?? 0) - calmBytes);
  const isCalm = ({ workingSetBytes }: UsageSample): boolean => workingSetBytes <= calmBytes + height * calmBand;
  const isHigh = ({ workingSetBytes }: UsageSample): boolean =>
    workingSetBytes >= calmBytes + Math.max(leastBytes, height * burstBand);
  const found: Found[] = [];
  let calmAt = 0;
  for (let index = 0; index < samples.length; index += 1) {
    const sample = samples[index];
    if (!sample) continue;
    if (isCalm(sample)) calmAt = index;
    if (!isHigh(sample)) continue;
    let end = index;
    while (end + 1 < samples.length && !isCalm(samples[end + 1] ?? sample)) end += 1;
    found.push({ calmAt, high: index, end });
    index = end;
  }
  const calmTimes = timesBetween(found, samples);
  const bursts = found.map((one) => burstOf(one, samples, calmTimes));
  return { calmBytes, calmShare: samples.filter(isCalm).length / samples.length, bursts };
}

/** Indices of samples: the last calm one before a burst, the first high one, and the last of it. */
interface Found {
  readonly calmAt: number;
  readonly high: number;
  readonly end: number;
}

function burstOf(
  { calmAt, high, end }: Found,
  samples: readonly UsageSample[],
  calmTimes: readonly (readonly UsageSample[])[],
): Burst {
  const around = samples.slice(Math.max(0, calmAt - 1), end + loadReach + 1);
  const most = mostLoad(around);
  const calm = calmLoadFor(around.length, calmTimes);
  return {
    from: samples[calmAt]?.t ?? 0,
    seenBytes: Math.max(...samples.slice(high, end + 1).map(({ workingSetBytes }) => workingSetBytes)),
    over: end + 1 < samples.length,
    loadTimes: most !== null && calm > 0 ? most / calm : null,
  };
}

/** The samples before, between and behind the bursts, without those in which the load of one may stand. */
function timesBetween(all: readonly Found[], samples: readonly UsageSample[]): readonly (readonly UsageSample[])[] {
  return [...all, null].map((next, nth) => {
    const before = all[nth - 1];
    return samples.slice(before === undefined ? 0 : before.end + loadReach + 1, next?.calmAt);
  });
}

/**
 * The most load of so many samples in a row where there is no burst (median): of many samples the most is high in any
 * load that goes up and down. Where calm times are shorter, of as many as they have; NaN where there are none.
 */
function calmLoadFor(count: number, calmTimes: readonly (readonly UsageSample[])[]): number {
  const width = Math.min(count, Math.max(...calmTimes.map(({ length }) => length)));
  const most = calmTimes.flatMap((run) =>
    run.slice(width - 1).map((_, from) => mostLoad(run.slice(from, from + width))),
  );
  return median(most.filter((load) => load !== null));
}

function mostLoad(samples: readonly UsageSample[]): number | null {
  const loads = samples.flatMap(({ load }) => (load !== undefined && load >= 0 ? [load] : []));
  return loads.length === 0 ? null : Math.max(...loads);
}
