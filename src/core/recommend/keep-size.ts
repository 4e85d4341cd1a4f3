import type { Plan } from '../remediate/plan.ts';
import type { EnvChange } from './env-change.ts';
import { envWords } from './env-words.ts';
import type { Recommendation } from './recommendation.ts';

/** A size this little above, or this much below, the present proposal is the same advice. */
const littleMore = 1.1;
const muchLess = 0.75;

/**
 * Keeps the proposed size, which somebody may be about to approve, unless the new estimate really differs: a proposal
 * that changes with each kill cannot be clicked. `proposed` is the pending plan; null if there is none.
 */
export function keepSize(recommendation: Recommendation, proposed: Plan | null): Recommendation {
  const size = proposed?.to.limitBytes ?? null;
  if (proposed === null || size === null) return recommendation;
  const { fix, mitigation } = recommendation;
  if (proposed.purpose === 'fix' && fix.kind === 'raise-limit' && isClose(fix.limitBytes, size))
    return { ...recommendation, fix: { ...fix, limitBytes: size, requestBytes: size } };
  if (fix.kind === 'set-heap' && isClose(fix.limitBytes, size) && sameEnv(fix.env, proposed.env))
    return { ...recommendation, fix: { ...fix, limitBytes: size, requestBytes: size } };
  if (proposed.purpose === 'mitigation' && mitigation !== null && isClose(mitigation.limitBytes, size))
    return { ...recommendation, mitigation: { ...mitigation, limitBytes: size, requestBytes: size } };
  return recommendation;
}

function sameEnv(wanted: readonly EnvChange[], proposed: readonly EnvChange[]): boolean {
  return wanted.map(envWords).join('\n') === proposed.map(envWords).join('\n');
}

function isClose(wanted: number, proposed: number): boolean {
  return wanted <= proposed * littleMore && wanted >= proposed * muchLess;
}
