import type { UsageSample } from './evidence.ts';

/** What few samples of a killed run can say about growth. */
export type FewSamples =
  /** A line through them meets the limit when it was killed, or there are not enough to say. */
  | 'may-grow'
  /** They stay where they are, far below the limit: it may not have been its own limit at all. */
  | 'far-below'
  /** Growth does not explain the kill: it jumped, or slowed down before. */
  | 'no-growth';

/** A line that meets the limit within this share of it explains the kill; in 9 labelled leaks it was 0.97 to 1.01. */
const meets = 0.1;
/** Growth by less is none, as a share of the limit. */
const littleRise = 0.1;
/** From here on it may have reached its own limit without growth. */
const farShare = 0.65;
/** A second half that grows by less than this share of the first one's rate bends. */
const bendShare = 0.5;

/** Too few samples for a shape still tell a jump from a line. `killedAt` is ms UTC. Pure. */
export function fewSamplesSay(samples: readonly UsageSample[], killedAt: number, limitBytes: number): FewSamples {
  const [first] = samples;
  const last = samples.at(-1);
  const middle = samples[(samples.length - 1) >> 1];
  if (!first || !last || !middle || last.t <= first.t) return 'may-grow';
  const sizes = samples.map(({ workingSetBytes }) => workingSetBytes / limitBytes);
  const isFlat = Math.max(...sizes) - Math.min(...sizes) < littleRise;
  if (isFlat && (sizes.at(-1) ?? 0) < farShare) return 'far-below';
  const reached = last.workingSetBytes + rate(first, last) * Math.max(0, killedAt - last.t);
  if (Math.abs(reached / limitBytes - 1) > meets) return 'no-growth';
  const bends = samples.length >= 4 && rate(middle, last) < rate(first, middle) * bendShare;
  return bends ? 'no-growth' : 'may-grow';
}

/** Bytes per ms. */
function rate(from: UsageSample, to: UsageSample): number {
  return (to.workingSetBytes - from.workingSetBytes) / Math.max(1, to.t - from.t);
}
