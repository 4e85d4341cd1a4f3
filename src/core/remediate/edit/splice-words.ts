import { Scalar } from 'yaml';
import type { WordChange } from '../../recommend/env-change.ts';
import type { Splice } from './edit-script.ts';

/**
 * Changes single words of a string where they stand in the source of a file, whatever style it is written in: quotes,
 * escapes, line breaks and the other words stay as they are. `start` is where the source begins. Null where a word
 * stands there not exactly once.
 */
export function spliceWords(
  source: string,
  { type }: Pick<Scalar, 'type'>,
  words: readonly WordChange[],
  start: number,
): Splice[] | null {
  const splices = words.flatMap(({ from, to }): Splice[] => {
    if (from === null) {
      const end = start + contentEnd(source, type);
      return [{ start: end, end, insert: ` ${to}` }];
    }
    const [found, ...more] = placesOf(source, from.split(' '));
    if (found === undefined || more.length > 0) return [];
    return [{ start: start + found.start, end: start + found.end, insert: to }];
  });
  return splices.length === words.length ? splices : null;
}

/** Where the parts stand, apart by any white space, and with white space or quotes around them. */
function placesOf(source: string, [first = '', ...others]: readonly string[]): Pick<Splice, 'start' | 'end'>[] {
  const places: Pick<Splice, 'start' | 'end'>[] = [];
  for (let start = source.indexOf(first); start !== -1; start = source.indexOf(first, start + 1)) {
    const end = others.reduce((at, part) => behind(source, at, part), start + first.length);
    if (end <= source.length && isEdge(source.charAt(start - 1)) && isEdge(source.charAt(end)))
      places.push({ start, end });
  }
  return places;
}

/** Where a part ends that follows on white space; beyond the source where another one does. */
function behind(source: string, at: number, part: string): number {
  let next = at;
  while (/\s/.test(source.charAt(next))) next += 1;
  return next > at && source.startsWith(part, next) ? next + part.length : Infinity;
}

function isEdge(character: string): boolean {
  return character === '' || /[\s"']/.test(character);
}

function contentEnd(source: string, type: Scalar['type']): number {
  const isQuoted = type === Scalar.QUOTE_DOUBLE || type === Scalar.QUOTE_SINGLE;
  return source.slice(0, isQuoted ? -1 : undefined).trimEnd().length;
}
