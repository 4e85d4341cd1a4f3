import { isMap, isScalar, isSeq, visit } from 'yaml';
import type { Document, Node, YAMLMap } from 'yaml';
import { refusal } from './manifest-edit.ts';
import type { ManifestEdit, Refusal } from './manifest-edit.ts';
import { pairOf } from './splice-yaml.ts';
import type { Path } from './splice-yaml.ts';

/** Where a container stands: in which document, and on what path from its root. */
export interface ContainerPlace {
  readonly document: number;
  readonly path: Path;
}

interface Candidate extends ContainerPlace {
  readonly object: YAMLMap;
  readonly kind: string;
}

/** What fills in values before Kubernetes sees them: Helm and Go templates, envsubst, ERB, `@@NAME@@`. */
const marker = /\{\{|\$\{|<%|@@\w+@@/;

/** Deeper lists of lists than this are nobody's manifest. */
const deepest = 4;

/** Whether a piece of YAML is filled in by a template. */
export function isTemplated(source: string): boolean {
  return marker.test(source);
}

/**
 * Finds the container of an edit by kind, name, namespace and container name, in every document and inside of Lists. A
 * manifest without a namespace may be meant; one that says the wanted namespace is preferred to it.
 */
export function findContainer(
  text: string,
  documents: readonly Document.Parsed[],
  edit: ManifestEdit,
): ContainerPlace | Refusal {
  const ofKind = documents
    .flatMap((document, index) => objectsIn(document.contents, index, [], null))
    .filter(({ kind }) => kind === edit.kind);
  const named = ofKind.filter(({ object }) => wordAt(object, ['metadata', 'name']) === edit.name);
  const fitting = named.filter(({ object }) => fitsNamespace(text, object, edit.namespace));
  const exact = fitting.filter(({ object }) => wordAt(object, ['metadata', 'namespace']) === edit.namespace);
  const found = exact.length > 0 ? exact : fitting;
  const what = `${edit.kind} ${edit.name}`;

  if (found.length > 1)
    return refusal('found-twice', `${what} stands in it ${found.length} times; name a file that has it once.`);
  const [one] = found;
  if (one !== undefined) return containerIn(one, edit);
  if (ofKind.some(({ object }) => isTemplated(sourceAt(text, object, ['metadata', 'name']))))
    return refusal('template', `The names in it are filled in by a template, so ${what} cannot be told from others.`);
  const elsewhere = named.map(({ object }) => wordAt(object, ['metadata', 'namespace'])).find((word) => word !== null);
  return refusal(
    'not-found',
    elsewhere === undefined || elsewhere === null
      ? `There is no ${what} in it.`
      : `${what} is in it, but for namespace ${elsewhere} and not for ${edit.namespace ?? 'none'}.`,
  );
}

/** The text of the node on a path below an object; '' where there is none. */
export function sourceAt(text: string, root: Node, path: Path): string {
  const node = nodeAt(root, path);
  return node?.range ? text.slice(node.range[0], node.range[1]) : '';
}

/** The node on a path; null where there is none, aliases not followed. */
export function nodeAt(root: Node, path: Path): Node | null {
  let node: unknown = root;
  for (const step of path) {
    if (isMap(node) && typeof step === 'string') node = pairOf(node, step)?.value;
    else if (isSeq(node) && typeof step === 'number') node = node.items[step];
    else return null;
  }
  return isMap(node) || isSeq(node) || isScalar(node) ? node : null;
}

function objectsIn(node: unknown, document: number, path: Path, listOf: string | null): Candidate[] {
  if (!isMap(node) || path.length > 2 * deepest) return [];
  const kind = wordAt(node, ['kind']) ?? listOf;
  if (kind === null) return [];
  const items = nodeAt(node, ['items']);
  // `kind: List` holds objects that say what they are; in a DeploymentList they need not.
  if (kind.endsWith('List') && items !== null && isSeq(items)) {
    const inner = kind === 'List' ? null : kind.slice(0, -'List'.length);
    return items.items.flatMap((item, index) => objectsIn(item, document, [...path, 'items', index], inner));
  }
  return [{ document, path, object: node, kind }];
}

function containerIn({ object, document, path, kind }: Candidate, edit: ManifestEdit): ContainerPlace | Refusal {
  const spec = [...podSpecPath(kind)];
  const found = ['containers', 'initContainers'].flatMap((group) => {
    const list = nodeAt(object, [...spec, group]);
    if (list === null || !isSeq(list)) return [];
    return list.items.flatMap((item, index) =>
      isMap(item) && wordAt(item, ['name']) === edit.container ? [[...path, ...spec, group, index]] : [],
    );
  });
  const [one] = found;
  if (one !== undefined && found.length === 1) return { document, path: one };
  const what = `container ${edit.container} of ${edit.kind} ${edit.name}`;
  if (found.length === 0 && hasAlias(object))
    return refusal('alias', `There is no ${what} in it, unless behind one of its aliases (*); change it by hand.`);
  return found.length === 0
    ? refusal('container-not-found', `There is no ${what} in it; perhaps another file or an injector adds it.`)
    : refusal('found-twice', `There is more than one ${what} in it; only one can be meant.`);
}

function hasAlias(object: YAMLMap): boolean {
  let found = false;
  visit(object, {
    Alias: () => {
      found = true;
      return visit.BREAK;
    },
  });
  return found;
}

function podSpecPath(kind: string): Path {
  if (kind === 'Pod') return ['spec'];
  if (kind === 'CronJob') return ['spec', 'jobTemplate', 'spec', 'template', 'spec'];
  return ['spec', 'template', 'spec'];
}

function fitsNamespace(text: string, object: YAMLMap, wanted: string | null): boolean {
  const said = wordAt(object, ['metadata', 'namespace']);
  if (wanted === null || said === null || said === wanted) return true;
  return isTemplated(sourceAt(text, object, ['metadata', 'namespace']));
}

function wordAt(root: Node, path: Path): string | null {
  const node = nodeAt(root, path);
  if (node === null || !isScalar(node) || node.value === null) return null;
  // A name of digits only (`name: 0123`) has to be compared as it is written.
  return typeof node.value === 'string' ? node.value : (node.source ?? null);
}
