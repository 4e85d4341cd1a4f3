import type { DocumentOptions, SchemaOptions } from 'yaml';
import { parseDocuments } from './parse-documents.ts';
import type { Path } from './splice-yaml.ts';
import type { Tree } from './yaml-lines.ts';

/** A value that was meant to change: where in its document, and to what. */
export interface Meant {
  readonly at: Path;
  readonly tree: Tree;
}

/**
 * Whether a file of manifests differs from what it was in exactly what was meant, read as any reader would: everything
 * is compared as it is written (so that `1` and `1.0` differ), and a string has to be one under YAML 1.1 too.
 */
export function onlyChanged(before: string, after: string, document: number, meant: readonly Meant[]): boolean {
  const was = valuesOf(before, { schema: 'failsafe' });
  const is = valuesOf(after, { schema: 'failsafe' });
  if (was === null || is === null) return false;
  const wanted = meant.reduce<unknown>((all, { at, tree }) => withValue(all, [document, ...at], plain(tree)), was);
  if (!isSame(wanted, is)) return false;

  const strings = meant.filter(({ tree }) => !('leaf' in tree) || tree.leaf.as === 'string');
  return (['1.1', '1.2'] as const).every((version) => {
    const read = strings.length === 0 ? [] : valuesOf(after, { version });
    return read !== null && strings.every(({ at, tree }) => isSame(valueAt(read, [document, ...at]), plain(tree)));
  });
}

/** The documents' values; null where the file cannot be read, or is made to grow without end by its aliases. */
function valuesOf(text: string, options: DocumentOptions & SchemaOptions): readonly unknown[] | null {
  try {
    const documents = parseDocuments(text, options);
    return 'code' in documents ? null : documents.map((document) => document.toJS() as unknown);
  } catch {
    return null;
  }
}

function plain(tree: Tree): unknown {
  if ('leaf' in tree) return tree.leaf.value;
  if ('seq' in tree) return tree.seq.map(plain);
  return Object.fromEntries(tree.map.map(([key, value]) => [key, plain(value)]));
}

function withValue(node: unknown, path: Path, value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (typeof step === 'number') {
    const list: unknown[] = Array.isArray(node) ? [...(node as readonly unknown[])] : [];
    list[step] = withValue(list[step], rest, value);
    return list;
  }
  const map = isRecord(node) ? node : {};
  return { ...map, [step]: withValue(map[step], rest, value) };
}

function valueAt(node: unknown, path: Path): unknown {
  let found = node;
  for (const step of path) {
    if (typeof step === 'number' && Array.isArray(found)) found = (found as readonly unknown[])[step];
    else if (typeof step === 'string' && isRecord(found)) found = found[step];
    else return undefined;
  }
  return found;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Keys in another order are a difference too: no edit of ours moves any. */
function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
