import { fileChange } from '../../core/remediate/edit/file-change.ts';
import { refusal } from '../../core/remediate/edit/manifest-edit.ts';
import type { EditedManifest, Refusal } from '../../core/remediate/edit/manifest-edit.ts';
import { parsePullRequestPayload } from '../../core/talk/pull-request.ts';
import type { FileAt, ListedPull } from './repository.ts';

/*
 * What a pull request still lacks is decided from what GitHub shows, never from what was sent: a second click, a job
 * that runs twice, a crash halfway and a lost answer are then all the same case.
 *
 *   pull request | branch                        | next
 *   -------------|-------------------------------|------------------------------------------------------------
 *   any          | base is not what was approved | nothing: it has to be proposed anew
 *   open         | file not as wanted            | write the file, on top of whatever is there
 *   open         | as wanted, text of other plan | update the text
 *   open         | as wanted                     | done
 *   none         | base has the value already    | done, where this plan's was merged; else there is nothing to do
 *   none         | none                          | create it from the base
 *   none         | as the base                   | write the file
 *   none         | only our commits              | open, where they are the wanted change of this base; else reset it
 *   none         | commits of other people       | write the file on top, or open: theirs are never overwritten
 */

export interface Wanted {
  /** What is wanted of a file with this text: an edit, or the undo of one. */
  readonly change: (text: string) => Pick<EditedManifest, 'ok' | 'text' | 'pieces'> | Refusal;
  /** Hash of the change of the base that was approved. */
  readonly approved: string;
  readonly title: string;
  readonly body: string;
}

/** What GitHub shows of a proposal. */
export interface Seen {
  readonly base: { readonly commit: string; readonly file: FileAt };
  /** Null where there is no such branch. */
  readonly head: {
    readonly commit: string;
    /** Null where the file is not there. */
    readonly file: FileAt | null;
    /** The commit of the base that only our own commits stand on; null where others have written to the branch. */
    readonly ours: string | null;
  } | null;
  /** Of this branch into this base, newest first. */
  readonly pulls: readonly ListedPull[];
}

export type NextStep =
  | { readonly is: 'create-branch'; readonly commit: string }
  | { readonly is: 'reset-branch'; readonly commit: string }
  /** `ours` as in `Seen`: where it is null the branch is not ours alone afterwards either. */
  | { readonly is: 'write-file'; readonly file: FileAt; readonly text: string; readonly ours: string | null }
  | { readonly is: 'open-pull' }
  | { readonly is: 'update-pull'; readonly number: number }
  | { readonly is: 'done'; readonly pull: ListedPull }
  | { readonly is: 'refused'; readonly refusal: Refusal };

/** The one next step towards a pull request as wanted. */
export function nextStep({ base, head, pulls }: Seen, wanted: Wanted): NextStep {
  const change = wanted.change(base.file.text);
  if (!change.ok) {
    const merged = pulls.find((pull) => pull.isMerged && isOfPlan(pull, wanted));
    const isThere = change.reason === 'nothing-to-change' && merged !== undefined;
    return isThere ? { is: 'done', pull: merged } : { is: 'refused', refusal: change };
  }
  const { hash, after } = fileChange(base.file.path, base.file.text, change.pieces);
  if (hash !== wanted.approved) return { is: 'refused', refusal: changedSince };

  const aim = { change: wanted.change, base: base.commit, text: change.text, after };
  const open = pulls.find(({ isOpen }) => isOpen);
  if (open !== undefined && head !== null) {
    const step = onBranch(head, aim);
    if (step !== 'as-wanted') return step;
    return hasText(open, wanted) ? { is: 'done', pull: open } : { is: 'update-pull', number: open.number };
  }
  if (head === null) return { is: 'create-branch', commit: base.commit };
  if (head.commit === base.commit) return { is: 'write-file', file: base.file, text: change.text, ours: base.commit };
  if (head.ours !== null) {
    const isCurrent = head.ours === base.commit && head.file?.text === change.text;
    return isCurrent ? { is: 'open-pull' } : { is: 'reset-branch', commit: base.commit };
  }
  const step = onBranch(head, aim);
  return step === 'as-wanted' ? { is: 'open-pull' } : step;
}

/** The base's commit, and the whole file and the changed lines as they were approved. */
interface Aim extends Pick<Wanted, 'change'> {
  readonly base: string;
  readonly text: string;
  readonly after: string;
}

const changedSince = refusal(
  'changed-since',
  'The lines that were to change have been changed since this was proposed; nothing was written.',
);

function onBranch(
  { file, ours }: NonNullable<Seen['head']>,
  { change: wanted, base, text, after }: Aim,
): NextStep | 'as-wanted' {
  if (file === null) {
    const why = 'Someone has taken the file out of the branch of the pull request; close it, or put the file back.';
    return { is: 'refused', refusal: refusal('not-found', why) };
  }
  // Where nobody else has written to the branch, its file is exactly what was approved.
  if (ours === base) return file.text === text ? 'as-wanted' : { is: 'write-file', file, text, ours };
  const change = wanted(file.text);
  if (!change.ok) return change.reason === 'nothing-to-change' ? 'as-wanted' : { is: 'refused', refusal: change };
  if (fileChange(file.path, file.text, change.pieces).after !== after) {
    const why = 'On the branch of the pull request these lines are not what was approved; close it, or merge it first.';
    return { is: 'refused', refusal: refusal('unsafe-edit', why) };
  }
  return { is: 'write-file', file, text: change.text, ours };
}

/** What people have written into the text of a plan's pull request stays, as long as it is about that plan. */
function hasText(pull: ListedPull, wanted: Wanted): boolean {
  return isOfPlan(pull, wanted) || (pull.title === wanted.title && pull.body === wanted.body);
}

function isOfPlan({ body }: ListedPull, wanted: Wanted): boolean {
  const theirs = parsePullRequestPayload(body);
  const ours = parsePullRequestPayload(wanted.body);
  return theirs !== null && ours !== null && theirs.plan === ours.plan && theirs.cluster === ours.cluster;
}
