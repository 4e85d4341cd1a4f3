import { type Change, diffLines, linesOf } from './diff-lines.ts';

export interface UnifiedDiff {
  /** From the first `@@` on, without file names and without a line end at its end: what GitHub calls `patch`. */
  readonly patch: string;
  readonly additions: number;
  readonly deletions: number;
}

const context = 3;
const noLineEnd = '\\ No newline at end of file\n';

/** One text turned into the other as a unified diff with three lines of context and git's hunk headings. */
export function unifiedDiff(before: string, after: string): UnifiedDiff {
  const old = linesOf(before);
  const fresh = linesOf(after);
  const changes = diffLines(old, fresh);
  const sum = (of: (change: Change) => number): number => changes.reduce((total, change) => total + of(change), 0);
  return {
    patch: hunksOf(changes)
      .map((hunk) => hunkText(hunk, old, fresh))
      .join('')
      .replace(/\n$/, ''),
    additions: sum((change) => change.newTo - change.newFrom),
    deletions: sum((change) => change.to - change.from),
  };
}

/** Changes that are so near to each other that their context would overlap. */
function hunksOf(changes: readonly Change[]): readonly (readonly Change[])[] {
  const hunks: Change[][] = [];
  for (const change of changes) {
    const previous = hunks.at(-1);
    const end = previous?.at(-1)?.to;
    if (previous !== undefined && end !== undefined && change.from - end <= 2 * context) previous.push(change);
    else hunks.push([change]);
  }
  return hunks;
}

function hunkText(hunk: readonly Change[], old: readonly string[], fresh: readonly string[]): string {
  const first = hunk[0];
  const last = hunk.at(-1);
  if (first === undefined || last === undefined) return '';
  const from = Math.max(0, first.from - context);
  const to = Math.min(old.length, last.to + context);
  const newFrom = first.newFrom - (first.from - from);
  const newTo = last.newTo + (to - last.to);
  const lines: string[] = [];
  let at = from;
  for (const change of hunk) {
    lines.push(...old.slice(at, change.from).map((line) => signed(' ', line)));
    lines.push(...old.slice(change.from, change.to).map((line) => signed('-', line)));
    lines.push(...fresh.slice(change.newFrom, change.newTo).map((line) => signed('+', line)));
    at = change.to;
  }
  lines.push(...old.slice(at, to).map((line) => signed(' ', line)));
  // Git names the last line before the hunk that starts in the first column with a letter: `spec:`, `kind: …`.
  const heading = old.slice(0, from).findLast((line) => /^[A-Za-z_$]/.test(line));
  const title = heading === undefined ? '' : ` ${heading.trimEnd().slice(0, 80)}`;
  return `@@ -${range(from, to)} +${range(newFrom, newTo)} @@${title}\n${lines.join('')}`;
}

function signed(sign: string, line: string): string {
  return line.endsWith('\n') ? sign + line : `${sign}${line}\n${noLineEnd}`;
}

function range(from: number, to: number): string {
  const count = to - from;
  // An empty range is named by the line before it.
  return count === 1 ? `${from + 1}` : `${count === 0 ? from : from + 1},${count}`;
}
