import type { UsagePeak } from '../evidence/evidence.ts';
import { dayMs } from '../units/duration.ts';
import { formatBytes } from '../units/quantity.ts';

/** Fewer days are no habit. */
const fewestDays = 7;
/** Below this share of the limit there is so much room that a day without a kill is no near miss. */
const calmShare = 0.7;

/** The most that was used by day (UTC), oldest first; a day without samples is left out. Bytes. */
export function dayPeaks(peaks: readonly UsagePeak[]): readonly number[] {
  const days = Map.groupBy(
    peaks.filter(({ bytes }) => bytes > 0),
    ({ from, to }) => Math.floor((from + to) / 2 / dayMs),
  );
  return [...days.entries()]
    .toSorted(([a], [b]) => a - b)
    .map(([, ofDay]) => ofDay.reduce((most, { bytes }) => Math.max(most, bytes), 0));
}

/**
 * Says that the kill is an exception: on all days but one or two of a fortnight there was much room below the limit.
 * '' where that is not so, or there are too few days.
 */
export function exceptionWords(peaks: readonly UsagePeak[], limitBytes: number): string {
  const days = dayPeaks(peaks).toSorted((a, b) => a - b);
  const calm = days.filter((bytes) => bytes <= limitBytes * calmShare);
  const [most] = calm.slice(-1);
  if (most === undefined || days.length < fewestDays || days.length - calm.length > days.length * 0.15) return '';
  return `On ${calm.length} of the last ${days.length} days it used at most ${formatBytes(most)}, so this kill is an exception.`;
}
