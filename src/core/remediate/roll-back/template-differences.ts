import { record, records } from '../../kill/json-read.ts';
import type { JsonRecord } from '../../kill/json-read.ts';
import { canonicalJson } from '../fields-hash.ts';

/**
 * One place where two pod templates differ. `path` leads there; an entry of a list is under its name, or its number
 * where it has none. `undefined` = nothing there. `whole`: an entry of a list that is there on one side only.
 */
export interface Difference {
  readonly path: readonly string[];
  readonly from: unknown;
  readonly to: unknown;
  readonly whole: boolean;
}

/**
 * Everything that differs between two pod templates, by its path, whatever it is: a field that nobody here has heard of
 * is found too. What goes away as a whole is one difference; of what is new each field is one.
 */
export function* templateDifferences(from: JsonRecord, to: JsonRecord): Generator<Difference> {
  yield* differences([], from, to);
}

function* differences(path: readonly string[], from: unknown, to: unknown): Generator<Difference> {
  // NOTE: some servers write absent times as null.
  const [old, now] = [from ?? undefined, to ?? undefined];
  if (canonicalJson(old) === canonicalJson(now)) return;
  const sides = [old, now].filter((side) => side !== undefined);
  if (sides.every(isObject) && sides.some((side) => Object.keys(side).length > 0)) {
    const keys = new Set([...Object.keys(record(old)), ...Object.keys(record(now))]);
    for (const key of keys) yield* differences([...path, key], own(record(old), key), own(record(now), key));
  } else if (sides.every(isListOfObjects) && sides.some((side) => side.length > 0)) {
    yield* listDifferences(path, records(old), records(now));
  } else yield { path, from: old, to: now, whole: false };
}

function* listDifferences(
  path: readonly string[],
  from: readonly JsonRecord[],
  to: readonly JsonRecord[],
): Generator<Difference> {
  const name = nameFor([from, to]);
  const [old, now] = [named(from, name), named(to, name)];
  for (const key of new Set([...old.keys(), ...now.keys()])) yield* entry([...path, key], old.get(key), now.get(key));
  const expected = [
    ...[...old.keys()].filter((key) => now.has(key)),
    ...[...now.keys()].filter((key) => !old.has(key)),
  ];
  const [before, after] = [[...old.keys()], [...now.keys()]];
  // The order of init containers and variables matters.
  if (canonicalJson(expected) !== canonicalJson(after))
    yield { path: [...path, 'order'], from: before, to: after, whole: false };
}

function* entry(path: readonly string[], from: unknown, to: unknown): Generator<Difference> {
  if (to === undefined) {
    yield { path, from, to, whole: true };
    return;
  }
  const fields = [...differences(path, from, to)];
  // A new container or volume has a line of its own; of a variable or a mount its fields say enough.
  if (from === undefined && (fields.length === 0 || path.length === 3)) yield { path, from, to, whole: true };
  yield* fields;
}

/** Fields that name the entries of a list. */
const nameFields = ['mountPath', 'devicePath', 'name', 'containerPort', 'ip'];

/** The field by which all entries of both lists can be told apart; null if there is none. */
function nameFor(lists: readonly (readonly JsonRecord[])[]): string | null {
  const tells = (list: readonly JsonRecord[], field: string): boolean => {
    const names = list.map((one) => one[field]);
    const isName = (name: unknown): boolean => typeof name === 'string' || typeof name === 'number';
    return names.every(isName) && new Set(names.map(String)).size === names.length;
  };
  return nameFields.find((field) => lists.every((list) => tells(list, field))) ?? null;
}

function named(list: readonly JsonRecord[], name: string | null): ReadonlyMap<string, JsonRecord> {
  return new Map(
    list.map((one, index) => {
      if (name === null) return [String(index), one];
      const { [name]: key, ...rest } = one;
      return [String(key), rest];
    }),
  );
}

function own(object: JsonRecord, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function isObject(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isListOfObjects(value: unknown): value is readonly JsonRecord[] {
  return Array.isArray(value) && value.every(isObject);
}
