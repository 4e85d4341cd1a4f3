import { createHash } from 'node:crypto';
import type { Termination } from './termination.ts';

/*
 * The fingerprint of a kill. The same termination always has the same one, whether it is seen in `state`, in
 * `lastState`, on a second watch, or after a restart of the watcher. `restartCount` is left out, because the same
 * termination has N in `state` and N + 1 in `lastState`. It is hashed because it becomes part of keys and job ids.
 */

/** Of a container's termination. Without a container id, its times and exit code are used instead. */
export function terminationFingerprint(
  cluster: string,
  podUid: string,
  container: string,
  termination: Pick<Termination, 'containerId' | 'startedAt' | 'finishedAt' | 'exitCode'>,
): string {
  const { containerId, startedAt, finishedAt, exitCode } = termination;
  const which = containerId ?? `${startedAt ?? ''}|${finishedAt ?? ''}|${exitCode}`;
  return hash(['termination', cluster, podUid, container, which]);
}

/** Of an eviction: a pod is evicted once. */
export function evictionFingerprint(cluster: string, podUid: string): string {
  return hash(['eviction', cluster, podUid]);
}

/** Of the `nth` process (from 1) that was killed in one run of a container while its main process kept running. */
export function childFingerprint(cluster: string, containerId: string, nth: number): string {
  return hash(['child-run', cluster, containerId, String(nth)]);
}

/** Of a process that a kernel message names, until it is numbered. */
export function processFingerprint(
  cluster: string,
  containerId: string,
  { pid, atMs }: { readonly pid: number | null; readonly atMs: number },
): string {
  return hash(['process', cluster, containerId, pid === null ? `at ${atMs}` : String(pid)]);
}

/**
 * Of a kill for a whole node. The kubelet and node-problem-detector report the same kill a moment apart, so only the
 * UTC day is used; the process id tells kills of the same day apart.
 */
export function nodeFingerprint(
  cluster: string,
  node: string,
  { process, pid, atMs }: { readonly process: string | null; readonly pid: number | null; readonly atMs: number },
): string {
  const when = pid === null ? String(atMs) : new Date(atMs).toISOString().slice(0, 10);
  return hash(['node', cluster, node, process ?? '', String(pid ?? ''), when]);
}

/** Of one shortage of memory on a node, as the node itself dates it. */
export function pressureFingerprint(cluster: string, node: string, sinceMs: number): string {
  return hash(['node-pressure', cluster, node, String(sinceMs)]);
}

/**
 * Of a warning: one container run is warned about once a day for one reason. `dayMs` is any moment of that day, ms UTC.
 */
export function warningFingerprint(
  {
    cluster,
    podUid,
    container,
    containerId,
  }: {
    readonly cluster: string;
    readonly podUid: string;
    readonly container: string;
    readonly containerId: string | null;
  },
  reason: string,
  dayMs: number,
): string {
  const day = new Date(dayMs).toISOString().slice(0, 10);
  return hash(['warning', cluster, podUid, container, containerId ?? '', reason, day]);
}

/** Of an alert. Alertmanager repeats it with the same fingerprint and start. */
export function alertFingerprint(cluster: string, fingerprint: string, startsAt: string): string {
  return hash(['alert', cluster, fingerprint, startsAt]);
}

function hash(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
