import { isDeepStrictEqual } from 'node:util';

import { notCovered, unprocessablePatch } from './api-error.ts';
import { isObject, objectsOf, parseJson, textOf } from '../objects/json-value.ts';
import { copyOf } from '../objects/object-copy.ts';
import type { JsonObject } from '../objects/object-store.ts';
import { applyStrategicMerge } from '../objects/strategic-merge.ts';

/**
 * Applies a patch by its Content-Type; `object` is not changed. Throws 422 for a JSON patch that does not fit, and 501
 * for what Oomkeeper never sends: other types, other operations, and strategic merges that take something away.
 */
export function applyPatch(object: JsonObject, contentType: string, body: string): JsonObject {
  const patch = parseJson(body);
  switch (contentType.split(';')[0]?.trim()) {
    case 'application/strategic-merge-patch+json': {
      const merged = isObject(patch) ? applyStrategicMerge(copyOf(object), patch) : undefined;
      if (merged === undefined) throw notCovered('this strategic merge patch');
      return merged;
    }
    case 'application/json-patch+json': {
      const patched = copyOf(object);
      for (const operation of objectsOf(patch)) applyOperation(patched, operation);
      return patched;
    }
    default:
      throw notCovered(`patches of the type ${contentType}`);
  }
}

/** One operation of RFC 6902 on a field of an object, in place. */
function applyOperation(document: JsonObject, { op, path, value }: JsonObject): void {
  const parts = (textOf(path) ?? '').split('/').slice(1);
  const keys = parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = keys.pop();
  let parent: unknown = document;
  for (const key of keys) parent = Array.isArray(parent) ? parent[Number(key)] : isObject(parent) ? parent[key] : null;
  if (last === undefined || Array.isArray(parent)) throw notCovered(`a JSON patch of ${textOf(path) ?? 'no path'}`);
  if (!isObject(parent)) throw unprocessablePatch();
  switch (op) {
    case 'test':
      if (!isDeepStrictEqual(parent[last], value)) throw unprocessablePatch();
      return;
    case 'replace':
      if (parent[last] === undefined) throw unprocessablePatch();
      parent[last] = value;
      return;
    case 'add':
      parent[last] = value;
      return;
    default:
      throw notCovered(`${String(op)} in a JSON patch`);
  }
}
