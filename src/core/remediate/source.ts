import { z } from 'zod';
import { textBounds } from '../units/text-bounds.ts';

/** The annotation on a workload that names the file its spec is made from: `owner/repo//path@branch`. */
export const sourceAnnotation = 'oomkeeper.dev/source';

/**
 * A file, or a folder of files, in a repository of the forge. `branch` null = the repository's default branch. Anybody
 * who may annotate a workload chooses it, so it is not trusted, like other text from a cluster.
 */
export const sourceSchema = z.strictObject({
  owner: z.string().min(1),
  repo: z.string().min(1),
  path: z.string().min(1),
  branch: z.string().min(1).nullable(),
});
export type Source = z.infer<typeof sourceSchema>;

const form = /^(?<owner>[A-Za-z0-9][\w-]*)\/(?<repo>[\w.-]+)\/\/(?<path>[^@\s]+)(?:@(?<branch>[^\s@]+))?$/;
const control = /\p{Cc}/u;
/** What `git check-ref-format` refuses in the name of a branch, spaces and `@` apart, which `form` refuses. */
const badBranch = /^[-/.]|[/.]$|\.\.|\/\/|\/\.|\.lock(?:\/|$)|[~^:?*[\\]/;

/** Reads `owner/repo//path@branch` (`@branch` may be left out); null where it has another form. */
export function parseSource(text: string): Source | null {
  const trimmed = text.trim();
  if (trimmed.length > textBounds.source || !trimmed.isWellFormed()) return null;
  const { owner, repo, path, branch } = form.exec(trimmed)?.groups ?? {};
  if (owner === undefined || repo === undefined || path === undefined || control.test(trimmed)) return null;
  if (/^\.\.?$/.test(repo) || (branch !== undefined && badBranch.test(branch))) return null;
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.length === 0 || parts.includes('..')) return null;
  return { owner, repo, path: parts.join('/'), branch: branch ?? null };
}

/** `owner/repo//path@branch`, as `parseSource` reads it. */
export function formatSource({ owner, repo, path, branch }: Source): string {
  return `${owner}/${repo}//${path}${branch === null ? '' : `@${branch}`}`;
}
