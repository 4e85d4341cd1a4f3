import type { SpecFacts } from '../../evidence/evidence.ts';

/** Where a flag stands. `certain`: the runtime reads it by itself, or the command shows that it is passed on. */
export type Place = { readonly in: 'env'; readonly name: string; readonly certain: boolean } | { readonly in: 'args' };

/** One word of what a runtime is started with. */
export interface Word {
  readonly text: string;
  readonly place: Place;
}

const separators = /(?:[^\s"'`;&|()]|"[^"]*"|'[^']*')+/g;
/** `$NAME`, `${NAME}` of a shell, `$(NAME)` of Kubernetes; shell defaults like `${NAME:-…}` too. */
const reference = /\$(?:\{(\w+)(?:[^\w}][^}]{0,99})?\}|\((\w+)\)|(\w+))/g;

/** Words of a command line or of a variable that holds options; quotes around a word are dropped. */
export function wordsOf(text: string): string[] {
  return (text.match(separators) ?? []).map((word) => word.replaceAll(/["']/g, ''));
}

/** A word as it stands in its text, with its quotes, and where. */
export interface PlacedWord {
  readonly raw: string;
  readonly start: number;
  readonly end: number;
}

/** The words of a text, in their places. */
export function placedWords(text: string): PlacedWord[] {
  return [...text.matchAll(separators)].map(({ 0: raw, index }) => ({ raw, start: index, end: index + raw.length }));
}

/** More than any program is started with: a class path of hundreds of archives has 60 000 characters. */
const most = { words: 10_000, characters: 256 * 1024 };

/**
 * Reads what one program is started with, up to `most`: whoever may write a pod may name a long variable in it a
 * thousand times. Once it is too long, nothing more is read, and nothing that was read says what the program does.
 */
export interface WordReader {
  /** Words of the texts as they are written. */
  readonly ofTexts: (texts: readonly string[]) => readonly Word[];
  /** The words of a variable's value. */
  readonly ofVariable: (name: string, certain: boolean) => readonly Word[];
  /** The words of the command and its arguments; a variable that stands in them gives its own words at its place. */
  readonly ofCommand: () => readonly Word[];
  readonly isTooLong: () => boolean;
}

export function createWordReader({ args, env }: Pick<SpecFacts, 'args' | 'env'>): WordReader {
  let left = most;
  let isTooLong = false;
  /** Each variable is split once; where it stands again, its words are the same and count again. */
  const ofVariables = new Map<string, readonly Word[]>();

  const takes = (words: number, characters: number): boolean => {
    left = { words: left.words - words, characters: left.characters - characters };
    isTooLong ||= left.words < 0 || left.characters < 0;
    return !isTooLong;
  };

  const ofText = (text: string, place: Place): readonly Word[] => {
    if (!takes(0, text.length)) return [];
    const words = wordsOf(text);
    return takes(words.length, 0) ? words.map((word) => ({ text: word, place })) : [];
  };

  const ofVariable = (name: string, certain: boolean): readonly Word[] => {
    const value = env[name] ?? '';
    const key = `${certain} ${name}`;
    const known = ofVariables.get(key);
    if (known !== undefined) return takes(known.length, value.length) ? known : [];
    const words = ofText(value, { in: 'env', name, certain });
    ofVariables.set(key, words);
    return words;
  };

  const ofArgument = (argument: string): readonly Word[] => {
    const words: Word[] = [];
    let from = 0;
    for (const match of argument.matchAll(reference)) {
      const name = match[1] ?? match[2] ?? match[3] ?? '';
      // Only a variable that stands alone can hold whole words: `-Xmx$HEAP` is one word that nobody reads here.
      if (!/[\s"']/.test(argument[match.index - 1] ?? ' ')) continue;
      words.push(...ofText(argument.slice(from, match.index), { in: 'args' }), ...ofVariable(name, true));
      if (isTooLong) return [];
      from = match.index + match[0].length;
    }
    return [...words, ...ofText(argument.slice(from), { in: 'args' })];
  };

  return {
    ofTexts: (texts) => texts.flatMap((text) => ofText(text, { in: 'args' })),
    ofVariable,
    ofCommand: () => args.flatMap((argument) => (isTooLong ? [] : ofArgument(argument))),
    isTooLong: () => isTooLong,
  };
}

/**
 * The options that a program was given on its command line: the words between its name and the first that is no
 * option. Without its name in sight they count from the beginning, if that is an option (the image starts the program
 * and the arguments follow). `takesValue` names options whose value is the next word.
 */
export function optionsOf(words: readonly Word[], program: RegExp, takesValue: RegExp, last: RegExp): Word[] {
  const at = words.findIndex(({ text }) => program.test(text.split('/').at(-1) ?? ''));
  if (at === -1 && words[0]?.text.startsWith('-') !== true) return [];
  const options: Word[] = [];
  for (let index = at + 1; index < words.length; index += 1) {
    const word = words[index];
    if (word === undefined || last.test(word.text) || !word.text.startsWith('-')) break;
    options.push(word);
    if (!takesValue.test(word.text)) continue;
    const value = words[index + 1];
    if (value) options.push(value);
    index += 1;
  }
  return options;
}
