import { evictionUsage } from '../../evidence/node/eviction-usage.ts';
import type { NodeFacts } from '../../evidence/evidence.ts';
import { isOvercommitted, nodeArithmetic } from '../../evidence/node/node-arithmetic.ts';
import type { Gone } from '../../evidence/node/node-arithmetic.ts';
import { exceedingWords } from '../../evidence/node/node-facts.ts';
import { isOfNode } from '../../kill/kill.ts';
import { formatBytes } from '../../units/quantity.ts';
import type { Hypothesis } from '../diagnosis.ts';
import type { Facts } from '../facts.ts';
import { noLimit } from './no-limit.ts';
import { nodePressure } from './node-pressure.ts';

/*
 * A node that ran out because its pods were allowed to use more than it has: the scheduler counts requests only, and
 * those who use far more than they asked for take what was promised to others. Plain node pressure is the same kill where
 * the pods kept to their requests, or where they may not use more than the node has: then the node is too small, or
 * something beside the pods took its memory. The numbers of the node decide; without them it is not said.
 */

/** The node ran out of memory, and its pods had promised each other more than it has. */
export function overcommit(facts: Facts): Hypothesis | null {
  const { findings, trigger } = facts;
  if (findings.node?.found !== true) return null;
  const node = findings.node.value;
  const ranOut = nodePressure(facts) ?? noLimit(facts);
  const gone = goneOf(facts);
  const sum = nodeArithmetic(node, gone);
  if (ranOut === null || sum === null || !isOvercommitted(node, sum)) return null;
  const [has, over] = [formatBytes(sum.allocatableBytes), formatBytes(sum.excessBytes)];
  const [most] = node.exceeding;
  const isOwn =
    gone !== null && gone.usedBytes - gone.requestBytes >= (most?.usedBytes ?? 0) - (most?.requestBytes ?? 0);
  // It asked for too little itself, and that says more than the sums of its node.
  if (isOwn && ranOut.cause === 'no-limit') return null;
  const whose = isOfNode(trigger)
    ? 'its pods'
    : isOwn
      ? 'this pod and others'
      : `other pods, above all ${most?.pod ?? ''},`;
  return {
    cause: 'overcommit',
    confidence: ranOut.confidence,
    sentence: `Overcommitted: ${node.node} has ${has} for pods, and ${whose} used ${over} more than they asked for`,
    for: [
      ...ranOut.for.slice(0, 1),
      `Pods of ${node.node} asked for ${formatBytes(node.requestedBytes)} of ${has}, and may use ${mayUse(node)}.`,
      `Those that use more than they asked for use ${over} above it; nobody had asked for ${formatBytes(Math.max(0, sum.unrequestedBytes))}.`,
      ...(node.exceeding.length === 0 ? [] : [`Above its request: ${exceedingWords(node)}.`]),
    ],
    against: ranOut.against,
  };
}

function mayUse({ limitBytes, unlimitedPods }: NodeFacts): string {
  const limits = formatBytes(limitBytes);
  if (unlimitedPods === 0) return limits;
  return `${limits} by their limits, and ${unlimitedPods} without one as much as there is`;
}

/** The killed pod with what it last used; null for a node, or where nobody saw it. */
function goneOf({ trigger, last }: Facts): Gone | null {
  if (trigger.kind === 'ahead' || isOfNode(trigger)) return null;
  const said = evictionUsage(trigger);
  const usedBytes = said?.usedBytes ?? last?.bytes ?? null;
  if (usedBytes === null) return null;
  const requestBytes = (said === null ? trigger.requestBytes : said.requestBytes) ?? 0;
  return { pod: `${trigger.subject.namespace ?? ''}/${trigger.pod}`, usedBytes, requestBytes };
}
