import { atSpeed, virtualNow, type SandboxClock } from '../../clock.ts';
import { createEventRecorder, type EventRecorder } from './events.ts';
import { podLog, type LogSource, type Runtime } from './logs.ts';
import type { MemoryKill, NodeContext } from './node.ts';
import { usageOf, type ContainerRun, type PodRun } from './run.ts';
import { createScheduler, type NodeSpec } from './scheduler.ts';
import { createPodWorker, type PodWorker } from './worker.ts';
import { createNodePressure, type NodePressure } from './node-pressure.ts';
import { objectKey } from '../objects/object-shelves.ts';
import { textOf } from '../objects/json-value.ts';
import type { KubeObject, ObjectStore } from '../objects/object-store.ts';
import type { MemoryProgram } from './program.ts';

/** What the API server asks the kubelets. */
export interface Kubelet extends LogSource {
  /** Bytes in use now; null when no such container runs. */
  readonly usageBytes: (namespace: string, pod: string, container: string) => number | null;
}

export interface Kubelets extends Kubelet {
  readonly workers: () => readonly PodWorker[];
  readonly worker: (namespace: string, pod: string) => PodWorker | undefined;
  readonly eventsOf: (node: string) => EventRecorder;
  readonly pressure: NodePressure;
  readonly close: () => void;
}

export interface KubeletOptions {
  readonly store: ObjectStore;
  readonly clock: SandboxClock;
  /** [0, 1) */
  readonly random: () => number;
  readonly nodes: readonly NodeSpec[];
  readonly programFor: (run: PodRun, container: string) => MemoryProgram;
  readonly runtimeOf: (run: PodRun) => Runtime;
  readonly mayRestart: (run: PodRun) => boolean;
  readonly firstInstance: (run: PodRun, container: ContainerRun) => void;
  /** Virtual ms per real ms of a pod whose story has a speed of its own. */
  readonly speedOf: (pod: KubeObject) => number | undefined;
  readonly killed: (kill: MemoryKill) => void;
}

/**
 * The scheduler and the kubelets of all nodes, driven by the pods in the store. Reactions to a change are always put
 * off by a timer: a write from inside a notification would reach the other listeners in the wrong order.
 */
export function createKubelets(options: KubeletOptions): Kubelets {
  const { store, clock, nodes } = options;
  const workers = new Map<string, PodWorker>();
  const recorders = new Map<string, EventRecorder>();
  const waiting = new Set<string>();
  /** Pods that no scheduler has found room for yet. */
  const unbound = new Set<string>();
  const ours = new Set(nodes.map(({ name }) => name));
  const scheduler = createScheduler(store, clock, nodes);
  const timers = new Set<() => void>();

  function eventsOf(node: string): EventRecorder {
    const recorder = recorders.get(node) ?? createEventRecorder(store, clock, 'kubelet', node);
    recorders.set(node, recorder);
    return recorder;
  }

  const pressure = createNodePressure(store, eventsOf);
  const context: NodeContext = {
    ...options,
    virtualNow: () => virtualNow(clock),
    eventsOf,
    reclaim: pressure.reclaim,
    hostIpOf: (node) => nodes.find(({ name }) => name === node)?.ip ?? '192.0.2.2',
    allocatableOf: (node) => nodes.find(({ name }) => name === node)?.allocatableBytes ?? 0,
  };

  function contextOf(pod: KubeObject): NodeContext {
    const speed = options.speedOf(pod);
    if (speed === undefined) return context;
    const own = atSpeed(clock, speed);
    return { ...context, clock: own, virtualNow: () => virtualNow(own) };
  }

  function look(key: string): void {
    if (waiting.has(key)) return;
    waiting.add(key);
    const cancel = clock.after(2, () => {
      timers.delete(cancel);
      waiting.delete(key);
      sync(key);
    });
    timers.add(cancel);
  }

  function sync(key: string): void {
    const [namespace = '', name = ''] = key.split('/');
    const pod = store.get('pods', namespace, name);
    const known = workers.get(key);
    if (known !== undefined && known.run.uid !== pod?.metadata.uid) forget(key, known);
    if (pod === undefined) return;
    const node = nodeOf(pod);
    const worker = workers.get(key);
    if (worker !== undefined) worker.changed(pod);
    else if (ours.has(node)) workers.set(key, createPodWorker(contextOf(pod), pod, node));
    else if (pod.metadata.deletionTimestamp !== undefined) removeUnscheduled(pod);
    else if (node === '') scheduler.schedule(pod);
  }

  function removeUnscheduled({ metadata }: KubeObject): void {
    const { finalizers, namespace, name } = metadata;
    if (!Array.isArray(finalizers) || finalizers.length === 0) store.remove('pods', namespace, name);
  }

  function forget(key: string, worker: PodWorker): void {
    worker.dispose();
    workers.delete(key);
  }

  const unsubscribe = store.subscribe(({ type, resource, object }) => {
    if (resource !== 'pods') return;
    const key = objectKey(object);
    const node = nodeOf(object);
    if (type !== 'DELETED' && node === '') unbound.add(key);
    else unbound.delete(key);
    if (type !== 'DELETED') {
      // Of a node that is not there nobody looks after the pods.
      if (node === '' || ours.has(node) || object.metadata.deletionTimestamp !== undefined) look(key);
      return;
    }
    const worker = workers.get(key);
    if (worker?.run.uid === object.metadata.uid) forget(key, worker);
    // Room on a node: whoever waited for it is looked at again.
    for (const [other, { run }] of workers) if (run.resize?.type === 'PodResizePending') look(other);
    for (const other of unbound) look(other);
  });
  for (const pod of store.list('pods')) {
    if (nodeOf(pod) === '') unbound.add(objectKey(pod));
    look(objectKey(pod));
  }

  return {
    logs: (query) => {
      const worker = workers.get(`${query.namespace}/${query.pod}`);
      // A pod that has just got its node is not known there yet.
      if (worker === undefined) return { status: 204, body: '' };
      return podLog(worker.run, query, options.runtimeOf(worker.run), clock.now());
    },
    usageBytes: (namespace, pod, container) => {
      const worker = workers.get(`${namespace}/${pod}`);
      const run = worker?.run.containers.find(({ spec }) => spec.name === container);
      return worker === undefined || run === undefined ? null : usageOf(run, virtualNow(worker.clock));
    },
    workers: () => [...workers.values()],
    eventsOf,
    pressure,
    worker: (namespace, pod) => workers.get(`${namespace}/${pod}`),
    close: () => {
      unsubscribe();
      scheduler.close();
      pressure.close();
      for (const cancel of timers) cancel();
      for (const [key, worker] of workers) forget(key, worker);
    },
  };
}

/** Empty where it has none. */
function nodeOf({ spec }: KubeObject): string {
  return textOf(spec?.['nodeName']) ?? '';
}
