import type { JsonObject } from '../../slack/json.ts';
import { changedFiles } from '../git/changed-files.ts';
import { commitsAhead } from '../git/history.ts';
import type { GithubEvent, GithubState, Repository } from '../github-state.ts';
import { actorJson } from './actor-json.ts';
import { timeText } from './node-id.ts';
import { labelJson, wholePullJson } from './pull-json.ts';
import { type Bases, repositoryJson } from './repository-json.ts';

type Pushed = Extract<GithubEvent, { kind: 'push' }>;

/** Name and payload of an event's webhook; null for what has none here. */
export function webhookOf(
  state: GithubState,
  bases: Bases,
  installation: (owner: string) => number,
  event: GithubEvent,
): { readonly event: string; readonly payload: JsonObject } | null {
  if (event.kind === 'settings') return null;
  const { repository, sender } = event;
  const around = {
    repository: repositoryJson(bases, repository),
    sender: actorJson(bases.api, sender),
    ...(repository.installed ? { installation: { id: installation(repository.owner.login) } } : {}),
  };
  if (event.kind === 'push') return { event: 'push', payload: { ...pushJson(bases, event), ...around } };
  // A comment is an event of its own, to which this hook is not subscribed.
  if (event.action === 'commented') return null;
  const { action, after, before, label, pull } = event;
  return {
    event: 'pull_request',
    payload: {
      action,
      number: pull.number,
      pull_request: wholePullJson(state, bases, repository, pull),
      ...(before === undefined ? {} : { before, after }),
      ...(label === undefined ? {} : { label: labelJson(bases.api, repository, label) }),
      ...around,
    },
  };
}

const nothing = '0'.repeat(40);

function pushJson({ html }: Bases, { after, before, isForced, ref, repository, sender }: Pushed): JsonObject {
  const { objects } = repository;
  const from = before ?? baseOf(repository);
  const fresh = from === undefined ? [after] : commitsAhead(objects, from, after);
  const commits = fresh.toReversed().map((sha) => commitOfPush(repository, html, sha));
  return {
    ref,
    before: before ?? nothing,
    after,
    created: before === null,
    deleted: false,
    forced: isForced,
    base_ref: null,
    compare: `${html}/${repository.fullName}/compare/${before ?? nothing}...${after}`,
    commits,
    head_commit: commitOfPush(repository, html, after),
    pusher: { name: sender.login, email: null },
  };
}

/** What a new branch is compared with. */
function baseOf(repository: Repository): string | undefined {
  return repository.refs.get(`refs/heads/${repository.defaultBranch}`);
}

function commitOfPush({ fullName, objects }: Repository, html: string, sha: string): JsonObject | null {
  const commit = objects.commit(sha);
  if (commit === undefined) return null;
  const parent = commit.parents[0];
  const files = changedFiles(objects, (parent !== undefined && objects.commit(parent)?.tree) || null, commit.tree);
  const withStatus = (status: 'added' | 'removed' | 'modified'): readonly string[] =>
    files.filter((file) => file.status === status).map(({ path }) => path);
  const who = ({ email, name }: { readonly name: string; readonly email: string }): JsonObject => ({
    name,
    email,
    username: name,
  });
  return {
    id: sha,
    tree_id: commit.tree,
    distinct: true,
    message: commit.message,
    timestamp: timeText(commit.committer.at),
    url: `${html}/${fullName}/commit/${sha}`,
    author: who(commit.author),
    committer: who(commit.committer),
    added: withStatus('added'),
    removed: withStatus('removed'),
    modified: withStatus('modified'),
  };
}
