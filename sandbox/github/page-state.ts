import type { JsonObject } from '../slack/json.ts';
import { filesOfPull, judge, mergeabilityOf } from './change-pull.ts';
import type { GithubState, Pull, Repository } from './github-state.ts';

/** Everything that the page shows, in the shape of `GET /github/state`. Times are ms UTC. */
export function stateOfGithub(state: GithubState, version: number): JsonObject {
  return {
    version,
    people: state.people,
    repositories: [...state.repositories.values()].map((repository) => ({
      name: repository.fullName,
      defaultBranch: repository.defaultBranch,
      isArchived: repository.isArchived,
      isProtected: repository.protectedBranches.has(repository.defaultBranch),
      pulls: repository.pulls.map((pull) => shownPull(state, repository, pull)).toReversed(),
    })),
  };
}

function shownPull(state: GithubState, repository: Repository, pull: Pull): JsonObject {
  // NOTE: the page asks of its own accord, so that what an API client sees as unknown stays unknown to it.
  const { judged } = pull;
  judge(state, repository, pull);
  const isMergeable = mergeabilityOf(pull);
  pull.judged = judged;
  return {
    number: pull.number,
    title: pull.title,
    body: pull.body,
    state: pull.merged === null ? pull.state : 'merged',
    author: pull.user.login,
    head: pull.head,
    base: pull.base,
    createdAt: pull.createdAt,
    endedAt: pull.closedAt,
    endedBy: pull.closedBy?.login ?? null,
    isDraft: pull.isDraft,
    hasConflicts: isMergeable === false,
    labels: pull.labels,
    reviewers: [...pull.reviewers, ...pull.teams],
    comments: pull.comments.map(({ at, body, id, user }) => ({ id, user: user.login, body, at })),
    files: filesOfPull(repository, pull).map(({ additions, deletions, patch, path, status }) => ({
      path,
      status,
      additions,
      deletions,
      patch: patch ?? null,
    })),
  };
}
