import { createHash } from 'node:crypto';

/** sha256 (hex) of the fields' canonical JSON: key order does not matter, absent and undefined are the same. */
export function fieldsHash(fields: unknown): string {
  return createHash('sha256').update(canonicalJson(fields)).digest('hex');
}

/** JSON with its keys in order; of nothing it is `null`. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(canonical(value)) ?? 'null';
}

/** What the hash of a roll back covers: the usual fields, and that nothing was rolled out since. */
export function rollBackFields(fields: unknown, presentRevision: string): unknown {
  return { fields, presentRevision };
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, canonical(inner)]),
  );
}
