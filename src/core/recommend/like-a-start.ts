import type { Facts } from '../diagnose/facts.ts';
import { workWords } from '../diagnose/rules/leak.ts';
import { startsFromNothing } from '../evidence/shape/run-shape.ts';
import { minuteMs } from '../units/duration.ts';

/**
 * The longest climb that is taken for a start. In the labelled traces programs that load their data do it for up to 53 s;
 * the leak of the recorded cluster that climbs from next to nothing took 4 min.
 */
const longestStartMs = minuteMs;

/**
 * One even line from next to nothing within a minute, at the first limit that was tried: of the 67 labelled traces that
 * climb in a line to their kill 11 look like this, and none of the 35 leaks is among them. It does not decide the cause,
 * because a leak can climb from nothing too, but it makes a raise the next step. Files in memory are no start, and the
 * heap of a language runtime may grow like this whatever it is filled with. Pure.
 */
export function isLikeAStart(facts: Facts): boolean {
  const { shape, runtime, experiment, findings } = facts;
  if (shape === null || runtime !== null || experiment !== null) return false;
  const wasRaised = findings.before?.found === true && findings.before.value.raises.length > 0;
  const isLine = shape.pattern === 'steady' && startsFromNothing(shape) && shape.spanMs < longestStartMs;
  const isItsOwn = shape.ownShare === null || shape.ownShare >= 0.5;
  return isLine && isItsOwn && !wasRaised && workWords(shape, facts).length === 0;
}
