import { badRequest, internalError, unprocessablePatch, unsupportedPatch } from '../server/api-error.ts';
import { applyJsonPatch } from './json-patch.ts';
import { isObject, printLikeGo } from './json-value.ts';
import { copyOf } from './object-copy.ts';
import type { JsonObject } from './object-store.ts';
import { applyStrategicMerge } from './strategic-merge.ts';

/** A patch applied, and how the API server quotes it when the result cannot be read. */
export interface Patched {
  readonly object: JsonObject;
  readonly quoted: string;
}

/**
 * Applies a patch by its Content-Type; `object` is not changed. Throws 415 for any other type, 400 for a body that is no
 * patch, 422 for a JSON patch that does not fit, 500 (as recorded) for a strategic merge without its merge key.
 */
export function applyPatch(object: JsonObject, contentType: string, body: string): Patched {
  const type = contentType.split(';')[0]?.trim();
  switch (type) {
    case 'application/merge-patch+json': {
      const patch = parseObject(body);
      const merged = mergePatch(copyOf(object), patch);
      return { object: merged, quoted: JSON.stringify(merged) };
    }
    case 'application/strategic-merge-patch+json': {
      const patch = parseObject(body);
      const merged = applyStrategicMerge(copyOf(object), patch);
      if (typeof merged === 'string') throw internalError(merged);
      return { object: merged, quoted: printLikeGo(patch) };
    }
    case 'application/json-patch+json': {
      const operations = parse(body);
      if (!Array.isArray(operations)) throw cannotDecode(operations, '[]handlers.jsonPatchOp');
      const patched = applyJsonPatch(copyOf(object), operations);
      if (patched === undefined || !isObject(patched)) throw unprocessablePatch();
      return { object: patched, quoted: JSON.stringify(patched) };
    }
    default:
      throw unsupportedPatch();
  }
}

/** RFC 7396, in place. */
function mergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  for (const [key, value] of Object.entries(patch)) {
    const before = target[key];
    if (value === null) delete target[key];
    else if (isObject(value)) target[key] = mergePatch(isObject(before) ? before : {}, value);
    else target[key] = value;
  }
  return target;
}

function parseObject(body: string): JsonObject {
  const patch = parse(body);
  if (!isObject(patch)) throw cannotDecode(patch, 'map[string]interface {}');
  return patch;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw badRequest(complaint(body));
  }
}

function complaint(body: string): string {
  const text = body.trim();
  if (text === '') return 'unexpected end of JSON input';
  return text.startsWith('{')
    ? `invalid character '${text.slice(1, 2)}' looking for beginning of object key string`
    : `invalid character '${text.slice(0, 1)}' looking for beginning of value`;
}

function cannotDecode(value: unknown, wanted: string): Error {
  const found = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
  return badRequest(`error decoding patch: json: cannot unmarshal ${found} into Go value of type ${wanted}`);
}
