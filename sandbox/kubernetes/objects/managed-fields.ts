import { isDeepStrictEqual } from 'node:util';

import { isObject } from './json-value.ts';
import type { JsonObject, KubeObject } from './object-store.ts';
import { mergeKeyOf } from './strategic-merge.ts';

export interface Writer {
  readonly manager: string;
  readonly subresource: string | undefined;
  /** RFC 3339, whole seconds. */
  readonly time: string;
}

const ownedMetadata = new Set(['labels', 'annotations', 'ownerReferences', 'finalizers', 'generateName']);
/** Structs never own themselves (`.`); maps and optional structs do. */
const structs = new Set(['metadata', 'spec', 'template', 'strategy', 'updateStrategy', 'jobTemplate', 'source']);
const atomic = new Set(['selector', 'involvedObject', 'nodeSelector', 'tolerations', 'affinity']);

/**
 * Records in `after.metadata.managedFields` that a manager set what differs from `before` (undefined: everything), and
 * takes the same fields from the other managers, as a plain update does on a real server.
 */
export function trackManager(before: KubeObject | undefined, after: KubeObject, writer: Writer): void {
  const changed = changedFields(owned(before), owned(after));
  const removed = changedFields(owned(after), owned(before));
  if (isDeepStrictEqual(changed, {}) && isDeepStrictEqual(removed, {})) return;
  const { manager, subresource, time } = writer;
  const isOurs = (entry: JsonObject): boolean =>
    entry['manager'] === manager && entry['operation'] === 'Update' && entry['subresource'] === subresource;
  const entries = after.metadata.managedFields ?? [];
  const ours = entries.find(isOurs);
  const others = entries
    .filter((entry) => entry !== ours)
    .map((entry) => withFields(entry, subtract(subtract(fieldsOf(entry), changed), removed)));
  const mine = union(subtract(ours === undefined ? {} : fieldsOf(ours), removed), changed);
  const entry = {
    manager,
    operation: 'Update',
    apiVersion: after.apiVersion,
    time,
    fieldsType: 'FieldsV1',
    fieldsV1: mine,
    ...(subresource === undefined ? {} : { subresource }),
  };
  after.metadata.managedFields = [...others, entry].filter((each) => Object.keys(fieldsOf(each)).length > 0);
}

/** The parts of an object that managers own. */
function owned(object: KubeObject | undefined): JsonObject {
  if (object === undefined) return {};
  const { apiVersion: _apiVersion, kind: _kind, metadata, status: _status, ...rest } = object;
  const kept = Object.entries(metadata).filter(([key]) => ownedMetadata.has(key));
  return { ...rest, ...(kept.length === 0 ? {} : { metadata: Object.fromEntries(kept) }) };
}

/** FieldsV1 tree of what is in `after` and not, or not the same, in `before`. */
function changedFields(before: JsonObject, after: JsonObject): JsonObject {
  const fields: JsonObject = {};
  for (const key of Object.keys(after).toSorted()) {
    const now = after[key];
    const was = before[key];
    if (now === undefined || isDeepStrictEqual(was, now)) continue;
    fields[`f:${key}`] = changedValue(key, was, now);
  }
  return fields;
}

function changedValue(key: string, was: unknown, now: unknown): JsonObject {
  if (atomic.has(key)) return {};
  if (isObject(now)) {
    const own = was === undefined && !structs.has(key) ? { '.': {} } : {};
    return Object.keys(now).length === 0 ? {} : { ...own, ...changedFields(isObject(was) ? was : {}, now) };
  }
  const mergeKey = Array.isArray(now) ? mergeKeyOf(key) : undefined;
  if (mergeKey === undefined || !Array.isArray(now)) return {};
  const items: JsonObject = {};
  const before: readonly unknown[] = Array.isArray(was) ? was : [];
  for (const item of now.filter(isObject)) {
    const old = before.find((each) => isObject(each) && each[mergeKey] === item[mergeKey]);
    if (isDeepStrictEqual(old, item)) continue;
    const id = `k:${JSON.stringify({ [mergeKey]: item[mergeKey] })}`;
    items[id] = changedValue(id, old, item);
  }
  return items;
}

function fieldsOf(entry: JsonObject): JsonObject {
  return isObject(entry['fieldsV1']) ? entry['fieldsV1'] : {};
}

function withFields(entry: JsonObject, fields: JsonObject): JsonObject {
  return { ...entry, fieldsV1: fields };
}

function union(a: JsonObject, b: JsonObject): JsonObject {
  const result: JsonObject = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const present = result[key];
    result[key] = isObject(present) && isObject(value) ? union(present, value) : value;
  }
  return result;
}

/** Takes the leaves of `taken` away. A map that only owns itself (`{".":{}}`) is written `{}`; an empty branch goes. */
function subtract(fields: JsonObject, taken: JsonObject): JsonObject {
  const result: JsonObject = {};
  for (const [key, value] of Object.entries(fields)) {
    const loss = taken[key];
    if (!isObject(value) || !isObject(loss)) {
      result[key] = value;
    } else if (Object.keys(value).length === 0) {
      // `{}` beside a deeper loss is a map that owns itself: it stays.
      if (Object.keys(loss).length > 0) result[key] = value;
    } else if (Object.keys(loss).length > 0) {
      const rest = subtract(value, loss);
      if (isDeepStrictEqual(rest, { '.': {} })) result[key] = {};
      else if (Object.keys(rest).length > 0) result[key] = rest;
    }
  }
  return result;
}
