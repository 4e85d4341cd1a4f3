import { invisible, invisibleOrLineEnd } from '../../core/units/invisible.ts';

/*
 * Names, log lines and messages come from clusters, repositories and servers and are hostile: in a terminal an escape
 * sequence could recolour, move or retitle it, or make what is shown look like something else. All that a command
 * prints goes through here; colours are added afterwards.
 */

/** Text of others as one line of visible characters. */
export function shownLine(text: string): string {
  return text.replaceAll(invisibleOrLineEnd, ' ').trim();
}

/** The same with its lines kept, for texts that are ours and have the words of others in them. */
export function shownLines(text: string): string {
  return text
    .split('\n')
    .map((line) => line.replaceAll(invisible, ' ').trimEnd())
    .join('\n');
}

/** One line of JSON that is as safe to look at as it is to parse: what is invisible is written as an escape. */
export function jsonLine(value: object): string {
  return `${JSON.stringify(value).replaceAll(invisible, escaped)}\n`;
}

function escaped(character: string): string {
  return Array.from(
    { length: character.length },
    (_, index) => String.raw`\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('');
}

/** One line broken between words so that no line is longer than `width`, each after `indent`. A longer word stays whole. */
export function wrapped(line: string, width: number, indent = ''): string {
  const lines: string[] = [];
  let current = indent;
  for (const word of line.split(' ')) {
    const isFirst = current === indent;
    if (!isFirst && current.length + 1 + word.length > width) {
      lines.push(current);
      current = `${indent}${word}`;
    } else {
      current += isFirst ? word : ` ${word}`;
    }
  }
  return [...lines, current].join('\n');
}
