import { isAlias, isMap, isScalar, isSeq, Scalar, visit } from 'yaml';
import type { Document, Node } from 'yaml';
import { formatQuantity, parseQuantity } from '../units/quantity.ts';
import { refusal } from './manifest-edit.ts';
import type { EditedManifest, ManifestChange, ManifestEdit, Refusal } from './manifest-edit.ts';
import { findContainer, isTemplated, nodeAt, sourceAt } from './manifest-object.ts';
import { onlyChanged } from './only-changed.ts';
import { parseDocuments } from './parse-documents.ts';
import { spliceYaml } from './splice-yaml.ts';
import type { Path } from './splice-yaml.ts';
import type { Tree } from './yaml-lines.ts';
import type { Quote } from './yaml-scalar.ts';
import { textBounds } from '../units/text-bounds.ts';

/** GitHub's contents API does not return larger files either. */

/** One value as it should be, and as it is; `tree` is what is to stand at `path`. */
interface Want {
  readonly path: Path;
  readonly tree: Tree;
  readonly from: string | null;
  readonly to: string;
}

type Reader = (text: string, container: Node) => Want | Refusal | null;

/**
 * Edits one container's memory limit and request, and its environment, in a file of Kubernetes manifests. Only the
 * characters of those values change. The result is parsed again, and unless exactly the wanted values have changed in
 * the whole file, the edit is refused; every refusal has its reason and a sentence. Never throws.
 */
export function editManifest(text: string, edit: ManifestEdit): EditedManifest | Refusal {
  if (text.length > textBounds.manifest) return refusal('too-large', 'It is larger than 1 MiB; change it by hand.');
  const readers: Reader[] = [
    ...memoryReader('limits', edit.to.limitBytes),
    ...memoryReader('requests', edit.to.requestBytes),
    ...edit.env.map(
      ({ name, to }): Reader =>
        (now, container) =>
          envWant(now, container, name, to),
    ),
  ];

  const changes: (ManifestChange & { readonly at: Path; readonly tree: Tree })[] = [];
  let current = text;
  let document = 0;
  for (const read of readers) {
    // Each change is made to a file that was parsed anew: the places of the one before have moved.
    const documents = parsed(current);
    if ('ok' in documents) return documents;
    const place = findContainer(current, documents, edit);
    if ('ok' in place) return place;
    ({ document } = place);
    const root = documents[document]?.contents;
    const container = root ? nodeAt(root, place.path) : null;
    if (!root || container === null)
      return refusal('unexpected-shape', 'Its container has no form that can be edited.');
    const want = read(current, container);
    if (want === null) continue;
    if ('ok' in want) return want;
    const at = [...place.path, ...want.path];
    const next = spliceYaml(current, root, at, want.tree, quoteOf(container));
    if (typeof next !== 'string') return next;
    changes.push({ path: pathText(at), from: want.from, to: want.to, at, tree: want.tree });
    current = next;
  }

  if (changes.length === 0)
    return refusal('nothing-to-change', 'It has the wanted values already; what is missing is that they are applied.');
  if (!onlyChanged(text, current, document, changes))
    return refusal('unsafe-edit', 'An edit there would change more than the wanted values; change it by hand.');
  return { ok: true, text: current, document, changes: changes.map(({ path, from, to }) => ({ path, from, to })) };
}

function parsed(text: string): readonly Document.Parsed[] | Refusal {
  const documents = parseDocuments(text);
  if (!('code' in documents)) return documents;
  const { code, text: why } = documents;
  if (isTemplated(text))
    return refusal('template', 'It is a template and no plain manifest; change the value where it is filled in from.');
  if (code === 'TAB_AS_INDENT')
    return refusal('tabs', 'It is indented by tabs, which YAML does not allow; replace them by spaces.');
  return refusal('not-yaml', `It is no valid YAML (${why}).`);
}

function memoryReader(group: 'limits' | 'requests', bytes: number | null): Reader[] {
  if (bytes === null) return [];
  const path = ['resources', group, 'memory'];
  const to = formatQuantity(bytes);
  return [
    (text, container) => {
      if (isTemplated(sourceAt(text, container, ['resources']))) return templatedValue;
      const node = nodeAt(container, path);
      const from = node === null || (isScalar(node) && node.value === null) ? null : sourceOf(text, node);
      if (from !== null && !isQuantity(from)) return templatedValue;
      if (from !== null && parseQuantity(from) === BigInt(bytes)) return null;
      return { path, tree: { leaf: { value: to, as: 'quantity' } }, from, to };
    },
  ];
}

const templatedValue = refusal(
  'template',
  'The value there is no memory quantity but is filled in by something; change it where it is filled in from.',
);

function envWant(text: string, container: Node, name: string, to: string): Want | Refusal | null {
  const list = nodeAt(container, ['env']);
  const leaf = { value: to, as: 'string' } as const;
  const entry: Tree = {
    map: [
      ['name', { leaf: { value: name, as: 'word' } }],
      ['value', { leaf }],
    ],
  };
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
  if (index === undefined) {
    const isList = list !== null && isSeq(list);
    return isList
      ? { path: ['env', items.length], tree: entry, from: null, to }
      : { path: ['env'], tree: { seq: [entry] }, from: null, to };
  }
  if (nodeAt(container, ['env', index, 'valueFrom']) !== null)
    return refusal('value-from', `The variable ${name} comes from a Secret or ConfigMap (valueFrom); change it there.`);
  const value = nodeAt(container, ['env', index, 'value']);
  const from = value !== null && isScalar(value) && value.value !== null ? sourceOf(text, value) : null;
  if (from === to && isScalar(value) && typeof value.value === 'string') return null;
  if (isTemplated(sourceAt(text, container, ['env', index])))
    return refusal(
      'template',
      `The variable ${name} is filled in by a template; change it where it is filled in from.`,
    );
  return { path: ['env', index, 'value'], tree: { leaf }, from, to };
}

/** A scalar's value as a string reads it, before it is taken for a number or a boolean. */
function sourceOf(text: string, node: Node): string {
  if (isScalar(node)) return node.source ?? String(node.value);
  return node.range ? text.slice(node.range[0], node.range[1]) : '';
}

function isQuantity(text: string): boolean {
  try {
    parseQuantity(text);
    return true;
  } catch {
    return false;
  }
}

/** The quotes that the container uses for most of its strings. */
function quoteOf(container: Node): Quote {
  let single = 0;
  let double = 0;
  visit(container, {
    Scalar: (_, { type }) => {
      if (type === Scalar.QUOTE_SINGLE) single += 1;
      if (type === Scalar.QUOTE_DOUBLE) double += 1;
    },
  });
  return single > double ? "'" : '"';
}

function pathText(path: Path): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .slice(1);
}
