import type { SandboxClock } from '../clock.ts';
import { resourceOf, targetKey, topOwner, type Target } from './cluster-target.ts';
import { deletePod } from './controllers-context.ts';
import { withDefaults } from './controllers-template.ts';
import { objectOf, objectsOf } from './json-value.ts';
import type { PodWorker } from './kubelet-worker.ts';
import type { JsonObject, KubeObject, NewObject, ObjectStore } from './object-store.ts';

/** What people and accidents do to the pretend cluster, apart from its API. */
export interface ClusterActions {
  /** Creates the objects that are missing (and their namespaces), with the API server's defaults. */
  readonly apply: (objects: readonly NewObject[]) => void;
  /** A new image for one container of the workload's template: its next revision. Returns the image. */
  readonly rollout: (target: Target, container: string, change?: RolloutChange) => string;
  readonly deleteWorkload: (target: Target) => void;
  /** The liveness probe of the workload's pods fails until they were killed for it. */
  readonly failProbe: (target: Target, container: string) => void;
  readonly evict: (target: Target) => void;
}

export interface RolloutChange {
  readonly image?: string;
  /** Quantity; request and limit are set to it. */
  readonly limit?: string;
}

export function createActions(
  store: ObjectStore,
  clock: SandboxClock,
  workers: () => readonly PodWorker[],
): ClusterActions {
  const workersOf = (target: Target): readonly PodWorker[] =>
    workers().filter(({ run }) => {
      const pod = store.get('pods', run.namespace, run.name);
      return pod !== undefined && targetKey(topOwner(store, pod)) === targetKey(target);
    });

  function apply(objects: readonly NewObject[]): void {
    for (const object of objects) {
      const { namespace, name } = object.metadata;
      if (namespace !== undefined && store.get('namespaces', undefined, namespace) === undefined) {
        const metadata = { name: namespace, labels: { 'kubernetes.io/metadata.name': namespace } };
        store.create('namespaces', withDefaults('namespaces', { kind: 'Namespace', apiVersion: 'v1', metadata }));
      }
      const resource = resourceOf(object.kind);
      if (store.get(resource, namespace, name) === undefined) store.create(resource, withDefaults(resource, object));
    }
  }

  function rollout(target: Target, container: string, change: RolloutChange = {}): string {
    let image = '';
    const written = store.write(resourceOf(target.kind), target.namespace, target.name, (draft) => {
      const spec = podSpecOf(draft);
      for (const each of objectsOf(spec['containers']).filter(({ name }) => name === container)) {
        image = change.image ?? nextImage(String(each['image']));
        each['image'] = image;
        if (change.limit === undefined) continue;
        const { requests, limits } = objectOf(each['resources']);
        each['resources'] = {
          limits: { ...objectOf(limits), memory: change.limit },
          requests: { ...objectOf(requests), memory: change.limit },
        };
      }
    });
    if (written === undefined || image === '')
      throw new Error(`nothing to roll out: ${targetKey(target)} is not there`);
    return image;
  }

  return {
    apply,
    rollout,
    deleteWorkload: (target) => {
      const object = store.get(resourceOf(target.kind), target.namespace, target.name);
      if (object === undefined) return;
      if (target.kind === 'Pod') deletePod({ store, clock }, object);
      else store.remove(resourceOf(target.kind), target.namespace, target.name);
    },
    failProbe: (target, container) => {
      for (const worker of workersOf(target)) worker.failProbe(container);
    },
    evict: (target) => {
      for (const worker of workersOf(target)) worker.evict();
    },
  };
}

function podSpecOf(workload: KubeObject): JsonObject {
  const spec = objectOf(workload.spec);
  const holder = workload.kind === 'CronJob' ? objectOf(objectOf(spec['jobTemplate'])['spec']) : spec;
  return objectOf(objectOf(holder['template'])['spec']);
}

/** `shop/checkout:1.4.2` becomes `shop/checkout:1.4.3`; a tag without a number gets `-2`. */
function nextImage(image: string): string {
  const match = /^(.*?)(\d+)$/.exec(image);
  return match === null ? `${image}-2` : `${match[1] ?? ''}${Number(match[2]) + 1}`;
}
