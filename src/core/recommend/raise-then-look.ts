import { leakRunMs } from '../diagnose/experiment.ts';
import type { Facts } from '../diagnose/facts.ts';
import { startingMs } from '../diagnose/run-times.ts';
import { median } from '../evidence/statistics.ts';
import { roughDuration } from '../units/duration.ts';
import { formatBytes } from '../units/quantity.ts';

/**
 * What to look at after a raise to `limitBytes`, where nothing has told yet what it is: the cheapest experiment. The
 * times are those by which the next diagnosis judges.
 */
export function raiseThenLook({ limitBytes: from, runTimes }: Facts, limitBytes: number): string {
  const runMs = median(runTimes.alike);
  if (from === null || runTimes.alike.length === 0 || runMs < startingMs)
    return 'Raise, then look: whether it is killed again at a higher limit tells what it was.';
  const { least, most } = leakRunMs(runMs, limitBytes / from);
  const latest = roughDuration(most);
  return `Raise, then look: if it is killed again after ${rangeWords(roughDuration(least), latest)} instead of ${roughDuration(runMs)}, it leaks; if it still runs after ${latest}, ${formatBytes(from)} was too low.`;
}

/** `7 to 11 min`, `88 s to 2 min`, `about 5 h`. */
function rangeWords(from: string, to: string): string {
  if (from === to) return `about ${to}`;
  const [size, unit = ''] = from.split(' ');
  return to.endsWith(` ${unit}`) ? `${size} to ${to}` : `${from} to ${to}`;
}
