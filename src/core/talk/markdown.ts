import { invisibleOrLineEnd } from '../units/invisible.ts';
import { cut } from '../units/text-bounds.ts';

/*
 * Names, log lines and queries come from clusters and repositories and are hostile: in the Markdown of a forge they
 * could mention people, close issues, load pictures, or look like our own words. GitHub looks for mentions and
 * references after Markdown was read, so that a backslash does not stop it; a word joiner, which nobody sees, does.
 */

const joiner = '\u2060';

const formatting = /[\\`*_{}[\]()<>#+!|~&$-]/g;
const references: readonly (readonly [RegExp, string])[] = [
  [/@/g, `@${joiner}`],
  [/#(?=\d)/g, `#${joiner}`],
  [/\bgh-(?=\d)/gi, `GH${joiner}-`],
  [/:\/\//g, `:${joiner}//`],
  [/\bwww\./gi, `www${joiner}.`],
  [/:(?=[\w+-]+:)/g, `:${joiner}`],
];

/** Hostile text as words in a line of Markdown: no mention, link, reference, emoji, picture or format is formed. */
export function markdownText(text: string, most = 600): string {
  // References first: between the backslashes they would not be found any more.
  return quietText(text, most).replaceAll(formatting, (character) => `\\${character}`);
}

/** The same for titles and commit messages, which are not Markdown: a commit message can close issues too. */
export function quietText(text: string, most: number): string {
  const line = cut(text.replaceAll(invisibleOrLineEnd, ' ').trim(), most);
  return references.reduce((now, [pattern, instead]) => now.replaceAll(pattern, instead), line);
}

/** Hostile text as code in a line of Markdown, where nothing is formed from it; '' stays ''. */
export function markdownCode(text: string, most = 600): string {
  const line = cut(text.replaceAll(invisibleOrLineEnd, ' ').trim(), most);
  if (line === '') return '';
  const fence = '`'.repeat(longestRun(line) + 1);
  // A space inside the fence is taken away again, and keeps backticks at the ends apart from it.
  return `${fence} ${line} ${fence}`;
}

/** Lines of hostile text as a block, coloured as `language`. */
export function markdownBlock(text: string, language: string, most = 20_000): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  const lines = text.length > most ? `${cut(text, most)}\n(the rest is left out here)` : text;
  return [`${fence}${language}`, lines, fence].join('\n');
}

function longestRun(text: string): number {
  return (text.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0);
}
