/** Lines `[from, to)` of the old text become lines `[newFrom, newTo)` of the new one. */
export interface Change {
  readonly from: number;
  readonly to: number;
  readonly newFrom: number;
  readonly newTo: number;
}

/** Past so many differing lines everything between the first and the last difference counts as replaced. */
const longestScript = 1_500;

/** The lines of a text, each with its line end. */
export function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.split(/(?<=\n)/);
}

/**
 * The shortest list of changes from one text to the other, in order.
 * Source: E. W. Myers, "An O(ND) Difference Algorithm and Its Variations", 1986, the greedy form.
 */
export function diffLines(before: readonly string[], after: readonly string[]): readonly Change[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1;
  let tail = 0;
  while (
    tail < before.length - head &&
    tail < after.length - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  ) {
    tail += 1;
  }
  const old = before.slice(head, before.length - tail);
  const fresh = after.slice(head, after.length - tail);
  if (old.length === 0 && fresh.length === 0) return [];
  const kept = keptPairs(old, fresh);
  const changes: Change[] = [];
  let from = 0;
  let newFrom = 0;
  for (const [to, newTo] of [...kept, [old.length, fresh.length] as const]) {
    if (to > from || newTo > newFrom) {
      changes.push({ from: head + from, to: head + to, newFrom: head + newFrom, newTo: head + newTo });
    }
    from = to + 1;
    newFrom = newTo + 1;
  }
  return changes;
}

/** Places of the lines that both keep, `[old, new]`, in order. */
function keptPairs(old: readonly string[], fresh: readonly string[]): readonly (readonly [number, number])[] {
  const furthest = new Map<number, number>([[1, 0]]);
  const reached: ReadonlyMap<number, number>[] = [];
  const at = (map: ReadonlyMap<number, number>, diagonal: number): number => map.get(diagonal) ?? -1;
  const isDown = (map: ReadonlyMap<number, number>, diagonal: number, edits: number): boolean =>
    diagonal === -edits || (diagonal !== edits && at(map, diagonal - 1) < at(map, diagonal + 1));

  const length = Math.min(old.length + fresh.length, longestScript);
  for (let edits = 0; edits <= length; edits += 1) {
    reached.push(new Map(furthest));
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let x = isDown(furthest, diagonal, edits) ? at(furthest, diagonal + 1) : at(furthest, diagonal - 1) + 1;
      while (x < old.length && x - diagonal < fresh.length && old[x] === fresh[x - diagonal]) x += 1;
      furthest.set(diagonal, x);
      if (x >= old.length && x - diagonal >= fresh.length) return walkBack(edits);
    }
  }
  return [];

  function walkBack(edits: number): readonly (readonly [number, number])[] {
    const pairs: (readonly [number, number])[] = [];
    let x = old.length;
    let y = fresh.length;
    for (let step = edits; step >= 0; step -= 1) {
      const map = reached[step] ?? furthest;
      const diagonal = x - y;
      const from = isDown(map, diagonal, step) ? diagonal + 1 : diagonal - 1;
      const startX = step === 0 ? 0 : at(map, from);
      const startY = startX - (step === 0 ? 0 : from);
      while (x > startX && y > startY && old[x - 1] === fresh[y - 1]) {
        x -= 1;
        y -= 1;
        pairs.push([x, y]);
      }
      x = startX;
      y = startY;
    }
    return pairs.toReversed();
  }
}
