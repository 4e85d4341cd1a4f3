/** What `GET /github/state` answers, checked at the door. Times are ms UTC. */
import * as z from 'zod/mini';

const file = z.object({
  path: z.string(),
  status: z.enum(['added', 'removed', 'modified']),
  additions: z.number(),
  deletions: z.number(),
  patch: z.nullable(z.string()),
});
const comment = z.object({ id: z.number(), user: z.string(), body: z.string(), at: z.number() });
const pull = z.object({
  number: z.number(),
  title: z.string(),
  body: z.nullable(z.string()),
  state: z.enum(['open', 'merged', 'closed']),
  author: z.string(),
  head: z.string(),
  base: z.string(),
  createdAt: z.number(),
  endedAt: z.nullable(z.number()),
  endedBy: z.nullable(z.string()),
  isDraft: z.boolean(),
  hasConflicts: z.boolean(),
  labels: z.array(z.string()),
  reviewers: z.array(z.string()),
  comments: z.array(comment),
  files: z.array(file),
});
const repository = z.object({
  name: z.string(),
  defaultBranch: z.string(),
  isArchived: z.boolean(),
  isProtected: z.boolean(),
  pulls: z.array(pull),
});
export const forgeSchema = z.object({
  version: z.number(),
  people: z.array(z.string()),
  repositories: z.array(repository),
});

export type ChangedFile = z.output<typeof file>;
export type Pull = z.output<typeof pull>;
export type Repository = z.output<typeof repository>;
export type Forge = z.output<typeof forgeSchema>;
