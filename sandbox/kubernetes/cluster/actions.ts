import type { SandboxClock } from '../../clock.ts';
import { targetKey, topOwner, type Target } from './target.ts';
import { resourceOf } from '../objects/kinds.ts';
import { deletePod } from '../controllers/context.ts';
import { withDefaults } from '../objects/object-defaults.ts';
import { objectOf, objectsOf } from '../objects/json-value.ts';
import { killChild } from '../kubelet/instances.ts';
import type { StarvedResource, Victim, WorkerTools } from '../kubelet/node.ts';
import { wholeSeconds, type ContainerRun } from '../kubelet/run.ts';
import { evictPod, failLiveness } from '../kubelet/stop.ts';
import type { PodWorker } from '../kubelet/worker.ts';
import { copyOf } from '../objects/object-copy.ts';
import { canonicalizeQuantities } from '../objects/pod-spec.ts';
import { trackManager } from '../objects/managed-fields.ts';
import type { NodePressure } from '../kubelet/node-pressure.ts';
import type { JsonObject, NewObject, ObjectStore } from '../objects/object-store.ts';

/** What people and accidents do to the pretend cluster, apart from its API. */
export interface ClusterActions {
  /** Creates the objects that are missing (and their namespaces), with the API server's defaults. */
  readonly apply: (objects: readonly NewObject[]) => void;
  /** A new image for one container of the workload's template: its next revision. Returns the image. */
  readonly rollout: (target: Target, container: string, change?: RolloutChange) => string;
  /** Brings an object to what its manifest says, as a GitOps controller: a workload's containers, else what is missing. */
  readonly sync: (manifest: NewObject, manager: string) => void;
  readonly deleteWorkload: (target: Target) => void;
  /** The liveness probe of the workload's pods fails until they were killed for it. */
  readonly failProbe: (target: Target, container: string) => void;
  /** For memory unless told otherwise. */
  readonly evict: (target: Target, resource?: StarvedResource) => void;
  /** The kernel kills a process in the containers that is not their first. */
  readonly killChild: (target: Target, container: string, victim?: Partial<Victim>) => void;
  /** The containers end by themselves, with this code. */
  readonly exit: (target: Target, container: string, exitCode: number) => void;
  /** The node has no memory left: the kernel kills one of the containers, and the kubelet tells of it (`SystemOOM`). */
  readonly exhaustNode: (target: Target, container: string) => void;
  /** The target's nodes are short of something for so many virtual ms of its clock, and nobody is evicted. */
  readonly press: (target: Target, resource: StarvedResource, virtualMs: number) => void;
}

export interface RolloutChange {
  readonly image?: string;
  /** Quantity; request and limit are set to it. */
  readonly limit?: string;
  /** Set in the environment beside what is there. */
  readonly env?: Readonly<Record<string, string>>;
}

export function createActions(
  store: ObjectStore,
  clock: SandboxClock,
  workers: () => readonly PodWorker[],
  pressure: Pick<NodePressure, 'press'>,
): ClusterActions {
  const workersOf = (target: Target): readonly PodWorker[] =>
    workers().filter(({ run }) => {
      const pod = store.get('pods', run.namespace, run.name);
      return pod !== undefined && targetKey(topOwner(store, pod)) === targetKey(target);
    });

  function inEach(target: Target, container: string, deed: (tools: WorkerTools, run: ContainerRun) => void): void {
    for (const worker of workersOf(target)) {
      worker.act((tools) => {
        const found = tools.run.containers.find(({ spec, instance }) => spec.name === container && instance !== null);
        if (found !== undefined) deed(tools, found);
      });
    }
  }

  function apply(objects: readonly NewObject[]): void {
    for (const object of objects) {
      const { namespace, name } = object.metadata;
      if (namespace !== undefined && store.get('namespaces', undefined, namespace) === undefined) {
        const metadata = { name: namespace, labels: { 'kubernetes.io/metadata.name': namespace } };
        store.create('namespaces', withDefaults('namespaces', { kind: 'Namespace', apiVersion: 'v1', metadata }));
      }
      const resource = resourceOf(object.kind);
      if (store.get(resource, namespace, name) !== undefined) continue;
      store.create(resource, withDefaults(resource, object));
    }
  }

  function rollout(target: Target, container: string, change: RolloutChange = {}): string {
    let image = '';
    const written = store.write(resourceOf(target.kind), target.namespace, target.name, (draft) => {
      const before = copyOf(draft);
      const spec = podSpecOf(draft);
      for (const each of objectsOf(spec['containers']).filter(({ name }) => name === container)) {
        image = change.image ?? nextImage(String(each['image']));
        each['image'] = image;
        if (change.env !== undefined) each['env'] = withEnv(objectsOf(each['env']), change.env);
        if (change.limit === undefined) continue;
        const { requests, limits } = objectOf(each['resources']);
        each['resources'] = {
          limits: { ...objectOf(limits), memory: change.limit },
          requests: { ...objectOf(requests), memory: change.limit },
        };
      }
      trackManager(before, draft, { manager: 'kubectl-set', subresource: undefined, time: wholeSeconds(clock.now()) });
    });
    if (written === undefined || image === '')
      throw new Error(`nothing to roll out: ${targetKey(target)} is not there`);
    return image;
  }

  function sync(manifest: NewObject, manager: string): void {
    const { namespace, name } = manifest.metadata;
    const resource = resourceOf(manifest.kind);
    const before = store.get(resource, namespace, name);
    if (before === undefined || !Object.hasOwn(templatesIn, manifest.kind)) {
      apply([manifest]);
      return;
    }
    const wanted = objectsOf(podSpecOf(manifest)['containers']);
    store.write(resource, namespace, name, (draft) => {
      const taken = copyOf(draft);
      for (const container of objectsOf(podSpecOf(taken)['containers'])) {
        const said = wanted.find((each) => each['name'] === container['name']) ?? {};
        for (const key of ['image', 'env', 'resources']) if (said[key] !== undefined) container[key] = said[key];
      }
      canonicalizeQuantities(podSpecOf(taken));
      trackManager(draft, taken, { manager, subresource: undefined, time: wholeSeconds(clock.now()) });
      Object.assign(draft, taken);
    });
  }

  return {
    apply,
    sync,
    rollout,
    deleteWorkload: (target) => {
      const object = store.get(resourceOf(target.kind), target.namespace, target.name);
      if (object === undefined) return;
      if (target.kind === 'Pod') deletePod({ store, clock }, object);
      else store.remove(resourceOf(target.kind), target.namespace, target.name);
    },
    failProbe: (target, container) => {
      inEach(target, container, failLiveness);
    },
    evict: (target, resource) => {
      for (const worker of workersOf(target)) worker.act((tools) => evictPod(tools, resource));
    },
    killChild: (target, container, victim) => {
      inEach(target, container, (tools, run) => killChild(tools, run, victim));
    },
    exit: (target, container, exitCode) => {
      inEach(target, container, ({ endByItself }, run) => endByItself(run, 'exited', exitCode));
    },
    exhaustNode: (target, container) => {
      // The kernel takes one process, the largest: with equal ones that is any of them.
      const [first] = workersOf(target).filter(({ run }) => run.nodeName !== null);
      first?.act(({ run, endByItself }) => {
        const found = run.containers.find(({ spec, instance }) => spec.name === container && instance !== null);
        if (found !== undefined) endByItself(found, 'node');
      });
    },
    press: (target, resource, virtualMs) => {
      for (const { run, clock: own } of workersOf(target)) {
        if (run.nodeName !== null) pressure.press(run.nodeName, resource, own, virtualMs);
      }
    },
  };
}

/** The list of an environment with these values set, what is new at its end. */
function withEnv(list: readonly JsonObject[], values: Readonly<Record<string, string>>): JsonObject[] {
  const kept = list.map((each) => {
    const value = values[String(each['name'])];
    return value === undefined ? each : { name: each['name'], value };
  });
  const added = Object.entries(values).filter(([name]) => !list.some((each) => each['name'] === name));
  return [...kept, ...added.map(([name, value]) => ({ name, value }))];
}

const templatesIn = { Deployment: true, StatefulSet: true, DaemonSet: true, CronJob: true };

function podSpecOf(workload: NewObject): JsonObject {
  const spec = objectOf(workload['spec']);
  const holder = workload.kind === 'CronJob' ? objectOf(objectOf(spec['jobTemplate'])['spec']) : spec;
  return objectOf(objectOf(holder['template'])['spec']);
}

/** `shop/checkout:1.4.2` becomes `shop/checkout:1.4.3`; a tag without a number gets `-2`. */
function nextImage(image: string): string {
  const match = /^(.*?)(\d+)$/.exec(image);
  return match === null ? `${image}-2` : `${match[1] ?? ''}${Number(match[2]) + 1}`;
}
