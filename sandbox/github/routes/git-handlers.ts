import { isObject, type JsonObject, textAt } from '../../slack/json.ts';
import { ApiError, invalidRequest, notFound } from '../api-error.ts';
import { type Answer, created, flagIn, needText, ok, pageOf, type RepositoryCall, textIn, textsIn } from '../call.ts';
import { createRef, updateRef } from '../change-ref.ts';
import { type FileEntry, filesOf, withFiles } from '../git/file-tree.ts';
import type { Mode } from '../git/git-objects.ts';
import { commitNamed, type Repository } from '../github-state.ts';
import { NotCovered } from '../not-covered.ts';
import { base64Text, commitJson, refJson } from '../shapes/git-json.ts';
import { nodeId } from '../shapes/node-id.ts';
import { signatureOf } from '../write-files.ts';
import { signatureIn } from './content-handlers.ts';

type Handler = (call: RepositoryCall) => Answer;

export const getRef: Handler = ({ api, parameter, repository }) => {
  const ref = `refs/${parameter('ref')}`;
  const sha = repository.refs.get(ref);
  if (sha === undefined) throw notFound();
  return ok(refJson(api, repository, ref, sha));
};

export const listMatchingRefs: Handler = (call) => {
  const { api, parameter, repository } = call;
  const start = `refs/${parameter('ref')}`;
  const refs = [...repository.refs].filter(([ref]) => ref.startsWith(start)).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const path = `/repos/${repository.fullName}/git/matching-refs/${parameter('ref')}`;
  return pageOf(
    call,
    path,
    refs.map(([ref, sha]) => refJson(api, repository, ref, sha)),
  );
};

export const postRef: Handler = ({ actor, api, body, repository, state }) => {
  const ref = needText(body, 'ref');
  const sha = needText(body, 'sha');
  // NOTE: that it is refused is GitHub's, the words are ours.
  if (!/^refs\/[^/]+\/[^\s~^:?*[\\]+$/.test(ref) || /\.\.|\/\/|\/$|\.lock$/.test(ref)) {
    throw new ApiError(422, `${ref} is not a valid reference name.`);
  }
  createRef(state, repository, { ref, sha, sender: actor });
  return created(refJson(api, repository, ref, sha));
};

export const patchRef: Handler = ({ actor, api, body, parameter, repository, state }) => {
  const ref = `refs/${parameter('ref')}`;
  const sha = needText(body, 'sha');
  updateRef(state, repository, { ref, sha, force: flagIn(body, 'force') ?? false, sender: actor });
  return ok(refJson(api, repository, ref, sha));
};

export const getBlob: Handler = ({ api, parameter, repository }) => {
  const sha = parameter('file_sha');
  const content = repository.objects.blob(sha);
  if (content === undefined) throw notFound();
  const url = `${api}/repos/${repository.fullName}/git/blobs/${sha}`;
  return ok({
    sha,
    node_id: nodeId('B', sha),
    size: content.length,
    url,
    content: base64Text(content),
    encoding: 'base64',
  });
};

export const postBlob: Handler = ({ api, body, repository }) => {
  const encoding = textIn(body, 'encoding') ?? 'utf-8';
  const content = needText(body, 'content');
  const sha = repository.objects.writeBlob(Buffer.from(content, encoding === 'base64' ? 'base64' : 'utf8'));
  return created({ sha, url: `${api}/repos/${repository.fullName}/git/blobs/${sha}` });
};

export const getTree: Handler = (call) => {
  const { parameter, query, repository } = call;
  const name = parameter('tree_sha');
  const sha = commitNamed(repository, name)?.tree ?? name;
  if (repository.objects.tree(sha) === undefined) throw notFound();
  return ok(treeJson(call, sha, query.has('recursive')));
};

export const postTree: Handler = (call) => {
  const { body, repository } = call;
  const { objects } = repository;
  const base = textIn(body, 'base_tree');
  const baseTree = base === undefined ? null : (objects.commit(base)?.tree ?? base);
  if (baseTree !== null && objects.tree(baseTree) === undefined) {
    throw new ApiError(422, 'base_tree is not a valid tree oid');
  }
  const items: unknown = body['tree'];
  if (!Array.isArray(items)) throw invalidRequest(`"tree" wasn't supplied.`);
  const objectsOnly: readonly JsonObject[] = items.filter(isObject);
  const changes = new Map(objectsOnly.flatMap((item) => changesOf(repository, item)));
  if (changes.size === 0) throw new ApiError(422, 'Invalid tree info');
  return created(treeJson(call, withFiles(objects, baseTree, changes), false));
};

export const getCommit: Handler = ({ api, html, parameter, repository }) => {
  const json = commitJson(api, html, repository, parameter('commit_sha'));
  if (json === null) throw notFound();
  return ok(json);
};

export const postCommit: Handler = (call) => {
  const { actor, api, body, html, repository, state } = call;
  const { objects } = repository;
  const message = needText(body, 'message');
  const tree = needText(body, 'tree');
  const parents = textsIn(body, 'parents');
  if (objects.tree(tree) === undefined) throw new ApiError(422, 'Tree SHA does not exist');
  if (parents.some((parent) => objects.commit(parent) === undefined)) {
    throw new ApiError(422, 'Parent SHA does not exist or is not a commit object');
  }
  const now = state.clock.now();
  const author = signatureIn(call, 'author', now) ?? signatureOf(actor, now);
  const committer = signatureIn(call, 'committer', now) ?? author;
  return created(commitJson(api, html, repository, objects.writeCommit({ tree, parents, author, committer, message })));
};

const fileModes: readonly Mode[] = ['100644', '100755'];

/** The files that one item of a new tree writes or removes. */
function changesOf({ objects }: Repository, item: JsonObject): readonly (readonly [string, FileEntry | null])[] {
  const path = textAt(item, 'path') ?? '';
  if (path === '' || path.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    throw new ApiError(422, 'tree.path contains a malformed path component');
  }
  const { content, mode, sha } = item;
  if (sha === null) return [[path, null]];
  if (mode === '040000' && typeof sha === 'string') {
    if (objects.tree(sha) === undefined) throw new ApiError(422, `tree.sha ${sha} is not a valid tree`);
    return [...filesOf(objects, sha)].map(([inner, entry]) => [`${path}/${inner}`, entry]);
  }
  const fileMode = fileModes.find((known) => known === mode);
  if (fileMode === undefined) throw new NotCovered(`tree entries of mode ${JSON.stringify(mode)}`);
  if (typeof content === 'string') return [[path, { mode: fileMode, sha: objects.writeBlob(Buffer.from(content)) }]];
  if (typeof sha !== 'string' || objects.blob(sha) === undefined) {
    throw new ApiError(422, `tree.sha ${typeof sha === 'string' ? sha : ''} is not a valid blob`);
  }
  return [[path, { mode: fileMode, sha }]];
}

function treeJson({ api, repository }: RepositoryCall, sha: string, isRecursive: boolean): JsonObject {
  const { objects } = repository;
  const root = `${api}/repos/${repository.fullName}/git`;
  const list = (tree: string, folder: string): readonly JsonObject[] =>
    (objects.tree(tree) ?? []).flatMap(({ mode, name, sha: entry }) => {
      const path = folder + name;
      if (mode !== '040000') {
        const size = objects.blob(entry)?.length ?? 0;
        return [{ path, mode, type: 'blob', sha: entry, size, url: `${root}/blobs/${entry}` }];
      }
      const own = { path, mode, type: 'tree', sha: entry, url: `${root}/trees/${entry}` };
      return [own, ...(isRecursive ? list(entry, `${path}/`) : [])];
    });
  return { sha, url: `${root}/trees/${sha}`, tree: list(sha, ''), truncated: false };
}
