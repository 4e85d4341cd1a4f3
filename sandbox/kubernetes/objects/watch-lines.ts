import { groupVersionOf } from '../server/coverage.ts';
import type { ApiResource } from '../server/coverage.ts';
import { encodeJson } from './json-value.ts';
import type { Change, JsonObject, KubeObject } from './object-store.ts';

export type EncodeObject = (object: KubeObject) => string;

/** Lines of a watch: compact JSON, one object a line, encoded once however many watches there are. */
export interface WatchLines {
  readonly ofChange: (change: Change) => Buffer;
  readonly of: (type: Change['type'], object: KubeObject) => Buffer;
  /** Of one that is there when a watch begins: most are the same for the next watch. */
  readonly ofExisting: (object: KubeObject) => Buffer;
}

export function createWatchLines(encode: EncodeObject): WatchLines {
  // Every watch is told of a change before the next one happens; of all the past, lines would be most.
  let newest: { readonly change: Change; readonly line: Buffer } | undefined;
  const existing = new WeakMap<KubeObject, Buffer>();
  const of = (type: Change['type'], object: KubeObject): Buffer =>
    Buffer.from(`{"type":"${type}","object":${encode(object)}}\n`);
  return {
    of,
    ofExisting: (object) => {
      const line = existing.get(object) ?? of('ADDED', object);
      existing.set(object, line);
      return line;
    },
    ofChange: (change) => {
      if (newest?.change === change) return newest.line;
      const line = of(change.type, change.object);
      newest = { change, line };
      return line;
    },
  };
}

export function errorLine(status: JsonObject | string): Buffer {
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
export function bookmarkLine(resource: ApiResource, resourceVersion: number, last: boolean): Buffer {
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
