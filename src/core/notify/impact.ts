import { z } from 'zod';
import { severitySchema } from './severity.ts';
import { growingObject } from '../units/growing-object.ts';

/** Whose workload it is: as people call them, and their id in the chat where policy says whose it is. */
const ownerSchema = growingObject({ name: z.string(), id: z.string().nullable() });
export type Owner = z.infer<typeof ownerSchema>;

/** What runs there, and since when (ms UTC); null = nobody says. */
const deployedSchema = growingObject({
  at: z.number().nullable(),
  /** The tag of the image, or the start of its digest. */
  version: z.string().nullable(),
  commit: z.string().nullable(),
  by: z.string().nullable(),
});
export type Deployed = z.infer<typeof deployedSchema>;

/** Name and address; the address is safe to be a link. */
const linkSchema = growingObject({ name: z.string(), url: z.string() });
export type Link = z.infer<typeof linkSchema>;

/** What an incident means for whom, as it was read last (`at`, ms UTC). Null = not read, or nothing that it has. */
export const impactSchema = growingObject({
  at: z.number(),
  severity: severitySchema,
  /** Pods of the workload. */
  pods: growingObject({ ready: z.number().int(), desired: z.number().int() }).nullable(),
  /** Of its containers, in so many ms until then: at most an hour. */
  restarts: growingObject({ count: z.number().int(), overMs: z.number() }).nullable(),
  /** Services that lead to it and have no ready endpoint. */
  unserved: z.array(z.string()).nullable(),
  qosClass: z.string().nullable(),
  priorityClass: z.string().nullable(),
  owner: ownerSchema.nullable(),
  deployed: deployedSchema.nullable(),
  links: z.array(linkSchema),
  /** ms UTC when the next people are notified unless somebody takes care of it; null if nobody is. */
  notifyAt: z.number().nullable().default(null),
});
export type Impact = z.infer<typeof impactSchema>;

/** What the severity is decided by. */
export type ImpactFacts = Pick<Impact, 'pods' | 'restarts' | 'unserved' | 'qosClass' | 'priorityClass'>;

/** What objects of the cluster say of a deployment; texts are not trusted. */
export interface DeployedFacts {
  readonly image: string | null;
  readonly commit: string | null;
  /** Programs that wrote the workload's template, and when they did last, ms UTC. */
  readonly writers: readonly { readonly name: string; readonly at: number }[];
}

/** The last change of the file that a workload is made from: its commit, by whom (not trusted), and when, ms UTC. */
export interface SourceChange {
  readonly commit: string;
  readonly by: string | null;
  readonly at: number;
}

/** What began when (ms UTC) with the revision that was killed, and the change of its file before that. */
export interface Rollout {
  readonly startedAt: number | null;
  readonly change: SourceChange | null;
}

/** The impact as a cluster shows it; null = not read, or nothing that the workload has. */
export interface ImpactRead extends Omit<ImpactFacts, 'restarts'> {
  /** Restarts of the pods that are less than an hour old, and since when there are any of those, ms UTC. */
  readonly young: { readonly restarts: number; readonly since: number } | null;
  /** Whose workload it is, as an annotation says. */
  readonly owner: string | null;
  readonly deployed: DeployedFacts;
}

/** The people of one level of policy (1 is the first) who were notified, ids of the chat. */
export const notifiedSchema = growingObject({ level: z.number().int(), people: z.array(z.string()), at: z.number() });
export type Notified = z.infer<typeof notifiedSchema>;
