import { ApiError, notFound, validationFailed } from '../api-error.ts';
import { openPull } from '../change-pull.ts';
import type { Pull } from '../github-state.ts';
import { created, type Handler, needText, ok, type RepositoryCall, textIn, textsIn } from './call.ts';
import { actorJson, pullJson, wholePullJson } from './json.ts';

/** The pull request that the path names. @throws ApiError 404 */
function pullOf({ parameter, repository }: RepositoryCall): Pull {
  const pull = repository.pulls.find(({ number }) => String(number) === parameter('number'));
  if (pull === undefined) throw notFound();
  return pull;
}

/** The newest first. */
export const listPulls: Handler = ({ html, query, repository, state }) => {
  const wanted = query.get('state') ?? 'open';
  const head = query.get('head');
  const base = query.get('base');
  // NOTE: GitHub filters by `owner:branch` only; a head without an owner filters nothing.
  const branch = head?.includes(':') === true ? head : null;
  const found = repository.pulls
    .filter((pull) => wanted === 'all' || pull.state === wanted)
    .filter((pull) => branch === null || branch === `${repository.owner.login}:${pull.head}`)
    .filter((pull) => base === null || pull.base === base)
    .toReversed()
    .slice(0, Number(query.get('per_page') ?? 30));
  return ok(found.map((pull) => pullJson(state, html, repository, pull)));
};

export const postPull: Handler = ({ actor, body, html, repository, state }) => {
  const [head, base, title] = [needText(body, 'head'), needText(body, 'base'), needText(body, 'title')];
  if (title.trim() === '') {
    throw validationFailed({ resource: 'PullRequest', field: 'title', code: 'missing_field' });
  }
  const text = body['body'] === null ? null : (textIn(body, 'body') ?? null);
  const pull = openPull(state, repository, { title, body: text, head, base, sender: actor });
  return created(wholePullJson(state, html, repository, pull));
};

export const getPull: Handler = (call) => {
  const { html, repository, state } = call;
  return ok(wholePullJson(state, html, repository, pullOf(call)));
};

export const patchPull: Handler = (call) => {
  const { actor, body, html, repository, state } = call;
  const pull = pullOf(call);
  pull.title = textIn(body, 'title') ?? pull.title;
  pull.body = body['body'] === null ? null : (textIn(body, 'body') ?? pull.body);
  state.emit({ kind: 'pull', action: 'edited', repository, pull, sender: actor });
  return ok(wholePullJson(state, html, repository, pull));
};

export const postReviewers: Handler = (call) => {
  const { actor, body, html, repository, state } = call;
  const pull = pullOf(call);
  const [people, teams] = [textsIn(body, 'reviewers'), textsIn(body, 'team_reviewers')];
  if (people.includes(pull.user.login)) {
    throw new ApiError(422, 'Review cannot be requested from pull request author.');
  }
  if (people.some((login) => !state.people.includes(login)) || teams.some((slug) => !state.teams.includes(slug))) {
    const which = `One or more of the users or teams you specified is not a collaborator of the ${repository.fullName}`;
    throw new ApiError(422, `Reviews may only be requested from collaborators. ${which} repository.`);
  }
  pull.reviewers = [...new Set([...pull.reviewers, ...people])];
  pull.teams = [...new Set([...pull.teams, ...teams])];
  state.emit({ kind: 'pull', action: 'review_requested', repository, pull, sender: actor });
  return created(pullJson(state, html, repository, pull));
};

/** NOTE: only the issue behind a pull request says who closed it. There are no other issues here. */
export const getIssue: Handler = (call) => {
  const { html, repository, state } = call;
  const pull = pullOf(call);
  const { id, number, title, state: is } = pullJson(state, html, repository, pull);
  return ok({ id, number, title, state: is, closed_by: pull.closed === null ? null : actorJson(pull.closed.by) });
};

/** A label that the repository has not is made. */
export const postLabels: Handler = (call) => {
  const { actor, body, repository, state } = call;
  const pull = pullOf(call);
  const fresh = textsIn(body, 'labels').filter((name) => !pull.labels.includes(name));
  pull.labels = [...pull.labels, ...fresh];
  if (fresh.length > 0) state.emit({ kind: 'pull', action: 'labeled', repository, pull, sender: actor });
  return ok(pull.labels.map((name) => ({ name })));
};
