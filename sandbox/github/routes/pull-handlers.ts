import { ApiError, invalidRequest, notFound, validationFailed } from '../api-error.ts';
import { type Answer, created, flagIn, needText, ok, pageOf, type RepositoryCall, textIn, textsIn } from '../call.ts';
import { filesOfPull, judge, mergePull, openPull, setPullState } from '../change-pull.ts';
import type { Pull } from '../github-state.ts';
import { pullJson, wholePullJson } from '../shapes/pull-json.ts';

type Handler = (call: RepositoryCall) => Answer;

/** The pull request that the path names. @throws ApiError 404 */
export function pullOf({ parameter, repository }: RepositoryCall, name = 'pull_number'): Pull {
  const pull = repository.pulls.find(({ number }) => String(number) === parameter(name));
  if (pull === undefined) throw notFound();
  return pull;
}

export const listPulls: Handler = (call) => {
  const { query, repository, state } = call;
  const wanted = query.get('state') ?? 'open';
  const head = query.get('head');
  const base = query.get('base');
  // NOTE: GitHub filters by `owner:branch` only; a head without an owner filters nothing.
  const branch = head?.includes(':') === true ? head : null;
  const sort = query.get('sort') ?? 'created';
  if (sort !== 'created' && sort !== 'updated') throw invalidRequest(`For 'sort', "${sort}" is not covered.`);
  const isAscending = query.get('direction') === 'asc';
  const found = repository.pulls
    .filter((pull) => wanted === 'all' || pull.state === wanted)
    .filter((pull) => branch === null || branch === `${repository.owner.login}:${pull.head}`)
    .filter((pull) => base === null || pull.base === base)
    .toSorted((a, b) => {
      const order = sort === 'updated' ? a.updatedAt - b.updatedAt : a.number - b.number;
      return isAscending ? order : -order;
    });
  return pageOf(
    call,
    `/repos/${repository.fullName}/pulls`,
    found.map((pull) => pullJson(state, call, repository, pull)),
  );
};

export const postPull: Handler = (call) => {
  const { actor, body, repository, state } = call;
  const head = needText(body, 'head');
  const base = needText(body, 'base');
  const title = needText(body, 'title');
  if (title.trim() === '') {
    throw validationFailed({ resource: 'PullRequest', field: 'title', code: 'missing_field' });
  }
  const pull = openPull(state, repository, {
    title,
    body: bodyText(call) ?? null,
    head,
    base,
    isDraft: flagIn(body, 'draft') ?? false,
    maintainerCanModify: flagIn(body, 'maintainer_can_modify') ?? true,
    sender: actor,
  });
  const json = wholePullJson(state, call, repository, pull);
  return { ...created(json), headers: { location: String(json['url']) } };
};

export const getPull: Handler = (call) => {
  const { repository, state } = call;
  const pull = pullOf(call);
  const json = wholePullJson(state, call, repository, pull);
  judge(state, repository, pull);
  return ok(json);
};

export const patchPull: Handler = (call) => {
  const { actor, body, repository, state } = call;
  const pull = pullOf(call);
  const to = textIn(body, 'state');
  if (to !== undefined && to !== 'open' && to !== 'closed') {
    throw validationFailed({ resource: 'PullRequest', field: 'state', code: 'invalid' });
  }
  const title = textIn(body, 'title');
  const text = bodyText(call);
  if (to !== undefined) setPullState(state, repository, pull, { to, sender: actor });
  pull.maintainerCanModify = flagIn(body, 'maintainer_can_modify') ?? pull.maintainerCanModify;
  const isEdited = (title !== undefined && title !== pull.title) || (text !== undefined && text !== pull.body);
  if (isEdited) {
    Object.assign(pull, {
      title: title ?? pull.title,
      body: text === undefined ? pull.body : text,
      updatedAt: state.clock.now(),
    });
    state.emit({ kind: 'pull', action: 'edited', repository, pull, sender: actor });
  }
  return ok(wholePullJson(state, call, repository, pull));
};

export const listFiles: Handler = (call) => {
  const { api, html, repository } = call;
  const pull = pullOf(call);
  const root = `${api}/repos/${repository.fullName}`;
  const files = filesOfPull(repository, pull).map((file) => ({
    sha: file.sha,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${html}/${repository.fullName}/blob/${pull.headSha}/${file.path}`,
    raw_url: `${html}/${repository.fullName}/raw/${pull.headSha}/${file.path}`,
    contents_url: `${root}/contents/${file.path}?ref=${pull.headSha}`,
    ...(file.patch === undefined ? {} : { patch: file.patch }),
  }));
  return pageOf(call, `/repos/${repository.fullName}/pulls/${pull.number}/files`, files);
};

export const putMerge: Handler = (call) => {
  const { actor, body, repository, state } = call;
  const method = textIn(body, 'merge_method') ?? 'merge';
  if (method === 'rebase') throw new ApiError(405, 'Rebase merges are not allowed on this repository.');
  if (method !== 'merge' && method !== 'squash') {
    throw invalidRequest(`For 'properties/merge_method', "${method}" is not one of merge, squash, rebase.`);
  }
  const sha = mergePull(state, repository, pullOf(call), {
    sender: actor,
    method,
    sha: textIn(body, 'sha'),
    title: textIn(body, 'commit_title'),
    message: textIn(body, 'commit_message'),
  });
  return ok({ sha, merged: true, message: 'Pull Request successfully merged' });
};

export const postReviewers: Handler = (call) => {
  const { actor, body, repository, state } = call;
  const pull = pullOf(call);
  const people = textsIn(body, 'reviewers');
  const teams = textsIn(body, 'team_reviewers');
  if (people.includes(pull.user.login)) {
    throw new ApiError(422, 'Review cannot be requested from pull request author.');
  }
  if (people.some((login) => !state.people.includes(login)) || teams.some((slug) => !state.teams.includes(slug))) {
    const which = 'One or more of the users or teams you specified is not a collaborator of the';
    throw new ApiError(
      422,
      `Reviews may only be requested from collaborators. ${which} ${repository.fullName} repository.`,
    );
  }
  Object.assign(pull, {
    reviewers: [...new Set([...pull.reviewers, ...people])],
    teams: [...new Set([...pull.teams, ...teams])],
    updatedAt: state.clock.now(),
  });
  state.emit({ kind: 'pull', action: 'review_requested', repository, pull, sender: actor });
  return created(pullJson(state, call, repository, pull));
};

/** The text of a pull request; null empties it, undefined leaves it. */
function bodyText({ body }: RepositoryCall): string | null | undefined {
  return body['body'] === null ? null : textIn(body, 'body');
}
