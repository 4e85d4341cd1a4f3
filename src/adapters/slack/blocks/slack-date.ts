import { clockTime } from '../../../core/talk/words.ts';

/** A time of day as the reader's clock shows it, with its date where it is another day; `at` is ms UTC. */
export function slackTime(at: number): string {
  return `<!date^${Math.floor(at / 1000)}^{date_short_pretty}, {time}|${clockTime(at)}>`;
}
