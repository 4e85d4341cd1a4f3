import { z } from 'zod';
import { Failure } from '../../core/failure.ts';
import { asRead } from './client.ts';
import type { GithubClient, RepositoryName } from './client.ts';
import { asGithubFailure, unreadable } from './github-failure.ts';
import type { SourceChange } from '../../core/notify/impact.ts';
import { bounded, boundedOrNull } from '../../core/units/text-bounds.ts';

/** A file at one commit. `sha` is of its content, what a write has to name. */
export interface FileAt {
  readonly is: 'file';
  readonly path: string;
  readonly sha: string;
  readonly text: string;
}

export interface FolderAt {
  readonly is: 'folder';
  /** Paths of the files in it, not deeper. */
  readonly files: readonly string[];
}

export interface Commit {
  readonly message: string;
  readonly parents: readonly string[];
  /** ISO 8601; where they differ, somebody has rewritten it. */
  readonly authoredAt: string;
  readonly committedAt: string;
}

/** A pull request as GitHub lists it. */
export interface ListedPull {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly isOpen: boolean;
  readonly isMerged: boolean;
  readonly labels: readonly string[];
}

const infoSchema = z.object({ archived: z.boolean(), default_branch: z.string() });
const refSchema = z.object({ object: z.object({ sha: z.string() }) });
const entrySchema = z.object({ type: z.string(), path: z.string(), sha: z.string() });
const fileSchema = entrySchema.extend({ encoding: z.string(), content: z.string() });
const signatureSchema = z.object({ date: z.string() });
const commitSchema = z.object({
  message: z.string(),
  parents: z.array(z.object({ sha: z.string() })),
  author: signatureSchema,
  committer: signatureSchema,
});
const pullSchema = z.object({
  number: z.number(),
  title: z.string(),
  body: z.string().nullable(),
  state: z.string(),
  merged_at: z.string().nullable(),
  labels: z.array(z.object({ name: z.string() })),
});
const loginSchema = z.object({ login: z.string() }).nullable().optional();
const wholePullSchema = z.object({
  number: z.number(),
  html_url: z.string(),
  state: z.string(),
  merged_at: z.string().nullable(),
  closed_at: z.string().nullable(),
  merged_by: loginSchema,
  merge_commit_sha: z.string().nullish(),
});
const listedCommitSchema = z.object({
  sha: z.string(),
  author: loginSchema,
  commit: z.object({ author: z.object({ name: z.string() }), committer: signatureSchema }),
});
const issueSchema = z.object({ closed_by: loginSchema });

export type Repository = ReturnType<typeof openRepository>;

/** Reads from one repository; the shape of each answer is checked. `now` is ms UTC. @throws Failure `github-…`, `source-…` */
export function openRepository(client: GithubClient, { owner, repo }: RepositoryName, now: () => number) {
  const name = `${owner}/${repo}`;
  const common = { owner, repo, ...asRead };

  async function ask<T>(
    what: string,
    schema: z.ZodType<T>,
    send: () => Promise<{ readonly data: unknown }>,
  ): Promise<T> {
    const asked = { repo: name, what };
    let data: unknown;
    try {
      ({ data } = await send());
    } catch (error) {
      throw asGithubFailure(error, asked, now());
    }
    const parsed = schema.safeParse(data);
    if (!parsed.success) throw unreadable(asked, parsed.error);
    return parsed.data;
  }

  return {
    name,
    info: async () => {
      const { archived, default_branch } = await ask('read the repository', infoSchema, () =>
        client.rest.repos.get(common),
      );
      return { isArchived: archived, defaultBranch: bounded(default_branch, 'name') };
    },

    /** The commit that a branch stands at; null where there is no such branch. */
    tip: async (branch: string): Promise<string | null> => {
      const found = await orNull(
        ask(`look for the branch ${branch}`, refSchema, () =>
          client.request(`GET /repos/{owner}/{repo}/git/ref/heads/${inPath(branch)}`, common),
        ),
      );
      return found?.object.sha ?? null;
    },

    /** The file or folder at a path in a commit; null where there is none. */
    at: async (path: string, commit: string): Promise<FileAt | FolderAt | null> => {
      const found = await orNull(
        ask(`read ${path}`, z.union([z.array(entrySchema), fileSchema, entrySchema]), () =>
          client.request(`GET /repos/{owner}/{repo}/contents/${inPath(path)}`, { ...common, ref: commit }),
        ),
      );
      if (found === null) return null;
      if (Array.isArray(found))
        return { is: 'folder', files: found.filter(({ type }) => type === 'file').map((entry) => entry.path) };
      if (!('content' in found) || found.type !== 'file')
        throw new Failure(
          'source-not-a-file',
          `${name}//${path} is a ${found.type} and no file; name the file itself.`,
        );
      if (found.encoding !== 'base64')
        throw new Failure('source-too-large', `${name}//${path} is larger than 1 MiB; change it by hand.`);
      return { is: 'file', path, sha: found.sha, text: decoded(`${name}//${path}`, found.content) };
    },

    commit: async (sha: string): Promise<Commit> => {
      const { message, parents, author, committer } = await ask('read a commit', commitSchema, () =>
        client.rest.git.getCommit({ ...common, commit_sha: sha }),
      );
      return {
        message: bounded(message, 'commitMessage'),
        parents: parents.map((one) => one.sha),
        authoredAt: author.date,
        committedAt: committer.date,
      };
    },

    /** The last commit of a branch (null: the default one) that changed a path, until a time (ms UTC); null without one. */
    lastCommit: async (path: string, branch: string | null, until: number): Promise<SourceChange | null> => {
      const asked = { path, until: new Date(until).toISOString(), per_page: 1 };
      const [found] = await ask(`look for the last change of ${path}`, z.array(listedCommitSchema), () =>
        client.rest.repos.listCommits({ ...common, ...asked, ...(branch === null ? {} : { sha: branch }) }),
      );
      if (found === undefined) return null;
      const { sha, author, commit } = found;
      const by = author?.login ?? commit.author.name;
      return { commit: bounded(sha, 'label'), by: bounded(by, 'name'), at: Date.parse(commit.committer.date) };
    },

    /** Pull requests from one branch of this repository to another, newest first, at most 30. */
    pulls: async (head: string, base: string): Promise<readonly ListedPull[]> => {
      const found = await ask('list pull requests', z.array(pullSchema), () =>
        client.rest.pulls.list({ ...common, head: `${owner}:${head}`, base, state: 'all', per_page: 30 }),
      );
      return found.map(({ number, title, body, state, merged_at, labels }) => ({
        number,
        title: bounded(title, 'pullTitle'),
        body: bounded(body ?? '', 'pullBody'),
        isOpen: state === 'open',
        isMerged: merged_at !== null,
        labels: labels.map((label) => label.name),
      }));
    },

    pull: async (number: number) =>
      ask(`look at pull request ${number}`, wholePullSchema, () =>
        client.rest.pulls.get({ ...common, pull_number: number }),
      ),

    /** Who closed it, which only the issue behind it says; null where that cannot be read. */
    closedBy: async (number: number): Promise<string | null> => {
      try {
        const { closed_by } = await ask('look at an issue', issueSchema, () =>
          client.rest.issues.get({ ...common, issue_number: number, request: { retries: 0 } }),
        );
        return boundedOrNull(closed_by?.login ?? null, 'name');
      } catch (error) {
        // An App without the right to read issues still sees that it was closed.
        if (error instanceof Failure) return null;
        throw error;
      }
    },
  };
}

/**
 * NOTE: octokit sends the slashes of a `{path}` as `%2F`, which proxies before Enterprise servers refuse or rewrite. Each
 * part is encoded by itself instead, and what is encoded stays as it is.
 */
export function inPath(text: string): string {
  return text.split('/').map(encodeURIComponent).join('/');
}

async function orNull<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found;
  } catch (error) {
    const isMissing = error instanceof Failure && error.code === 'github-no-access' && isNotFound(error.cause);
    if (isMissing) return null;
    throw error;
  }
}

function isNotFound(cause: unknown): boolean {
  return cause instanceof Error && 'status' in cause && cause.status === 404;
}

/** NOTE: a byte that is not UTF-8 would be written back as a different one, outside of the lines that the diff shows. */
function decoded(where: string, base64: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(base64, 'base64'));
  } catch (error) {
    throw new Failure('source-not-text', `${where} is no text in UTF-8; change it by hand.`, { cause: error });
  }
}
