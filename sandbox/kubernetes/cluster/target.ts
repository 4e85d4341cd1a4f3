import type { KubeObject, ObjectStore } from '../objects/object-store.ts';

/** A workload of the pretend cluster. */
export interface Target {
  readonly namespace: string;
  /** Kubernetes kind of the top owner, or `Pod`. */
  readonly kind: string;
  readonly name: string;
}

const resources: Readonly<Record<string, string>> = {
  Pod: 'pods',
  ReplicaSet: 'replicasets',
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
  Job: 'jobs',
  CronJob: 'cronjobs',
};

/** Plural resource name of a workload kind. Throws on a kind that the pretend cluster does not have. */
export function resourceOf(kind: string): string {
  const resource = resources[kind];
  if (resource === undefined)
    throw new Error(`the pretend cluster has no ${kind}; it has ${Object.keys(resources).join(', ')}`);
  return resource;
}

export function targetKey({ namespace, kind, name }: Target): string {
  return `${namespace}/${kind}/${name}`;
}

/** The top owner of an object. An owner that is gone from the store still counts by its name. */
export function topOwner(store: ObjectStore, object: KubeObject): Target {
  const { namespace = 'default', name, ownerReferences } = object.metadata;
  const reference = ownerReferences?.find(({ controller }) => controller === true);
  if (reference === undefined) return { namespace, kind: object.kind, name };
  const resource = resources[reference.kind];
  const owner = resource === undefined ? undefined : store.get(resource, namespace, reference.name);
  return owner === undefined ? { namespace, kind: reference.kind, name: reference.name } : topOwner(store, owner);
}
