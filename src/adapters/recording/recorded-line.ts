/** One line of a recording. `atMs` (ms UTC) is when the client had it, else the newest time in it. */
export type RecordedLine =
  | { readonly is: 'watch-event'; readonly atMs: number | null; readonly type: string; readonly object: unknown }
  | {
      readonly is: 'metric';
      readonly atMs: number | null;
      readonly name: string;
      readonly labels: unknown;
      readonly value: number;
    }
  | { readonly is: 'malformed'; readonly why: string };

/**
 * Where the API server and the kubelet write when something happened. NOTE: deletionTimestamp is not among them, it
 * lies in the future; and inside of an annotation the quotes are escaped, so that no key in there matches.
 */
const TIMES =
  /"(?:creationTimestamp|lastTransitionTime|startTime|startedAt|finishedAt|time|firstTimestamp|lastTimestamp|eventTime|lastObservedTime)":\s*"(\d{4}-\d\d-\d\dT[^"]+)"/g;

/**
 * Reads `{"at": RFC 3339, "line": <watch event>}`, the bare watch event, or what `kubectl get -o json` writes without
 * `--output-watch-events`: a list, whose items are taken for a watch's first ones, or an object by itself. Never throws.
 */
export function readRecordedLine(text: string): readonly RecordedLine[] {
  const value = readObject(text);
  if ('is' in value) return [value];

  const { object } = value;
  const event = 'line' in object ? unescaped(object.line) : object;
  if (isObject(event) && itemsOf(event) !== null) return each('ADDED', event, atMs(object));
  if (isObject(event) && 'metadata' in event && 'kind' in event) return each('MODIFIED', event, atMs(object));
  if (!isObject(event) || !('type' in event) || typeof event.type !== 'string') {
    return [{ is: 'malformed', why: 'not a watch event: it has no "type"' }];
  }
  if (!('object' in event) || !isObject(event.object)) {
    return [{ is: 'malformed', why: 'not a watch event: it has no "object"' }];
  }
  const inEnvelope = atMs(object);
  if (itemsOf(event.object) !== null) return each(event.type, event.object, inEnvelope);
  return [{ is: 'watch-event', atMs: inEnvelope ?? newestTimeMs(text), type: event.type, object: event.object }];
}

/** A recorder may keep the line as the text that it was. */
function unescaped(line: unknown): unknown {
  const read = typeof line === 'string' ? readObject(line) : { object: line };
  return 'is' in read ? null : read.object;
}

/** The objects in a list, or in a table that was asked for with its objects; null for what is neither. */
function itemsOf(object: object): readonly object[] | null {
  if ('items' in object && Array.isArray(object.items)) return object.items.filter(isObject);
  if (!('kind' in object) || object.kind !== 'Table' || !('rows' in object) || !Array.isArray(object.rows)) return null;
  return object.rows.flatMap((row) => (isObject(row) && 'object' in row && isObject(row.object) ? row.object : []));
}

function each(type: string, object: object, at: number | null): readonly RecordedLine[] {
  return (itemsOf(object) ?? [object]).map((item) => ({
    is: 'watch-event',
    atMs: at ?? newestTimeMs(JSON.stringify(item)),
    type,
    object: item,
  }));
}

/** Reads `{"at": RFC 3339, "name", "labels", "value"}`, one sample of a scrape. Never throws. */
export function readRecordedMetric(text: string): readonly RecordedLine[] {
  const read = readObject(text);
  if ('is' in read) return [read];
  const { object } = read;
  if (!('name' in object) || typeof object.name !== 'string') {
    return [{ is: 'malformed', why: 'not a sample of a metric: it has no "name"' }];
  }
  const value = 'value' in object ? sampled(object.value) : null;
  if (value === null) {
    return [{ is: 'malformed', why: 'not a sample of a metric: its "value" is no number' }];
  }
  const labels = 'labels' in object ? object.labels : {};
  return [{ is: 'metric', atMs: atMs(object), name: object.name, labels, value }];
}

/** Prometheus answers with texts, because JSON has no infinity. */
function sampled(value: unknown): number | null {
  if (typeof value === 'number') return value;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : null;
}

function readObject(text: string): { readonly object: object } | Extract<RecordedLine, { readonly is: 'malformed' }> {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? { object: value } : { is: 'malformed', why: 'not a JSON object' };
  } catch (error) {
    return { is: 'malformed', why: error instanceof SyntaxError ? error.message : String(error) };
  }
}

function atMs(object: object): number | null {
  const ms = 'at' in object && typeof object.at === 'string' ? Date.parse(object.at) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}

function newestTimeMs(text: string): number | null {
  let newest: number | null = null;
  for (const [, time = ''] of text.matchAll(TIMES)) {
    const ms = Date.parse(time);
    if (!Number.isNaN(ms) && (newest === null || ms > newest)) newest = ms;
  }
  return newest;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
