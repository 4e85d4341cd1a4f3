import { z } from 'zod';
import { envChangeSchema } from '../recommend/env-change.ts';
import { sourceSchema } from './source.ts';

/** Which object is changed. `uid` is the precondition that it is still the same object. */
export const targetSchema = z.strictObject({
  apiVersion: z.string(),
  kind: z.string(),
  namespace: z.string(),
  name: z.string(),
  uid: z.string(),
});
export type Target = z.infer<typeof targetSchema>;

/** Only what names the object. */
export function targetIn({ apiVersion, kind, namespace, name, uid }: Target): Target {
  return { apiVersion, kind, namespace, name, uid };
}

/** Memory of one container before or after, in bytes; null where none is set. */
export const memorySchema = z.strictObject({ limitBytes: z.number().nullable(), requestBytes: z.number().nullable() });
export type Memory = z.infer<typeof memorySchema>;

/** One thing in which a file differs from the cluster besides what is to change: its name, and a sentence for people. */
const driftSchema = z.strictObject({ of: z.string(), text: z.string() });
export type Drift = z.infer<typeof driftSchema>;

/**
 * `resize` changes the running pods in place, `patch-workload` the pod template (a rollout follows), `roll-back`
 * restores the template of an earlier revision, `pull-request` changes the file that the workload is made from.
 */
export const meansSchema = z.enum(['resize', 'patch-workload', 'roll-back', 'pull-request']);
export type Means = z.infer<typeof meansSchema>;

/** A plan that was made of another one, once that was carried out: to take it back, or to make it last. */
const followsSchema = z.strictObject({ plan: z.string(), as: z.enum(['undo', 'make-permanent']) });
export type Follows = z.infer<typeof followsSchema>;

/** The revision that is put back: its number, and the `pod-template-hash` of its pods. */
const rollBackSchema = z.strictObject({
  toRevision: z.string(),
  hash: z.string(),
  /**
   * Exactly what was shown: the ReplicaSet that keeps it, and hashes (`fieldsHash`) of the whole template that would be
   * written and of the one that it replaces. Null in plans of versions that did not keep it; those are stale.
   */
  template: z
    .strictObject({
      replicaSet: z.strictObject({ name: z.string(), uid: z.string() }),
      hash: z.string(),
      replaces: z.string(),
      /** How many differences there are, all of them in `diff`. */
      changes: z.number().int(),
    })
    .nullable()
    .default(null),
});

/**
 * A recommendation made executable. Approving a plan approves its means in their order: the first one that is possible
 * and confirmed to work, and nothing else. `fieldsHash` covers every field the plan reads or writes
 * (core/remediate/fields-hash.ts); a different hash at the write makes the plan stale.
 */
export const planSchema = z.strictObject({
  id: z.string().regex(/^PLAN-[0-9A-Z]{6}$/),
  purpose: z.enum(['fix', 'mitigation']),
  /** What kind of recommendation it carries out; policy decides by it. */
  kind: z.enum(['raise-limit', 'set-heap', 'roll-back']).default('raise-limit'),
  container: z.string(),
  containerType: z.enum(['container', 'init', 'sidecar', 'ephemeral']),
  /** The workload (pod template). Null for a bare pod or a Job, which have nothing to patch. */
  workload: targetSchema.nullable(),
  /** Pods of the workload that run the container now and can be resized. */
  pods: z.array(targetSchema),
  means: z.array(meansSchema).min(1),
  from: memorySchema,
  to: memorySchema,
  /** Heap flags that change together with the limit. A resize cannot carry them out. */
  env: z.array(envChangeSchema).default([]),
  rollBack: rollBackSchema.nullable().default(null),
  /** The plan that this one is about; null for one that a recommendation is made executable by. */
  follows: followsSchema.nullable().default(null),
  /** The source file that a pull request changes. */
  source: sourceSchema.nullable().default(null),
  /** Binds the approval of a pull request to the lines that are shown (core/remediate/edit/file-change.ts). */
  fileHash: z.string().nullable().default(null),
  /** In what that file differs from the cluster; approving says that this is all right. */
  drift: z.array(driftSchema).default([]),
  fieldsHash: z.string(),
  /** Who owns the fields now; approving consents to overriding that owner and only that one. */
  owner: z.string().nullable(),
  /** A unified text diff for people. */
  diff: z.string(),
  expectedEffect: z.string(),
  undo: z.string(),
  createdAt: z.number(),
});
export type Plan = z.infer<typeof planSchema>;

/** Whether it changes flags under the limit that is there. */
export function changesFlagsOnly({ from, to, env }: Pick<Plan, 'from' | 'to' | 'env'>): boolean {
  return env.length > 0 && from.limitBytes === to.limitBytes;
}

/** What a plan changes: the cluster itself, or the file in the forge. One of each may be under way at a time. */
export const destinations = ['cluster', 'forge'] as const;
export type Destination = (typeof destinations)[number];

export function destinationOf({ means }: Pick<Plan, 'means'>): Destination {
  return means.includes('pull-request') ? 'forge' : 'cluster';
}
