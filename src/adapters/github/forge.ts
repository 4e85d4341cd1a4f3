import { Failure } from '../../core/failure.ts';
import { fileChange } from '../../core/remediate/edit/file-change.ts';
import { refusal } from '../../core/remediate/edit/manifest-edit.ts';
import type { ManifestEdit, MergedEdit, Refusal } from '../../core/remediate/edit/manifest-edit.ts';
import type { SourceChange } from '../../core/notify/impact.ts';
import { formatSource } from '../../core/remediate/source.ts';
import type { Source } from '../../core/remediate/source.ts';
import type { Forge, Preview as FilePreview, Proposal, PullRequest } from '../../flow/forge/needs.ts';
import { createClients } from './client.ts';
import type { ClientOptions } from './client.ts';
import { changeOf } from './change-of.ts';
import { findFile } from './find-file.ts';
import { looksAgain } from './github-failure.ts';
import { nextStep } from './next-step.ts';
import type { NextStep, Seen } from './next-step.ts';
import { baseOfOwnCommits, commitMessage } from './own-commits.ts';
import { openRepository } from './repository.ts';
import type { Repository } from './repository.ts';
import { createRepositoryWriter } from './write-repository.ts';
import type { RepositoryWriter } from './write-repository.ts';
import { boundedOrNull } from '../../core/units/text-bounds.ts';

export interface ForgeOptions extends ClientOptions {
  /** Who is asked for a review of a new pull request: logins, and teams as `org/team`. */
  readonly reviewers?: readonly string[];
}

/** An edit that could be made, without making it. */
export interface Preview extends FilePreview {
  readonly path: string;
}

export interface GithubForge extends Forge {
  readonly preview: (source: Source, edit: ManifestEdit, undoes?: MergedEdit) => Promise<Preview>;
}

type Write = Exclude<NextStep, { is: 'done' | 'refused' }>;

/** A message of the chat holds this many characters without being cut. */
const mostShown = 2_500;
const tooLong = refusal('too-large', 'The lines there are too long to be shown before they change; change it by hand.');

const label = 'oomkeeper';
/** If a step was carried out this often and is still the next one, somebody undoes it or GitHub shows stale data. */
const mostTries = 3;

/**
 * Pull requests on GitHub or a GitHub Enterprise server. `propose` reads what is there, does the one next
 * step, and reads again until nothing is missing (next-step.ts). A write whose outcome is unknown is looked for, never
 * repeated. @throws Failure `github-…` and `source-…`, each with a sentence for the person who clicked
 */
export function createForge({ reviewers = [], ...options }: ForgeOptions): GithubForge {
  const { log, now } = options;
  const clientFor = createClients(options);

  async function open(source: Source): Promise<{ repository: Repository; writer: RepositoryWriter }> {
    const client = await clientFor(source);
    return {
      repository: openRepository(client, source, now),
      writer: createRepositoryWriter(client, source, now),
    };
  }

  async function preview(source: Source, edit: ManifestEdit, undoes?: MergedEdit): Promise<Preview> {
    const { repository } = await open(source);
    const { base, file } = await findFile(repository, source, edit);
    const change = (await changeOf(repository, { edit, undoes }, file.path))(file.text);
    if (!change.ok) throw refused(source, file.path, change);
    const { diff, hash } = fileChange(file.path, file.text, change.pieces);
    if (diff.length > mostShown) throw refused(source, file.path, tooLong);
    const { before, restores } = change;
    return { diff, hash, branch: base.branch, path: file.path, before, ...(restores && { restores }) };
  }

  async function lastChange(source: Source, before: number): Promise<SourceChange | null> {
    const { repository } = await open(source);
    return repository.lastCommit(source.path, source.branch, before);
  }

  async function propose(proposal: Proposal): Promise<PullRequest> {
    const { source } = proposal;
    const { repository, writer } = await open(source);
    // The base as it is now is good for all steps: should it move meanwhile, the branch is one commit behind it.
    const { base, file } = await findFile(repository, source, proposal.edit);
    const change = await changeOf(repository, proposal, file.path);
    const tries = new Map<Write['is'], number>();
    for (;;) {
      const seen = await see(repository, proposal.branch, base, file);
      const step = nextStep(seen, { ...proposal, change });
      if (step.is === 'refused') throw refused(source, file.path, step.refusal);
      if (step.is === 'done') {
        const { number } = step.pull;
        if (step.pull.isOpen && !step.pull.labels.includes(label))
          await asides(proposal, () => writer.label(number, label));
        if (tries.has('open-pull') && reviewers.length > 0)
          await asides(proposal, () => writer.askReviewers(number, reviewers));
        return shown(repository, number);
      }
      const count = (tries.get(step.is) ?? 0) + 1;
      if (count > mostTries) throw restless(proposal);
      tries.set(step.is, count);
      await proposal.mayWrite();
      try {
        await write(writer, step, proposal, base.branch);
      } catch (error) {
        if (!(error instanceof Failure) || !looksAgain(error) || count === mostTries) throw error;
        log.debug({ repository: repository.name, branch: proposal.branch, step: step.is, error }, 'looking again');
      }
    }
  }

  /** What is nice to have: a pull request without it is still one. */
  async function asides({ mayWrite }: Proposal, act: () => Promise<void>): Promise<void> {
    try {
      await mayWrite();
      await act();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      log.warn({ error }, 'pull request without label or reviewers');
    }
  }

  return {
    preview,
    propose,
    lastChange,
    look: async (source, number) => shown((await open(source)).repository, number),
  };
}

async function see(
  repository: Repository,
  branch: string,
  base: { readonly branch: string; readonly commit: string },
  file: Seen['base']['file'],
): Promise<Seen> {
  const [pulls, tip] = await Promise.all([repository.pulls(branch, base.branch), repository.tip(branch)]);
  const seen = { base: { commit: base.commit, file }, pulls };
  if (tip === null) return { ...seen, head: null };
  if (tip === base.commit) return { ...seen, head: { commit: tip, file, ours: tip } };
  const [found, ours] = await Promise.all([repository.at(file.path, tip), baseOfOwnCommits(repository, tip)]);
  return { ...seen, head: { commit: tip, file: found?.is === 'file' ? found : null, ours } };
}

async function write(writer: RepositoryWriter, step: Write, proposal: Proposal, base: string): Promise<void> {
  const { branch, title } = proposal;
  switch (step.is) {
    case 'create-branch':
      return writer.createBranch(branch, step.commit);
    case 'reset-branch':
      return writer.resetBranch(branch, step.commit);
    case 'write-file': {
      const { path, sha } = step.file;
      return writer.writeFile({ branch, path, sha, text: step.text, message: commitMessage(title, step.ours) });
    }
    case 'open-pull':
      return writer.openPull(branch, base, proposal);
    case 'update-pull':
      return writer.updatePull(step.number, proposal);
  }
}

async function shown(repository: Repository, number: number): Promise<PullRequest> {
  const pull = await repository.pull(number);
  const common = { number, url: pull.html_url };
  if (pull.merged_at !== null)
    return {
      ...common,
      state: 'merged',
      by: boundedOrNull(pull.merged_by?.login ?? null, 'name'),
      at: Date.parse(pull.merged_at),
    };
  if (pull.state === 'open') return { ...common, state: 'open', by: null, at: null };
  const at = pull.closed_at === null ? null : Date.parse(pull.closed_at);
  return { ...common, state: 'closed', by: await repository.closedBy(number), at };
}

function refused(source: Source, path: string, { reason, text }: Refusal): Failure {
  return new Failure(`source-${reason}`, `${formatSource({ ...source, path })}: ${text}`);
}

function restless({ branch, source }: Proposal): Failure {
  const message = `The branch ${branch} of ${source.owner}/${source.repo} is being changed all the time; trying again later.`;
  return new Failure('github-conflict', message, { retry: 'backoff' });
}
