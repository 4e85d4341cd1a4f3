import { createHash } from 'node:crypto';
import type { Termination } from './termination.ts';

/*
 * The name of a kill: the same termination, seen in `state`, in `lastState`, on a second watch, or again after a
 * restart of the watcher, has the same one. `restartCount` takes no part, because one termination stands under N in
 * `state` and under N + 1 in `lastState`. Hashed, because it becomes part of keys and job ids.
 */

/** Of one container's termination. Without a container id its times and exit code have to tell. */
export function terminationFingerprint(
  cluster: string,
  podUid: string,
  container: string,
  termination: Termination,
): string {
  const { containerId, startedAt, finishedAt, exitCode } = termination;
  const which = containerId ?? `${startedAt ?? ''}|${finishedAt ?? ''}|${exitCode}`;
  return hash(['termination', cluster, podUid, container, which]);
}

/** Of an eviction: a pod is evicted once. */
export function evictionFingerprint(cluster: string, podUid: string): string {
  return hash(['eviction', cluster, podUid]);
}

function hash(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
