import { join } from 'node:path';

import type { SandboxClock } from '../../clock.ts';
import type { LogSource } from '../kubelet/logs.ts';
import { encodeJson, isObject, objectOf, objectsOf, parseJson, textOf } from '../objects/json-value.ts';
import { createObjectStore } from '../objects/memory-object-store.ts';
import type { Change, EncodeObject, KubeObject, ObjectStore } from '../objects/object-store.ts';
import { readRecordedFile } from './recorded-files.ts';
import { openRecordedLogs } from './recorded-logs.ts';
import { openRecordedMetrics } from './recorded-metrics.ts';
import type { SampleSource } from './samples.ts';

const files: readonly { readonly file: string; readonly resource: string }[] = [
  { file: 'pods.ndjson', resource: 'pods' },
  { file: 'events.ndjson', resource: 'events' },
  { file: 'nodes.ndjson', resource: 'nodes' },
  { file: 'node-events.ndjson', resource: 'events' },
];

/** Objects of `final.json` that no watch was recorded of: they stand from their creation as they stood at the end. */
const standing = [
  { resource: 'replicasets', kind: 'ReplicaSet' },
  { resource: 'deployments', kind: 'Deployment' },
  { resource: 'statefulsets', kind: 'StatefulSet' },
] as const;

interface RecordedLine {
  /** ms UTC */
  readonly at: number;
  readonly change: Change | undefined;
  readonly resourceVersion: number;
}

/** A recorded watch stream in the place of a living cluster. Give its parts to `startApiServer`. */
export interface Recording {
  readonly store: ObjectStore;
  /** What the kubelet and Prometheus had at the recorded time; nothing where nobody recorded it. */
  readonly kubelet: LogSource;
  readonly samples: SampleSource;
  /** The objects' recorded JSON text, byte for byte. */
  readonly encode: EncodeObject;
  /** Its now is the recorded time, so that `Date` headers and time stamps belong together. */
  readonly clock: SandboxClock;
  readonly lines: number;
  /** From the first line to the last, recorded ms. */
  readonly lengthMs: number;
  /** Serves the lines at their recorded distance, divided by the clock's speed. Resolves after the last. */
  readonly play: (signal?: AbortSignal) => Promise<void>;
}

/**
 * Opens a folder with `pods.ndjson`, `events.ndjson`, `nodes.ndjson` and `node-events.ndjson`, as far as they are there:
 * one `{"at", "line"}` per line; and beside them, where they are there, `final.json`, `metrics.ndjson` and `logs/`. Until
 * `play` the cluster is empty. Lines that are no watch event are left out. Throws where none of the first four is there.
 */
export async function openRecording(dir: string, clock: SandboxClock): Promise<Recording> {
  const texts = new WeakMap<KubeObject, string>();
  const read = await Promise.all(files.map(async ({ file, resource }) => readLines(join(dir, file), resource, texts)));
  if (read.every((lines) => lines === null))
    throw new Error(`${dir} holds no recording: none of ${files.map(({ file }) => file).join(', ')} can be read`);
  const watched = read.flatMap((each) => each ?? []).toSorted((a, b) => a.at - b.at);
  const first = watched.reduce(
    (least, { resourceVersion }) => (resourceVersion > 0 ? Math.min(least, resourceVersion) : least),
    Infinity,
  );
  const firstResourceVersion = Number.isFinite(first) ? Math.max(1, first - 1) : 1;
  const store = createObjectStore(clock, { firstResourceVersion });
  const stood = await readStanding(dir, { from: watched[0]?.at ?? 0, resourceVersion: firstResourceVersion });
  const lines = [...stood, ...watched].toSorted((a, b) => a.at - b.at);

  let position = { at: lines[0]?.at ?? clock.now(), monotonic: clock.monotonic(), playing: false };
  const recordedNow = (): number =>
    position.playing ? position.at + (clock.monotonic() - position.monotonic) * clock.speed : position.at;

  async function play(signal?: AbortSignal): Promise<void> {
    for (const { at, change, resourceVersion } of lines) {
      if (at > position.at) await clock.wait(at - position.at, signal);
      signal?.throwIfAborted();
      position = { at, monotonic: clock.monotonic(), playing: true };
      if (change === undefined) store.advanceTo(resourceVersion);
      else store.replay(change);
    }
  }

  return {
    store,
    kubelet: await openRecordedLogs(dir, store, recordedNow),
    samples: await openRecordedMetrics(dir, recordedNow),
    encode: (object) => texts.get(object) ?? encodeJson(object),
    clock: { ...clock, now: recordedNow },
    lines: watched.length,
    lengthMs: (lines.at(-1)?.at ?? 0) - (lines[0]?.at ?? 0),
    play,
  };
}

/** Of the moment at which the first watch began, where they are older. */
async function readStanding(
  dir: string,
  { from, resourceVersion }: { readonly from: number; readonly resourceVersion: number },
): Promise<RecordedLine[]> {
  const final = objectOf(parseJson((await readRecordedFile(join(dir, 'final.json'))) ?? ''));
  return standing.flatMap(({ resource, kind }) =>
    objectsOf(final[resource]).flatMap((item) => {
      const metadata = { ...objectOf(item['metadata']), resourceVersion: String(resourceVersion) };
      const object = { kind, apiVersion: 'apps/v1', ...item, metadata };
      if (!isKubeObject(object)) return [];
      const at = Math.max(from, Date.parse(object.metadata.creationTimestamp));
      return [{ at, change: { type: 'ADDED' as const, resource, object }, resourceVersion }];
    }),
  );
}

/** Null where the file is not there. */
async function readLines(
  path: string,
  resource: string,
  texts: WeakMap<KubeObject, string>,
): Promise<RecordedLine[] | null> {
  const text = await readRecordedFile(path);
  if (text === null) return null;
  const lines: RecordedLine[] = [];
  for (const line of text.split('\n')) {
    const read = line.trim() === '' ? undefined : readLine(line.trim(), resource, texts, lines.at(-1)?.at ?? 0);
    if (read !== undefined) lines.push(read);
  }
  return lines;
}

function readLine(
  text: string,
  resource: string,
  texts: WeakMap<KubeObject, string>,
  lastAt: number,
): RecordedLine | undefined {
  const envelope = /^\{"at": ?"(?<at>[^"]+)", ?"line": ?(?<line>[{"].*[}"])\}$/.exec(text)?.groups;
  const inside = envelope?.['line'] ?? text;
  // The line as a string, or as it is.
  const raw = inside.startsWith('"') ? (textOf(parseJson(inside)) ?? '') : inside;
  const at = envelope?.['at'] === undefined ? lastAt : Date.parse(envelope['at']);
  const event = parseJson(raw);
  const { type, object } = isObject(event) ? event : {};
  if (!isObject(object) || !isObject(object['metadata'])) return undefined;
  const resourceVersion = Number(textOf(object['metadata']['resourceVersion']));
  if (type === 'BOOKMARK') return { at, change: undefined, resourceVersion };
  if ((type !== 'ADDED' && type !== 'MODIFIED' && type !== 'DELETED') || !isKubeObject(object)) return undefined;
  const prefix = `{"type":"${type}","object":`;
  if (raw.startsWith(prefix)) texts.set(object, raw.slice(prefix.length, -1));
  return { at, change: { type, resource, object }, resourceVersion };
}

function isKubeObject(object: Readonly<Record<string, unknown>>): object is KubeObject {
  const { metadata } = object;
  return isObject(metadata) && textOf(metadata['name']) !== undefined && textOf(metadata['uid']) !== undefined;
}
