import type { SandboxClock } from '../../clock.ts';
import { deletePod, eventSource, type ControllerContext, type Reconcile } from './context.ts';
import { reconcileCronJob } from './cron-job.ts';
import { reconcileDaemonSet } from './daemon-set.ts';
import { reconcileDeployment } from './deployment.ts';
import { reconcileService, servicesOf } from './endpoint-slice.ts';
import { reconcileJob } from './job.ts';
import { reconcileReplicaSet } from './replica-set.ts';
import { reconcileStatefulSet } from './stateful-set.ts';
import { resourceIfKnown } from '../objects/kinds.ts';
import type { ObjectStore } from '../objects/object-store.ts';

const reconcilers: Readonly<Record<string, Reconcile>> = {
  deployments: reconcileDeployment,
  replicasets: reconcileReplicaSet,
  statefulsets: reconcileStatefulSet,
  daemonsets: reconcileDaemonSet,
  jobs: reconcileJob,
  cronjobs: reconcileCronJob,
  services: reconcileService,
};

export interface ControllerOptions {
  readonly store: ObjectStore;
  readonly clock: SandboxClock;
  /** [0, 1) */
  readonly random: () => number;
  readonly nodeNames: readonly string[];
}

/**
 * The controller manager: a change of an object or of what it owns puts the owner into a queue, and a little later
 * it is brought one step nearer to what it asks for. What loses its owner is collected. Returns the stop function.
 */
export function startControllers({ store, clock, random, nodeNames }: ControllerOptions): () => void {
  const queued = new Map<string, () => void>();
  const timers = new Set<() => void>();
  const context: ControllerContext = {
    store,
    clock,
    random,
    nodeNames,
    events: eventSource(store, clock),
    retries: new Map(),
    again: (resource, { metadata }, virtualMs) => {
      after(virtualMs, () => {
        enqueue(resource, metadata.namespace, metadata.name);
      });
    },
  };

  function after(virtualMs: number, fn: () => void): void {
    const cancel = clock.after(virtualMs, () => {
      timers.delete(cancel);
      fn();
    });
    timers.add(cancel);
  }

  function enqueue(resource: string, namespace: string | undefined, name: string): void {
    const key = `${resource}/${namespace ?? ''}/${name}`;
    if (queued.has(key)) return;
    queued.set(
      key,
      clock.after(12, () => {
        queued.delete(key);
        const object = store.get(resource, namespace, name);
        if (object !== undefined) reconcilers[resource]?.(context, object);
      }),
    );
  }

  const unsubscribe = store.subscribe(({ type, resource, object }) => {
    const { namespace, name, uid, ownerReferences = [] } = object.metadata;
    if (type !== 'DELETED' && reconcilers[resource] !== undefined) enqueue(resource, namespace, name);
    for (const owner of ownerReferences) {
      const ownerResource = resourceIfKnown(owner.kind);
      if (ownerResource !== undefined) enqueue(ownerResource, namespace, owner.name);
    }
    if (resource === 'pods') for (const service of servicesOf(store, object)) enqueue('services', namespace, service);
    if (type === 'DELETED' && reconcilers[resource] !== undefined) {
      after(20, () => {
        collect(context, uid, namespace);
      });
    }
  });
  for (const resource of Object.keys(reconcilers)) {
    for (const { metadata } of store.list(resource)) enqueue(resource, metadata.namespace, metadata.name);
  }

  return () => {
    unsubscribe();
    for (const cancel of [...queued.values(), ...timers]) cancel();
  };
}

/** Deletes what the vanished owner left behind. */
function collect(context: ControllerContext, ownerUid: string, namespace: string | undefined): void {
  const { store } = context;
  for (const pod of store.ownedBy('pods', ownerUid)) deletePod(context, pod);
  for (const resource of ['replicasets', 'jobs', 'endpointslices']) {
    for (const { metadata } of store.ownedBy(resource, ownerUid)) store.remove(resource, namespace, metadata.name);
  }
}
