import { percent } from '../../units/percent.ts';
import { formatBytes } from '../../units/quantity.ts';
import type { Hypothesis } from '../diagnosis.ts';
import type { Facts } from '../facts.ts';
import { unheldGrowth } from '../runtimes/go-collector.ts';
import { limitTooLow } from './limit-too-low.ts';

/** It says more about the same kill than that the limit is too low. */
const more = 0.02;

/**
 * A Go program without `GOMEMLIMIT` collects only when its heap is twice what is live, limit or no limit: with GOGC=100 a
 * live heap of 60 % of the limit is killed by design (recorded). So where its need is bounded, the soft limit is what is
 * missing; a leak and a burst stay what they are.
 */
export function goSoftLimitMissing(facts: Facts): Hypothesis | null {
  const { findings, trigger, limitBytes, shape } = facts;
  if (trigger.kind !== 'container' || limitBytes === null || !findings.spec.found) return null;
  const times = unheldGrowth(findings.spec.value, trigger.labels);
  if (times === null || shape === null || shape.pattern === 'steady' || shape.pattern === 'spiky') return null;
  const low = limitTooLow(facts);
  if (low === null) return null;
  const live = formatBytes(limitBytes / times);
  return {
    cause: 'heap-misconfigured',
    confidence: low.confidence + more,
    sentence: `No soft limit: without GOMEMLIMIT Go lets its heap grow to ${times} times what is live, so ${live} of live heap, ${percent(1 / times)} of the limit of ${formatBytes(limitBytes)}, are enough to be killed`,
    for: ['It is a Go program, and GOMEMLIMIT is not set.', ...low.for],
    against: ['How much of it is live is not known.', ...low.against],
  };
}
