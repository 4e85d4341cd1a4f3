import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Node } from 'yaml';
import { hasWords, noPlaceWords, withWords } from '../recommend/change-words.ts';
import { isNewVariable } from '../recommend/env-change.ts';
import type { EnvChange } from '../recommend/env-change.ts';
import { refusal } from './edit/manifest-edit.ts';
import type { Refusal } from './edit/manifest-edit.ts';
import { isTemplated, nodeAt, sourceAt } from './edit/manifest-object.ts';
import type { Path } from './edit/splice-yaml.ts';
import type { Tree } from './edit/yaml-lines.ts';

/** One value as it should be, and as it is; `tree` is what is to stand at `path`, `about` names it for people. */
export interface Want {
  readonly path: Path;
  readonly tree: Tree;
  readonly from: string | null;
  readonly to: string;
  readonly about: string;
}

/**
 * What a change of a variable comes to in a file: only the words that change, in the value that the file has. Null where
 * it has them already.
 */
export function envWant(text: string, container: Node, change: EnvChange): Want | Refusal | null {
  const { name, words } = change;
  const list = nodeAt(container, ['env']);
  const items = list !== null && isSeq(list) ? list.items : [];
  const indexes = items.flatMap((item, index) => (isMap(item) && item.get('name') === name ? [index] : []));
  const [index] = indexes;
  if (items.some((item) => isAlias(item)))
    return refusal(
      'alias',
      `One of the variables beside ${name} is an alias, so that one may be it; change it by hand.`,
    );
  if (indexes.length > 1)
    return refusal('found-twice', `The variable ${name} stands in it twice; take out the one that is not meant.`);
  if (index === undefined) return newVariable(list, change);
  if (nodeAt(container, ['env', index, 'valueFrom']) !== null)
    return refusal('value-from', `The variable ${name} comes from a Secret or ConfigMap (valueFrom); change it there.`);
  const value = nodeAt(container, ['env', index, 'value']);
  const from = scalarText(value);
  if (hasWords(from, change) && isScalar(value) && typeof value.value === 'string') return null;
  if (isTemplated(sourceAt(text, container, ['env', index])))
    return refusal(
      'template',
      `The variable ${name} is filled in by a template; change it where it is filled in from.`,
    );
  const about = aboutOf(name);
  const path = ['env', index, 'value'];
  const changed = withWords(from ?? '', change);
  if (!changed.ok) return refusal('no-such-word', inFile(noPlaceWords(name, changed.word, changed.why)));
  const { value: to } = changed;
  const isEmpty = from === null || from.trim() === '';
  return { path, about, tree: { leaf: { value: to, as: 'string', ...(isEmpty ? {} : { words }) } }, from, to };
}

/** The variable of a container in a file; null where there is none. */
export function variableAt(container: Node, name: string): { readonly value: Node | null } | null {
  const list = nodeAt(container, ['env']);
  const items = list !== null && isSeq(list) ? list.items : [];
  const index = items.findIndex((item) => isMap(item) && item.get('name') === name);
  return index === -1 ? null : { value: nodeAt(container, ['env', index, 'value']) };
}

/** A scalar's value as Kubernetes would read it; null where there is none. */
export function scalarText(node: Node | null): string | null {
  if (node === null || !isScalar(node) || node.value === null) return null;
  return sourceOf('', node);
}

/** A scalar's value as a string reads it, before it is taken for a number or a boolean. */
export function sourceOf(text: string, node: Node): string {
  if (isScalar(node)) return node.source ?? String(node.value);
  return node.range ? text.slice(node.range[0], node.range[1]) : '';
}

/** What the cluster has and the file has not is set somewhere else: added here it would hide all of its other words. */
function newVariable(list: Node | null, change: EnvChange): Want | Refusal {
  const { name, words } = change;
  if (!isNewVariable(change))
    return refusal('no-such-word', `The file does not set ${name}, which the cluster has; change it where it is set.`);
  const to = words.map((word) => word.to).join(' ');
  const entry: Tree = {
    map: [
      ['name', { leaf: { value: name, as: 'word' } }],
      ['value', { leaf: { value: to, as: 'string' } }],
    ],
  };
  const about = aboutOf(name);
  return list !== null && isSeq(list)
    ? { path: ['env', list.items.length], about, tree: entry, from: null, to }
    : { path: ['env'], about, tree: { seq: [entry] }, from: null, to };
}

function aboutOf(name: string): string {
  return `env ${name}`;
}

function inFile(sentence: string): string {
  return `In the file ${sentence}`;
}
