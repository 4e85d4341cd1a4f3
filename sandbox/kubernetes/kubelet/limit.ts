import { usageOf, type ContainerRun, type PodRun } from './run.ts';
import { memoryLimit } from './spec.ts';

/**
 * The limit that really kills, in bytes; null = none. The pod's cgroup counts too: after a resize of a container
 * that was not running it keeps the old value, whatever the status says (kubernetes/kubernetes#138760).
 */
export function limitInForce(run: PodRun, container: ContainerRun, virtualNow: number): number | null {
  const own = container.applied === null ? null : memoryLimit(container.applied);
  const pod = memoryLimit(run.podResources);
  const others = run.containers
    .filter((other) => other !== container)
    .reduce((sum, other) => sum + (usageOf(other, virtualNow) ?? 0), 0);
  const candidates = [own, pod === null ? null : Math.max(0, pod - others)].filter((bytes) => bytes !== null);
  return candidates.length === 0 ? null : Math.min(...candidates);
}
