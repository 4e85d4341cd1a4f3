import { nearShare } from '../../evidence/shape/run-shape.ts';
import { farShare, nodeOomWords } from '../../evidence/node/node-oom.ts';
import type { NodeOom } from '../../evidence/node/node-oom.ts';
import { nodeArithmetic } from '../../evidence/node/node-arithmetic.ts';
import { exceedingWords, victimWords } from '../../evidence/node/node-facts.ts';
import { chargedBefore } from '../../evidence/charged.ts';
import { podUseOf } from '../../evidence/pod-use.ts';
import { evictionUsage } from '../../evidence/node/eviction-usage.ts';
import { isOfNode } from '../../kill/kill.ts';
import type { Kill } from '../../kill/kill.ts';
import { clockTime } from '../../talk/words.ts';
import { formatBytes } from '../../units/quantity.ts';
import type { Hypothesis } from '../diagnosis.ts';
import type { Facts } from '../facts.ts';
import { rateWords } from '../rates.ts';
import { roughDuration } from '../../units/duration.ts';

/*
 * The node ran out, not the container. An eviction says so itself, and so does a kernel message if it is reported as an
 * Event. A kernel kill far below the container's own limit shows it too, if usage cannot have covered the rest of the
 * way to the limit between the last sample and the kill: memory is not touched faster than the machine can hand out
 * pages, whatever the program does.
 */

/** Faster growth than this between two samples counts as impossible, bytes per second. */
const fastGrowth = 100 * 2 ** 20;
/** The node's memory, or what pods may have of it, ran out. */
export function nodePressure(facts: Facts): Hypothesis | null {
  const { trigger, shape, last, limitBytes, findings, nodeOom } = facts;
  if (isOfNode(trigger)) return wholeNode(facts);
  if (trigger.kind === 'eviction') return evicted(facts, trigger);
  if (trigger.kind !== 'container' || limitBytes === null || !isByKernel(facts)) return null;
  if (nodeOom !== null) return killedForNode(facts, nodeOom, limitBytes);
  if (shape?.pattern !== 'flat' || last === null || last.bytes > limitBytes * farShare) return null;
  // The limit counts files too: full of them, it was its own limit that was reached.
  if ((chargedBefore(findings, trigger)?.bytes ?? 0) > limitBytes * farShare) return null;
  const request = trigger.requestBytes ?? 0;
  const pod = findings.spec.found ? findings.spec.value.podLimitBytes : null;
  const rate = (limitBytes - last.bytes) / Math.max(1, last.beforeKillMs / 1000);
  if (pod !== null || rate < fastGrowth || last.bytes <= request) return null;
  const room = roomOf(facts);
  return {
    cause: 'node-pressure',
    confidence: room === null ? 0.6 : room.isFull ? 0.82 : 0.3,
    sentence: `The node ran out, not the container: it was killed at ${formatBytes(last.bytes)}, far below its limit of ${formatBytes(limitBytes)}`,
    for: [
      `Its usage was flat, ${roughDuration(last.beforeKillMs)} before the kill still at ${formatBytes(last.bytes)}; its own limit was ${rateWords(rate)} away.`,
      `It used more than its request of ${formatBytes(request)}, so the kernel takes it before others.`,
      ...(room?.isFull === true ? [room.words] : []),
    ],
    against:
      room === null ? ['What the node and its other pods used was not looked at.'] : room.isFull ? [] : [room.words],
  };
}

/** How full the node was, by the sum of what its pods use; null where that was not measured. */
function roomOf({ findings, last, trigger }: Facts): { readonly isFull: boolean; readonly words: string } | null {
  if (findings.node?.found !== true) return null;
  const pod = `${trigger.subject.namespace ?? ''}/${trigger.pod}`;
  const gone = last && { pod, usedBytes: last.bytes, requestBytes: trigger.requestBytes ?? 0 };
  const sum = nodeArithmetic(findings.node.value, gone);
  if (sum === null) return null;
  const [used, has] = [formatBytes(sum.usedBytes), formatBytes(sum.allocatableBytes)];
  return {
    isFull: sum.usedBytes >= sum.allocatableBytes * nearShare,
    words: `Pods of ${findings.node.value.node} use ${used} of the ${has} that it has for them.`,
  };
}

/** The runtime says so, or the kernel itself. */
export function isByKernel({ trigger, nodeOom }: Pick<Facts, 'trigger' | 'nodeOom'>): boolean {
  return (trigger.kind !== 'ahead' && trigger.reason === 'OOMKilled') || nodeOom?.isNamed === true;
}

/**
 * The kernel itself says that it killed for the node. If it does not say which container, it may have been another one:
 * the nearer this one was to its own limit, the likelier.
 */
function killedForNode(facts: Facts, nodeOom: NodeOom, limitBytes: number): Hypothesis {
  const { trigger, last, now } = facts;
  const share = fullness(facts, limitBytes);
  const unnamed = share === null ? 0.8 : share <= farShare ? 0.9 : share < nearShare ? 0.75 : 0.4;
  const request = trigger.requestBytes ?? 0;
  return {
    cause: 'node-pressure',
    confidence: nodeOom.isNamed ? 0.95 : unnamed,
    sentence: `The node ran out, not the container: ${last === null ? 'it was killed' : `it was killed at ${formatBytes(last.bytes)}, its limit is ${formatBytes(limitBytes)},`} when the kernel killed for all of ${nodeOom.node}`,
    for: [
      `${nodeOomWords(nodeOom, now)}.`,
      ...(last !== null && last.bytes > request
        ? [`It used more than its request of ${formatBytes(request)}, so the kernel takes it before others.`]
        : []),
      ...aboutNode(facts),
    ],
    against: nodeOom.isNamed ? [] : ['The kernel does not say whose process it was: node and time agree.'],
  };
}

/** How near it was to a limit of its own, as the kernel counts: files and its pod's limit too. Null if not seen. */
function fullness({ findings, trigger, last }: Facts, limitBytes: number): number | null {
  if (last === null) return null;
  const charged = chargedBefore(findings, trigger)?.bytes ?? 0;
  const podLimit = findings.spec.found ? findings.spec.value.podLimitBytes : null;
  const pod = podLimit === null ? 0 : (podUseOf(findings, trigger).totalBytes ?? 0) / podLimit;
  return Math.max(last.bytes / limitBytes, charged / limitBytes, pod);
}

/** The sentence names who was hit and who used the memory: the root of a node's thread shows nothing else. */
function wholeNode(facts: Facts): Hypothesis {
  const { trigger, now } = facts;
  const what = trigger.kind === 'ahead' ? shortWords(facts.findings, now) : ranOutWords(trigger);
  const about = aboutNode(facts);
  return {
    cause: 'node-pressure',
    confidence: 0.88,
    sentence: [`Node ${trigger.node ?? trigger.subject.workload.name} ${what}`, ...about].join('. ').replace(/\.$/, ''),
    for: [
      trigger.kind === 'ahead'
        ? 'The node says so itself.'
        : 'The kernel killed for the whole node, not for one container.',
    ],
    against: [],
  };
}

function ranOutWords({ outOf }: Kill): string {
  return outOf === 'allocatable' ? 'ran out of what its pods may have' : 'ran out of memory as a whole';
}

function shortWords({ node }: Facts['findings'], now: number): string {
  const enoughSince = node?.found === true ? node.value.enoughSince : null;
  if (enoughSince === null) return 'is short of memory';
  return `was short of memory and has enough since ${clockTime(enoughSince, now)}`;
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

function evicted(facts: Facts, kill: Kill): Hypothesis {
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
