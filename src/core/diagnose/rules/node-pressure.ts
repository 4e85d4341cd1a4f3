import { exceedingWords, victimWords } from '../../evidence/node-facts.ts';
import { evictionUsage } from '../../evidence/eviction-usage.ts';
import { isOfNode } from '../../kill/kill.ts';
import { roughDuration } from '../../talk/words.ts';
import { formatBytes } from '../../units/quantity.ts';
import type { Hypothesis } from '../diagnosis.ts';
import type { Facts } from '../facts.ts';
import { rateWords } from '../rates.ts';

/*
 * The node ran out, not the container. An eviction says so itself. A kernel kill far below the container's own limit
 * says it too, if nobody can believe that the rest of the way to the limit was made between the last sample and the
 * kill: memory is not touched faster than the machine can hand out pages, whatever the program does.
 */

/** Faster growth than this between two samples is taken for impossible enough, bytes per second. */
const fastGrowth = 100 * 2 ** 20;
/** So far below the limit that its own limit was not it. */
const farShare = 0.6;

/** The node's memory, or what pods may have of it, ran out. */
export function nodePressure(facts: Facts): Hypothesis | null {
  const { kill, shape, last, limitBytes, findings } = facts;
  if (isOfNode(kill)) return wholeNode(facts);
  if (kill.kind === 'eviction') return evicted(facts);
  if (kill.kind !== 'container' || kill.reason !== 'OOMKilled' || limitBytes === null) return null;
  if (shape?.course !== 'flat' || last === null || last.bytes > limitBytes * farShare) return null;
  const request = kill.requestBytes ?? 0;
  const pod = findings.spec.found ? findings.spec.value.podLimitBytes : null;
  const rate = (limitBytes - last.bytes) / Math.max(1, last.beforeKillMs / 1000);
  if (pod !== null || rate < fastGrowth || last.bytes <= request) return null;
  return {
    cause: 'node-pressure',
    confidence: 0.6,
    sentence: `The node ran out, not the container: it was killed at ${formatBytes(last.bytes)}, far below its limit of ${formatBytes(limitBytes)}`,
    for: [
      `Its usage was flat, ${roughDuration(last.beforeKillMs)} before the kill still at ${formatBytes(last.bytes)}; its own limit was ${rateWords(rate)} away.`,
      `It used more than its request of ${formatBytes(request)}, so the kernel takes it before others.`,
    ],
    against: ['What the node and its other pods used was not looked at.'],
  };
}

/** The sentence names who was hit and who took: it is all that the root of a node's thread has to say. */
function wholeNode(facts: Facts): Hypothesis {
  const { kill } = facts;
  const what = kill.kind === 'ahead' ? 'is short of memory' : 'ran out of memory as a whole';
  const about = aboutNode(facts);
  return {
    cause: 'node-pressure',
    confidence: 0.88,
    sentence: [`Node ${kill.node ?? kill.subject.workload.name} ${what}`, ...about].join('. ').replace(/\.$/, ''),
    for: [
      kill.kind === 'ahead'
        ? 'The node says so itself.'
        : 'The kernel killed for the whole node, not for one container.',
    ],
    against: [],
  };
}

/** Who was hit, and who used more than it asked for. */
function aboutNode({ findings: { node }, now }: Facts): readonly string[] {
  if (node?.found !== true) return [];
  const { victims, exceeding } = node.value;
  return [
    ...(victims.length === 0 ? [] : [`Hit: ${victimWords(node.value, now)}`]),
    ...(exceeding.length === 0 ? [] : [`Above its request: ${exceedingWords(node.value)}`]),
  ];
}

function evicted(facts: Facts): Hypothesis {
  const { kill } = facts;
  const usage = evictionUsage(kill);
  const node = kill.node === null ? 'Its node' : `Node ${kill.node}`;
  const more = usage !== null && usage.requestBytes !== null && usage.usedBytes > usage.requestBytes;
  return {
    cause: 'node-pressure',
    confidence: 0.92,
    sentence:
      usage === null
        ? `${node} ran low on memory and evicted the pod`
        : `${node} ran low on memory and evicted the pod: ${usage.container} used ${formatBytes(usage.usedBytes)}, its request is ${usage.requestBytes === null ? 'none' : formatBytes(usage.requestBytes)}`,
    for: [
      'The kubelet evicted it for memory.',
      ...(more ? ['It used more than its request, and those go first.'] : []),
      ...aboutNode(facts),
    ],
    against: [],
  };
}
