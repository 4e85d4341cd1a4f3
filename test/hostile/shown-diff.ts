/** One place of a shown diff: the line above what is put in, or the lines that are replaced. */
interface Hunk {
  readonly above: string | null;
  readonly gone: readonly string[];
  readonly added: readonly string[];
}

/**
 * Does to a file what a diff that people were shown says, and nothing else. `…` stands for what stays as it is in its
 * line. Line by line from `from` on, so that what is shown for another container cannot be meant.
 */
export function applyShown(text: string, diff: string, from: string): string {
  const lines = text.split('\n');
  let at = lines.findIndex((line) => line.includes(from));
  for (const { above, gone, added } of hunksOf(diff)) {
    const wanted = above === null ? gone : [above];
    const pattern = patternOf(wanted);
    const found = lines.findIndex((_, index) => index >= at && pattern.test(windowOf(lines, index, wanted.length)));
    if (found === -1) throw new Error(`no line of the file is like ${wanted.join('\n')}`);
    const is = windowOf(lines, found, wanted.length);
    const kept = (pattern.exec(is) ?? []).slice(1);
    const eol = is.endsWith('\r') ? '\r' : '';
    const result = added.map((line) => line.replaceAll('…', () => kept.shift() ?? '') + eol);
    if (above === null) lines.splice(found, wanted.length, ...result);
    else lines.splice(found + 1, 0, ...result);
    at = found;
  }
  return lines.join('\n');
}

function windowOf(lines: readonly string[], index: number, count: number): string {
  return lines.slice(index, index + count).join('\n');
}

function patternOf(lines: readonly string[]): RegExp {
  const escaped = lines.join('\n').replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('…', '(.*)')}\r?$`);
}

function hunksOf(diff: string): Hunk[] {
  return diff
    .split(/^@@ .* @@$/m)
    .slice(1)
    .map((part) => {
      const lines = part.split('\n').filter((line) => line !== '');
      const of = (sign: string): string[] => lines.filter((line) => line.startsWith(sign)).map((line) => line.slice(1));
      return { above: of(' ')[0] ?? null, gone: of('-'), added: of('+') };
    });
}
