import type { JsonObject } from '../slack/json.ts';
import { ApiError, notFound } from './api-error.ts';
import { commitFiles } from './branches.ts';
import { closePull, filesOfPull, mergePull } from './change-pull.ts';
import { commitNamed, type GithubState, type Pull, type Repository, repositoryNamed } from './github-state.ts';
import { stateOfGithub } from './page-state.ts';
import type { Webhooks } from './webhooks.ts';

export type Outcome = { readonly ok: true } | { readonly ok: false; readonly error: string };

export interface PullChoice {
  /** `owner/name`. */
  readonly repo: string;
  readonly number: number;
  /** Login of the person who does it. */
  readonly user: string;
}

export interface CommitRequest {
  readonly repo: string;
  /** Texts by path; null removes. */
  readonly files: Readonly<Record<string, string | null>>;
  /** The default branch unless told; one that is not there is made from the default branch's tip. */
  readonly branch?: string | undefined;
  readonly message?: string | undefined;
  readonly user?: string | undefined;
}

/** What people do in a browser or by `git push`, and what a test wants to know; no permission is asked for. */
export interface GithubControl {
  /** A commit, as an administrator pushes it: whatever protects the branch. */
  readonly push: (request: CommitRequest) => Outcome;
  readonly merge: (choice: PullChoice) => Outcome;
  readonly close: (choice: PullChoice) => Outcome;
  /** The texts of all files at a branch or commit (the default branch unless told) by path; empty where there are none. */
  readonly files: (repo: string, ref?: string) => Readonly<Record<string, string>>;
  readonly pulls: (repo: string) => readonly Pull[];
  /** The newest open pull request that changes this file, seen from where its branch began; undefined without one. */
  readonly openPull: (repo: string, path: string) => Pull | undefined;
  /** From now on the default branch takes changes through pull requests only. */
  readonly protect: (repo: string) => Outcome;
  /** Where webhooks go; null = nowhere. */
  readonly setWebhook: (url: string | null) => void;
  /** Resolves when no webhook is on its way. */
  readonly idle: () => Promise<void>;
  /** Everything that the page shows. */
  readonly state: () => JsonObject;
  readonly version: () => number;
  /** Called with the new version after each change. */
  readonly subscribe: (listener: (version: number) => void) => () => void;
}

export function createGithubControl(state: GithubState, webhooks: Webhooks): GithubControl {
  let version = 0;
  const listeners = new Set<(version: number) => void>();
  state.subscribe(() => {
    version += 1;
    for (const listener of listeners) listener(version);
  });

  function need(repo: string): Repository {
    const repository = repositoryNamed(state, repo);
    if (repository === undefined) throw notFound();
    return repository;
  }

  function onPull({ number, repo, user }: PullChoice, act: typeof mergePull): Outcome {
    return outcomeOf(() => {
      if (!state.people.includes(user)) throw new ApiError(404, `There is no person ${user}`);
      const repository = need(repo);
      const pull = repository.pulls.find((one) => one.number === number);
      if (pull === undefined) throw notFound();
      act(state, repository, pull, state.actor(user));
    });
  }

  return {
    push: ({ branch, files, message = 'Edit files', repo, user }) =>
      outcomeOf(() => {
        const repository = need(repo);
        const sender = user === undefined ? repository.owner : state.actor(user);
        commitFiles(state, repository, { branch: branch ?? repository.defaultBranch, files, message, sender });
      }),
    merge: (choice) => onPull(choice, mergePull),
    close: (choice) => onPull(choice, closePull),
    files: (repo, ref) => {
      const repository = repositoryNamed(state, repo);
      const commit = repository && commitNamed(repository, ref ?? repository.defaultBranch);
      return Object.fromEntries(commit?.files ?? []);
    },
    pulls: (repo) => [...(repositoryNamed(state, repo)?.pulls ?? [])],
    openPull: (repo, path) => {
      const repository = repositoryNamed(state, repo);
      return repository?.pulls.findLast(
        (pull) => pull.state === 'open' && filesOfPull(repository, pull).some((file) => file.path === path),
      );
    },
    protect: (repo) =>
      outcomeOf(() => {
        need(repo).isProtected = true;
        state.emit({ kind: 'settings' });
      }),
    setWebhook: webhooks.setUrl,
    idle: webhooks.idle,
    state: () => stateOfGithub(state, version),
    version: () => version,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function outcomeOf(act: () => void): Outcome {
  try {
    act();
    return { ok: true };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { ok: false, error: error.message };
  }
}
