import type { Change } from '../objects/object-store.ts';
import { objectOf, objectsOf, textOf } from '../objects/json-value.ts';

/** So many entries are kept of a log. */
export const longestLog = 200_000;

/** One request as it was answered; watches and hanging requests appear when their headers are sent or never (0). */
export interface RequestLogEntry {
  readonly seq: number;
  /** ms UTC of its arrival. */
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly user: string;
  readonly userAgent: string;
  readonly dryRun: boolean;
  /** HTTP status; 0 while there is no answer. */
  status: number;
  /** Of writes. */
  readonly body?: string;
}

/** When the bytes of a line with a memory kill left on a watch of pods. */
export interface WatchLogEntry {
  /** Monotonic real ms. */
  readonly at: number;
  readonly type: Change['type'];
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Of the containers whose state or last state is OOMKilled. */
  readonly containerIds: readonly string[];
}

export function watchLogEntry(at: number, change: Pick<Change, 'type' | 'object'>): WatchLogEntry {
  const { namespace = '', name, uid, resourceVersion } = change.object.metadata;
  const status = objectOf(change.object.status);
  const statuses = ['initContainerStatuses', 'containerStatuses', 'ephemeralContainerStatuses'].flatMap((list) =>
    objectsOf(status[list]),
  );
  const containerIds = statuses
    .flatMap((each) => [each['state'], each['lastState']])
    .map((state) => objectOf(objectOf(state)['terminated']))
    .filter((terminated) => terminated['reason'] === 'OOMKilled')
    .flatMap((terminated) => textOf(terminated['containerID']) ?? []);
  return { at, type: change.type, namespace, name, uid, resourceVersion, containerIds: [...new Set(containerIds)] };
}
