import { clockTime } from '../../../core/talk/words.ts';

/** `today at 2:02 PM`, as the reader's clock shows it; `at` is ms UTC. */
export function slackTime(at: number): string {
  return `<!date^${Math.floor(at / 1000)}^{date_short_pretty} at {time}|${clockTime(at)}>`;
}
