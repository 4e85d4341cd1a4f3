import { getApp, getRateLimit, postToken } from './app-operations.ts';
import { getCommit, getRef, patchRef, postRef } from './branch-operations.ts';
import { type Answer, type Call, type Handler, ok } from './call.ts';
import { getContent, putContent } from './contents.ts';
import { listCommits } from './list-commits.ts';
import { actorJson, repositoryJson } from './json.ts';
import type { Need } from './permissions.ts';
import { getIssue, getPull, listPulls, patchPull, postLabels, postPull, postReviewers } from './pull-operations.ts';

interface Asked {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  /** `{name}` is one segment, `{name+}` all the rest; slashes may also come as `%2F`. */
  readonly path: string;
  /** Arguments in the query or body that are understood; any other is answered 501. */
  readonly takes: readonly string[];
}

export interface PlainOperation extends Asked {
  readonly answer: (call: Call) => Answer;
}

export interface RepositoryOperation extends Asked {
  /** Null where the app asks for itself, with its own token. */
  readonly need: Need | null;
  readonly answer: Handler;
}

const metadata: Need = [['metadata', 'read']];
const readContents: Need = [['contents', 'read']];
const contents: Need = [['contents', 'write']];
const readPulls: Need = [['pull_requests', 'read']];
const pulls: Need = [['pull_requests', 'write']];
const issues: Need = [['issues', 'write'], ...pulls];

/** What is asked of GitHub as a whole, by GitHub's own names. */
const plainOperations: Readonly<Record<string, PlainOperation>> = {
  'rate-limit/get': { method: 'GET', path: '/rate_limit', takes: [], answer: getRateLimit },
  'apps/get-authenticated': { method: 'GET', path: '/app', takes: [], answer: getApp },
  'apps/create-installation-access-token': {
    method: 'POST',
    path: '/app/installations/{installation_id}/access_tokens',
    takes: [],
    answer: postToken,
  },
};

/** What is asked of one repository. Everything that is in neither table is answered 501. */
const repositoryOperations: Readonly<Record<string, RepositoryOperation>> = {
  'apps/get-repo-installation': {
    method: 'GET',
    path: '/installation',
    need: null,
    takes: [],
    answer: ({ accounts, repository: { owner } }) => {
      const { app, installationOf } = accounts;
      const { id, permissions, slug } = app;
      const account = actorJson(owner);
      return ok({ id: installationOf(owner.login), account, app_id: id, app_slug: slug, permissions });
    },
  },
  'repos/get': {
    method: 'GET',
    path: '',
    need: metadata,
    takes: [],
    answer: ({ caller, html, repository }) =>
      ok(repositoryJson(html, repository, 'permissions' in caller ? caller.permissions : {})),
  },
  'repos/get-content': {
    method: 'GET',
    path: '/contents/{path+}',
    need: readContents,
    takes: ['ref'],
    answer: getContent,
  },
  'repos/create-or-update-file-contents': {
    method: 'PUT',
    path: '/contents/{path+}',
    need: contents,
    takes: ['message', 'content', 'sha', 'branch'],
    answer: putContent,
  },
  'git/get-ref': { method: 'GET', path: '/git/ref/heads/{branch+}', need: readContents, takes: [], answer: getRef },
  'git/create-ref': { method: 'POST', path: '/git/refs', need: contents, takes: ['ref', 'sha'], answer: postRef },
  'git/update-ref': {
    method: 'PATCH',
    path: '/git/refs/heads/{branch+}',
    need: contents,
    takes: ['sha', 'force'],
    answer: patchRef,
  },
  'git/get-commit': {
    method: 'GET',
    path: '/git/commits/{commit_sha}',
    need: readContents,
    takes: [],
    answer: getCommit,
  },
  'repos/list-commits': {
    method: 'GET',
    path: '/commits',
    need: readContents,
    takes: ['path', 'sha', 'until', 'per_page'],
    answer: listCommits,
  },
  'pulls/list': {
    method: 'GET',
    path: '/pulls',
    need: readPulls,
    takes: ['state', 'head', 'base', 'per_page'],
    answer: listPulls,
  },
  'pulls/create': {
    method: 'POST',
    path: '/pulls',
    need: pulls,
    takes: ['title', 'body', 'head', 'base'],
    answer: postPull,
  },
  'pulls/get': { method: 'GET', path: '/pulls/{number}', need: readPulls, takes: [], answer: getPull },
  'pulls/update': {
    method: 'PATCH',
    path: '/pulls/{number}',
    need: pulls,
    takes: ['title', 'body'],
    answer: patchPull,
  },
  'pulls/request-reviewers': {
    method: 'POST',
    path: '/pulls/{number}/requested_reviewers',
    need: pulls,
    takes: ['reviewers', 'team_reviewers'],
    answer: postReviewers,
  },
  'issues/get': {
    method: 'GET',
    path: '/issues/{number}',
    need: [['issues', 'read'], ...readPulls],
    takes: [],
    answer: getIssue,
  },
  'issues/add-labels': {
    method: 'POST',
    path: '/issues/{number}/labels',
    need: issues,
    takes: ['labels'],
    answer: postLabels,
  },
};

/** GitHub's name of the operation, and what its path names, decoded. */
type Match = { readonly id: string; readonly parameters: Readonly<Record<string, string>> } & (
  | { readonly plain: PlainOperation }
  | { readonly ofRepository: RepositoryOperation }
);

const prefix = '/repos/{owner}/{repo}';
const all = [
  ...Object.entries(plainOperations).map(([id, plain]) => ({ id, path: plain.path, asked: plain, is: { plain } })),
  ...Object.entries(repositoryOperations).map(([id, ofRepository]) => {
    return { id, path: prefix + ofRepository.path, asked: ofRepository, is: { ofRepository } };
  }),
].map((one) => ({ ...one, pattern: patternOf(one.path) }));

/** The tables as lines: `GET /repos/{owner}/{repo}/pulls/{number}`. */
export function coverageLines(): readonly string[] {
  return all.map(({ asked, path }) => `${asked.method} ${path}`);
}

/** The operation of a request. Throws URIError where its path can't be decoded. */
export function operationAt(method: string, pathname: string): Match | undefined {
  for (const { asked, id, is, pattern } of all) {
    const found = asked.method === method ? pattern.exec(pathname.replaceAll(/%2f/gi, '/')) : null;
    if (found === null) continue;
    const named = Object.entries(found.groups ?? {});
    return { id, parameters: Object.fromEntries(named.map(([name, text]) => [name, decodeURIComponent(text)])), ...is };
  }
  return undefined;
}

function patternOf(path: string): RegExp {
  const source = path.replaceAll(/\{(\w+)(\+?)\}/g, (_, name: string, rest: string) =>
    rest === '' ? `(?<${name}>[^/]+)` : `(?<${name}>.+)`,
  );
  return new RegExp(`^${source}/?$`);
}
