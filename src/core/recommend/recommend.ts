import type { Diagnosis, Hypothesis } from '../diagnose/diagnosis.ts';
import { factsOf } from '../diagnose/facts.ts';
import type { Facts } from '../diagnose/facts.ts';
import { rateWords } from '../diagnose/rates.ts';
import type { Findings } from '../evidence/evidence.ts';
import { killedAtMs } from '../kill/kill.ts';
import type { Kill } from '../kill/kill.ts';
import { roughDuration } from '../talk/words.ts';
import { estimateLimit } from './estimate-limit.ts';
import type { Fix, Mitigation, Recommendation } from './recommendation.ts';
import { roundUp } from './round-up.ts';

/** A leak's mitigation is meant to last a night at the present slope, but is never larger or smaller than this. */
const nightSeconds = 12 * 60 * 60;
const leakFactor = { least: 1.25, most: 2 };

/**
 * What ends it, and what buys time tonight. Memory request = limit (R1). A leak's fix is never a raise: no number ends
 * a leak. Pure; bytes and ms.
 */
export function recommend(
  diagnosis: Diagnosis,
  findings: Findings,
  kill: Kill,
  recent: readonly Kill[],
): Recommendation {
  const facts = factsOf(findings, kill, recent, killedAtMs(kill));
  const [verdict] = diagnosis.hypotheses;
  switch (verdict?.cause) {
    case 'limit-too-low':
      return { fix: raise(facts) ?? none('There is no limit in force that could be raised.'), mitigation: null };
    case 'leak':
      return {
        fix: { kind: 'fix-leak', why: 'A higher limit only moves the next kill.' },
        mitigation: untilTomorrow(facts, diagnosis.slopeBytesPerSecond),
      };
    case 'bad-rollout':
      return {
        fix: {
          kind: 'roll-back',
          toRevision: facts.rollout?.previousRevision ?? null,
          why: 'The revision before lived within its limit.',
        },
        mitigation: raised(facts, 'If it cannot be rolled back now, a higher limit may carry the new revision.'),
      };
    case 'not-memory':
      return { fix: none('It was not killed for memory, so no memory setting would help.'), mitigation: null };
    default:
      return {
        fix: none(undecided(verdict)),
        mitigation: mayHelp(facts)
          ? raised(facts, 'Raise, then look: whether it is killed again at a higher limit tells what it was.')
          : null,
      };
  }
}

function none(why: string): Fix {
  return { kind: 'none', why };
}

function undecided(verdict: Hypothesis | undefined): string {
  return verdict?.cause === 'inconclusive'
    ? 'The evidence does not decide what ends it.'
    : 'What ends it is not known for this cause.';
}

/** Whether its own limit is what it may have hit: not where it was calmly far below. */
function mayHelp({ kill, limitBytes, shape, last }: Facts): boolean {
  if (limitBytes === null || kill.kind === 'eviction' || kill.kind === 'node' || kill.kind === 'self') return false;
  return !(shape?.course === 'flat' && last !== null && last.bytes < limitBytes * 0.6);
}

function raise(facts: Facts): Fix | null {
  const estimate = estimateLimit(facts);
  return estimate && { kind: 'raise-limit', requestBytes: estimate.limitBytes, ...estimate };
}

function raised(facts: Facts, why: string): Mitigation | null {
  const estimate = estimateLimit(facts);
  if (!estimate) return null;
  const { limitBytes } = estimate;
  return { kind: 'raise-limit', limitBytes, requestBytes: limitBytes, buysMs: null, why };
}

function untilTomorrow({ limitBytes }: Facts, slope: number | null): Mitigation | null {
  if (limitBytes === null) return null;
  const wanted = slope === null ? limitBytes * 1.5 : limitBytes + slope * nightSeconds;
  const { least, most } = leakFactor;
  const limit = roundUp(Math.min(Math.max(wanted, limitBytes * least), limitBytes * most));
  const buysMs = slope === null || slope <= 0 ? null : Math.round(((limit - limitBytes) / slope) * 1000);
  const why =
    buysMs === null || slope === null
      ? 'It only moves the next kill; how far cannot be said without usage.'
      : `At ${rateWords(slope)} each life lasts ${roughDuration(buysMs)} longer.`;
  return { kind: 'raise-limit', limitBytes: limit, requestBytes: limit, buysMs, why };
}
