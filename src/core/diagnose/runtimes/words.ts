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

/** The words of a variable's value. */
export function wordsOfVariable(env: SpecFacts['env'], name: string, certain: boolean): Word[] {
  return wordsOf(env[name] ?? '').map((text) => ({ text, place: { in: 'env', name, certain } }));
}

/** The words of the command and its arguments; a variable that stands in them gives its own words at its place. */
export function wordsOfCommand({ args, env }: Pick<SpecFacts, 'args' | 'env'>): Word[] {
  return args.flatMap((argument) => {
    const words: Word[] = [];
    let from = 0;
    for (const match of argument.matchAll(reference)) {
      const name = match[1] ?? match[2] ?? match[3] ?? '';
      // Only a variable that stands alone can hold whole words: `-Xmx$HEAP` is one word that nobody reads here.
      const alone = /[\s"']/.test(argument[match.index - 1] ?? ' ');
      if (!alone) continue;
      words.push(...inArgs(argument.slice(from, match.index)), ...wordsOfVariable(env, name, true));
      from = match.index + match[0].length;
    }
    return [...words, ...inArgs(argument.slice(from))];
  });
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

function inArgs(text: string): Word[] {
  return wordsOf(text).map((word) => ({ text: word, place: { in: 'args' } }));
}
