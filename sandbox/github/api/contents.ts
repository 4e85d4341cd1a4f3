import { ApiError, invalidRequest, notFound } from '../api-error.ts';
import { commitFiles } from '../branches.ts';
import { blobSha, commitNamed } from '../github-state.ts';
import { needProtectedUnchanged } from './branch-operations.ts';
import { type Handler, needText, ok, textIn } from './call.ts';
import { commitJson, contentJson, fileJson, folderJson } from './json.ts';

/** `GET …/contents/{path}`: a file with its content, or what a folder holds. */
export const getContent: Handler = ({ parameter, query, repository }) => {
  const ref = query.get('ref') ?? repository.defaultBranch;
  const files = commitNamed(repository, ref)?.files;
  if (files === undefined) throw new ApiError(404, `No commit found for the ref ${ref}`);
  const path = parameter('path').replaceAll(/^\/+|\/+$/g, '');
  const text = files.get(path);
  if (text !== undefined) return ok({ ...fileJson(path, text), ...contentJson(text) });

  const start = path === '' ? '' : `${path}/`;
  const within = [...files.keys()].filter((file) => file.startsWith(start)).toSorted();
  if (within.length === 0) throw notFound();
  const children = new Set(within.map((file) => start + (file.slice(start.length).split('/')[0] ?? '')));
  return ok([...children].map((child) => listed(child, files.get(child))));
};

function listed(path: string, text: string | undefined): object {
  return text === undefined ? folderJson(path) : fileJson(path, text);
}

/** `PUT …/contents/{path}`: one commit that writes one file. */
export const putContent: Handler = ({ actor, body, parameter, repository, state }) => {
  const path = parameter('path');
  const message = needText(body, 'message');
  const text = decoded(needText(body, 'content'));
  const branch = textIn(body, 'branch') ?? repository.defaultBranch;
  const sha = textIn(body, 'sha');
  const tip = repository.branches.get(branch);
  if (tip === undefined) throw new ApiError(404, `Branch ${branch} not found`);
  const existing = repository.commits.get(tip)?.files.get(path);
  if (existing !== undefined) {
    if (sha === undefined) throw invalidRequest(`"sha" wasn't supplied.`);
    if (sha !== blobSha(existing)) throw new ApiError(409, `${path} does not match ${sha}`);
  }
  needProtectedUnchanged(repository, branch, 409);
  const made = commitFiles(state, repository, { branch, files: { [path]: text }, message, sender: actor });
  const commit = repository.commits.get(made);
  return {
    status: existing === undefined ? 201 : 200,
    json: { content: fileJson(path, text), commit: commit && commitJson(commit) },
  };
};

function decoded(base64: string): string {
  const packed = base64.replaceAll(/\s/g, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(packed) || packed.length % 4 !== 0) {
    throw new ApiError(422, 'content is not valid Base64');
  }
  return Buffer.from(packed, 'base64').toString('utf8');
}
