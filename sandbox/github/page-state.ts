import type { JsonObject } from '../slack/json.ts';
import { filesOfPull, mergedFiles } from './change-pull.ts';
import type { GithubState, Pull, Repository } from './github-state.ts';

/** Everything that the page shows, in the shape of `GET /github/state`. Times are ms UTC. */
export function stateOfGithub(state: GithubState, version: number): JsonObject {
  return {
    version,
    people: state.people,
    repositories: [...state.repositories.values()].map((repository) => ({
      name: repository.fullName,
      pulls: repository.pulls.map((pull) => shownPull(repository, pull)).toReversed(),
    })),
  };
}

function shownPull(repository: Repository, pull: Pull): JsonObject {
  const { base, body, closed, createdAt, head, labels, number, reviewers, teams, title, user } = pull;
  return {
    number,
    title,
    body,
    state: closed?.isMerged === true ? 'merged' : pull.state,
    author: user.login,
    head,
    base,
    createdAt,
    endedAt: closed?.at ?? null,
    endedBy: closed?.by.login ?? null,
    hasConflicts: closed === null && mergedFiles(repository, pull) === null,
    labels,
    reviewers: [...reviewers, ...teams],
    files: filesOfPull(repository, pull),
  };
}
