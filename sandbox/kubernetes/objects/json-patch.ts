import { isDeepStrictEqual } from 'node:util';

import { isObject, textOf } from './json-value.ts';
import { copyOf } from './object-copy.ts';

/** RFC 6902 on `document`, which is changed; undefined when an operation does not fit (the API server says no more). */
export function applyJsonPatch(document: unknown, operations: readonly unknown[]): unknown {
  const root = { document };
  for (const operation of operations) {
    if (!isObject(operation) || !applyOne(root, operation)) return undefined;
  }
  return root.document;
}

function applyOne(root: { document: unknown }, operation: Readonly<Record<string, unknown>>): boolean {
  const path = pointer(operation['path']);
  const from = pointer(operation['from']);
  if (path === undefined) return false;
  switch (operation['op']) {
    case 'add':
      return write(root, path, operation['value'], true);
    case 'replace':
      return read(root.document, path) !== undefined && write(root, path, operation['value'], false);
    case 'remove':
      return remove(root.document, path);
    case 'test':
      return isDeepStrictEqual(read(root.document, path), operation['value']);
    case 'copy': {
      const value = from === undefined ? undefined : read(root.document, from);
      return value !== undefined && write(root, path, copyOf(value), true);
    }
    case 'move': {
      const value = from === undefined ? undefined : read(root.document, from);
      if (from === undefined || value === undefined) return false;
      return remove(root.document, from) && write(root, path, value, true);
    }
    default:
      return false;
  }
}

function pointer(value: unknown): readonly string[] | undefined {
  const text = textOf(value);
  if (text === undefined || (text !== '' && !text.startsWith('/'))) return undefined;
  return text
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function read(document: unknown, path: readonly string[]): unknown {
  let value = document;
  for (const part of path)
    value = Array.isArray(value) ? (value[index(part)] as unknown) : isObject(value) ? value[part] : undefined;
  return value;
}

function write(root: { document: unknown }, path: readonly string[], value: unknown, insert: boolean): boolean {
  const last = path.at(-1);
  if (last === undefined) {
    root.document = value;
    return true;
  }
  const parent = read(root.document, path.slice(0, -1));
  if (Array.isArray(parent)) {
    const at = last === '-' ? parent.length : index(last);
    if (!(at >= 0 && at <= parent.length)) return false;
    parent.splice(at, insert ? 0 : 1, value);
    return true;
  }
  if (!isObject(parent)) return false;
  parent[last] = value;
  return true;
}

function remove(document: unknown, path: readonly string[]): boolean {
  const last = path.at(-1);
  const parent = read(document, path.slice(0, -1));
  if (last === undefined || read(parent, [last]) === undefined) return false;
  if (Array.isArray(parent)) parent.splice(index(last), 1);
  else if (isObject(parent)) delete parent[last];
  return true;
}

function index(part: string): number {
  return /^\d+$/.test(part) ? Number(part) : Number.NaN;
}
