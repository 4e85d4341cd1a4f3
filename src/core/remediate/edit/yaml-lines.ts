import { newScalar } from './yaml-scalar.ts';
import type { Leaf, Quote } from './yaml-scalar.ts';

/** What is to be added, apart from how it is written. Neither maps nor sequences are empty. */
export type Tree =
  | { readonly leaf: Leaf }
  | { readonly map: readonly (readonly [key: string, value: Tree])[] }
  | { readonly seq: readonly Tree[] };

/** How a file writes what it has, so that what is added looks the same. */
export interface Style {
  readonly eol: string;
  /** Columns by which a mapping's children are indented. */
  readonly step: number;
  /** The same for the dashes of a sequence below its key; often 0. */
  readonly seqStep: number;
  readonly quote: Quote;
  /** Inside JSON: keys and values in double quotes. */
  readonly json: boolean;
}

/** Block style: one line for each key or item, without line ends. `column` is where the keys or dashes stand. */
export function renderBlock(tree: Tree, column: number, style: Style): string[] {
  const indent = ' '.repeat(column);
  if ('leaf' in tree) return [indent + newScalar(tree.leaf, style.quote)];
  if ('seq' in tree) {
    return tree.seq.flatMap((item) => {
      const [first = '', ...others] = renderBlock(item, column + 2, style);
      return [`${indent}- ${first.trimStart()}`, ...others];
    });
  }
  return tree.map.flatMap(([key, value]) => {
    const label = `${indent}${keyText(key, style)}:`;
    if ('leaf' in value) return [`${label} ${newScalar(value.leaf, style.quote)}`];
    return [label, ...renderBlock(value, column + ('seq' in value ? style.seqStep : style.step), style)];
  });
}

/** Flow style: `{ limits: { memory: 64Mi } }`, in JSON `{"limits": {"memory": "64Mi"}}`. */
export function renderFlow(tree: Tree, style: Style): string {
  if ('leaf' in tree) return style.json ? JSON.stringify(tree.leaf.value) : newScalar(tree.leaf, style.quote);
  if ('seq' in tree) return `[${tree.seq.map((item) => renderFlow(item, style)).join(', ')}]`;
  const space = style.json ? '' : ' ';
  return `{${space}${tree.map.map(([key, value]) => `${keyText(key, style)}: ${renderFlow(value, style)}`).join(', ')}${space}}`;
}

function keyText(key: string, { json, quote }: Style): string {
  return json ? JSON.stringify(key) : newScalar({ value: key, as: 'word' }, quote);
}
