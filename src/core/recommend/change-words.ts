import { placedWords, wordsOf } from '../diagnose/runtimes/words.ts';
import type { PlacedWord } from '../diagnose/runtimes/words.ts';
import type { EnvChange } from './env-change.ts';

/** The value with the change in it, or why it is not changed. */
export type ChangedValue =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly why: NoPlace; readonly word: string };

/** Why a word has no place in a value that is surely the one that is meant. */
export type NoPlace = 'missing' | 'twice' | 'quoted';

/** A variable of a container; null where its value comes from somewhere else (`valueFrom`). */
export interface Variable {
  readonly name: string;
  readonly value: string | null;
}

/** Changes only the words that are to change; every other character of the value stays. */
export function withWords(value: string, { words }: EnvChange): ChangedValue {
  let current = value;
  for (const word of words) {
    const place = word.from === null ? endOf(current) : placeOf(current, word.from);
    if (typeof place === 'string') return { ok: false, why: place, word: word.from ?? word.to };
    const space = word.from === null && place.start > 0 ? ' ' : '';
    const [head, tail] = [current.slice(0, place.start), current.slice(place.end)];
    current = word.to === '' ? closedUp(head, tail) : head + space + word.to + tail;
  }
  return { ok: true, value: current };
}

/** Whether a value has the change already. Null = not set. */
export function hasWords(value: string | null, { words }: EnvChange): boolean {
  const is = wordsOf(value ?? '');
  const has = (text: string): boolean => matches(is, text.split(' ')).length > 0;
  return words.every(({ from, to }) => (to === '' || has(to)) && (from === null || from === to || !has(from)));
}

/** With a word goes one of the spaces beside it. */
function closedUp(head: string, tail: string): string {
  return head === '' ? tail.replace(/^\s/, '') : head.replace(/\s$/, '') + tail;
}

/** The value that a variable is to have among the variables of its container, or a sentence that says why none. */
export function valueAfter(
  variables: readonly Variable[],
  change: EnvChange,
): { readonly value: string } | { readonly problem: string } {
  const { name, words, others } = change;
  const [found, ...more] = variables.filter((one) => one.name === name);
  if (more.length > 0) return { problem: `${name} is set twice; remove the one that is not meant.` };
  if (found?.value === null)
    return { problem: `${name} comes from a Secret or ConfigMap (valueFrom), or is too long; change it by hand.` };
  const value = found?.value ?? '';
  if (value.trim() === '' && (others || words.some(({ from }) => from !== null)))
    return { problem: `${name} is not set in the template but by something else; change it there.` };
  const changed = withWords(value, change);
  return changed.ok ? changed : { problem: noPlaceWords(name, changed.word, changed.why) };
}

/** Why a word cannot be changed in a variable, and what to do. */
export function noPlaceWords(name: string, word: string, why: NoPlace): string {
  switch (why) {
    case 'missing':
      return `${name} has no ${word} there; change it by hand.`;
    case 'twice':
      return `${name} has ${word} more than once, so it is unclear which one to change; change it by hand.`;
    case 'quoted':
      return `${name} has quotes that ${word} is part of, or that do not match; change it by hand.`;
  }
}

function placeOf(value: string, word: string): Pick<PlacedWord, 'start' | 'end'> | NoPlace {
  const placed = placedWords(value);
  const parts = word.split(' ');
  const found = matches(
    placed.map(({ raw }) => unquoted(raw)),
    parts,
  );
  const [at, ...more] = found;
  if (hasOpenQuote(value, placed)) return 'quoted';
  if (at === undefined) return 'missing';
  if (more.length > 0) return 'twice';
  const own = placed.slice(at, at + parts.length);
  const [first, last] = [own[0], own.at(-1)];
  if (!first || !last || own.some(({ raw }, index) => raw !== parts[index])) return 'quoted';
  const { start } = first;
  const { end } = last;
  const isAlone = /^\s?$/.test(value.charAt(start - 1)) && /^\s?$/.test(value.charAt(end));
  const isTogether = value.slice(start, end).split(/\s+/).length === parts.length;
  return isAlone && isTogether ? { start, end } : 'quoted';
}

/** Behind the last word. */
function endOf(value: string): Pick<PlacedWord, 'start' | 'end'> | NoPlace {
  if (hasOpenQuote(value, placedWords(value))) return 'quoted';
  const at = value.trimEnd().length;
  return { start: at, end: at };
}

/** A quote that is in no word closes nowhere. */
function hasOpenQuote(value: string, placed: readonly PlacedWord[]): boolean {
  let from = 0;
  for (const { start, end } of [...placed, { start: value.length, end: value.length }]) {
    if (/["']/.test(value.slice(from, start))) return true;
    from = end;
  }
  return false;
}

/** Where the parts stand one behind the other. */
function matches(words: readonly string[], parts: readonly string[]): number[] {
  return words.flatMap((_, index) => (parts.every((part, n) => words[index + n] === part) ? [index] : []));
}

function unquoted(raw: string): string {
  return raw.replaceAll(/["']/g, '');
}
