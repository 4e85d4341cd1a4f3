import { ApiError, invalidRequest, notFound, protectedBranch } from '../api-error.ts';
import { type Answer, needText, objectIn, ok, type RepositoryCall, textIn } from '../call.ts';
import { isProtected, moveRef } from '../change-ref.ts';
import { entryAt, withFiles } from '../git/file-tree.ts';
import type { Signature, TreeEntry } from '../git/git-objects.ts';
import { branchRef, commitNamed, tipOf } from '../github-state.ts';
import { base64Text, commitJson } from '../shapes/git-json.ts';
import { signatureOf } from '../write-files.ts';

/** Up to here the contents API sends a file inside of its JSON, bytes. */
const largestInline = 1024 * 1024;

/** `GET …/contents/{path}`: a file with its content, or what a folder holds. */
export function getContent(call: RepositoryCall, path: string): Answer {
  const { query, repository } = call;
  const { objects } = repository;
  const ref = query.get('ref') ?? repository.defaultBranch;
  const commit = commitNamed(repository, ref);
  if (commit === undefined) throw new ApiError(404, `No commit found for the ref ${ref}`);
  const clean = path.replaceAll(/^\/+|\/+$/g, '');
  const entry = entryAt(objects, commit.tree, clean);
  if (entry === undefined) throw notFound();
  if (entry.mode === '040000') {
    const within = objects.tree(entry.sha) ?? [];
    return ok(within.map((child) => entryJson(call, clean === '' ? child.name : `${clean}/${child.name}`, child, ref)));
  }
  const content = objects.blob(entry.sha) ?? Buffer.alloc(0);
  if (/\braw\b/.test(call.accept)) return { status: 200, raw: content };
  const inline = content.length <= largestInline;
  return ok({
    ...entryJson(call, clean, entry, ref),
    // NOTE: a larger file comes without its content and without an error.
    content: inline ? base64Text(content) : '',
    encoding: inline ? 'base64' : 'none',
  });
}

/** `PUT …/contents/{path}`: one commit that writes one file. */
export function putContent(call: RepositoryCall, path: string): Answer {
  const { actor, body, repository, state } = call;
  const { objects } = repository;
  const message = needText(body, 'message');
  const bytes = decoded(needText(body, 'content'));
  const branch = textIn(body, 'branch') ?? repository.defaultBranch;
  const sha = textIn(body, 'sha');
  const tip = tipOf(repository, branch);
  const tree = tip === undefined ? undefined : objects.commit(tip)?.tree;
  if (tip === undefined || tree === undefined) throw new ApiError(404, `Branch ${branch} not found`);
  const existing = entryAt(objects, tree, path);
  if (existing !== undefined) {
    if (sha === undefined) throw invalidRequest(`"sha" wasn't supplied.`);
    if (sha !== existing.sha) throw new ApiError(409, `${path} does not match ${sha}`);
  }
  if (isProtected(repository, branchRef(branch))) {
    throw protectedBranch(409, `Could not ${existing === undefined ? 'create' : 'update'} file: `);
  }
  const now = state.clock.now();
  const author = signatureIn(call, 'author', now) ?? signatureOf(actor, now);
  const entry = { mode: existing?.mode ?? ('100644' as const), sha: objects.writeBlob(bytes) };
  const commit = objects.writeCommit({
    tree: withFiles(objects, tree, new Map([[path, entry]])),
    parents: [tip],
    author,
    committer: signatureIn(call, 'committer', now) ?? author,
    message,
  });
  moveRef(state, repository, { ref: branchRef(branch), sha: commit, sender: actor });
  return {
    status: existing === undefined ? 201 : 200,
    json: {
      content: entryJson(call, path, entry, branch),
      commit: commitJson(call.api, call.html, repository, commit),
    },
  };
}

/** Who made a commit, where the body says it; its `date` is ISO 8601. @throws ApiError 422 */
export function signatureIn({ body }: RepositoryCall, name: string, now: number): Signature | undefined {
  const said = objectIn(body, name);
  if (said === undefined) return undefined;
  const at = Date.parse(textIn(said, 'date') ?? new Date(now).toISOString());
  if (Number.isNaN(at)) throw invalidRequest(`For 'properties/${name}/date', the value is not a valid date-time.`);
  return { name: needText(said, 'name'), email: needText(said, 'email'), at };
}

function decoded(base64: string): Buffer {
  const packed = base64.replaceAll(/\s/g, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(packed) || packed.length % 4 !== 0) {
    throw new ApiError(422, 'content is not valid Base64');
  }
  return Buffer.from(packed, 'base64');
}

function entryJson(call: RepositoryCall, path: string, entry: Omit<TreeEntry, 'name'>, ref: string): object {
  const { api, html, repository } = call;
  const isFile = entry.mode !== '040000';
  const root = `${api}/repos/${repository.fullName}`;
  const url = `${root}/contents/${path}?ref=${encodeURIComponent(ref)}`;
  const page = `${html}/${repository.fullName}/${isFile ? 'blob' : 'tree'}/${ref}/${path}`;
  const git = `${root}/git/${isFile ? 'blobs' : 'trees'}/${entry.sha}`;
  return {
    name: path.split('/').at(-1),
    path,
    sha: entry.sha,
    size: isFile ? (repository.objects.blob(entry.sha)?.length ?? 0) : 0,
    url,
    html_url: page,
    git_url: git,
    download_url: null,
    type: isFile ? 'file' : 'dir',
    _links: { self: url, git, html: page },
  };
}
