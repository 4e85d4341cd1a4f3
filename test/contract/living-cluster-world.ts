import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { onTestFinished } from 'vitest';

import { createHandClock, type HandClock } from '../../sandbox/hand-clock.ts';
import { createCluster, type Cluster } from '../../sandbox/kubernetes/cluster/cluster.ts';
import { objectOf, objectsOf, textOf } from '../../sandbox/kubernetes/objects/json-value.ts';
import { createObjectStore } from '../../sandbox/kubernetes/objects/memory-object-store.ts';
import type { JsonObject, KubeObject, NewObject, ObjectStore } from '../../sandbox/kubernetes/objects/object-store.ts';
import type { NodeSpec } from '../../sandbox/kubernetes/kubelet/scheduler.ts';
import type { MemoryProgram } from '../../sandbox/kubernetes/kubelet/program.ts';
import type { Scenario } from '../../sandbox/scenario/scenario.ts';
import { loadScenarios } from '../../sandbox/scenario/scenario-files.ts';
import { seededRandom } from '../../sandbox/scenario/scenario-seed.ts';

export const mebi = 2 ** 20;
export const scenarios = join(import.meta.dirname, '../../sandbox/scenarios');
const recordings = join(import.meta.dirname, '../recordings/captures');

export async function scenarioNamed(name: string): Promise<Scenario> {
  const found = (await loadScenarios(scenarios)).find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`there is no scenario ${name}`);
  return found;
}

export interface Line {
  readonly type: string;
  readonly object: KubeObject;
}

export interface World {
  readonly clock: HandClock;
  readonly store: ObjectStore;
  readonly cluster: Cluster;
  /** Watch lines of pods, in order. */
  readonly pods: Line[];
}

const oneNode = [{ name: 'node-1', allocatableBytes: 24 * 2 ** 30, ip: '192.0.2.2' }];

/** A cluster, of one node unless told, that lives as long as the test. */
export function createWorld(nodes: readonly NodeSpec[] = oneNode): World {
  const clock = createHandClock();
  const store = createObjectStore(clock);
  const pods: Line[] = [];
  store.subscribe(({ type, resource, object }) => {
    if (resource === 'pods') pods.push({ type, object });
  });
  const cluster = createCluster({ store, clock, random: seededRandom(7), nodes });
  onTestFinished(() => cluster.close());
  return { clock, store, cluster, pods };
}

/** The watch lines of one of a recording's files. */
export function recorded(capture: string, file = 'pods'): Line[] {
  return readFileSync(join(recordings, capture, `${file}.ndjson`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { line: Line }).line);
}

export function container(name: string, limit: string, more: JsonObject = {}): JsonObject {
  const resources = { limits: { memory: limit }, requests: { cpu: '10m', memory: limit } };
  return { name, image: 'localhost/demo:1', resources, ...more };
}

export function pod(name: string, spec: JsonObject): NewObject {
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name, namespace: 'test', labels: { app: name } },
    spec: { terminationGracePeriodSeconds: 2, ...spec },
  };
}

export const ramp = (fromMi: number, toMi: number, ms: number): MemoryProgram => ({
  points: [
    { at: 0, bytes: fromMi * mebi },
    { at: ms, bytes: toMi * mebi },
  ],
});

export function behave(world: World, target: { kind: string; name: string }, program: MemoryProgram, of = 'app'): void {
  world.cluster.setBehaviour({ namespace: 'test', ...target }, { container: of, programs: [program] });
}

/** Everything about a line that the clock, names and ids don't decide. */
export function story({ type, object }: Line): string {
  const status = objectOf(object.status);
  const conditions = objectsOf(status['conditions']).map(
    (each) => `${String(each['type'])}=${String(each['status'])}:${textOf(each['reason']) ?? ''}`,
  );
  const containers = [status['initContainerStatuses'], status['containerStatuses']].flatMap(objectsOf).map((each) => {
    const { name, ready, restartCount, started, resources, allocatedResources } = each;
    const states = [each['state'], each['lastState']].map((state) => stateOf(objectOf(state)));
    return JSON.stringify([name, ...states, restartCount, ready, started, resources, allocatedResources]);
  });
  const observed = Number(status['observedGeneration'] ?? 0) === object.metadata.generation ? 'seen' : 'not seen';
  const deleting = object.metadata.deletionTimestamp === undefined ? '' : 'deleting';
  const limits = JSON.stringify([status['resources'], status['allocatedResources']]);
  return [type, status['phase'], deleting, observed, ...conditions, ...containers, limits].join(' | ');
}

export function stateOf(state: JsonObject): string {
  const [kind = '-'] = Object.keys(state);
  const { reason = '', exitCode = '' } = objectOf(state[kind]);
  return [kind, reason, exitCode].map(String).join(':');
}

/** All paths of an object that hold a value, list positions left out. */
export function paths(value: unknown, at = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((each) => paths(each, `${at}[]`));
  if (typeof value !== 'object' || value === null) return [at];
  return Object.entries(value).flatMap(([key, part]) => paths(part, `${at}.${key}`));
}

export function setMemory(world: World, name: string, memory: string): void {
  world.store.write('pods', 'test', name, (draft) => {
    const [first] = objectsOf(draft.spec?.['containers']);
    if (first !== undefined) first['resources'] = { limits: { memory }, requests: { cpu: '10m', memory } };
  });
}
