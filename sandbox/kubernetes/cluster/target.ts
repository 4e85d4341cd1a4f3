import { resourceIfKnown } from '../objects/kinds.ts';
import type { KubeObject, ObjectStore } from '../objects/object-store.ts';

/** A workload of the pretend cluster. */
export interface Target {
  readonly namespace: string;
  /** Kubernetes kind of the top owner, or `Pod`. */
  readonly kind: string;
  readonly name: string;
}

export function targetKey({ namespace, kind, name }: Target): string {
  return `${namespace}/${kind}/${name}`;
}

/** The top owner of an object. An owner that is gone from the store still counts by its name. */
export function topOwner(store: ObjectStore, object: KubeObject): Target {
  const { namespace = 'default', name, ownerReferences } = object.metadata;
  const reference = ownerReferences?.find(({ controller }) => controller === true);
  if (reference === undefined) return { namespace, kind: object.kind, name };
  const resource = resourceIfKnown(reference.kind);
  const owner = resource === undefined ? undefined : store.get(resource, namespace, reference.name);
  return owner === undefined ? { namespace, kind: reference.kind, name: reference.name } : topOwner(store, owner);
}
