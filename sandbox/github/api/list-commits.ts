import { notFound } from '../api-error.ts';
import type { Commit, Repository } from '../github-state.ts';
import { type Handler, ok } from './call.ts';
import { actorJson, commitJson } from './json.ts';

const usualPage = 30;

/** Commits of a branch, newest first: of one path, and up to a time, where that is asked. Merges are followed to their first parent. */
export const listCommits: Handler = ({ query, repository }) => {
  const branch = query.get('sha') ?? repository.defaultBranch;
  const tip = repository.branches.get(branch) ?? branch;
  if (!repository.commits.has(tip)) throw notFound();
  const path = query.get('path');
  const until = Date.parse(query.get('until') ?? '');
  const wanted = historyOf(repository, tip)
    .filter((commit) => Number.isNaN(until) || commit.at <= until)
    .filter((commit) => path === null || touches(repository, commit, path));
  return ok(wanted.slice(0, Number(query.get('per_page') ?? usualPage)).map(listedJson));
};

function historyOf({ commits }: Repository, tip: string): readonly Commit[] {
  const history: Commit[] = [];
  for (let next = commits.get(tip); next !== undefined; next = commits.get(next.parents[0] ?? '')) history.push(next);
  return history;
}

/** The file, or any below the folder. */
function touches({ commits }: Repository, { files, parents }: Commit, path: string): boolean {
  const before = commits.get(parents[0] ?? '')?.files ?? new Map<string, string>();
  const own = [...files.keys(), ...before.keys()].filter((name) => name === path || name.startsWith(`${path}/`));
  return own.some((name) => files.get(name) !== before.get(name));
}

function listedJson(commit: Commit) {
  const { sha, parents, ...git } = commitJson(commit);
  return { sha, commit: git, author: actorJson(commit.author), committer: actorJson(commit.author), parents };
}
