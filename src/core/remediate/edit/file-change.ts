import { createHash } from 'node:crypto';
import type { Piece } from './edit-script.ts';

/** How a change of a file is shown, and what binds an approval to it. */
export interface FileChange {
  /**
   * The lines that change, as they stand in the file. What stays of them beside the value is left out (`…`): it may
   * hold secrets. All that is written is in it.
   */
  readonly diff: string;
  /** sha256 (hex) of the file's path and of the whole lines before and after. */
  readonly hash: string;
  /** The lines afterwards, in one text. NOTE: may hold secrets. */
  readonly after: string;
}

/** Pieces whose lines touch, with those lines. */
export interface Group {
  readonly start: number;
  readonly end: number;
  readonly pieces: readonly Piece[];
}

/** The keys that a line may begin with, so that people see what it is. */
const key = /^\s*(?:- )?["']?(?:resources|limits|requests|memory|env|name|value)["']?:\s*/;
/** What may be shown of the rest: it says nothing. */
const marks = /^[\s"',[\]{}]*$/;

/** Shows and binds the pieces that were changed in a file. */
export function fileChange(path: string, text: string, pieces: readonly Piece[]): FileChange {
  const groups = groupsOf(text, pieces);
  const before = groups.map((group) => text.slice(group.start, group.end));
  const after = groups.map((group) => joined(text, group, 'after'));
  // A name of a file may hold anything, a line end too.
  const name = path.replaceAll(/\p{C}/gu, '�');
  return {
    diff: [`--- a/${name}`, `+++ b/${name}`, ...groups.flatMap((group) => shown(text, group))].join('\n'),
    hash: createHash('sha256')
      .update(JSON.stringify([path, before, after]))
      .digest('hex'),
    after: JSON.stringify(after),
  };
}

export function groupsOf(text: string, pieces: readonly Piece[]): Group[] {
  const groups: Group[] = [];
  for (const piece of pieces) {
    const start = text.lastIndexOf('\n', piece.start - 1) + 1;
    const lineFeed = text.indexOf('\n', piece.end);
    const end = lineFeed === -1 ? text.length : lineFeed;
    const last = groups.at(-1);
    if (last && start <= last.end)
      groups.splice(-1, 1, { start: last.start, end: Math.max(end, last.end), pieces: [...last.pieces, piece] });
    else groups.push({ start, end, pieces: [piece] });
  }
  return groups;
}

/** The whole lines of a group, as they were or as its pieces make them. */
export function joined(
  text: string,
  { start, end, pieces }: Group,
  side: 'before' | 'after',
  veil: (text: string, isFirst: boolean) => string = same,
): string {
  let at = start;
  let line = '';
  for (const piece of pieces) {
    line += veil(text.slice(at, piece.start), at === start);
    line += side === 'before' ? text.slice(piece.start, piece.end) : piece.insert;
    at = piece.end;
  }
  return line + veil(text.slice(at, end), at === start);
}

function shown(text: string, group: Group): string[] {
  const about = [...new Set(group.pieces.map((piece) => piece.about))].join(', ');
  const lines = (sign: '-' | '+', side: 'before' | 'after'): string[] =>
    joined(text, group, side, veiled)
      .split('\n')
      .map((line) => sign + line.replace(/\r$/, ''));
  const [before, after] = [lines('-', 'before'), lines('+', 'after')];
  // Whole lines that were only put in stand below the one that is shown before them.
  const [line = ''] = before;
  const stays = before.length === 1 && after[0]?.slice(1) === line.slice(1);
  return [`@@ ${about} @@`, ...(stays ? [` ${line.slice(1)}`, ...after.slice(1)] : [...before, ...after])];
}

function same(text: string): string {
  return text;
}

/** What stays of a line: its indentation and key, and `…` for the rest. */
function veiled(text: string, isFirst: boolean): string {
  const shownKey = isFirst ? (key.exec(text)?.[0] ?? '') : '';
  const rest = text.slice(shownKey.length);
  if (marks.test(rest)) return text;
  const before = rest.slice(0, rest.length - rest.trimStart().length);
  const behind = rest.slice(rest.trimEnd().length);
  return `${shownKey}${before}…${behind}`;
}
