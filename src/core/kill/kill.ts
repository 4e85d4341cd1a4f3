import { z } from 'zod';
import { downtimeSchema } from './downtime.ts';
import { growingObject } from '../units/growing-object.ts';

/** Top owner of a pod, as far as the pod's own JSON tells. `kind` is a Kubernetes kind. */
export const workloadSchema = z.strictObject({ kind: z.string().min(1), name: z.string().min(1) });
export type Workload = z.infer<typeof workloadSchema>;

/** The process that the kernel chose, as its own message says: the demand at the kill. */
const victimShape = {
  process: z.string().nullable(),
  pid: z.number().int().nullable(),
  /** anon-rss + file-rss + shmem-rss. */
  rssBytes: z.number().nullable(),
};
const victimSchema: z.ZodType<z.infer<z.ZodObject<typeof victimShape>>> = z.looseObject(victimShape);
export type Victim = z.infer<typeof victimSchema>;

/** What an incident is about. `container` is null for an eviction, `namespace` for a node. */
export const subjectSchema = z.strictObject({
  cluster: z.string().min(1),
  namespace: z.string().nullable(),
  workload: workloadSchema,
  container: z.string().nullable(),
});
export type Subject = z.infer<typeof subjectSchema>;

export const containerTypes = ['container', 'init', 'sidecar', 'ephemeral'] as const;
export const killKinds = ['container', 'start', 'child-process', 'eviction', 'node', 'self'] as const;

/**
 * The container, pod or node that a kill or a warning is about, as it stood then. Bytes are numbers (a memory quantity
 * stays far below 2^53), times are RFC 3339 strings as the API server wrote them, except `seenAt` (ms UTC, when the
 * watcher had the line).
 */
export const instanceShape = {
  /** Of the kill or warning; the same one is admitted once. */
  fingerprint: z.string().min(1),
  subject: subjectSchema,
  pod: z.string(),
  podUid: z.string(),
  podCreatedAt: z.string().nullable(),
  containerType: z.enum(containerTypes).nullable(),
  containerId: z.string().nullable(),
  startedAt: z.string().nullable(),
  restartCount: z.number().int(),
  /** The container's own limit, as it stood in the pod. */
  limitBytes: z.number().nullable(),
  /** The smaller of the container's limit and the pod-level limit that the kubelet reports. */
  limitInForceBytes: z.number().nullable(),
  requestBytes: z.number().nullable(),
  node: z.string().nullable(),
  qosClass: z.string().nullable(),
  image: z.string().nullable(),
  /** `pod-template-hash` or `controller-revision-hash`: which revision of the workload ran. */
  revision: z.string().nullable(),
  labels: z.record(z.string(), z.string()),
  /** The channel that its annotation oomkeeper.dev/channel names, without `#`. */
  channel: z.string().optional(),
  /** Only of a pod that was made to be killed (src/core/test-kill): what it says of who made it, perhaps ''. */
  test: z.string().optional(),
  seenAt: z.number(),
  /** How far the API server's clock was ahead of the one of `seenAt`, ms; only where it is not the same. */
  clusterAheadMs: z.number().optional(),
  /** The span that the work for it belongs below, as W3C's trace context says it; only where traces are on. */
  traceparent: z.string().optional(),
};

/** One observed memory kill, or a suspect. */
const killShape = {
  ...instanceShape,
  kind: z.enum(killKinds),
  /** An unexplained SIGKILL that evidence has to decide about. */
  suspect: z.boolean(),
  exitCode: z.number().int().nullable(),
  reason: z.string().nullable(),
  message: z.string().nullable(),
  finishedAt: z.string().nullable(),
  /** Of a kill that only a counter tells of: it happened after `from` and at `to` at the latest, ms UTC. */
  within: growingObject({ from: z.number(), to: z.number() }).optional(),
  /**
   * The limit was changed within that time, so this one may have been in force too; `limitInForceBytes` is the smaller
   * one.
   */
  orLimitBytes: z.number().nullable().optional(),
  /** Restarts before this kill that nobody saw, so there may have been more kills; absent if there were none. */
  unseenRestarts: z.number().int().optional(),
  startedBeforeWatch: z.boolean(),
  /** The downtime of the watcher in which it happened; null where somebody watched. */
  away: downtimeSchema.nullable().default(null),
  /** Of a node's kill: what was used up, all memory of the machine or the part that pods may use. */
  outOf: z.enum(['machine', 'allocatable']).optional(),
  /** Only if a kernel message was seen. */
  victim: victimSchema.optional(),
};

/**
 * Unknown fields of a newer version are kept and passed on, because a watcher may be updated before its workers. A
 * subject allows none, because it decides which incident a kill belongs to.
 */
export const killSchema: z.ZodType<z.infer<z.ZodObject<typeof killShape>>> = z.looseObject(killShape);
export type Kill = z.infer<typeof killSchema>;

/** `prod/shop/Deployment/checkout/app`; a missing part is `-`. Stable: it is the store's key of an open incident. */
export function subjectKey(subject: Subject): string {
  const { cluster, namespace, workload, container } = subject;
  return [cluster, namespace ?? '-', workload.kind, workload.name, container ?? '-'].join('/');
}

export function nodeSubject(cluster: string, node: string): Subject {
  return { cluster, namespace: null, workload: { kind: 'Node', name: node }, container: null };
}

/**
 * When it was killed, ms UTC by the kubelet's clock (whole seconds); the latest that it can have been if only a counter
 * tells, and when it was seen if no time is known.
 */
export function killedAtMs({ finishedAt, within, seenAt }: Pick<Kill, 'finishedAt' | 'within' | 'seenAt'>): number {
  const at = Date.parse(finishedAt ?? '');
  return Number.isNaN(at) ? (within?.to ?? seenAt) : at;
}

/**
 * Whether all of the time in which it can have happened lies after a moment (ms UTC by the clock of `seenAt`). A status
 * is read after the kill that it reports, and a counter up to a minute after (measured: 30 to 48 s), so when a kill was
 * seen says nothing about what was in force when it happened.
 */
export function isAllAfter(kill: Kill, moment: number): boolean {
  const { within, finishedAt, seenAt, clusterAheadMs = 0 } = kill;
  if (seenAt < moment) return false;
  const from = finishedAt === null ? within?.from : Date.parse(finishedAt);
  return from === undefined || Number.isNaN(from) || from - clusterAheadMs >= moment;
}

/**
 * Whether the run of the container ended with it. A run may outlive kills of its processes; one with an exit code is the
 * end of such a run, which a kill before it is marked on.
 */
export function endsRun(kill: Pick<Kill, 'kind' | 'exitCode'> | { readonly kind: 'ahead' }): boolean {
  return kill.kind !== 'child-process' || kill.exitCode !== null;
}

/** Whether it is about a node as a whole, not about a container. */
export function isOfNode({ subject }: Pick<Kill, 'subject'>): boolean {
  return subject.namespace === null && subject.workload.kind === 'Node';
}

/** ms from the start of its run to the kill, whole seconds; null where one of the times is not known. */
export function runMs({ startedAt, finishedAt }: Pick<Kill, 'startedAt' | 'finishedAt'>): number | null {
  const ms = Date.parse(finishedAt ?? '') - Date.parse(startedAt ?? '');
  return ms >= 0 ? ms : null;
}

/** The limit in force at a kill, bytes; null without one. */
export function limitAt({
  limitInForceBytes,
  limitBytes,
}: Pick<Kill, 'limitInForceBytes' | 'limitBytes'>): number | null {
  return [limitInForceBytes, limitBytes].find((bytes) => bytes !== null && bytes > 0) ?? null;
}

/** Kubelets and people round. */
const sameLimit = 0.02;

/** Whether two limits (bytes) are the same but for rounding. */
export function isSameLimit(bytes: number, other: number): boolean {
  return Math.abs(bytes / other - 1) <= sameLimit;
}
