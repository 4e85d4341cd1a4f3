import { nodeOomWords } from '../../evidence/node/node-oom.ts';
import { formatBytes } from '../../units/quantity.ts';
import type { Hypothesis } from '../diagnosis.ts';
import type { Facts } from '../facts.ts';
import { isByKernel } from './node-pressure.ts';

/** Without a limit of its own a container can only be killed because the pod or the node ran out. */
export function noLimit(facts: Facts): Hypothesis | null {
  const { trigger, limitBytes, last, findings, nodeOom, now } = facts;
  if (limitBytes !== null || trigger.kind !== 'container' || !isByKernel(facts)) return null;
  const seen = last === null ? '' : `; it was last seen at ${formatBytes(last.bytes)}`;
  const request =
    trigger.requestBytes === null ? 'no request either' : `a request of ${formatBytes(trigger.requestBytes)}`;
  return {
    cause: 'no-limit',
    confidence: nodeOom === null ? 0.8 : 0.9,
    sentence: `It has no limit of its own, so its node ran out of memory${seen}`,
    for: [`It has no memory limit and ${request}.`, ...(nodeOom === null ? [] : [`${nodeOomWords(nodeOom, now)}.`])],
    against: findings.spec.found ? [] : [`Its spec could not be read: ${findings.spec.reason}.`],
  };
}
