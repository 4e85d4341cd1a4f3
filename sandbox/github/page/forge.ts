/** What `GET /github/state` answers, checked at the door. Times are ms UTC. */
import * as z from 'zod/mini';

const file = z.object({
  path: z.string(),
  status: z.enum(['added', 'removed', 'modified']),
  additions: z.number(),
  deletions: z.number(),
  patch: z.string(),
});
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
  hasConflicts: z.boolean(),
  labels: z.array(z.string()),
  reviewers: z.array(z.string()),
  files: z.array(file),
});
const repository = z.object({ name: z.string(), pulls: z.array(pull) });
const forgeSchema = z.object({
  version: z.number(),
  people: z.array(z.string()),
  repositories: z.array(repository),
});

export type ChangedFile = z.output<typeof file>;
export type Pull = z.output<typeof pull>;
export type Repository = z.output<typeof repository>;
export type Forge = z.output<typeof forgeSchema>;

/** All repositories. Throws when the sandbox doesn't answer or answers something else. */
export const fetchForge = async (signal: AbortSignal): Promise<Forge> => {
  const response = await fetch('/github/state', { signal, cache: 'no-store' });
  if (!response.ok) throw new Error(`GET /github/state answered ${response.status}`);
  return forgeSchema.parse(await response.json());
};

export interface PullAct {
  readonly repo: string;
  readonly number: number;
  readonly user: string;
}

const answer = z.object({ ok: z.boolean(), error: z.optional(z.string()) });

/** Merges or closes; null when it was done, otherwise why not. */
export const actOnPull = async (act: 'merge' | 'close', body: PullAct): Promise<string | null> => {
  try {
    const response = await fetch(`/github/${act}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const parsed = answer.safeParse(await response.json());
    if (parsed.success && parsed.data.ok) return null;
    return parsed.data?.error ?? `The sandbox answered ${response.status}.`;
  } catch {
    return 'The sandbox does not answer. Is it still running?';
  }
};
