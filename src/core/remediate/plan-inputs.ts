import type { JsonRecord } from '../kill/json-read.ts';
import type { Variable } from '../recommend/change-words.ts';
import type { Memory, Target } from './plan.ts';

/** The container as the live objects show it now. */
export interface PlanInputs {
  /** Whether the workload still exists (a bare pod: the pod itself). */
  readonly exists: boolean;
  /** The object with the pod template; null for a bare pod. `patchable`: a change of its template makes new pods. */
  readonly workload:
    | (Target & { readonly memory: Memory; readonly patchable: boolean; readonly owner: string | null })
    | null;
  /** What the template sets in the container. NOTE: values may be secrets; they are not to be stored or shown. */
  readonly variables: readonly Variable[];
  /** Its running pods with the same memory settings as the killed one, which comes first. */
  readonly pods: readonly (Target & {
    readonly memory: Memory;
    readonly running: boolean;
    readonly owner: string | null;
  })[];
  readonly qosClass: string | null;
  /** Whether memory request = limit in this container would make the pod Guaranteed, which a resize may not do. */
  readonly equalMakesGuaranteed: boolean;
  /** The workload's whole pod template as it is now; null without one. */
  readonly template: JsonRecord | null;
  /** The fields that a plan reads or writes, for `fieldsHash`. */
  readonly fields: unknown;
  /** Whether pods/resize is served (from 1.32, on by default from 1.33). */
  readonly canResize: boolean;
  /** Revisions whose template could be restored, newest last; empty if none are kept. */
  readonly revisions: readonly Revision[];
  /** What the workload's annotation says about its source file; null without one. */
  readonly sourceText: string | null;
  /** Further limits on a value. */
  readonly room: Room;
}

export interface Revision {
  /** As people count them: `deployment.kubernetes.io/revision`. */
  readonly number: string;
  readonly hash: string;
  readonly memory: Memory;
  /** The ReplicaSet that keeps it. */
  readonly replicaSet: { readonly name: string; readonly uid: string };
  /** The whole pod template as it would be written. */
  readonly template: JsonRecord;
}

/** What a new value has to fit into, in bytes; null where it could not be read or where there is none. */
export interface Room {
  readonly nodeAllocatableBytes: number | null;
  /** What the node has left for the request of this pod: allocatable less the requests of the other pods on it. */
  readonly nodeFreeBytes: number | null;
  readonly quota: { readonly name: string; readonly leftBytes: number } | null;
  readonly limitRange: {
    readonly name: string;
    readonly minBytes: number | null;
    readonly maxBytes: number | null;
  } | null;
}
