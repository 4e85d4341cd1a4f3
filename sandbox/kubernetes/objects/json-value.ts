import type { JsonObject } from './object-store.ts';

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as an object; an empty one when it is something else. */
export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** The objects in a list; none when it is no list. */
export function objectsOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

const goEscapes: Readonly<Record<string, string>> = {
  '<': String.raw`\u003c`,
  '>': String.raw`\u003e`,
  '&': String.raw`\u0026`,
  '\u2028': String.raw`\u2028`,
  '\u2029': String.raw`\u2029`,
};

/** Compact JSON as Go's encoder writes it: `<`, `>` and `&` escaped, no line end. */
export function encodeJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (char) => goEscapes[char] ?? char);
}

/** A value as Go's `%v` prints it; some of the API server's messages quote a patch that way. */
export function printLikeGo(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(printLikeGo).join(' ')}]`;
  if (value === null || value === undefined) return '<nil>';
  if (!isObject(value)) return typeof value === 'string' ? value : JSON.stringify(value);
  const pairs = Object.keys(value)
    .toSorted()
    .map((key) => `${key}:${printLikeGo(value[key])}`);
  return `map[${pairs.join(' ')}]`;
}
