import type { Findings } from '../evidence/evidence.ts';
import type { Kill } from '../kill/kill.ts';
import { causes } from './diagnosis.ts';
import type { Diagnosis, Hypothesis } from './diagnosis.ts';
import { factsOf } from './facts.ts';
import { nextKillAt } from './next-kill.ts';
import type { Rule } from './rule.ts';
import { decidingConfidence } from './rule.ts';
import { badRollout } from './rules/bad-rollout.ts';
import { inconclusive } from './rules/inconclusive.ts';
import { leak } from './rules/leak.ts';
import { limitTooLow } from './rules/limit-too-low.ts';
import { notMemory } from './rules/not-memory.ts';

/** A rollout that the revision before it speaks against by its own usage. */
const certainRollout = 0.85;

const rules: readonly Rule[] = [limitTooLow, leak, badRollout, notMemory];

/**
 * Why it was killed: every rule says how sure it is of its cause, the surest is the verdict. Where none is surer than
 * a guess the verdict is `inconclusive`. `recent` are the kills of the same incident, `now` is ms UTC. Pure: the same
 * findings give the same diagnosis, in the same order.
 */
export function diagnose(findings: Findings, kill: Kill, recent: readonly Kill[], now: number): Diagnosis {
  const facts = factsOf(findings, kill, recent, now);
  const found = withRollout(rules.flatMap((rule) => rule(facts) ?? []));
  const all = [...found, inconclusive(facts, found)].map(rounded).toSorted(byConfidence);
  const ranked = (all[0]?.confidence ?? 0) < decidingConfidence ? all.toSorted(inconclusiveFirst) : all;
  const growing = facts.shape !== null && (facts.shape.course === 'steady' || facts.shape.course === 'slowing');
  return {
    hypotheses: ranked,
    slopeBytesPerSecond: growing ? (facts.shape?.slopeBytesPerSecond ?? null) : null,
    nextKillAt: ranked[0]?.cause === 'leak' ? nextKillAt(facts) : null,
  };
}

/** What began with a rollout is the rollout's doing, whatever it looks like by itself. */
function withRollout(found: readonly Hypothesis[]): readonly Hypothesis[] {
  const rollout = found.find(({ cause }) => cause === 'bad-rollout');
  if (!rollout || rollout.confidence < certainRollout) return found;
  return found.map((one) =>
    one === rollout
      ? one
      : { ...one, confidence: one.confidence / 2, against: [...one.against, 'It began with the last rollout.'] },
  );
}

function rounded(hypothesis: Hypothesis): Hypothesis {
  return { ...hypothesis, confidence: Math.round(hypothesis.confidence * 100) / 100 };
}

/** Ties go by the order of the causes, so that the same facts always give the same verdict. */
function byConfidence(a: Hypothesis, b: Hypothesis): number {
  return b.confidence - a.confidence || causes.indexOf(a.cause) - causes.indexOf(b.cause);
}

function inconclusiveFirst(a: Hypothesis, b: Hypothesis): number {
  return Number(b.cause === 'inconclusive') - Number(a.cause === 'inconclusive') || byConfidence(a, b);
}
