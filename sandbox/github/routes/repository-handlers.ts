import { ApiError } from '../api-error.ts';
import { type Answer, ok, type RepositoryCall } from '../call.ts';
import type { RepositoryOperationId } from '../coverage.ts';
import { tipOf } from '../github-state.ts';
import { actorJson } from '../shapes/actor-json.ts';
import { commitJson } from '../shapes/git-json.ts';
import { timeText } from '../shapes/node-id.ts';
import { repositoryJson } from '../shapes/repository-json.ts';
import { getContent, putContent } from './content-handlers.ts';
import {
  getBlob,
  getCommit,
  getRef,
  getTree,
  listMatchingRefs,
  patchRef,
  postBlob,
  postCommit,
  postRef,
  postTree,
} from './git-handlers.ts';
import { getIssue, listComments, listLabels, postComment, postLabels } from './issue-handlers.ts';
import { getPull, listFiles, listPulls, patchPull, postPull, postReviewers, putMerge } from './pull-handlers.ts';

type Handler = (call: RepositoryCall) => Answer;

export const repositoryHandlers: Readonly<Record<RepositoryOperationId, Handler>> = {
  'apps/get-repo-installation': getInstallation,
  'repos/get': (call) =>
    ok(
      repositoryJson(
        call,
        call.repository,
        'permissions' in call.caller ? call.caller.permissions : { contents: 'read' },
      ),
    ),
  'repos/get-branch': getBranch,
  'repos/get-content': (call) => getContent(call, call.parameter('path')),
  'repos/get-root-content': (call) => getContent(call, ''),
  'repos/create-or-update-file-contents': (call) => putContent(call, call.parameter('path')),
  'git/get-ref': getRef,
  'git/list-matching-refs': listMatchingRefs,
  'git/create-ref': postRef,
  'git/update-ref': patchRef,
  'git/get-blob': getBlob,
  'git/create-blob': postBlob,
  'git/get-tree': getTree,
  'git/create-tree': postTree,
  'git/get-commit': getCommit,
  'git/create-commit': postCommit,
  'pulls/list': listPulls,
  'pulls/create': postPull,
  'pulls/get': getPull,
  'pulls/update': patchPull,
  'pulls/list-files': listFiles,
  'pulls/merge': putMerge,
  'pulls/request-reviewers': postReviewers,
  'issues/get': getIssue,
  'issues/list-labels-on-issue': listLabels,
  'issues/add-labels': postLabels,
  'issues/list-comments': listComments,
  'issues/create-comment': postComment,
};

function getInstallation({ accounts, api, html, repository, state }: RepositoryCall): Answer {
  const owner = repository.owner;
  const id = accounts.installationOf(owner.login);
  const at = timeText(state.clock.now());
  return ok({
    id,
    account: actorJson(api, owner),
    repository_selection: 'selected',
    access_tokens_url: `${api}/app/installations/${id}/access_tokens`,
    repositories_url: `${api}/installation/repositories`,
    html_url: `${html}/organizations/${owner.login}/settings/installations/${id}`,
    app_id: accounts.app.id,
    app_slug: accounts.app.slug,
    target_id: owner.id,
    target_type: 'Organization',
    permissions: accounts.app.permissions,
    events: ['pull_request', 'push'],
    created_at: at,
    updated_at: at,
    single_file_name: null,
    suspended_by: null,
    suspended_at: null,
  });
}

function getBranch({ api, html, parameter, repository }: RepositoryCall): Answer {
  const name = parameter('branch');
  const sha = tipOf(repository, name);
  if (sha === undefined) throw new ApiError(404, 'Branch not found');
  const root = `${api}/repos/${repository.fullName}`;
  return ok({
    name,
    commit: {
      sha,
      url: `${root}/commits/${sha}`,
      html_url: `${html}/${repository.fullName}/commit/${sha}`,
      commit: commitJson(api, html, repository, sha),
      parents: (repository.objects.commit(sha)?.parents ?? []).map((parent) => ({ sha: parent })),
    },
    _links: { self: `${root}/branches/${name}`, html: `${html}/${repository.fullName}/tree/${name}` },
    protected: repository.protectedBranches.has(name),
    protection_url: `${root}/branches/${name}/protection`,
  });
}
