import { formatBytes } from '../../units/quantity.ts';
import type { Hypothesis } from '../diagnosis.ts';
import type { Facts } from '../facts.ts';

/** Without a limit of its own a container can only be killed because the pod or the node ran out. */
export function noLimit({ kill, limitBytes, last, findings }: Facts): Hypothesis | null {
  if (limitBytes !== null || kill.kind !== 'container' || kill.reason !== 'OOMKilled') return null;
  const seen = last === null ? '' : `; it was last seen at ${formatBytes(last.bytes)}`;
  const request = kill.requestBytes === null ? 'no request either' : `a request of ${formatBytes(kill.requestBytes)}`;
  return {
    cause: 'no-limit',
    confidence: 0.8,
    sentence: `It has no limit of its own, so its node ran out of memory${seen}`,
    for: [`It has no memory limit and ${request}.`],
    against: findings.spec.found ? [] : [`Its spec could not be read: ${findings.spec.reason}.`],
  };
}
