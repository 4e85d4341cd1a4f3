/** The sandbox's control API, as this page uses it (same origin). */
import * as z from 'zod/mini';
import { type Forge, forgeSchema } from './forge.ts';

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
    if (!parsed.success) return `The sandbox answered ${response.status}.`;
    return parsed.data.ok ? null : (parsed.data.error ?? `The sandbox answered ${response.status}.`);
  } catch {
    return 'The sandbox does not answer. Is it still running?';
  }
};

/** All repositories. Throws when the sandbox doesn't answer or answers something else. */
export const fetchForge = async (signal: AbortSignal): Promise<Forge> => {
  const response = await fetch('/github/state', { signal, cache: 'no-store' });
  if (!response.ok) throw new Error(`GET /github/state answered ${response.status}`);
  return forgeSchema.parse(await response.json());
};
