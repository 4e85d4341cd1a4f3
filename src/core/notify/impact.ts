import { z } from 'zod';
import { severitySchema } from './severity.ts';

/** Whose workload it is: as people call them, and their id in the chat where policy says whose it is. */
const ownerSchema = z.strictObject({ name: z.string(), id: z.string().nullable() });

/** What runs there, and since when (ms UTC); null = nobody says. */
const deployedSchema = z.strictObject({
  at: z.number().nullable(),
  /** The tag of the image, or the start of its digest. */
  version: z.string().nullable(),
  commit: z.string().nullable(),
  by: z.string().nullable(),
});

/** Name and address; the address is safe to be a link. */
const linkSchema = z.strictObject({ name: z.string(), url: z.string() });

/** What the cluster shows of how its users fare. Null = not read, or nothing that the workload has. */
const impactFactsShape = {
  /** Pods of the workload. */
  pods: z.strictObject({ ready: z.number().int(), desired: z.number().int() }).nullable(),
  /** Of its containers, in so many ms until then: at most an hour. */
  restarts: z.strictObject({ count: z.number().int(), overMs: z.number() }).nullable(),
  /** Services that lead to it and have no ready endpoint. */
  unserved: z.array(z.string()).nullable(),
  qosClass: z.string().nullable(),
  priorityClass: z.string().nullable(),
};

/** What an incident means for whom, as it was read last (`at`, ms UTC). */
export const impactSchema = z.strictObject({
  ...impactFactsShape,
  at: z.number(),
  severity: severitySchema,
  owner: ownerSchema.nullable(),
  deployed: deployedSchema.nullable(),
  links: z.array(linkSchema),
});
export type Impact = z.infer<typeof impactSchema>;

/** The people of one level of policy (1 is the first) who were notified, ids of the chat. */
export const notifiedSchema = z.strictObject({ level: z.number().int(), people: z.array(z.string()), at: z.number() });
export type Notified = z.infer<typeof notifiedSchema>;
