/** One line of a recorded watch stream. `atMs` (ms UTC) is when the client had it, else the newest time in it. */
export type RecordedLine =
  | { readonly is: 'watch-event'; readonly atMs: number | null; readonly type: string; readonly object: unknown }
  | { readonly is: 'malformed'; readonly why: string };

/**
 * Where the API server and the kubelet write when something happened. NOTE: deletionTimestamp is not among them, it
 * lies in the future; and inside of an annotation the quotes are escaped, so that no key in there matches.
 */
const TIMES =
  /"(?:creationTimestamp|lastTransitionTime|startTime|startedAt|finishedAt|time|firstTimestamp|lastTimestamp|eventTime|lastObservedTime)":\s*"(\d{4}-\d\d-\d\dT[^"]+)"/g;

/** Reads `{"at": RFC 3339, "line": <watch event>}` or the bare watch event. Never throws. */
export function readRecordedLine(text: string): RecordedLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { is: 'malformed', why: error instanceof SyntaxError ? error.message : String(error) };
  }
  if (!isObject(value)) return { is: 'malformed', why: 'not a JSON object' };

  const event = 'line' in value ? value.line : value;
  if (!isObject(event) || !('type' in event) || typeof event.type !== 'string') {
    return { is: 'malformed', why: 'not a watch event: it has no "type"' };
  }
  if (!('object' in event) || !isObject(event.object)) {
    return { is: 'malformed', why: 'not a watch event: it has no "object"' };
  }
  const atMs = 'at' in value && typeof value.at === 'string' ? Date.parse(value.at) : Number.NaN;
  return {
    is: 'watch-event',
    atMs: Number.isNaN(atMs) ? newestTimeMs(text) : atMs,
    type: event.type,
    object: event.object,
  };
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
