import { Failure } from '../../../core/failure.ts';
import { record, text } from '../../../core/kill/json-read.ts';
import type { JsonRecord } from '../../../core/kill/json-read.ts';

/** One event of a watch. */
export interface WatchLine {
  readonly type: string;
  readonly object: JsonRecord;
  readonly resourceVersion: string | null;
  /** The bookmark that ends the initial events of a streaming list. */
  readonly endsInitial: boolean;
}

/** Null if it is not JSON. */
export function parseObject(bytes: Buffer): JsonRecord | null {
  try {
    return record(JSON.parse(bytes.toString('utf8')));
  } catch {
    return null;
  }
}

/** Null if it is not a watch event. */
export function parseWatchLine(bytes: Buffer): WatchLine | null {
  const { type, object } = parseObject(bytes) ?? {};
  if (typeof type !== 'string') return null;
  const { resourceVersion, annotations } = record(record(object)['metadata']);
  return {
    type,
    object: record(object),
    resourceVersion: text(resourceVersion),
    endsInitial: type === 'BOOKMARK' && record(annotations)['k8s.io/initial-events-end'] === 'true',
  };
}

/**
 * The Status of an ERROR line. `cluster-expired` if the requested version cannot be resumed from: it is too old (410,
 * two wordings), or too new because the cluster was restored from a backup.
 */
export function errorOfLine(status: JsonRecord): Failure {
  const { code, reason, message } = status;
  const words = text(message) ?? 'no reason given';
  const expired =
    code === 410 || reason === 'Expired' || reason === 'Gone' || /too large resource version/i.test(words);
  return new Failure(expired ? 'cluster-expired' : 'watch-error', `The API server ended the watch: ${words}`, {
    retry: 'backoff',
  });
}
