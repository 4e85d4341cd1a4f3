import type { Reading } from './first-reading.ts';
import type { PodView } from '../pod.ts';

/** RFC 3339. Kubernetes before 1.26 does not date evictions; then this is when the last container ended. */
export function evictedAt({ disruptedAt, containers }: PodView): string | null {
  const ends = containers.flatMap(({ terminations }) => terminations.flatMap(({ finishedAt }) => finishedAt ?? []));
  return disruptedAt ?? ends.toSorted().at(-1) ?? null;
}

/**
 * Reads an evicted pod: a kill only when the node was short of memory *and* the pod was running. `Evicted` also means
 * short of disk, inodes or process ids, a volume over its size limit, or a pod that was never admitted. The sentences
 * are the kubelet's (pkg/kubelet/eviction).
 */
export function readEviction(pod: PodView): Exclude<Reading, { readonly is: 'unexplained' }> {
  if (pod.phase !== 'Failed' || pod.statusReason !== 'Evicted') return { is: 'nothing' };
  const message = pod.statusMessage ?? '';
  if (/low on resource: memory/.test(message)) return { is: 'kill', kind: 'eviction' };
  if (/node had condition/.test(message)) return { is: 'ignored', reason: 'admission' };
  if (/low on resource: pids/.test(message)) return { is: 'ignored', reason: 'pid-eviction' };
  return { is: 'ignored', reason: 'disk-eviction' };
}
