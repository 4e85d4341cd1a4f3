import type { IgnoredReason } from '../kill/ignored-reason.ts';

const words: Readonly<Record<IgnoredReason, string>> = {
  'liveness-probe': 'was the liveness probe',
  'startup-probe': 'was the startup probe',
  'graceful-stop': 'was the kubelet, which had asked the container to stop and waited out its grace period',
  'resize-restart': 'was a restart for a change of its resources',
  'definition-changed': 'was a restart because its definition changed',
  deleted: 'was the deletion of the pod',
  drained: 'was a drain of the node',
  preempted: 'made room for a pod of higher priority',
  evicted: 'was an eviction of the pod',
  'node-shutdown': 'was the shutdown of the node',
  deadline: 'was the deadline of the job',
  'sticky-reason': 'only carries the mark of an earlier kill',
  'invented-status': 'was made up by the kubelet, which did not see the container end',
  'disk-eviction': 'was an eviction for disk space, or for a volume above its size limit',
  'pid-eviction': 'was an eviction for process ids',
  admission: 'was a pod that the node did not admit',
};

/** What a termination was instead of a memory kill, behind its name: `was the liveness probe`. Escaped by who shows it. */
export function ignoredWords(reason: string): string {
  const known = Object.entries(words).find(([name]) => name === reason);
  return known?.[1] ?? `was no memory kill (${reason})`;
}
