/** Puts `insert` where the text from `start` to `end` stands. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly insert: string;
}

/** A splice of the original file; `about` names what it changes, for people. */
export interface Piece extends Splice {
  readonly about: string;
}

/** What a text that is being edited is made of: pieces of the original, and what was put in. */
type Part = { readonly start: number; readonly end: number } | { readonly insert: string; readonly about: string };

/** A text that is edited step by step, each step in the places of the text as it is then. */
export interface Draft {
  readonly text: string;
  readonly parts: readonly Part[];
}

export function draftOf(text: string): Draft {
  return { text, parts: [{ start: 0, end: text.length }] };
}

/** Carries out splices, which may not overlap. */
export function edited(draft: Draft, splices: readonly Splice[], about: string): Draft {
  // From the end, so that the places before stay as they are.
  return splices
    .toSorted((a, b) => b.start - a.start)
    .reduce<Draft>(
      ({ text, parts }, { start, end, insert }) => ({
        text: text.slice(0, start) + insert + text.slice(end),
        parts: [...cut(parts, 0, start), { insert, about }, ...cut(parts, end, text.length)],
      }),
      draft,
    );
}

/** All that has to be done to the original to get the text, from its beginning to its end. */
export function piecesOf({ parts }: Draft, originalLength: number): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let pending: { insert: string; about: Set<string> } | null = null;
  for (const part of [...parts, { start: originalLength, end: originalLength }]) {
    if ('insert' in part) {
      pending ??= { insert: '', about: new Set() };
      pending.insert += part.insert;
      pending.about.add(part.about);
      continue;
    }
    if (pending !== null || part.start > at) {
      const { insert, about } = pending ?? { insert: '', about: new Set<string>() };
      pieces.push({ start: at, end: part.start, insert, about: [...about].join(', ') });
    }
    pending = null;
    at = part.end;
  }
  return pieces;
}

/** The parts that make up a stretch of the text. */
function cut(parts: readonly Part[], from: number, to: number): Part[] {
  let at = 0;
  return parts.flatMap((part): Part[] => {
    const length = 'insert' in part ? part.insert.length : part.end - part.start;
    const start = Math.max(from - at, 0);
    const end = Math.min(to - at, length);
    at += length;
    if (start >= end) return [];
    if ('insert' in part) return [{ insert: part.insert.slice(start, end), about: part.about }];
    return [{ start: part.start + start, end: part.start + end }];
  });
}
