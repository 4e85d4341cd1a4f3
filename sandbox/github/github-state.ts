import { createHash } from 'node:crypto';
import type { SandboxClock } from '../clock.ts';

/** Who does something: a person, or an app's own account, whose login ends in `[bot]`. */
export interface Actor {
  readonly login: string;
  readonly id: number;
  readonly type: 'User' | 'Bot' | 'Organization';
}

/** A commit with all files of the repository as they are in it, by path. */
export interface Commit {
  readonly sha: string;
  readonly parents: readonly string[];
  readonly files: ReadonlyMap<string, string>;
  readonly author: Actor;
  /** ms UTC. */
  readonly at: number;
  readonly message: string;
}

export interface Pull {
  readonly id: number;
  readonly number: number;
  readonly user: Actor;
  /** ms UTC, as all times here. */
  readonly createdAt: number;
  readonly head: string;
  readonly base: string;
  title: string;
  body: string | null;
  state: 'open' | 'closed';
  closed: { readonly at: number; readonly by: Actor; readonly isMerged: boolean } | null;
  /** The commit that a merge made. */
  mergeSha: string | null;
  /** Tips of both branches; they stay as they were when it was closed. */
  headSha: string;
  baseSha: string;
  labels: readonly string[];
  reviewers: readonly string[];
  teams: readonly string[];
}

export interface Repository {
  readonly id: number;
  readonly owner: Actor;
  readonly name: string;
  readonly fullName: string;
  readonly defaultBranch: string;
  readonly commits: Map<string, Commit>;
  /** Tips by the names of branches. */
  readonly branches: Map<string, string>;
  readonly pulls: Pull[];
  /** Whether the app may see it. */
  readonly installed: boolean;
  /** The default branch takes changes through pull requests only. */
  isProtected: boolean;
  isArchived: boolean;
}

export type PullAction = 'opened' | 'edited' | 'synchronize' | 'closed' | 'labeled' | 'review_requested';

/** Everything that happens, as webhooks and the page hear of it. */
export type GithubEvent =
  | { readonly kind: 'branch' | 'settings' }
  | {
      readonly kind: 'pull';
      readonly action: PullAction;
      readonly repository: Repository;
      readonly pull: Pull;
      readonly sender: Actor;
    };

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

export interface RepositorySeed {
  readonly owner: string;
  readonly repo: string;
  /** Texts by path, as the first commit of the default branch. */
  readonly files: Readonly<Record<string, string>>;
  /** `main` unless told. */
  readonly defaultBranch?: string;
  /** The default branch takes changes through pull requests only. */
  readonly protected?: boolean;
  readonly archived?: boolean;
  /** Whether the app is installed on it. Default true. */
  readonly installed?: boolean;
}

export function addRepository(state: GithubState, seed: RepositorySeed): Repository {
  const { archived = false, defaultBranch = 'main', files, installed = true, owner, repo: name } = seed;
  const repository: Repository = {
    id: state.nextId(),
    owner: { ...state.actor(owner), type: 'Organization' },
    name,
    fullName: `${owner}/${name}`,
    defaultBranch,
    commits: new Map(),
    branches: new Map(),
    pulls: [],
    installed,
    isProtected: seed.protected ?? false,
    isArchived: archived,
  };
  const first = { parents: [], files: new Map(Object.entries(files)), author: state.actor(owner) };
  const { sha } = addCommit(repository, { ...first, at: state.clock.now(), message: 'First commit' });
  repository.branches.set(defaultBranch, sha);
  state.repositories.set(repository.fullName.toLowerCase(), repository);
  return repository;
}

/** The repository of `owner/name`, however it is capitalised. */
export function repositoryNamed(state: GithubState, fullName: string): Repository | undefined {
  return state.repositories.get(fullName.toLowerCase());
}

/** NOTE: a file has the SHA that git gives it; a commit has one that only differs. */
export function addCommit(repository: Repository, commit: Omit<Commit, 'sha'>): Commit {
  const { at, author, files, message, parents } = commit;
  const sha = sha1(JSON.stringify([parents, [...files], author.login, at, message]));
  const added = { sha, ...commit };
  repository.commits.set(sha, added);
  return added;
}

/** The SHA that git gives a file. */
export function blobSha(text: string): string {
  return sha1(`blob ${Buffer.byteLength(text)}\0${text}`);
}

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}

/** The commit that a branch or a whole SHA names. */
export function commitNamed({ branches, commits }: Repository, ref: string): Commit | undefined {
  return commits.get(branches.get(ref) ?? ref);
}
