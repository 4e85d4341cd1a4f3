import { nearShare } from '../../evidence/shape/run-shape.ts';
import { percent } from '../../units/percent.ts';
import { formatBytes } from '../../units/quantity.ts';
import type { Hypothesis } from '../diagnosis.ts';
import type { Facts } from '../facts.ts';
import { podLimitReached } from '../pod-limit-reached.ts';
import type { PodLimitReached } from '../pod-limit-reached.ts';
import { limitTooLow } from './limit-too-low.ts';

/*
 * "OOMKilled" does not mean "at its own limit": `spec.resources.limits.memory` bounds all containers of a pod together,
 * and the kernel takes the largest process of any of them. It is the verdict where the need is bounded, as with a
 * container's own limit that is too low; a container that leaks leaks under a pod's limit too.
 */

/** Which limit it was is certain, and what filled it was measured. */
const measured = 0.88;
/** Which limit it was is certain, and nothing shows what filled it. */
const unmeasured = 0.6;
/** As before, and the container's own memory did not grow. */
const byOthers = 0.7;

/** The limit of the pod was reached, not the container's own. */
export function podLimit(facts: Facts): Hypothesis | null {
  const { trigger, shape } = facts;
  if (trigger.kind !== 'container' && trigger.kind !== 'start') return null;
  const reached = podLimitReached(facts);
  if (reached === null) return null;
  const { limitBytes, ownBytes, use } = reached;
  const [most] = use.containers;
  const isOther = most !== undefined && most.container !== trigger.subject.container;
  // The pod was seen full, and it was not this container's own memory that grew.
  const wasFull = use.totalBytes !== null && use.totalBytes >= limitBytes * nearShare;
  const isMeasured = wasFull && (isOther || shape?.pattern === 'flat');
  const low = limitTooLow(facts)?.confidence ?? 0;
  return {
    cause: 'pod-limit',
    confidence: isMeasured ? measured : Math.max(low, leastOf(facts, reached)),
    sentence: `The pod reached its limit of ${formatBytes(limitBytes)} as a whole${wordsOf(reached)}`,
    for: [
      ownBytes === null
        ? `The container has no limit of its own; the pod has one of ${formatBytes(limitBytes)}.`
        : ownBytes > limitBytes
          ? `Its own limit of ${formatBytes(ownBytes)} is above that of its pod.`
          : `It was far below its own limit of ${formatBytes(ownBytes)}.`,
      ...(use.totalBytes === null
        ? []
        : [
            `The pod used ${formatBytes(use.totalBytes)} at its last sample, ${percent(use.totalBytes / limitBytes)} of its limit.`,
          ]),
      ...(isOther ? [`${most.container} uses more than the container that was killed.`] : []),
    ],
    against: [
      ...(use.containers.length > 1 ? [] : ['What the other containers of the pod used was not measured.']),
      ...facts.missing,
    ],
  };
}

/** Without a limit of its own below the pod's, only the pod's can have been reached, unless its own memory grew to it. */
function leastOf({ shape }: Facts, { limitBytes, ownBytes }: PodLimitReached): number {
  if (ownBytes !== null && ownBytes <= limitBytes) return 0;
  if (shape === null) return unmeasured;
  return shape.pattern === 'flat' || shape.pattern === 'sudden' ? byOthers : 0;
}

/** `: app used 70Mi and proxy 30Mi`, the largest first. */
function wordsOf({ use }: PodLimitReached): string {
  const [most, ...others] = use.containers;
  if (most === undefined) return '';
  const rest = others.map(({ container, usedBytes }) => `${container} ${formatBytes(usedBytes)}`);
  return `: ${[`${most.container} used ${formatBytes(most.usedBytes)}`, ...rest].join(', ')}`;
}
