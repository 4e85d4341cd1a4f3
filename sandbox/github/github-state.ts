import type { SandboxClock } from '../clock.ts';
import { type Commit, createGitObjects, type GitObjects } from './git/git-objects.ts';

/** Who does something: a person, or an app's own account, whose login ends in `[bot]`. */
export interface Actor {
  readonly login: string;
  readonly id: number;
  readonly type: 'User' | 'Bot' | 'Organization';
}

export interface Comment {
  readonly id: number;
  readonly user: Actor;
  readonly body: string;
  /** ms UTC. */
  readonly at: number;
}

export interface Pull {
  readonly id: number;
  readonly number: number;
  readonly user: Actor;
  readonly createdAt: number;
  readonly isDraft: boolean;
  readonly head: string;
  readonly base: string;
  title: string;
  body: string | null;
  state: 'open' | 'closed';
  maintainerCanModify: boolean;
  updatedAt: number;
  closedAt: number | null;
  closedBy: Actor | null;
  merged: { readonly at: number; readonly by: Actor; readonly commit: string } | null;
  /** Tips of both branches; they stay as they were when it was closed. */
  headSha: string;
  baseSha: string;
  labels: readonly string[];
  reviewers: readonly string[];
  teams: readonly string[];
  comments: readonly Comment[];
  /** The pair of tips whose mergeability was worked out; GitHub does it only after somebody has asked. */
  judged: { readonly pair: string; readonly testMerge: string | null } | null;
}

export interface Repository {
  readonly id: number;
  readonly owner: Actor;
  readonly name: string;
  readonly fullName: string;
  readonly defaultBranch: string;
  readonly createdAt: number;
  readonly objects: GitObjects;
  /** Full names (`refs/heads/main`) -> commits. */
  readonly refs: Map<string, string>;
  readonly protectedBranches: Set<string>;
  readonly pulls: Pull[];
  /** Whether the app may see it. */
  readonly installed: boolean;
  isArchived: boolean;
  pushedAt: number;
}

export type PullAction =
  'opened' | 'edited' | 'synchronize' | 'closed' | 'reopened' | 'labeled' | 'review_requested' | 'commented';

/** Everything that happens, as webhooks, the page and the world hear of it. */
export type GithubEvent =
  | {
      readonly kind: 'push';
      readonly repository: Repository;
      readonly ref: string;
      readonly before: string | null;
      readonly after: string;
      readonly isForced: boolean;
      readonly sender: Actor;
    }
  | {
      readonly kind: 'pull';
      readonly action: PullAction;
      readonly repository: Repository;
      readonly pull: Pull;
      readonly sender: Actor;
      /** Tip of the head before and after, of a `synchronize`. */
      readonly before?: string;
      readonly after?: string;
      readonly label?: string;
    }
  | { readonly kind: 'settings' };

export interface GithubState {
  readonly clock: SandboxClock;
  readonly repositories: Map<string, Repository>;
  /** Logins that may be asked for a review. */
  readonly people: readonly string[];
  readonly teams: readonly string[];
  readonly actor: (login: string) => Actor;
  readonly nextId: () => number;
  readonly emit: (event: GithubEvent) => void;
  readonly subscribe: (listener: (event: GithubEvent) => void) => () => void;
}

export interface GithubStateOptions {
  readonly clock: SandboxClock;
  readonly people: readonly string[];
  readonly teams: readonly string[];
}

export function createGithubState({ clock, people, teams }: GithubStateOptions): GithubState {
  const actors = new Map<string, Actor>();
  const listeners = new Set<(event: GithubEvent) => void>();
  let lastId = 1_000;
  const nextId = (): number => (lastId += 1);
  return {
    clock,
    repositories: new Map(),
    people,
    teams,
    nextId,
    actor: (login) => {
      const known = actors.get(login);
      if (known !== undefined) return known;
      const actor: Actor = { login, id: nextId(), type: login.endsWith('[bot]') ? 'Bot' : 'User' };
      actors.set(login, actor);
      return actor;
    },
    emit: (event) => {
      for (const listener of listeners) listener(event);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function createRepository(
  state: GithubState,
  seed: { readonly owner: string; readonly name: string; readonly defaultBranch: string; readonly installed: boolean },
): Repository {
  const now = state.clock.now();
  const repository: Repository = {
    id: state.nextId(),
    owner: { ...state.actor(seed.owner), type: 'Organization' },
    name: seed.name,
    fullName: `${seed.owner}/${seed.name}`,
    defaultBranch: seed.defaultBranch,
    createdAt: now,
    objects: createGitObjects(),
    refs: new Map(),
    protectedBranches: new Set(),
    pulls: [],
    installed: seed.installed,
    isArchived: false,
    pushedAt: now,
  };
  state.repositories.set(repository.fullName.toLowerCase(), repository);
  return repository;
}

/** The repository of `owner/name`, however it is capitalised. */
export function repositoryNamed(state: GithubState, fullName: string): Repository | undefined {
  return state.repositories.get(fullName.toLowerCase());
}

export function branchRef(branch: string): string {
  return `refs/heads/${branch}`;
}

export function tipOf(repository: Repository, branch: string): string | undefined {
  return repository.refs.get(branchRef(branch));
}

/** The commit that a branch, a tag or a whole SHA names, with its SHA. */
export function commitNamed(repository: Repository, ref: string): (Commit & { readonly sha: string }) | undefined {
  const { objects, refs } = repository;
  const sha =
    [ref, `refs/${ref}`, branchRef(ref), `refs/tags/${ref}`].map((name) => refs.get(name)).find(Boolean) ?? ref;
  const commit = objects.commit(sha);
  return commit && { ...commit, sha };
}
