import type { SandboxClock } from '../../clock.ts';
import { expired } from './api-error.ts';
import { groupVersionOf } from './coverage.ts';
import type { ApiResource } from './coverage.ts';
import type { WatchOptions } from './list-options.ts';
import { encodeJson } from '../objects/json-value.ts';
import type { Change, EncodeObject, JsonObject, KubeObject, ObjectStore } from '../objects/object-store.ts';

const bookmarkEveryMs = 60_000;
const bookmarksBeforeEndMs = [2000, 1000];
/** Watches of a few seconds were recorded without a bookmark before their end. */
const shortestWithBookmarkMs = 5000;
const defaultTimeoutSeconds = 1800;

/** Lines of a watch: compact JSON, one object a line, encoded once however many watches there are. */
export interface WatchLines {
  readonly ofChange: (change: Change) => Buffer;
  /** Of one that is there when a watch begins: most are the same for the next watch. */
  readonly ofExisting: (object: KubeObject) => Buffer;
}

export function createWatchLines(encode: EncodeObject): WatchLines {
  // Every watch is told of a change before the next one happens; of all the past, lines would be most.
  let newest: { readonly change: Change; readonly line: Buffer } | undefined;
  const existing = new WeakMap<KubeObject, Buffer>();
  const lineOf = (type: Change['type'], object: KubeObject): Buffer =>
    Buffer.from(`{"type":"${type}","object":${encode(object)}}\n`);
  return {
    ofExisting: (object) => {
      const line = existing.get(object) ?? lineOf('ADDED', object);
      existing.set(object, line);
      return line;
    },
    ofChange: (change) => {
      if (newest?.change === change) return newest.line;
      const line = lineOf(change.type, change.object);
      newest = { change, line };
      return line;
    },
  };
}

export interface WatchRequest {
  readonly store: ObjectStore;
  readonly clock: SandboxClock;
  readonly lines: WatchLines;
  readonly resource: ApiResource;
  readonly namespace: string | undefined;
  readonly options: WatchOptions;
  /** Gets each line at once; `change` is what the line tells of. */
  readonly write: (line: Buffer, change?: Pick<Change, 'type' | 'object'>) => void;
  /** The server ends the stream in good order. */
  readonly end: () => void;
}

/**
 * One watch. From a version: what came after it, or an ERROR line 410 when that is compacted away, or silence when it
 * lies in the future. Without one: what exists as ADDED, a bookmark that says so, then what comes. Times are real ms,
 * whatever the clock's speed. Returns the function that stops it.
 */
export function watchObjects(request: WatchRequest): () => void {
  const { store, clock, lines, resource, namespace, options, write } = request;
  const stops: (() => void)[] = [];
  const stop = (): void => {
    for (const each of stops.splice(0)) each();
  };
  const end = (): void => {
    stop();
    request.end();
  };
  const later = (realMs: number, fn: () => void): void => {
    stops.push(clock.after(realMs * clock.speed, fn));
  };

  const current = store.resourceVersion();
  const isStreamingList = options.resourceVersion === undefined;
  const from = options.resourceVersion ?? 0;
  const timeoutMs = (options.timeoutSeconds ?? defaultTimeoutSeconds) * 1000;
  const missed = isStreamingList ? [] : store.since(from);
  if (missed === undefined) {
    const message =
      resource.name === 'events'
        ? 'The resourceVersion for the provided watch is too old.'
        : `too old resource version: ${from} (${current})`;
    write(errorLine(expired(message).body));
    end();
    return stop;
  }
  later(timeoutMs, end);
  if (isStreamingList) {
    for (const object of store.list(resource.name, namespace))
      write(lines.ofExisting(object), { type: 'ADDED', object });
    if (options.bookmarks) write(bookmarkLine(resource, current, true));
  }
  const deliver = (change: Change): void => {
    const { namespace: its, resourceVersion } = change.object.metadata;
    if (change.resource !== resource.name || (namespace !== undefined && its !== namespace)) return;
    if (Number(resourceVersion) > from) write(lines.ofChange(change), change);
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

function errorLine(status: JsonObject | string): Buffer {
  return Buffer.from(`{"type":"ERROR","object":${encodeJson(status)}}\n`);
}

/** What Go writes for the fields of an empty object that are not left out when empty. */
const emptyFields: Readonly<Record<string, JsonObject>> = {
  Pod: { spec: { containers: null }, status: {} },
  Event: {
    involvedObject: {},
    source: {},
    firstTimestamp: null,
    lastTimestamp: null,
    eventTime: null,
    reportingComponent: '',
    reportingInstance: '',
  },
};

/** A bookmark; `last` marks the end of the initial events. */
function bookmarkLine(resource: ApiResource, resourceVersion: number, last: boolean): Buffer {
  const object = {
    kind: resource.kind,
    apiVersion: groupVersionOf(resource),
    metadata: {
      resourceVersion: String(resourceVersion),
      ...(last ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
    },
    ...emptyFields[resource.kind],
  };
  return Buffer.from(`{"type":"BOOKMARK","object":${encodeJson(object)}}\n`);
}
