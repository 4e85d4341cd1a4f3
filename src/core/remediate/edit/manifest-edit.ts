import type { Variable } from '../../recommend/change-words.ts';
import type { EnvChange } from '../../recommend/env-change.ts';
import type { Piece } from './edit-script.ts';
import type { Memory } from '../plan.ts';

/** What is to change in the manifest of one workload: a container's memory and, with it, heap flags. */
export interface ManifestEdit {
  readonly kind: string;
  readonly name: string;
  /** Null where the manifest need not say one. */
  readonly namespace: string | null;
  readonly container: string;
  /** Bytes; what is null is left as the file has it. */
  readonly to: Memory;
  readonly env: readonly EnvChange[];
}

/** An edit whose pull request was merged, to be undone. */
export interface MergedEdit {
  readonly pullRequest: number;
  /** The hash of its change (file-change.ts), as it was approved. */
  readonly approved: string;
}

/** Why a manifest is not edited. */
export type RefusalReason =
  | 'too-large'
  | 'not-yaml'
  | 'template'
  | 'tabs'
  | 'alias'
  | 'not-found'
  | 'found-twice'
  | 'container-not-found'
  | 'value-from'
  | 'no-such-word'
  | 'changed-since'
  | 'unexpected-shape'
  | 'nothing-to-change'
  | 'unsafe-edit';

/** `text` says to a person what stands in the way and what to do, without naming the file. */
export interface Refusal {
  readonly ok: false;
  readonly reason: RefusalReason;
  readonly text: string;
}

/**
 * One value that an edit changes, for tests and comparisons, not for people: it may hold secrets. `path` as people
 * write it: `spec.template.spec.containers[0].resources…`.
 */
export interface ManifestChange {
  readonly path: string;
  /** As it stands in the file; null where it was not there. */
  readonly from: string | null;
  readonly to: string;
}

/** What a file says now about what an edit is about. Null = not set. NOTE: variables may hold secrets. */
export interface FileValues {
  /** As it is written: `512Mi`. */
  readonly limit: string | null;
  readonly request: string | null;
  readonly variables: readonly Variable[];
}

/** The whole file with the change in it, and what was changed. `document` counts from 0. */
export interface EditedManifest {
  readonly ok: true;
  readonly text: string;
  /** What makes it of the file, character by character. */
  readonly pieces: readonly Piece[];
  readonly before: FileValues;
  readonly document: number;
  readonly changes: readonly ManifestChange[];
}

export function refusal(reason: RefusalReason, text: string): Refusal {
  return { ok: false, reason, text };
}
