import { heapOf } from '../../../../core/diagnose/runtimes/heap.ts';
import type { RolloutFacts } from '../../../../core/evidence/evidence.ts';
import { record, records, text, texts } from '../../../../core/kill/json-read.ts';
import type { JsonRecord } from '../../../../core/kill/json-read.ts';
import { formatBytes } from '../../../../core/units/quantity.ts';
import { bytesOf, memoryOf } from '../container-spec.ts';
import { commandOf, environmentOf } from '../read-spec.ts';

/** Fields of a container that may matter for memory but whose content is not shown. */
const otherFields = ['command', 'args', 'volumeMounts'] as const;

/**
 * What differs between the pod templates of two ReplicaSets, in short words; what concerns `container` comes first.
 * Values of variables and arguments are not repeated (they may be secrets), except memory sizes and heap flags. Pure.
 */
export function templateChanges(before: JsonRecord, after: JsonRecord, container = ''): string[] {
  const [old, now] = [containersOf(before), containersOf(after)];
  const gone = [...old.keys()].filter((name) => !now.has(name)).map((name) => `container ${name} is gone`);
  const own = [...now].toSorted(([a], [b]) => Number(b === container) - Number(a === container));
  const changed = own.flatMap(([name, spec]) => {
    const was = old.get(name);
    return was ? containerChanges(name, was, spec) : [`container ${name} is new`];
  });
  // What a person changed outside of the spec shows here: `checksum/config` of Helm, `restartedAt` of kubectl.
  const [was, is] = [annotationsOf(before), annotationsOf(after)];
  const annotations = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((key) => was[key] !== is[key]);
  return [
    ...changed,
    ...gone,
    ...volumeChanges(volumesOf(before), volumesOf(after)),
    ...annotations.map((key) => `annotation ${key}`),
  ];
}

/** The container's memory limit in both, where it differs. Pure. */
export function limitChange(before: JsonRecord, after: JsonRecord, container: string): RolloutFacts['limit'] {
  const [was, is] = [containersOf(before).get(container), containersOf(after).get(container)];
  if (!was || !is) return null;
  const [fromBytes, toBytes] = [memoryOf(was['resources']).limitBytes, memoryOf(is['resources']).limitBytes];
  return fromBytes === toBytes ? null : { fromBytes, toBytes };
}

/** The container's heap flag in both, where it differs. Pure. */
export function heapFlagsChange(before: JsonRecord, after: JsonRecord, container: string): RolloutFacts['heapFlags'] {
  const [was, is] = [containersOf(before).get(container), containersOf(after).get(container)];
  if (!was || !is) return null;
  const [from, to] = [heapFlag(was), heapFlag(is)];
  return from === to ? null : { from, to };
}

function containerChanges(name: string, was: JsonRecord, now: JsonRecord): string[] {
  const image = was['image'] === now['image'] ? [] : [`image ${String(was['image'])} -> ${String(now['image'])}`];
  const heap =
    heapFlag(was) === heapFlag(now) ? [] : [`heap flag ${heapFlag(was) || 'none'} -> ${heapFlag(now) || 'none'}`];
  const fields = otherFields.filter((field) => differ(was[field], now[field]));
  const variables = changedVariables(was, now);
  return [
    ...image,
    ...memoryChanges(name, was, now),
    ...heap,
    ...fields.map((field) => `${field} of ${name}`),
    ...(variables.length === 0 ? [] : [`env ${variables.join(', ')}`]),
    ...envFromChange(name, was, now),
  ];
}

function memoryChanges(name: string, was: JsonRecord, now: JsonRecord): string[] {
  const [old, is] = [memoryOf(was['resources']), memoryOf(now['resources'])];
  const said = [
    ...(old.limitBytes === is.limitBytes
      ? []
      : [`limit of ${name} ${sizeOf(old.limitBytes)} -> ${sizeOf(is.limitBytes)}`]),
    ...(old.requestBytes === is.requestBytes
      ? []
      : [`request of ${name} ${sizeOf(old.requestBytes)} -> ${sizeOf(is.requestBytes)}`]),
  ];
  return said.length === 0 && differ(was['resources'], now['resources']) ? [`resources of ${name}`] : said;
}

function volumeChanges(old: Map<string, JsonRecord>, now: Map<string, JsonRecord>): string[] {
  return [...new Set([...now.keys(), ...old.keys()])].flatMap((name) => {
    const [was, is] = [old.get(name), now.get(name)];
    if (!differ(was, is)) return [];
    if (!was) return [`volume ${name}${inMemory(is)} is new`];
    if (!is) return [`volume ${name} is gone`];
    const [from, to] = [contentOf(was), contentOf(is)];
    return [`volume ${name}${from === to ? inMemory(is) : ` ${from} -> ${to}`}`];
  });
}

/** All variables of which config maps and secrets, by their names. */
function envFromChange(name: string, was: JsonRecord, now: JsonRecord): string[] {
  if (!differ(was['envFrom'], now['envFrom'])) return [];
  const [old, is] = [sourcesOf(was), sourcesOf(now)];
  return old === is ? [`envFrom of ${name}`] : [`envFrom of ${name} ${old || 'none'} -> ${is || 'none'}`];
}

function sourcesOf(container: JsonRecord): string {
  const all = records(container['envFrom']).flatMap(({ configMapRef, secretRef }) => [
    ...named('configMap', configMapRef),
    ...named('secret', secretRef),
  ]);
  return all.join(', ');
}

function named(kind: string, reference: unknown): readonly string[] {
  const { name } = texts(reference);
  return name === undefined ? [] : [`${kind} ${name}`];
}

/** Where the value of a variable is taken from; '' where it is written down. */
function valueFrom(variable: JsonRecord | undefined): string {
  const { configMapKeyRef, secretKeyRef } = record(variable?.['valueFrom']);
  return [...named('configMap', configMapKeyRef), ...named('secret', secretKeyRef)].join('');
}

/** What a volume holds: the config map, secret or claim by its name, else its kind. */
function contentOf(volume: JsonRecord): string {
  const { name: _, ...all } = volume;
  const [kind = 'volume', source] = Object.entries(all)[0] ?? [];
  if (kind === 'projected') {
    const parts = records(record(source)['sources']).flatMap(({ configMap, secret }) => [
      ...named('configMap', configMap),
      ...named('secret', secret),
    ]);
    return ['projected', parts.join(', ')].filter((part) => part !== '').join(' ');
  }
  const { name, secretName, claimName } = texts(source);
  const called = name ?? secretName ?? claimName;
  return called === undefined ? `${kind}${inMemory(volume)}` : `${kind} ${called}`;
}

function inMemory(volume: JsonRecord | undefined): string {
  const emptyDir = record(volume?.['emptyDir']);
  if (emptyDir['medium'] !== 'Memory') return '';
  const size = bytesOf(emptyDir['sizeLimit']);
  return size === null ? ' (in memory)' : ` (in memory, up to ${formatBytes(size)})`;
}

/** As it is written; '' without one. A variable that holds it is named elsewhere, among the changed ones. */
function heapFlag(container: JsonRecord): string {
  const image = text(container['image']);
  const heap = heapOf({ ...environmentOf(container), args: commandOf(container), image });
  return heap === 'too-long' ? '' : (heap?.flag?.text ?? '');
}

function changedVariables(before: JsonRecord, after: JsonRecord): string[] {
  const old = new Map(records(before['env']).map((one) => [text(one['name']), one]));
  const now = new Map(records(after['env']).map((one) => [text(one['name']), one]));
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((name) => {
    const [was, is] = [old.get(name), now.get(name)];
    if (name === null || !differ(was, is)) return [];
    const [from, to] = [valueFrom(was), valueFrom(is)];
    return from === to ? [name] : [`${name} (${from || 'no source'} -> ${to || 'no source'})`];
  });
}

function containersOf(set: JsonRecord): Map<string, JsonRecord> {
  const spec = record(templateOf(set)['spec']);
  return byName([...records(spec['containers']), ...records(spec['initContainers'])]);
}

function volumesOf(set: JsonRecord): Map<string, JsonRecord> {
  return byName(records(record(templateOf(set)['spec'])['volumes']));
}

function byName(list: readonly JsonRecord[]): Map<string, JsonRecord> {
  return new Map(list.map((one) => [text(one['name']) ?? '', one]));
}

function annotationsOf(set: JsonRecord): Readonly<Record<string, string>> {
  return texts(record(templateOf(set)['metadata'])['annotations']);
}

function templateOf(set: JsonRecord): JsonRecord {
  return record(record(set['spec'])['template']);
}

function sizeOf(bytes: number | null): string {
  return bytes === null ? 'none' : formatBytes(bytes);
}

function differ(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) !== JSON.stringify(b ?? null);
}
