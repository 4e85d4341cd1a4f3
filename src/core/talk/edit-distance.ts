/** Levenshtein distance with swapped neighbours counted as one edit (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let older: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current.push(
        Math.min(
          cell(above, column) + 1,
          cell(current, column - 1) + 1,
          cell(above, column - 1) + (same ? 0 : 1),
          swapped ? cell(older, column - 2) + 1 : Infinity,
        ),
      );
    }
    older = above;
    above = current;
  }
  return cell(above, b.length);
}

/**
 * The candidates nearest to a word, nearest first, at most `limit`, none further away than `within` edits. One that is
 * as far away as the word is long has nothing to do with it.
 */
export function nearest(word: string, candidates: readonly string[], limit: number, within: number): readonly string[] {
  return candidates
    .filter((candidate) => Math.abs(candidate.length - word.length) <= within)
    .map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
    .filter(({ distance }) => distance <= within && distance < word.length)
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, limit)
    .map(({ candidate }) => candidate);
}

function cell(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
