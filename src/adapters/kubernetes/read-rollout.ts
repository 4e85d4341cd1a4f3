import { Failure } from '../../core/failure.ts';
import type { RolloutFacts } from '../../core/evidence/evidence.ts';
import { record, records, text, texts, timeMs } from '../../core/kill/json-read.ts';
import type { JsonRecord } from '../../core/kill/json-read.ts';
import type { Kill } from '../../core/kill/kill.ts';
import type { Transport } from './transport.ts';

const revisionAnnotation = 'deployment.kubernetes.io/revision';

/**
 * Which revision of a Deployment was killed, since when it is there, and what it changed. Throws Failure('no-rollout')
 * for what keeps no ReplicaSets, and Failures of the transport.
 */
export async function readRollout(transport: Transport, kill: Kill, deadlineMs: number): Promise<RolloutFacts> {
  const { workload, namespace } = kill.subject;
  if (workload.kind !== 'Deployment')
    throw new Failure('no-rollout', `a ${workload.kind} keeps no history that is read`);
  const path = `/apis/apps/v1/namespaces/${encodeURIComponent(namespace ?? 'default')}/replicasets`;
  const list = record(await transport.json({ path, deadlineMs }));
  const sets = records(list['items'])
    .filter((set) => controlledBy(set, workload.name))
    .toSorted((a, b) => revisionOf(a) - revisionOf(b));
  const killed = sets.find((set) => hashOf(set) === kill.revision) ?? sets.at(-1);
  if (!killed) throw new Failure('no-rollout', `the Deployment ${workload.name} has no ReplicaSet`);
  const previous = sets.filter((set) => revisionOf(set) < revisionOf(killed)).at(-1);
  return {
    revision: String(revisionOf(killed)),
    startedAt: timeMs(record(killed['metadata'])['creationTimestamp']) ?? 0,
    previousRevision: previous ? String(revisionOf(previous)) : null,
    changed: previous ? templateChanges(previous, killed) : [],
  };
}

/** What differs between two pod templates, in words. Values of environment variables are not repeated. Pure. */
export function templateChanges(before: JsonRecord, after: JsonRecord): string[] {
  const [old, now] = [containersOf(before), containersOf(after)];
  const gone = [...old.keys()].filter((name) => !now.has(name)).map((name) => `container ${name} is gone`);
  const changed = [...now].flatMap(([name, container]) => {
    const was = old.get(name);
    return was ? containerChanges(name, was, container) : [`container ${name} is new`];
  });
  // What a person changed outside of the spec shows here: `checksum/config` of Helm, `restartedAt` of kubectl.
  const [was, is] = [annotationsOf(before), annotationsOf(after)];
  const annotations = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((key) => was[key] !== is[key]);
  return [...changed, ...gone, ...annotations.map((key) => `annotation ${key}`)];
}

function containerChanges(name: string, was: JsonRecord, container: JsonRecord): string[] {
  const image =
    was['image'] === container['image'] ? [] : [`image ${String(was['image'])} -> ${String(container['image'])}`];
  const fields = ['command', 'args', 'resources', 'envFrom'].filter((field) => differ(was[field], container[field]));
  const variables = changedVariables(was, container);
  return [
    ...image,
    ...fields.map((field) => `${field} of ${name}`),
    ...(variables.length === 0 ? [] : [`env ${variables.join(', ')}`]),
  ];
}

function changedVariables(before: JsonRecord, after: JsonRecord): string[] {
  const old = new Map(records(before['env']).map((one) => [text(one['name']), one]));
  const now = new Map(records(after['env']).map((one) => [text(one['name']), one]));
  return [...new Set([...old.keys(), ...now.keys()])].filter(
    (name): name is string => name !== null && differ(old.get(name), now.get(name)),
  );
}

function containersOf(set: JsonRecord): Map<string, JsonRecord> {
  const spec = record(templateOf(set)['spec']);
  const containers = [...records(spec['containers']), ...records(spec['initContainers'])];
  return new Map(containers.map((container) => [text(container['name']) ?? '', container]));
}

function annotationsOf(set: JsonRecord): Readonly<Record<string, string>> {
  return texts(record(templateOf(set)['metadata'])['annotations']);
}

function templateOf(set: JsonRecord): JsonRecord {
  return record(record(set['spec'])['template']);
}

function controlledBy(set: JsonRecord, deployment: string): boolean {
  return records(record(set['metadata'])['ownerReferences']).some(
    (owner) => owner['controller'] === true && owner['kind'] === 'Deployment' && owner['name'] === deployment,
  );
}

function revisionOf(set: JsonRecord): number {
  return Number(record(record(set['metadata'])['annotations'])[revisionAnnotation] ?? 0);
}

function hashOf(set: JsonRecord): string | null {
  return text(record(record(set['metadata'])['labels'])['pod-template-hash']);
}

function differ(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) !== JSON.stringify(b ?? null);
}
