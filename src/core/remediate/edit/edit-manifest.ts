import { isScalar, Scalar, visit } from 'yaml';
import type { Document, Node } from 'yaml';
import { formatQuantity, parseQuantity } from '../../units/quantity.ts';
import { draftOf, edited, piecesOf } from './edit-script.ts';
import { envWant, scalarText, sourceOf, variableAt } from '../env-want.ts';
import type { Want } from '../env-want.ts';
import { refusal } from './manifest-edit.ts';
import type { EditedManifest, FileValues, ManifestChange, ManifestEdit, Refusal } from './manifest-edit.ts';
import { findContainer, isTemplated, nodeAt, sourceAt } from './manifest-object.ts';
import { onlyChanged } from './only-changed.ts';
import { parseDocuments } from './parse-documents.ts';
import { spliceYaml } from './splice-yaml.ts';
import type { Path } from './splice-yaml.ts';
import type { Tree } from './yaml-lines.ts';
import type { Quote } from './yaml-scalar.ts';
import { textBounds } from '../../units/text-bounds.ts';

/** GitHub's contents API does not return larger files either. */

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
      (change): Reader =>
        (now, container) =>
          envWant(now, container, change),
    ),
  ];

  const changes: (ManifestChange & { readonly at: Path; readonly tree: Tree })[] = [];
  let draft = draftOf(text);
  let before: FileValues | null = null;
  let document = 0;
  for (const read of readers) {
    // Each change is made to a file that was parsed anew: the places of the one before have moved.
    const documents = parsed(draft.text);
    if ('ok' in documents) return documents;
    const place = findContainer(draft.text, documents, edit);
    if ('ok' in place) return place;
    ({ document } = place);
    const root = documents[document]?.contents;
    const container = root ? nodeAt(root, place.path) : null;
    if (!root || container === null)
      return refusal('unexpected-shape', 'Its container has no form that can be edited.');
    before ??= valuesIn(container, edit);
    const want = read(draft.text, container);
    if (want === null) continue;
    if ('ok' in want) return want;
    const at = [...place.path, ...want.path];
    const splices = spliceYaml(draft.text, root, at, want.tree, quoteOf(container));
    if ('ok' in splices) return splices;
    changes.push({ path: pathText(at), from: want.from, to: want.to, at, tree: want.tree });
    draft = edited(draft, splices, want.about);
  }

  if (before === null || changes.length === 0)
    return refusal('nothing-to-change', 'It has the wanted values already; what is missing is that they are applied.');
  if (!onlyChanged(text, draft.text, document, changes))
    return refusal('unsafe-edit', 'An edit there would change more than the wanted values; change it by hand.');
  return {
    ok: true,
    text: draft.text,
    pieces: piecesOf(draft, text.length),
    before,
    document,
    changes: changes.map(({ path, from, to }) => ({ path, from, to })),
  };
}

/** What the file says now, of what the edit is about. */
function valuesIn(container: Node, { env }: ManifestEdit): FileValues {
  const memory = (group: string): string | null => scalarText(nodeAt(container, ['resources', group, 'memory']));
  return {
    limit: memory('limits'),
    request: memory('requests'),
    variables: env.flatMap(({ name }) => {
      const found = variableAt(container, name);
      return found === null ? [] : [{ name, value: scalarText(found.value) }];
    }),
  };
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
      return { path, about: `${group}.memory`, tree: { leaf: { value: to, as: 'quantity' } }, from, to };
    },
  ];
}

const templatedValue = refusal(
  'template',
  'The value there is no memory quantity but is filled in by something; change it where it is filled in from.',
);

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
