import type { Need } from './permissions.ts';

export interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  /** `{name}` is one segment, `{name+}` all the rest; slashes may also come as `%2F`. */
  readonly path: string;
  /** Arguments in the query or body that are understood; any other is answered 501. */
  readonly takes: readonly string[];
}

export interface RepositoryOperation extends Operation {
  /** Null where the app asks for itself, with its own token. */
  readonly need: Need | null;
}

const read = (scope: 'contents' | 'pull_requests' | 'metadata'): Need => [[scope, 'read']];
const contents: Need = [['contents', 'write']];
const pulls: Need = [['pull_requests', 'write']];
const readTalk: Need = [
  ['issues', 'read'],
  ['pull_requests', 'read'],
];
const talk: Need = [
  ['issues', 'write'],
  ['pull_requests', 'write'],
];
const paging = ['per_page', 'page'];

/** What is asked of GitHub as a whole, by GitHub's own names. */
export const plainOperations = {
  'rate-limit/get': { method: 'GET', path: '/rate_limit', takes: [] },
  'users/get-authenticated': { method: 'GET', path: '/user', takes: [] },
  'apps/get-authenticated': { method: 'GET', path: '/app', takes: [] },
  'apps/create-installation-access-token': {
    method: 'POST',
    path: '/app/installations/{installation_id}/access_tokens',
    takes: ['repositories', 'repository_ids', 'permissions'],
  },
} as const satisfies Readonly<Record<string, Operation>>;

/** What is asked of one repository. Everything that is in neither table is answered 501. */
export const repositoryOperations = {
  'apps/get-repo-installation': { method: 'GET', path: '/installation', need: null, takes: [] },
  'repos/get': { method: 'GET', path: '', need: read('metadata'), takes: [] },
  'repos/get-branch': { method: 'GET', path: '/branches/{branch}', need: read('contents'), takes: [] },
  'repos/get-content': { method: 'GET', path: '/contents/{path+}', need: read('contents'), takes: ['ref'] },
  'repos/get-root-content': { method: 'GET', path: '/contents', need: read('contents'), takes: ['ref'] },
  'repos/create-or-update-file-contents': {
    method: 'PUT',
    path: '/contents/{path+}',
    need: contents,
    takes: ['message', 'content', 'sha', 'branch', 'author', 'committer'],
  },
  'git/get-ref': { method: 'GET', path: '/git/ref/{ref+}', need: read('contents'), takes: [] },
  'git/list-matching-refs': { method: 'GET', path: '/git/matching-refs/{ref+}', need: read('contents'), takes: paging },
  'git/create-ref': { method: 'POST', path: '/git/refs', need: contents, takes: ['ref', 'sha'] },
  'git/update-ref': { method: 'PATCH', path: '/git/refs/{ref+}', need: contents, takes: ['sha', 'force'] },
  'git/get-blob': { method: 'GET', path: '/git/blobs/{file_sha}', need: read('contents'), takes: [] },
  'git/create-blob': { method: 'POST', path: '/git/blobs', need: contents, takes: ['content', 'encoding'] },
  'git/get-tree': { method: 'GET', path: '/git/trees/{tree_sha}', need: read('contents'), takes: ['recursive'] },
  'git/create-tree': { method: 'POST', path: '/git/trees', need: contents, takes: ['tree', 'base_tree'] },
  'git/get-commit': { method: 'GET', path: '/git/commits/{commit_sha}', need: read('contents'), takes: [] },
  'git/create-commit': {
    method: 'POST',
    path: '/git/commits',
    need: contents,
    takes: ['message', 'tree', 'parents', 'author', 'committer'],
  },
  'pulls/list': {
    method: 'GET',
    path: '/pulls',
    need: read('pull_requests'),
    takes: ['state', 'head', 'base', 'sort', 'direction', ...paging],
  },
  'pulls/create': {
    method: 'POST',
    path: '/pulls',
    need: pulls,
    takes: ['title', 'body', 'head', 'base', 'draft', 'maintainer_can_modify'],
  },
  'pulls/get': { method: 'GET', path: '/pulls/{pull_number}', need: read('pull_requests'), takes: [] },
  'pulls/update': {
    method: 'PATCH',
    path: '/pulls/{pull_number}',
    need: pulls,
    takes: ['title', 'body', 'state', 'maintainer_can_modify'],
  },
  'pulls/list-files': { method: 'GET', path: '/pulls/{pull_number}/files', need: read('pull_requests'), takes: paging },
  'pulls/merge': {
    method: 'PUT',
    path: '/pulls/{pull_number}/merge',
    need: contents,
    takes: ['commit_title', 'commit_message', 'sha', 'merge_method'],
  },
  'pulls/request-reviewers': {
    method: 'POST',
    path: '/pulls/{pull_number}/requested_reviewers',
    need: pulls,
    takes: ['reviewers', 'team_reviewers'],
  },
  'issues/get': { method: 'GET', path: '/issues/{issue_number}', need: readTalk, takes: [] },
  'issues/list-labels-on-issue': {
    method: 'GET',
    path: '/issues/{issue_number}/labels',
    need: readTalk,
    takes: paging,
  },
  'issues/add-labels': { method: 'POST', path: '/issues/{issue_number}/labels', need: talk, takes: ['labels'] },
  'issues/list-comments': { method: 'GET', path: '/issues/{issue_number}/comments', need: readTalk, takes: paging },
  'issues/create-comment': { method: 'POST', path: '/issues/{issue_number}/comments', need: talk, takes: ['body'] },
} as const satisfies Readonly<Record<string, RepositoryOperation>>;

export type PlainOperationId = keyof typeof plainOperations;
export type RepositoryOperationId = keyof typeof repositoryOperations;

const prefix = '/repos/{owner}/{repo}';

/** The tables as lines: `GET /repos/{owner}/{repo}/pulls/{pull_number}`. */
export function coverageLines(): readonly string[] {
  return [
    ...Object.values(plainOperations).map(({ method, path }) => `${method} ${path}`),
    ...Object.values(repositoryOperations).map(({ method, path }) => `${method} ${prefix}${path}`),
  ];
}

export type Match =
  | { readonly kind: 'plain'; readonly id: PlainOperationId; readonly parameters: Parameters }
  | { readonly kind: 'repository'; readonly id: RepositoryOperationId; readonly parameters: Parameters };

type Parameters = Readonly<Partial<Record<string, string>>>;

const plainPatterns = entriesOf(plainOperations).map(
  ([id, { method, path }]) => ({ kind: 'plain', id, method, pattern: patternOf(path) }) as const,
);
const repositoryPatterns = entriesOf(repositoryOperations).map(
  ([id, { method, path }]) => ({ kind: 'repository', id, method, pattern: patternOf(prefix + path) }) as const,
);

/** The operation of a request and what its path names, decoded. Throws URIError where that can't be decoded. */
export function operationAt(method: string, pathname: string): Match | undefined {
  for (const { id, kind, method: own, pattern } of [...plainPatterns, ...repositoryPatterns]) {
    const found = own === method ? pattern.exec(pathname) : null;
    if (found === null) continue;
    const parameters = Object.fromEntries(
      Object.entries(found.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]),
    );
    return kind === 'plain' ? { kind, id, parameters } : { kind, id, parameters };
  }
  return undefined;
}

function patternOf(path: string): RegExp {
  const source = path.replaceAll(/\{(\w+)(\+?)\}/g, (_, name: string, rest: string) =>
    rest === '' ? `(?<${name}>[^/]+)` : `(?<${name}>.+)`,
  );
  return new RegExp(`^${source}/?$`);
}

function entriesOf<T extends object>(table: T): readonly (readonly [keyof T & string, T[keyof T]])[] {
  return Object.keys(table).flatMap((key) => (isKeyOf(table, key) ? [[key, table[key]] as const] : []));
}

function isKeyOf<T extends object>(table: T, key: string): key is keyof T & string {
  return Object.hasOwn(table, key);
}
