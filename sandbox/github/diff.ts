/** Lines `[from, to)` of the old text become lines `[newFrom, newTo)` of the new one. */
interface Change {
  readonly from: number;
  readonly to: number;
  readonly newFrom: number;
  readonly newTo: number;
}

export interface UnifiedDiff {
  /** From the first `@@` on, without file names and without a line end at its end: what GitHub calls `patch`. */
  readonly patch: string;
  readonly additions: number;
  readonly deletions: number;
}

const context = 3;
/** Past so many pairs of lines the shortest list of changes is not looked for. */
const mostPairs = 4_000_000;

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.split(/(?<=\n)/);
}

/** One text turned into the other as a unified diff with three lines of context. */
export function unifiedDiff(before: string, after: string): UnifiedDiff {
  const old = linesOf(before);
  const fresh = linesOf(after);
  const changes = changesOf(old, fresh);
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

/** A three-way merge by lines; undefined where changes touch each other and are not the same. */
export function mergeTexts(base: string, ours: string, theirs: string): string | undefined {
  const lines = linesOf(base);
  const changesTo = (text: string): readonly { readonly change: Change; readonly text: string }[] => {
    const fresh = linesOf(text);
    return changesOf(lines, fresh).map((change) => ({
      change,
      text: fresh.slice(change.newFrom, change.newTo).join(''),
    }));
  };
  const our = changesTo(ours);
  const isSame = (one: (typeof our)[number], other: (typeof our)[number]): boolean =>
    one.change.from === other.change.from && one.change.to === other.change.to && one.text === other.text;
  const added = changesTo(theirs).filter((one) => !our.some((other) => isSame(one, other)));
  // NOTE: git also refuses changes on neighbouring lines, where no common line stands between them.
  const touch = (one: Change, other: Change): boolean => one.from <= other.to && other.from <= one.to;
  if (added.some((one) => our.some((other) => touch(one.change, other.change)))) return undefined;
  let merged = '';
  let at = 0;
  for (const { change, text } of [...our, ...added].toSorted((a, b) => a.change.from - b.change.from)) {
    merged += lines.slice(at, change.from).join('') + text;
    at = change.to;
  }
  return merged + lines.slice(at).join('');
}

/** The shortest list of changes from one text to the other, in order: what the longest common subsequence leaves. */
function changesOf(before: readonly string[], after: readonly string[]): readonly Change[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1;
  let tail = 0;
  const most = Math.min(before.length, after.length) - head;
  while (tail < most && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const old = before.slice(head, before.length - tail);
  const fresh = after.slice(head, after.length - tail);

  // How many lines the rests of both, from these lines on, have in common.
  const width = fresh.length + 1;
  const isLarge = old.length * fresh.length > mostPairs;
  const common = new Uint32Array(isLarge ? 0 : (old.length + 1) * width);
  const at = (x: number, y: number): number => common[x * width + y] ?? 0;
  for (let x = isLarge ? -1 : old.length - 1; x >= 0; x -= 1) {
    for (let y = fresh.length - 1; y >= 0; y -= 1) {
      common[x * width + y] = old[x] === fresh[y] ? at(x + 1, y + 1) + 1 : Math.max(at(x + 1, y), at(x, y + 1));
    }
  }
  const changes: Change[] = [];
  let [x, y, from, newFrom] = [0, 0, 0, 0];
  const end = (): void => {
    if (x === from && y === newFrom) return;
    changes.push({ from: head + from, to: head + x, newFrom: head + newFrom, newTo: head + y });
  };
  while (x < old.length || y < fresh.length) {
    if (x < old.length && y < fresh.length && old[x] === fresh[y]) {
      end();
      [x, y] = [x + 1, y + 1];
      [from, newFrom] = [x, y];
    } else if (y >= fresh.length || (x < old.length && at(x + 1, y) >= at(x, y + 1))) x += 1;
    else y += 1;
  }
  end();
  return changes;
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
  const lines: string[] = [];
  let at = from;
  for (const change of hunk) {
    lines.push(...old.slice(at, change.from).map((line) => signed(' ', line)));
    lines.push(...old.slice(change.from, change.to).map((line) => signed('-', line)));
    lines.push(...fresh.slice(change.newFrom, change.newTo).map((line) => signed('+', line)));
    at = change.to;
  }
  lines.push(...old.slice(at, to).map((line) => signed(' ', line)));
  const newFrom = first.newFrom - (first.from - from);
  const newTo = last.newTo + (to - last.to);
  return `@@ -${range(from, to)} +${range(newFrom, newTo)} @@\n${lines.join('')}`;
}

function signed(sign: string, line: string): string {
  return line.endsWith('\n') ? sign + line : `${sign}${line}\n\\ No newline at end of file\n`;
}

function range(from: number, to: number): string {
  const count = to - from;
  // An empty range is named by the line before it.
  return count === 1 ? `${from + 1}` : `${count === 0 ? from : from + 1},${count}`;
}
