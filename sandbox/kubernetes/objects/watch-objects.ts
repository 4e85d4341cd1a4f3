import type { SandboxClock } from '../../clock.ts';
import { expired, versionTooLarge } from '../server/api-error.ts';
import type { ApiResource } from '../server/coverage.ts';
import type { ListOptions } from './list-options.ts';
import type { ObjectHistory } from './object-history.ts';
import type { Change, KubeObject, ObjectStore } from './object-store.ts';
import { bookmarkLine, errorLine } from './watch-lines.ts';
import type { WatchLines } from './watch-lines.ts';

const bookmarkEveryMs = 60_000;
const bookmarksBeforeEndMs = [2000, 1000];
/** Watches of a few seconds were recorded without a bookmark before their end. */
const shortestWithBookmarkMs = 5000;
const tooLargeAfterMs = 3000;
const defaultTimeoutSeconds = 1800;

export interface WatchRequest {
  readonly store: ObjectStore;
  readonly history: ObjectHistory;
  readonly clock: SandboxClock;
  readonly lines: WatchLines;
  readonly resource: ApiResource;
  readonly namespace: string | undefined;
  readonly options: ListOptions;
  /** Gets each line at once; `change` is what the line tells of. */
  readonly write: (line: Buffer, change?: Pick<Change, 'type' | 'object'>) => void;
  /** The server ends the stream in good order. */
  readonly end: () => void;
}

/**
 * One watch. From a version: what came after it, or an ERROR line 410 when that is compacted away, or silence when it
 * lies in the future. Without one: what exists as ADDED, then what comes. Times are real ms, whatever the clock's speed.
 * Returns the function that stops it.
 */
export function watchObjects(request: WatchRequest): () => void {
  const { store, clock, resource, namespace, options, write } = request;
  const stops: (() => void)[] = [];
  let stopped = false;
  const stop = (): void => {
    stopped = true;
    for (const each of stops.splice(0)) each();
  };
  const end = (): void => {
    if (stopped) return;
    stop();
    request.end();
  };
  const later = (realMs: number, fn: () => void): void => {
    stops.push(clock.after(realMs * clock.speed, fn));
  };

  const current = store.resourceVersion();
  const from = options.resourceVersion ?? 0;
  const initial = options.initialEvents ?? from === 0;
  const timeoutMs = (options.timeoutSeconds ?? defaultTimeoutSeconds) * 1000;
  later(timeoutMs, end);

  if (from > current && options.initialEvents === true) {
    later(tooLargeAfterMs, () => {
      write(errorLine(versionTooLarge(String(from), store.resourceVersion()).body));
      end();
    });
    return stop;
  }
  const missed = initial ? [] : store.since(from);
  if (missed === undefined) {
    const message =
      resource.name === 'events'
        ? 'The resourceVersion for the provided watch is too old.'
        : `too old resource version: ${from} (${current})`;
    write(errorLine(expired(message).body));
    end();
    return stop;
  }

  if (initial) {
    for (const object of store.list(resource.name, namespace)) {
      if (options.matches(object)) write(request.lines.ofExisting(object), { type: 'ADDED', object });
    }
    if (options.initialEvents === true && options.bookmarks) write(bookmarkLine(resource, current, true));
  }
  const deliver = (change: Change): void => {
    if (change.resource === resource.name && Number(change.object.metadata.resourceVersion) > from)
      tell(change, request);
  };
  for (const change of missed) deliver(change);
  stops.push(store.subscribe(deliver));

  if (options.bookmarks) {
    const bookmark = (): void => {
      if (store.resourceVersion() >= from) write(bookmarkLine(resource, store.resourceVersion(), false));
    };
    for (const beforeEnd of bookmarksBeforeEndMs) {
      if (timeoutMs >= shortestWithBookmarkMs) later(timeoutMs - beforeEnd, bookmark);
    }
    const regularly = (): void => {
      later(bookmarkEveryMs, () => {
        bookmark();
        regularly();
      });
    };
    regularly();
  }
  return stop;
}

/** With a selector, an object that starts to match is ADDED and one that stops to match DELETED with its old state. */
function tell(change: Change, request: WatchRequest): void {
  const { history, lines, namespace, options, write } = request;
  if (namespace !== undefined && change.object.metadata.namespace !== namespace) return;
  if (!options.selective) {
    write(lines.ofChange(change), change);
    return;
  }
  const before = history.before(change);
  const matched = before !== undefined && options.matches(before);
  const matches = change.type !== 'DELETED' && options.matches(change.object);
  if (matched && matches) write(lines.ofChange(change), change);
  else if (matches) write(lines.of('ADDED', change.object), { type: 'ADDED', object: change.object });
  else if (matched) {
    const object = change.type === 'DELETED' ? change.object : lastMatch(before, change.object);
    write(lines.of('DELETED', object), { type: 'DELETED', object });
  }
}

function lastMatch(before: KubeObject, now: KubeObject): KubeObject {
  return { ...before, metadata: { ...before.metadata, resourceVersion: now.metadata.resourceVersion } };
}
