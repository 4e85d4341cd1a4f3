import type { JsonObject } from '../../slack/json.ts';
import type { Signature } from '../git/git-objects.ts';
import { commitNamed, type Repository } from '../github-state.ts';
import { nodeId, timeText } from './node-id.ts';

/** GitHub breaks base64 after 60 characters. */
export function base64Text(content: Buffer): string {
  return content.toString('base64').replaceAll(/.{1,60}/g, '$&\n');
}

const signatureJson = ({ at, email, name }: Signature): JsonObject => ({ name, email, date: timeText(at) });

/** A commit of the git database; null where there is none. */
export function commitJson(api: string, html: string, repository: Repository, sha: string): JsonObject | null {
  const commit = commitNamed(repository, sha);
  if (commit === undefined || commit.sha !== sha) return null;
  const root = `${api}/repos/${repository.fullName}/git`;
  return {
    sha,
    node_id: nodeId('C', sha),
    url: `${root}/commits/${sha}`,
    html_url: `${html}/${repository.fullName}/commit/${sha}`,
    author: signatureJson(commit.author),
    committer: signatureJson(commit.committer),
    tree: { sha: commit.tree, url: `${root}/trees/${commit.tree}` },
    message: commit.message,
    parents: commit.parents.map((parent) => ({
      sha: parent,
      url: `${root}/commits/${parent}`,
      html_url: `${html}/${repository.fullName}/commit/${parent}`,
    })),
    verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null },
  };
}

export function refJson(api: string, repository: Repository, ref: string, sha: string): JsonObject {
  const root = `${api}/repos/${repository.fullName}/git`;
  return {
    ref,
    node_id: nodeId('REF', `${repository.fullName}:${ref}`),
    url: `${root}/${ref}`,
    object: { sha, type: 'commit', url: `${root}/commits/${sha}` },
  };
}
