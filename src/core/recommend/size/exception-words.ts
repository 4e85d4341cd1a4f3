import type { UsagePeak } from '../../evidence/evidence.ts';
import { dailyPeaks } from '../../evidence/usage-lines.ts';
import { formatBytes } from '../../units/quantity.ts';

/** Fewer days are no habit. */
const fewestDays = 7;
/** Below this share of the limit there is so much room that a day without a kill is no near miss. */
const calmShare = 0.7;

/**
 * Says that the kill is an exception: on all days but one or two of a fortnight there was much room below the limit.
 * '' where that is not so, or there are too few days.
 */
export function exceptionWords(peaks: readonly UsagePeak[], limitBytes: number): string {
  const days = dailyPeaks(peaks.filter(({ bytes }) => bytes > 0)).toSorted((a, b) => a - b);
  const calm = days.filter((bytes) => bytes <= limitBytes * calmShare);
  const [most] = calm.slice(-1);
  if (most === undefined || days.length < fewestDays || days.length - calm.length > days.length * 0.15) return '';
  return `On ${calm.length} of the last ${days.length} days it used at most ${formatBytes(most)}, so this kill is an exception.`;
}
