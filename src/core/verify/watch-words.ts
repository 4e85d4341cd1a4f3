import { aboutTime } from '../talk/words.ts';
import { hourMs, minuteMs, roughDuration } from '../units/duration.ts';
import type { Watch } from './check.ts';
import { takesMs } from './watch-length.ts';

/** Why it is too early to say more. */
export function watchWords(watch: Watch, appliedAt: number, now: number): string {
  const until = aboutTime(appliedAt + takesMs(watch), now);
  const why = watch.why === '' ? '' : `: ${watch.why}`;
  return `It is watched until about ${until}${why}${demoWords(watch)}.`;
}

/** A pretended world has no time to wait, and says so. */
export function demoWords({ forMs, shortenedToMs }: Watch): string {
  if (shortenedToMs === null) return '';
  return ` (demo: checked after ${plainDuration(shortenedToMs)} instead of ${plainDuration(forMs)})`;
}

/** `1 min`: nobody says 60 s of what is a minute by definition. */
function plainDuration(ms: number): string {
  return ms < hourMs && ms % minuteMs === 0 ? `${ms / minuteMs} min` : roughDuration(ms);
}
