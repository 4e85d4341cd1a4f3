import type { FileValues, ManifestEdit, MergedEdit } from '../../core/remediate/edit/manifest-edit.ts';
import type { SourceChange } from '../../core/notify/impact.ts';
import type { Source } from '../../core/remediate/source.ts';

/* What the flow needs from a forge, as types. Times are ms UTC. Every function may throw a Failure. */

/** A pull request as the forge shows it now. */
export interface PullRequest {
  readonly number: number;
  readonly url: string;
  readonly state: 'open' | 'merged' | 'closed';
  /** Login of whoever merged or closed it; null while it is open or where the forge does not say. */
  readonly by: string | null;
  /** ms UTC when it was merged or closed. */
  readonly at: number | null;
}

/** What a pull request should change and say. */
export interface Proposal {
  readonly source: Source;
  readonly edit: ManifestEdit;
  /** The edit is not to be made but undone, as this pull request brought it in. */
  readonly undoes?: MergedEdit;
  /** The `hash` of the preview that was approved. */
  readonly approved: string;
  /** Deterministic: the same subject always has the same branch, so a retry finds the first attempt. */
  readonly branch: string;
  readonly title: string;
  /** Markdown; ends with a hidden payload that leads back to the incident. */
  readonly body: string;
  /** Asked before each call that changes something; throws where that is no longer allowed. */
  readonly mayWrite: () => Promise<void>;
}

/** A preview of an edit. */
export interface Preview {
  /** The lines that would change, without what may be secret in them. */
  readonly diff: string;
  /** Of the whole lines before and after; another one is another change. */
  readonly hash: string;
  /** The branch that it would be merged into. */
  readonly branch: string;
  /** The values in the file, which may differ from those in the cluster. NOTE: not to be stored or shown. */
  readonly before: FileValues;
  /** Of an undo: the values that the file will have again. NOTE: not to be stored or shown. */
  readonly restores?: FileValues;
}

/** The forge (GitHub) that holds the source files. No write is repeated without checking first. */
export interface Forge {
  /** What the edit, or the undo of one, would be, without writing anything. @throws Failure `source-…` that says why it cannot be made */
  readonly preview: (source: Source, edit: ManifestEdit, undoes?: MergedEdit) => Promise<Preview>;
  /**
   * Opens the pull request of the branch, or updates the open one. @throws Failure `source-changed-since` where the file
   * is not what was approved any more
   */
  readonly propose: (proposal: Proposal) => Promise<PullRequest>;
  readonly look: (source: Source, number: number) => Promise<PullRequest>;
  /** The last change of a source before a time (ms UTC); null where there is none. */
  readonly lastChange: (source: Source, before: number) => Promise<SourceChange | null>;
}

/** A forge that limits how often it is asked: `look` may answer with how long to wait, ms. */
export interface PacedForge extends Omit<Forge, 'look'> {
  readonly look: (
    source: Source,
    number: number,
  ) => Promise<PullRequest | { readonly state: 'too-soon'; readonly againInMs: number }>;
}
