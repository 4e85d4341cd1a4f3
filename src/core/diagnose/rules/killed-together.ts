import { roughDuration } from '../../units/duration.ts';
import { formatBytes } from '../../units/quantity.ts';
import type { Hypothesis } from '../diagnosis.ts';
import type { Facts } from '../facts.ts';
import { gotThrough, startingMs } from '../run-times.ts';

/**
 * Pods that had run for quite different times and are killed within seconds of each other have no clock of their own:
 * what killed them came from outside, as load does. Null where they started together, or one alone was killed. It is a
 * guess where usage was not seen, and a node that ran out looks the same.
 */
export function killedTogether({ runTimes, limitBytes, trigger, missing }: Facts): Hypothesis | null {
  const own = runTimes.all.at(-1);
  const beside = runTimes.longestBeside;
  if (own === undefined || beside === null || limitBytes === null || trigger.kind !== 'container') return null;
  if (beside < gotThrough * Math.max(own, startingMs)) return null;
  const after = `${roughDuration(own)} and ${roughDuration(beside)}`;
  return {
    cause: 'traffic-spike',
    confidence: 0.6,
    sentence: `Probably a spike: pods of it that had run for ${after} were killed within seconds of each other at ${formatBytes(limitBytes)}`,
    for: [`Its pods were killed within the same seconds, ${after} after their starts.`],
    against: ['How its usage rose was not seen.', ...missing],
  };
}
