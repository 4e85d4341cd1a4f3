import { createRepository, type GithubState, type Repository, repositoryNamed } from './github-state.ts';
import { writeFiles } from './write-files.ts';

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

export interface GithubSeed {
  readonly repositories: readonly RepositorySeed[];
}

/** Puts repositories into a pretended GitHub. Throws where one of this name is there already. */
export function seedGithub(state: GithubState, { repositories }: GithubSeed): readonly Repository[] {
  return repositories.map((seed) => {
    const { archived = false, defaultBranch = 'main', files, installed = true, owner, repo: name } = seed;
    if (repositoryNamed(state, `${owner}/${name}`)) throw new Error(`there is a repository ${owner}/${name} already`);
    const repository = createRepository(state, { owner, name, defaultBranch, installed });
    const sender = state.actor(owner);
    writeFiles(state, repository, { branch: defaultBranch, files, message: 'First commit', sender });
    if (seed.protected === true) repository.protectedBranches.add(defaultBranch);
    repository.isArchived = archived;
    return repository;
  });
}
