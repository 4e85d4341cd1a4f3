import { isAlias, isMap, isScalar, isSeq, Scalar } from 'yaml';
import type { Node, Pair, YAMLMap, YAMLSeq } from 'yaml';
import type { Splice } from './edit-script.ts';
import { refusal } from './manifest-edit.ts';
import type { Refusal } from './manifest-edit.ts';
import { spliceWords } from './splice-words.ts';
import { renderBlock, renderFlow } from './yaml-lines.ts';
import type { Style, Tree } from './yaml-lines.ts';
import { newScalar, scalarLike } from './yaml-scalar.ts';
import type { Quote } from './yaml-scalar.ts';

export type Step = string | number;
export type Path = readonly Step[];

interface EmptyPair {
  readonly key: Node;
  readonly value: Node;
  /** Whether it stands between braces. */
  readonly flow: boolean;
}

const shared =
  'The value, or something around it, is an alias or has an anchor (&, * or <<), so that a change would reach other places too; change it by hand.';
const shape = 'The manifest has a form there that Oomkeeper does not edit; change it by hand.';

/**
 * Where one value is set in YAML, by changing only the characters that have to change: comments, quotes, indentation and line
 * ends stay as they are. What is missing on the way is added in the file's own style. A number at the end of a list
 * appends to it. Refused: anchors, aliases and merge keys on the way, and forms that have no obvious place for the
 * value.
 *
 * NOTE: the caller parses the result again and compares.
 */
export function spliceYaml(
  text: string,
  root: Node,
  path: Path,
  tree: Tree,
  quote: Quote,
): readonly Splice[] | Refusal {
  const found = place(text, root, path, tree, quote);
  return 'start' in found ? [found] : found;
}

function place(text: string, root: Node, path: Path, tree: Tree, quote: Quote): Splice | readonly Splice[] | Refusal {
  let style: Style = { eol: text.includes('\r\n') ? '\r\n' : '\n', step: 2, seqStep: 0, quote, json: false };
  let node = root;
  for (const [depth, step] of path.entries()) {
    if (isShared(node)) return refusal('alias', shared);
    const rest = nested(path.slice(depth + 1), tree);
    if (typeof step === 'number') {
      if (!isSeq(node)) return refusal('unexpected-shape', shape);
      const item = node.items[step];
      if (item === undefined) return addItem(text, node, rest, style);
      if (!isNode(item)) return refusal('unexpected-shape', shape);
      node = item;
      continue;
    }
    if (!isMap(node)) return refusal('unexpected-shape', shape);
    if (pairOf(node, '<<') !== null) return refusal('alias', shared);
    style = { ...style, json: node.flow === true && hasQuotedKeys(node) };
    const pair = pairOf(node, step);
    if (pair === null) return addPair(text, node, { map: [[step, rest]] }, style);
    const { key, value } = pair;
    if (!isNode(key) || !isNode(value)) return refusal('unexpected-shape', shape);
    style = { ...style, ...indentation(text, node, key, value) };
    if (isEmpty(value)) return fillEmpty(text, { key, value, flow: node.flow === true }, rest, style);
    node = value;
  }
  return replace(text, node, tree);
}

function replace(text: string, node: Node, tree: Tree): Splice | readonly Splice[] | Refusal {
  if (isShared(node)) return refusal('alias', shared);
  if (!isScalar(node) || !('leaf' in tree) || node.tag !== undefined) return refusal('unexpected-shape', shape);
  const [start, end] = rangeOf(node);
  const { words } = tree.leaf;
  if (words !== undefined)
    return spliceWords(text.slice(start, end), node, words, start) ?? refusal('unexpected-shape', shape);
  const insert = scalarLike(node, tree.leaf);
  return insert === null ? refusal('unexpected-shape', shape) : { start, end, insert };
}

/** `resources:` with nothing, `~` or `null` behind it. */
function fillEmpty(text: string, { key, value, flow }: EmptyPair, tree: Tree, style: Style): Splice | Refusal {
  const [start, end] = rangeOf(value);
  if (isShared(value)) return refusal('alias', shared);
  if (end > start) return { start, end, insert: 'leaf' in tree ? leafText(tree, style) : renderFlow(tree, style) };
  const colon = text.indexOf(':', rangeOf(key)[1]);
  const afterColon = { start: colon + 1, end: colon + 1 };
  if ('leaf' in tree) return { ...afterColon, insert: ` ${leafText(tree, style)}` };
  if (flow) return { ...afterColon, insert: ` ${renderFlow(tree, style)}` };
  // The children go below the key, behind whatever comment stands beside it.
  return belowLine(text, colon, renderBlock(tree, childColumn(text, key, tree, style), style), style);
}

function addPair(text: string, map: YAMLMap, tree: Tree, style: Style): Splice | Refusal {
  if (map.flow === true) return addToFlow(text, map, unwrapped(renderFlow(tree, style)), style);
  const first = map.items[0];
  if (first === undefined || !isNode(first.key)) return refusal('unexpected-shape', shape);
  const lines = renderBlock(tree, columnOf(text, rangeOf(first.key)[0]), style);
  return belowLine(text, contentEnd(text, map) - 1, lines, style);
}

function addItem(text: string, seq: YAMLSeq, tree: Tree, style: Style): Splice | Refusal {
  if (seq.flow === true) return addToFlow(text, seq, renderFlow(tree, style), style);
  const lines = renderBlock({ seq: [tree] }, columnOf(text, rangeOf(seq)[0]), style);
  return belowLine(text, contentEnd(text, seq) - 1, lines, style);
}

/** Behind the last item; on a line of its own where the items stand on lines of their own. */
function addToFlow(text: string, collection: YAMLMap | YAMLSeq, insert: string, style: Style): Splice | Refusal {
  const [start, end] = rangeOf(collection);
  const last = collection.items.at(-1);
  if (last === undefined) {
    if (text.slice(start + 1, end - 1).trim() !== '') return refusal('unexpected-shape', shape);
    const space = isMap(collection) && !style.json ? ' ' : '';
    return { start: start + 1, end: end - 1, insert: `${space}${insert}${space}` };
  }
  const lastNode = isNode(last) ? last : isPair(last) && isNode(last.key) ? last.key : null;
  if (lastNode === null) return refusal('unexpected-shape', shape);
  const lastStart = rangeOf(lastNode)[0];
  const ownLines = text.slice(text.lastIndexOf('\n', lastStart) + 1, lastStart).trim() === '';
  const at = flowEnd(last, lastNode);
  const separator = ownLines ? `,${style.eol}${' '.repeat(columnOf(text, lastStart))}` : ', ';
  return { start: at, end: at, insert: separator + insert };
}

function flowEnd(last: unknown, lastNode: Node): number {
  if (isPair(last) && isNode(last.value)) return rangeOf(last.value)[1];
  return rangeOf(lastNode)[1];
}

/** Lines behind the end of the line that holds `offset`. */
function belowLine(text: string, offset: number, lines: readonly string[], { eol }: Style): Splice {
  const lineFeed = text.indexOf('\n', offset);
  const lineEnd = lineFeed === -1 ? text.length : lineFeed;
  const at = text[lineEnd - 1] === '\r' ? lineEnd - 1 : lineEnd;
  return { start: at, end: at, insert: lines.map((line) => eol + line).join('') };
}

/** Behind the last character that belongs to a node; comments and blank lines after it do not. */
function contentEnd(text: string, node: Node): number {
  const [start, end] = rangeOf(node);
  if ((isMap(node) || isSeq(node)) && node.flow !== true) {
    const last = node.items.at(-1);
    const inner = isPair(last) ? (isNode(last.value) ? last.value : last.key) : last;
    return isNode(inner) ? Math.max(contentEnd(text, inner), start) : end;
  }
  const isBlock = isScalar(node) && (node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED);
  return isBlock ? start + text.slice(start, end).trimEnd().length : end;
}

function indentation(text: string, parent: YAMLMap, key: Node, value: Node): Partial<Style> {
  if (parent.flow === true) return {};
  const column = columnOf(text, rangeOf(key)[0]);
  if (isSeq(value) && value.flow !== true) return { seqStep: columnOf(text, rangeOf(value)[0]) - column };
  if (!isMap(value) || value.flow === true) return {};
  return { step: columnOf(text, rangeOf(value)[0]) - column };
}

function childColumn(text: string, key: Node, tree: Tree, { step, seqStep }: Style): number {
  return columnOf(text, rangeOf(key)[0]) + ('seq' in tree ? seqStep : step);
}

function nested(path: Path, tree: Tree): Tree {
  return path.reduceRight<Tree>((inner, step) => ({ map: [[String(step), inner]] }), tree);
}

function leafText(tree: Extract<Tree, { leaf: unknown }>, { json, quote }: Style): string {
  return json ? JSON.stringify(tree.leaf.value) : newScalar(tree.leaf, quote);
}

/** `{ a: b }` -> `a: b` */
function unwrapped(flow: string): string {
  return flow.slice(1, -1).trim();
}

export function pairOf(map: YAMLMap, name: string): Pair | null {
  return map.items.find(({ key }) => isScalar(key) && key.value === name) ?? null;
}

function hasQuotedKeys(map: YAMLMap): boolean {
  const key = map.items[0]?.key;
  return isScalar(key) && key.type === Scalar.QUOTE_DOUBLE;
}

function isShared(node: Node): boolean {
  return isAlias(node) || node.anchor !== undefined;
}

function isEmpty(node: Node): boolean {
  return isScalar(node) && (node.value === null || node.source === '') && node.type === Scalar.PLAIN;
}

function isNode(value: unknown): value is Node {
  return isAlias(value) || isMap(value) || isScalar(value) || isSeq(value);
}

function isPair(value: unknown): value is Pair {
  return typeof value === 'object' && value !== null && 'key' in value && 'value' in value && !isNode(value);
}

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1);
}

function rangeOf(node: Node): readonly [number, number] {
  const [start, end] = node.range ?? [0, 0];
  return [start, end];
}
