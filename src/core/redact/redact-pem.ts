import { mark } from './mark.ts';

const begins = /-----BEGIN [A-Z0-9 ]{1,40}-----/;
const ends = /-----END [A-Z0-9 ]{1,40}-----/;
/** What a key may have before its first line of Base64. */
const header = /(?:Proc-Type|DEK-Info|Comment|Version): /;
/** Base64 at the end of a line; a logger puts words of its own before it. */
const lastRun = /(?<![A-Za-z0-9+/])([A-Za-z0-9+/]{2,})(={0,2})[\s"',]{0,4}$/;
/** A line of a key whose begin is not to be seen: PEM has 64 letters a line. */
const longRun = /(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{60,}={0,2}/g;

/**
 * Hides keys and certificates in PEM: whole blocks, blocks of which only the begin or the middle is there, and those that
 * stand in one line with `\n` between. Lines are oldest first.
 */
export function redactPem(lines: readonly string[]): readonly string[] {
  let inBlock = false;
  return lines.map((line) => {
    if (inBlock) {
      const end = ends.exec(line);
      if (end === null) {
        if (line.trim() === '' || header.test(line)) return line;
        const at = keyStart(line);
        if (at !== null) return `${line.slice(0, at)}${mark}`;
      }
      const { text, isOpen } = withoutBlocks(end === null ? line : line.slice(end.index + end[0].length));
      inBlock = isOpen;
      return end === null ? withoutLongRuns(text) : `${mark}${withoutLongRuns(text)}`;
    }
    const { text, isOpen } = withoutBlocks(line);
    inBlock = isOpen;
    return withoutLongRuns(text);
  });
}

/** One line without the blocks in it; whether one is still open at its end. */
function withoutBlocks(line: string): { readonly text: string; readonly isOpen: boolean } {
  const parts: string[] = [];
  let rest = line;
  for (;;) {
    const begin = begins.exec(rest);
    if (begin === null) return { text: parts.join('') + rest, isOpen: false };
    parts.push(rest.slice(0, begin.index), mark);
    rest = rest.slice(begin.index + begin[0].length);
    const end = ends.exec(rest);
    if (end === null) return { text: parts.join(''), isOpen: true };
    rest = rest.slice(end.index + end[0].length);
  }
}

/** Where the Base64 of a line inside a block begins; null for a line that is not of the block. */
function keyStart(line: string): number | null {
  const found = lastRun.exec(line);
  if (found === null) return null;
  const [, letters = '', padding = ''] = found;
  const isWhole = letters.length > 8 && found[0].trim() === line.trim();
  return padding !== '' || isWhole || hasAllKinds(letters) ? found.index : null;
}

function withoutLongRuns(line: string): string {
  return line.replace(longRun, (run) => (hasAllKinds(run) ? mark : run));
}

/** Neither a path nor a hash nor a word has all three. */
function hasAllKinds(text: string): boolean {
  return /[a-z]/.test(text) && /[A-Z]/.test(text) && /\d/.test(text);
}
