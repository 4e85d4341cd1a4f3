/** A JSON object that may still be changed. */
export interface JsonObject {
  [key: string]: unknown;
}

/** A Kubernetes object as the API server stores it. The parts that the store itself sets are named, the rest is open. */
export interface KubeObject extends JsonObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    uid: string;
    resourceVersion: string;
    generation?: number;
    creationTimestamp: string;
    deletionTimestamp?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    ownerReferences?: {
      apiVersion: string;
      kind: string;
      name: string;
      uid: string;
      controller?: boolean;
      blockOwnerDeletion?: boolean;
    }[];
    managedFields?: JsonObject[];
    [key: string]: unknown;
  };
  spec?: JsonObject;
  status?: JsonObject;
}

/** The JSON text of an object. */
export type EncodeObject = (object: KubeObject) => string;

/** What a caller hands in to be created: no uid, version or time yet. */
export interface NewObject extends JsonObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    [key: string]: unknown;
  };
}

export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** Plural resource name: `pods`, `deployments`, … */
  readonly resource: string;
  /** Frozen snapshot; on DELETED with its last state and a new resourceVersion. */
  readonly object: KubeObject;
}

/**
 * The pretend cluster's etcd: objects by resource, namespace and name with one global resourceVersion counter.
 * The API server reads and writes it for clients; the living cluster (kubelet, controllers) for itself.
 */
export interface ObjectStore {
  /** Version of the newest write. */
  readonly resourceVersion: () => number;
  /** Sorted by namespace and name. */
  readonly list: (resource: string, namespace?: string) => readonly KubeObject[];
  /** What was there at a resourceVersion, sorted; undefined when that is compacted away. */
  readonly listAt: (
    resource: string,
    namespace: string | undefined,
    resourceVersion: number,
  ) => readonly KubeObject[] | undefined;
  /** Objects of a resource that name an owner with this uid, sorted by namespace and name. */
  readonly ownedBy: (resource: string, uid: string) => readonly KubeObject[];
  readonly get: (resource: string, namespace: string | undefined, name: string) => KubeObject | undefined;
  /** Sets uid, resourceVersion, creationTimestamp, generation 1 (where there is a spec). Throws when the name exists. */
  readonly create: (resource: string, object: NewObject) => KubeObject;
  /**
   * `change` gets a mutable deep copy and changes it in place. A changed `spec` raises the generation. No change = no
   * new version, no event. Returns undefined if it is gone.
   */
  readonly write: (
    resource: string,
    namespace: string | undefined,
    name: string,
    change: (draft: KubeObject) => void,
  ) => KubeObject | undefined;
  /** Removes it at once (grace periods are the living cluster's business) and emits DELETED. */
  readonly remove: (resource: string, namespace: string | undefined, name: string) => KubeObject | undefined;
  /** Called synchronously, in order, for each change. Returns the unsubscribe function. */
  readonly subscribe: (listener: (change: Change) => void) => () => void;
  /** Changes after a resourceVersion, oldest first; undefined when compacted away (the watch answers 410). */
  readonly since: (resourceVersion: number) => readonly Change[] | undefined;
  /** Forgets the history up to now: every older resourceVersion is expired from here on. */
  readonly compact: () => void;
}
