import { aboutTime } from '../talk/words.ts';
import { roughDuration } from '../units/duration.ts';
import type { Watch } from './check.ts';
import { takesMs } from './watch-length.ts';

/** Why it is too early to say more. */
export function watchWords(watch: Watch, appliedAt: number, now: number): string {
  const until = aboutTime(appliedAt + takesMs(watch), now);
  const why = watch.why === '' ? '' : `: ${watch.why}`;
  return `It is watched until about ${until}${why}.${demoWords(watch)}`;
}

/** A pretended world has no time to wait, and says so. */
export function demoWords({ forMs, shortenedToMs }: Watch): string {
  if (shortenedToMs === null) return '';
  return ` (demo: checked after ${roughDuration(shortenedToMs)} instead of ${roughDuration(forMs)})`;
}
