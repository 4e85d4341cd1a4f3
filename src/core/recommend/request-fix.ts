import type { Facts } from '../diagnose/facts.ts';
import type { Findings, NodeFacts } from '../evidence/evidence.ts';
import { evictionUsage } from '../evidence/node/eviction-usage.ts';
import { nodeArithmetic } from '../evidence/node/node-arithmetic.ts';
import { keptBytes } from '../evidence/node/node-facts.ts';
import { isOfNode } from '../kill/kill.ts';
import type { Kill } from '../kill/kill.ts';
import type { Trigger } from '../kill/trigger.ts';
import { formatBytes } from '../units/quantity.ts';
import type { Fix } from './recommendation.ts';
import { roundUp } from './size/round-up.ts';

/** Above what was seen, as KRR takes it. */
const requestHeadroom = 1.15;

/**
 * Pods that use more than their request are evicted first, and the scheduler did not plan for them: the request must
 * cover what is used.
 */
export function countedByScheduler({ trigger, last, findings, nodeOom }: Facts): Fix {
  if (isOfNode(trigger)) return nodeFix(findings, trigger);
  const said = trigger.kind === 'ahead' ? null : evictionUsage(trigger);
  // The kernel counts at the kill, and a sample is some seconds older.
  const byKernel = nodeOom?.isNamed === true ? (nodeOom.victim?.rssBytes ?? null) : null;
  const seen = Math.max(last?.bytes ?? 0, byKernel ?? 0);
  const used = said?.usedBytes ?? (seen > 0 ? seen : null);
  const request = said ? said.requestBytes : trigger.requestBytes;
  if (used === null) return { kind: 'none', why: 'What it used is not known, so neither is what it should request.' };
  if (request !== null && used <= request)
    return {
      kind: 'add-node-memory',
      why: `It used no more than its request, so the node has to have more memory, or fewer pods that use more than they ask for.`,
    };
  const requestBytes = roundUp(used * requestHeadroom);
  const from = request === null ? 'It asks for nothing' : `It asks for ${formatBytes(request)}`;
  const unit = findings.usage.found || said || byKernel !== null ? 'was seen using' : 'used';
  return {
    kind: 'adjust-requests',
    requestBytes,
    why: `${from} and ${unit} ${formatBytes(used)}: with a request of ${formatBytes(requestBytes)} the scheduler counts it, and it no longer goes first.`,
  };
}

/** For a node, all of its pods matter: the scheduler did not plan for those that use most above their request. */
function nodeFix({ node }: Findings, trigger: Trigger): Fix {
  const [most] = node?.found === true ? node.value.exceeding : [];
  const asks = most
    ? [`${most.pod} should ask for the ${formatBytes(most.usedBytes)} that it uses, so that the scheduler counts it.`]
    : [];
  const kept = node?.found === true && trigger.kind === 'node' ? systemWords(node.value, trigger) : [];
  return { kind: 'add-node-memory', why: [...asks, ...kept].join(' ') };
}

/** All of a machine was used up while its pods kept to their part: what is kept for the system is too little. */
function systemWords(node: NodeFacts, { outOf, victim }: Kill): readonly string[] {
  const [kept, sum] = [keptBytes(node), nodeArithmetic(node, null)];
  const gone = victim?.rssBytes ?? null;
  if (outOf === 'allocatable' || kept === null || sum === null || gone === null) return [];
  const usedBytes = sum.usedBytes + gone;
  if (usedBytes >= sum.allocatableBytes) return [];
  const [used, has] = [formatBytes(usedBytes), formatBytes(sum.allocatableBytes)];
  return [
    `With the process that was killed its pods used ${used} of the ${has} that they may have: the ${formatBytes(kept)} that the kubelet keeps for the system (systemReserved, kubeReserved) are too little.`,
  ];
}

/** Whoever is furthest above its request took what was promised to others: that request is what the scheduler lacked. */
export function requestOfMost(facts: Facts): Fix {
  const { findings, trigger } = facts;
  const [most] = findings.node?.found === true ? findings.node.value.exceeding : [];
  const own = countedByScheduler(facts);
  if (most === undefined) return own;
  const ownExcess =
    own.kind === 'adjust-requests' ? own.requestBytes / requestHeadroom - (trigger.requestBytes ?? 0) : 0;
  if (!isOfNode(trigger) && ownExcess >= most.usedBytes - most.requestBytes) return own;
  const requestBytes = roundUp(most.usedBytes * requestHeadroom);
  const asked = most.requestBytes === 0 ? 'asks for nothing' : `asks for ${formatBytes(most.requestBytes)}`;
  return {
    kind: 'adjust-requests',
    requestBytes,
    pod: most.pod,
    why: `${most.pod} ${asked} and uses ${formatBytes(most.usedBytes)}: the scheduler counts requests only, and what it uses above that was promised to others.`,
  };
}
