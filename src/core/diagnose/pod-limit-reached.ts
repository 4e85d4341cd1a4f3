import { podUseOf } from '../evidence/pod-use.ts';
import type { PodUse } from '../evidence/pod-use.ts';
import { nearShare, tightLevel } from '../evidence/shape/run-shape.ts';
import type { Facts } from './facts.ts';

export interface PodLimitReached {
  /** `spec.resources.limits.memory` of the pod, bytes. */
  readonly limitBytes: number;
  /** The container's own; null without one. */
  readonly ownBytes: number | null;
  readonly use: PodUse;
}

/**
 * Whether the limit of the pod as a whole is what a container was killed at; null if it has none, or if its own came
 * first. Below a higher limit of its own, or without one, a container can only reach the pod's. With a lower one it
 * reached the pod's if it was far from its own while the pod was full.
 */
export function podLimitReached({ findings, trigger, last, nodeOom }: Facts): PodLimitReached | null {
  const limitBytes = findings.spec.found ? findings.spec.value.podLimitBytes : null;
  if (limitBytes === null || limitBytes <= 0 || nodeOom?.isNamed === true) return null;
  const inContainer: readonly (typeof trigger.kind)[] = ['container', 'start', 'child-process', 'ahead'];
  if (!inContainer.includes(trigger.kind)) return null;
  const ownBytes = trigger.limitBytes !== null && trigger.limitBytes > 0 ? trigger.limitBytes : null;
  const use = podUseOf(findings, trigger);
  const isFull = use.totalBytes !== null && use.totalBytes >= limitBytes * nearShare;
  // The kernel killed for the node at that moment and does not say whom.
  if (nodeOom !== null && !isFull) return null;
  if (ownBytes === null || ownBytes > limitBytes) return { limitBytes, ownBytes, use };
  const isFar = last !== null && last.bytes < ownBytes * tightLevel;
  return isFar && isFull ? { limitBytes, ownBytes, use } : null;
}
