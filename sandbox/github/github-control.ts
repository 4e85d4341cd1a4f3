import type { JsonObject } from '../slack/json.ts';
import { ApiError, notFound } from './api-error.ts';
import { mergePull, setPullState } from './change-pull.ts';
import { type GithubState, type Pull, type Repository, repositoryNamed } from './github-state.ts';
import { type GithubSeed, seedGithub } from './seed-github.ts';
import { stateOfGithub } from './page-state.ts';
import type { Delivery, Webhooks } from './webhooks.ts';
import { readFiles, writeFiles } from './write-files.ts';

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
  /** Contents by path; null removes. */
  readonly files: Readonly<Record<string, string | null>>;
  /** The default branch unless told; one that is not there is made from the default branch's tip. */
  readonly branch?: string | undefined;
  readonly message?: string | undefined;
  readonly user?: string | undefined;
}

/** What people do in a browser or by `git push`, and what a test wants to know; no permission is asked for. */
export interface GithubControl {
  readonly seed: (seed: GithubSeed) => void;
  /** A commit, as an administrator pushes it: whatever protects the branch. */
  readonly push: (request: CommitRequest) => Outcome;
  readonly merge: (choice: PullChoice) => Outcome;
  readonly close: (choice: PullChoice) => Outcome;
  /** The texts of all files at a branch, tag or commit (the default branch unless told) by path; empty where there are none. */
  readonly files: (repo: string, ref?: string) => Readonly<Record<string, string>>;
  readonly pulls: (repo: string) => readonly Pull[];
  /** Archives a repository, or protects its default branch, or takes that back. */
  readonly configure: (
    repo: string,
    settings: { readonly archived?: boolean; readonly protected?: boolean },
  ) => Outcome;
  /** Where webhooks go; null = nowhere. */
  readonly setWebhook: (url: string | null) => void;
  readonly redeliver: (guid: string) => Outcome;
  readonly deliveries: () => readonly Delivery[];
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

  function onPull({ number, repo, user }: PullChoice, act: (repository: Repository, pull: Pull) => void): Outcome {
    return outcomeOf(() => {
      if (!state.people.includes(user)) throw new ApiError(404, `There is no person ${user}`);
      const repository = need(repo);
      const pull = repository.pulls.find((one) => one.number === number);
      if (pull === undefined) throw notFound();
      if (repository.isArchived) throw new ApiError(403, 'Repository was archived so is read-only.');
      act(repository, pull);
    });
  }

  return {
    seed: (seed) => {
      seedGithub(state, seed);
    },
    push: ({ branch, files, message = 'Edit files', repo, user }) =>
      outcomeOf(() => {
        const repository = need(repo);
        const to = branch ?? repository.defaultBranch;
        const start = repository.refs.get(`refs/heads/${repository.defaultBranch}`);
        const ref = `refs/heads/${to}`;
        if (!repository.refs.has(ref) && start !== undefined) repository.refs.set(ref, start);
        const sender = user === undefined ? repository.owner : state.actor(user);
        writeFiles(state, repository, { branch: to, files, message, sender });
      }),
    merge: (choice) =>
      onPull(choice, (repository, pull) => {
        mergePull(state, repository, pull, { sender: state.actor(choice.user), method: 'merge' });
      }),
    close: (choice) =>
      onPull(choice, (repository, pull) => {
        if (pull.state === 'closed') throw new ApiError(422, 'The pull request is closed already.');
        setPullState(state, repository, pull, { to: 'closed', sender: state.actor(choice.user) });
      }),
    files: (repo, ref) => {
      const repository = repositoryNamed(state, repo);
      return repository === undefined ? {} : readFiles(repository, ref ?? repository.defaultBranch);
    },
    pulls: (repo) => [...(repositoryNamed(state, repo)?.pulls ?? [])],
    configure: (repo, settings) =>
      outcomeOf(() => {
        const repository = need(repo);
        repository.isArchived = settings.archived ?? repository.isArchived;
        if (settings.protected === true) repository.protectedBranches.add(repository.defaultBranch);
        if (settings.protected === false) repository.protectedBranches.delete(repository.defaultBranch);
        state.emit({ kind: 'settings' });
      }),
    setWebhook: webhooks.setUrl,
    redeliver: (guid) =>
      webhooks.redeliver(guid) ? { ok: true } : { ok: false, error: 'There is no delivery with this GUID.' },
    deliveries: webhooks.deliveries,
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
