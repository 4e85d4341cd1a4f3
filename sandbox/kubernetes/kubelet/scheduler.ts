import type { SandboxClock } from '../../clock.ts';
import { wholeSeconds } from './run.ts';
import { objectOf, objectsOf } from '../objects/json-value.ts';
import { objectKey } from '../objects/object-shelves.ts';
import { memoryRequestOf } from '../objects/pod-spec.ts';
import type { KubeObject, ObjectStore } from '../objects/object-store.ts';

/** A node of the pretend cluster. */
export interface NodeSpec {
  readonly name: string;
  /** Memory that pods may request, bytes. */
  readonly allocatableBytes: number;
  readonly ip: string;
  /** Value of its taint `dedicated`: only pods that tolerate it are put there. */
  readonly dedicated?: string;
}

export interface Scheduler {
  /**
   * Binds a pending pod to the node with the most memory left, by requests; a DaemonSet's pod to the node that its
   * affinity names. Where nothing fits the pod says so and stays pending; call again when something has gone.
   */
  readonly schedule: (pod: KubeObject) => void;
  readonly close: () => void;
}

export function createScheduler(store: ObjectStore, clock: SandboxClock, nodes: readonly NodeSpec[]): Scheduler {
  const requests = followRequests(store, new Set(nodes.map(({ name }) => name)));
  return {
    schedule: (pod) => {
      schedulePod(store, clock, nodes, requests.on, pod);
    },
    close: requests.close,
  };
}

interface Asked {
  readonly spec: KubeObject['spec'];
  readonly node: string;
  readonly bytes: number;
}

/** How much memory the pods of each of these nodes have asked for, kept up with the store. */
function followRequests(
  store: ObjectStore,
  nodes: ReadonlySet<unknown>,
): { readonly on: (node: string) => number; readonly close: () => void } {
  const asked = new Map<string, Asked>();
  const sums = new Map<string, number>();
  const add = (node: string, bytes: number): void => {
    sums.set(node, (sums.get(node) ?? 0) + bytes);
  };
  const follow = (pod: KubeObject, isGone: boolean): void => {
    const key = objectKey(pod);
    const before = asked.get(key);
    const counts = !isGone && nodes.has(pod.spec?.['nodeName']) && !isOver(pod.status?.['phase']);
    if (counts && before?.spec === pod.spec) return;
    if (before !== undefined) add(before.node, -before.bytes);
    asked.delete(key);
    if (!counts) return;
    const now = { spec: pod.spec, node: String(pod.spec?.['nodeName']), bytes: memoryRequestOf(pod.spec ?? {}) };
    asked.set(key, now);
    add(now.node, now.bytes);
  };
  for (const pod of store.list('pods')) follow(pod, false);
  const close = store.subscribe(({ type, resource, object }) => {
    if (resource === 'pods') follow(object, type === 'DELETED');
  });
  return { on: (node) => sums.get(node) ?? 0, close };
}

function schedulePod(
  store: ObjectStore,
  clock: SandboxClock,
  nodes: readonly NodeSpec[],
  requestedOn: (node: string) => number,
  pod: KubeObject,
): void {
  const { namespace, name, uid } = pod.metadata;
  const pinned = pinnedNode(pod);
  const wanted = memoryRequestOf(pod.spec ?? {});
  const fitting = nodes
    .map((node) => ({ node, free: node.allocatableBytes - requestedOn(node.name) }))
    .filter(({ node, free }) => free >= wanted && (pinned === undefined || pinned === node.name))
    .filter(({ node }) => isSelected(store, pod, node.name))
    .filter(({ node }) => node.dedicated === undefined || pinned !== undefined || tolerates(pod, node.dedicated))
    .toSorted((a, b) => b.free - a.free || (a.node.name < b.node.name ? -1 : 1))[0];
  const time = wholeSeconds(clock.now());
  store.write('pods', namespace, name, (draft) => {
    if (draft.metadata.uid !== uid) return;
    if (fitting !== undefined) draft.spec = withNode(draft.spec ?? {}, fitting.node.name);
    draft.status = withCondition(draft.status ?? {}, scheduledCondition(fitting?.node.name, nodes.length, time, draft));
  });
}

/** `nodeName` where the API's Go struct has it: before `securityContext`. */
function withNode(spec: Record<string, unknown>, nodeName: string): Record<string, unknown> {
  const entries = Object.entries(spec).filter(([key]) => key !== 'nodeName');
  const place = entries.findIndex(([key]) => key === 'securityContext');
  entries.splice(place < 0 ? entries.length : place, 0, ['nodeName', nodeName]);
  return Object.fromEntries(entries);
}

function withCondition(status: Record<string, unknown>, condition: Record<string, unknown>): Record<string, unknown> {
  const { phase, qosClass, ...rest } = status;
  return { phase, ...rest, conditions: [condition], qosClass };
}

function scheduledCondition(
  node: string | undefined,
  nodes: number,
  time: string,
  { metadata: { generation } }: KubeObject,
): Record<string, unknown> {
  const known = { type: 'PodScheduled', status: node === undefined ? 'False' : 'True', lastProbeTime: null };
  if (node !== undefined) return { ...known, lastTransitionTime: time };
  const message = `0/${nodes} nodes are available: ${nodes} Insufficient memory.`;
  return { ...known, observedGeneration: generation, lastTransitionTime: time, reason: 'Unschedulable', message };
}

function isOver(phase: unknown): boolean {
  return phase === 'Failed' || phase === 'Succeeded';
}

function isSelected(store: ObjectStore, pod: KubeObject, node: string): boolean {
  const labels = store.get('nodes', undefined, node)?.metadata.labels ?? {};
  return Object.entries(objectOf(pod.spec?.['nodeSelector'])).every(([key, value]) => labels[key] === value);
}

function tolerates(pod: KubeObject, dedicated: string): boolean {
  return objectsOf(pod.spec?.['tolerations']).some(
    ({ key, operator, value }) => key === 'dedicated' && (operator === 'Exists' || value === dedicated),
  );
}

function pinnedNode(pod: KubeObject): string | undefined {
  return /"matchFields":\[\{"key":"metadata.name","operator":"In","values":\["([^"]+)"\]/.exec(
    JSON.stringify(pod.spec?.['affinity'] ?? null),
  )?.[1];
}
