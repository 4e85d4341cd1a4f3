import { record, records, text, timeMs } from '../json-read.ts';

/** A node that says that it is short of memory, since when (ms UTC). */
export interface NodePressure {
  readonly node: string;
  readonly sinceMs: number;
}

/** Reads a Node; null when its condition MemoryPressure is not true. Never throws. */
export function readNodePressure(object: unknown): NodePressure | null {
  const node = text(record(record(object)['metadata'])['name']);
  const condition = records(record(record(object)['status'])['conditions']).find(
    ({ type, status }) => type === 'MemoryPressure' && status === 'True',
  );
  const sinceMs = timeMs(condition?.['lastTransitionTime']);
  return node === null || condition === undefined || sinceMs === null ? null : { node, sinceMs };
}
