import { editManifest } from './edit-manifest.ts';
import type { Piece } from './edit-script.ts';
import { fileChange, groupsOf, joined } from './file-change.ts';
import type { Group } from './file-change.ts';
import { refusal } from './manifest-edit.ts';
import type { EditedManifest, FileValues, ManifestEdit, Refusal } from './manifest-edit.ts';
import { findContainer, nodeAt } from './manifest-object.ts';
import { parseDocuments } from './parse-documents.ts';

/** A file that an edit was made to, as it was before, and the hash that its approval was bound to. */
export interface EditedFile {
  readonly path: string;
  readonly before: string;
  readonly edit: ManifestEdit;
  readonly approved: string;
}

export interface UndoneManifest extends Pick<EditedManifest, 'ok' | 'text' | 'pieces'> {
  /** What the file says again afterwards. NOTE: variables may hold secrets. */
  readonly restores: FileValues;
}

/** The lines may stand in a container more than once; one that has them more often is left to people. */
const mostPlaces = 16;

const otherMerge = refusal(
  'changed-since',
  'What was merged is not exactly what was approved, so it is not undone from here.',
);
const changedSince = refusal(
  'changed-since',
  'The lines that this change wrote have been changed since, so they are not undone from here.',
);

/**
 * Takes back an edit in the file as it is now: its lines become what they were, character by character, and whatever else
 * has changed in the file stays. The proof is the edit itself: made once more, it has to give the present file again by
 * exactly the change that was approved. Every refusal has its reason and a sentence. Never throws.
 */
export function undoEdit(now: string, { path, before, edit, approved }: EditedFile): UndoneManifest | Refusal {
  const isApproved = (text: string, { pieces }: EditedManifest): boolean =>
    fileChange(path, text, pieces).hash === approved;
  const merged = editManifest(before, edit);
  if (!merged.ok || !isApproved(before, merged)) return otherMerge;
  const again = editManifest(now, edit);
  if (again.ok) return isApproved(now, again) ? refusal('nothing-to-change', 'It is undone already.') : changedSince;
  if (again.reason !== 'nothing-to-change') return again;
  for (const pieces of inversesIn(now, before, merged.pieces, containerOf(now, edit))) {
    const text = withPieces(now, pieces);
    const redone = editManifest(text, edit);
    if (redone.ok && redone.text === now && isApproved(text, redone))
      return { ok: true, text, pieces, restores: redone.before };
  }
  return changedSince;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** The lines of the edit's container; of nothing where it cannot be found. */
function containerOf(text: string, edit: ManifestEdit): Span {
  const nowhere = { start: 0, end: 0 };
  const documents = parseDocuments(text);
  if ('code' in documents) return nowhere;
  const place = findContainer(text, documents, edit);
  const root = 'ok' in place ? null : (documents[place.document]?.contents ?? null);
  const range = root === null || 'ok' in place ? null : (nodeAt(root, place.path)?.range ?? null);
  if (range === null) return nowhere;
  const lineEnd = text.indexOf('\n', range[2]);
  return {
    start: text.lastIndexOf('\n', range[0]) + 1,
    end: lineEnd === -1 ? text.length : lineEnd,
  };
}

/** All ways to put the former lines where the new ones stand, in their order. */
function* inversesIn(now: string, before: string, pieces: readonly Piece[], within: Span): Generator<readonly Piece[]> {
  let left = mostPlaces;
  function* placed(groups: readonly Group[], from: number): Generator<readonly Piece[]> {
    const [group, ...rest] = groups;
    if (group === undefined) {
      yield [];
      return;
    }
    const lines = joined(before, group, 'after');
    for (let at = now.indexOf(lines, from); at !== -1 && left > 0; at = now.indexOf(lines, at + 1)) {
      const end = at + lines.length;
      if (end > within.end) return;
      const isWhole = (at === 0 || now[at - 1] === '\n') && (end === now.length || now[end] === '\n');
      if (!isWhole) continue;
      left -= 1;
      for (const others of placed(rest, end)) yield [...inverse(before, group, at), ...others];
    }
  }
  yield* placed(groupsOf(before, pieces), within.start);
}

/** The pieces of a group the other way round, where its new lines begin at `at`. */
function inverse(before: string, { start, pieces }: Group, at: number): Piece[] {
  let moved = at - start;
  return pieces.map((piece) => {
    const from = piece.start + moved;
    moved += piece.insert.length - (piece.end - piece.start);
    return {
      start: from,
      end: from + piece.insert.length,
      insert: before.slice(piece.start, piece.end),
      about: piece.about,
    };
  });
}

function withPieces(text: string, pieces: readonly Piece[]): string {
  return pieces.reduceRight((now, { start, end, insert }) => now.slice(0, start) + insert + now.slice(end), text);
}
