import { Failure } from '../../core/failure.ts';
import { editManifest } from '../../core/remediate/edit/edit-manifest.ts';
import type { EditedManifest, FileValues, MergedEdit, Refusal } from '../../core/remediate/edit/manifest-edit.ts';
import { undoEdit } from '../../core/remediate/edit/undo-edit.ts';
import { formatQuantity } from '../../core/units/quantity.ts';
import type { Proposal } from '../../flow/forge/needs.ts';
import type { Repository } from './repository.ts';

/** A file with the change in it. `restores` only where it undoes one. */
export interface FileChanged extends Pick<EditedManifest, 'ok' | 'text' | 'pieces' | 'before'> {
  readonly restores?: FileValues;
}

/**
 * What a proposal makes of the file's text: its edit, or the undo of that edit, for which the file of before is read.
 * @throws Failure `github-…`, `source-changed-since` where the pull request cannot be undone any more
 */
export async function changeOf(
  repository: Repository,
  { edit, undoes }: Pick<Proposal, 'edit'> & { readonly undoes?: MergedEdit | undefined },
  path: string,
): Promise<(text: string) => FileChanged | Refusal> {
  if (undoes === undefined) return (text) => editManifest(text, edit);
  const before = await beforeMerge(repository, undoes.pullRequest, path);
  const written = (bytes: number | null): string | null => (bytes === null ? null : formatQuantity(bytes));
  // What can be undone has the values of the edit.
  const now = { limit: written(edit.to.limitBytes), request: written(edit.to.requestBytes), variables: [] };
  return (text) => {
    const change = undoEdit(text, { path, before, edit, approved: undoes.approved });
    return change.ok ? { ...change, before: now } : change;
  };
}

/**
 * The file before a pull request was merged, however that was done: the commit that GitHub names for a merge, a squash or
 * a rebase has the base of before as its first parent, unless several commits were rebased. What is read is compared with
 * what was approved, so another one is refused.
 */
async function beforeMerge(repository: Repository, number: number, path: string): Promise<string> {
  const gone = new Failure(
    'source-changed-since',
    `What ${path} was before pull request #${number} cannot be read any more.`,
  );
  const { merged_at, merge_commit_sha: merge } = await repository.pull(number);
  if (merged_at === null || !merge) throw gone;
  const [parent] = (await repository.commit(merge)).parents;
  const found = parent === undefined ? null : await repository.at(path, parent);
  if (found?.is !== 'file') throw gone;
  return found.text;
}
