import { isRecord, partOf } from './kube-object.ts';
import type { Exchange } from './transcript.ts';
import type { ApiResponse } from './start-server.ts';

type Json = Record<string, unknown>;

const comparedHeaders = ['content-type', 'retry-after', 'warning', 'x-content-type-options'];
/** Booked coarsely, or put in by admission plug-ins that the simulator has not. */
const unimitated = ['metadata.managedFields', 'spec.volumes', 'spec.containers[].volumeMounts'];

/** What differs in status, headers that matter, refusal and the paths that are present; empty when nothing does. */
export function differences(recorded: Exchange['response'], actual: ApiResponse): readonly string[] {
  const found: string[] = [];
  if (recorded.status !== actual.status) found.push(`status ${actual.status} instead of ${recorded.status}`);
  for (const name of comparedHeaders) {
    const wanted = Object.entries(recorded.headers).find(([key]) => key.toLowerCase() === name)?.[1];
    if (wanted?.toString() !== actual.headers[name])
      found.push(`${name}: ${String(actual.headers[name])} instead of ${String(wanted)}`);
  }
  if (recorded.lines !== undefined) return [...found, ...lineDifferences(recorded.lines, actual.text)];
  return [...found, ...bodyDifferences(parsed(recorded.body), parsed(actual.text))];
}

function lineDifferences(recorded: readonly unknown[], text: string): readonly string[] {
  const lines = text.split('\n').filter((line) => line !== '');
  const actual = lines.map((line): unknown => JSON.parse(line));
  const types = (all: readonly unknown[]): string => all.map((line) => String(partOf(line, 'type'))).join(' ');
  if (types(recorded) !== types(actual)) return [`lines ${types(actual)} instead of ${types(recorded)}`];
  return recorded.flatMap((line, index) => bodyDifferences(partOf(line, 'object'), partOf(actual[index], 'object')));
}

function bodyDifferences(recorded: unknown, actual: unknown): readonly string[] {
  if (!isRecord(recorded)) {
    if (Array.isArray(recorded)) return selectionDifferences(recorded, actual);
    return recorded === actual ? [] : [`body ${JSON.stringify(actual)} instead of ${JSON.stringify(recorded)}`];
  }
  if (!isRecord(actual)) return [`body ${String(actual)} is no object`];
  if (recorded['kind'] === 'Status') return statusDifferences(recorded, actual);
  const [wantedItems, items] = [namesIn(recorded), namesIn(actual)];
  if (wantedItems !== items && !countsItems(recorded, actual)) {
    return [`items ${String(items)} instead of ${String(wantedItems)}`];
  }
  const found = pathDifferences(recorded, actual);
  // An object without apiVersion is a selection of fields that the recorder kept; more may be there.
  const isObject = recorded['kind'] === undefined || recorded['metadata'] !== undefined;
  const selection = recorded['apiVersion'] === undefined && isObject;
  return [
    ...found.filter((each) => !selection || !each.startsWith('unexpected')),
    ...valueDifferences(recorded, actual),
  ];
}

function statusDifferences(recorded: Json, actual: Json): readonly string[] {
  return ['status', 'reason', 'code', 'details', 'message'].flatMap((key) => {
    const [wanted, got] = [comparable(recorded[key]), comparable(actual[key])];
    return wanted === got ? [] : [`${key} ${got} instead of ${wanted}`];
  });
}

/** Without uids, versions, and the diff of Go structs that some messages end with. */
function comparable(value: unknown): string {
  return JSON.stringify(value ?? null)
    .replaceAll(/\\n@@ .*?(?=(?<!\\)")/g, '\\n')
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UID')
    .replaceAll(/(?<="x\.|"x\.|\\"x\.)[a-z0-9]{5}(?=\\?")/g, 'SUFFIX')
    .replaceAll(/(?<=current: |precondition \(|record \()\d+/g, 'N')
    .replaceAll(/(?<=too old resource version: \d+ \()\d+/g, 'N');
}

/** A body that the recorder cut down to the containers' resources. */
function selectionDifferences(recorded: readonly unknown[], actual: unknown): readonly string[] {
  const containers = partOf(actual, 'spec', 'template', 'spec', 'containers');
  const resources = Array.isArray(containers)
    ? containers.map((container) => partOf(container, 'resources'))
    : undefined;
  const [wanted, got] = [JSON.stringify(recorded, sorted), JSON.stringify(resources, sorted)];
  return wanted === got ? [] : [`resources ${got} instead of ${wanted}`];
}

/** Resources of containers are compared by value, in a pod and in a template. */
function valueDifferences(recorded: Json, actual: Json): readonly string[] {
  return [
    ['spec', 'containers'],
    ['spec', 'initContainers'],
    ['spec', 'template', 'spec', 'containers'],
  ].flatMap((path) => {
    const resources = (body: Json): string => {
      const containers = partOf(body, ...path);
      return JSON.stringify(
        Array.isArray(containers) ? containers.map((each) => partOf(each, 'resources')) : null,
        sorted,
      );
    };
    const [wanted, got] = [resources(recorded), resources(actual)];
    return wanted === got || wanted === 'null' ? [] : [`resources ${got} instead of ${wanted}`];
  });
}

function sorted(_key: string, value: unknown): unknown {
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** The recorder wrote `<6 items>` in the place of some lists. */
function countsItems(recorded: Json, actual: Json): boolean {
  const { items } = actual;
  return Array.isArray(items) && recorded['items'] === `<${items.length} items>`;
}

function pathDifferences(recorded: Json, actual: Json): readonly string[] {
  const wanted = new Set<string>();
  const cut: string[] = [];
  collectPaths(recorded, '', wanted, cut);
  const got = new Set<string>();
  collectPaths(actual, '', got, []);
  const ignored = (path: string): boolean =>
    [...unimitated, ...cut].some(
      (prefix) => path.replace(/^items\[\]\./, '').startsWith(prefix) || path.startsWith(prefix),
    );
  return [
    ...[...wanted].filter((path) => !got.has(path) && !ignored(path)).map((path) => `missing ${path}`),
    ...[...got].filter((path) => !wanted.has(path) && !ignored(path)).map((path) => `unexpected ${path}`),
  ];
}

function collectPaths(value: unknown, path: string, into: Set<string>, cut: string[]): void {
  if (Array.isArray(value)) {
    for (const item of value) collectPaths(item, `${path}[]`, into, cut);
    return;
  }
  if (!isRecord(value)) {
    if (typeof value === 'string' && /by the recorder|^<\d+ items>$/.test(value)) cut.push(path);
    else into.add(path);
    return;
  }
  if ('...' in value) cut.push(path);
  for (const [key, each] of Object.entries(value)) {
    if (key !== '...') collectPaths(each, path === '' ? key : `${path}.${key}`, into, cut);
  }
}

function namesIn(body: Json): string | undefined {
  const { items } = body;
  if (!Array.isArray(items)) return undefined;
  return items.map((item) => String(partOf(item, 'metadata', 'name')).replace(generated, '-HASH')).join(' ');
}

/** What controllers add to the names of what they make. */
const generated = /-[0-9a-z]{8,10}(?:-[0-9a-z]{5})?$/;

function parsed(body: unknown): unknown {
  if (typeof body !== 'string') return body ?? '';
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return body;
  }
}
