import { validationFailed } from '../api-error.ts';
import { type Answer, created, needText, ok, pageOf, type RepositoryCall, textsIn } from '../call.ts';
import { commentJson, issueJson, labelJson } from '../shapes/pull-json.ts';
import { pullOf } from './pull-handlers.ts';

/** Every pull request is an issue too; there are no other issues here. */
type Handler = (call: RepositoryCall) => Answer;

const longestLabel = 50;

/** NOTE: only the issue behind a pull request says who closed it. */
export const getIssue: Handler = (call) => {
  const { repository, state } = call;
  return ok(issueJson(state, call, repository, pullOf(call, 'issue_number')));
};

export const listLabels: Handler = (call) => {
  const { api, repository } = call;
  const pull = pullOf(call, 'issue_number');
  const labels = pull.labels.map((name) => labelJson(api, repository, name));
  return pageOf(call, `/repos/${repository.fullName}/issues/${pull.number}/labels`, labels);
};

/** A label that the repository has not is made. */
export const postLabels: Handler = ({ actor, api, body, ...call }) => {
  const { repository, state } = call;
  const pull = pullOf({ ...call, actor, api, body }, 'issue_number');
  const names = textsIn(body, 'labels');
  if (names.some((name) => name === '' || name.length > longestLabel)) {
    throw validationFailed({ resource: 'Label', field: 'name', code: 'invalid' });
  }
  for (const label of names.filter((name) => !pull.labels.includes(name))) {
    Object.assign(pull, { labels: [...pull.labels, label], updatedAt: state.clock.now() });
    state.emit({ kind: 'pull', action: 'labeled', repository, pull, sender: actor, label });
  }
  return ok(pull.labels.map((name) => labelJson(api, repository, name)));
};

export const listComments: Handler = (call) => {
  const { repository } = call;
  const pull = pullOf(call, 'issue_number');
  const comments = pull.comments.map((comment) => commentJson(call, repository, pull, comment));
  return pageOf(call, `/repos/${repository.fullName}/issues/${pull.number}/comments`, comments);
};

export const postComment: Handler = (call) => {
  const { actor, body, repository, state } = call;
  const pull = pullOf(call, 'issue_number');
  const text = needText(body, 'body');
  if (text === '') throw validationFailed({ resource: 'IssueComment', field: 'data', code: 'missing' });
  const comment = { id: state.nextId(), user: actor, body: text, at: state.clock.now() };
  Object.assign(pull, { comments: [...pull.comments, comment], updatedAt: comment.at });
  state.emit({ kind: 'pull', action: 'commented', repository, pull, sender: actor });
  return created(commentJson(call, repository, pull, comment));
};
