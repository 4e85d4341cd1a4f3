import { parseArgs } from 'node:util';
import { nearest } from '../src/core/talk/edit-distance.ts';
import { wrongOption } from '../src/core/talk/wrong-option.ts';
import { sizes } from './benchmark.ts';
import type { Benchmark, Size } from './benchmark.ts';

export type Options =
  | { readonly is: 'run'; readonly benchmarks: readonly Benchmark[]; readonly size: Size; readonly json: boolean }
  | { readonly is: 'help' }
  /** A sentence that says what is wrong and what would be right. */
  | { readonly is: 'wrong'; readonly problem: string };

const options = {
  json: { type: 'boolean', default: false },
  size: { type: 'string', default: 'default' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** What was typed. Without a name all benchmarks run, in the order in which they are known. */
export function readOptions(args: readonly string[], known: readonly Benchmark[]): Options {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    const names = Object.keys(options).map((name) => `--${name}`);
    return { is: 'wrong', problem: wrongOption(args, names, error) };
  }
  const { values, positionals } = parsed;
  if (values.help) return { is: 'help' };
  const size = sizes.find((one) => one === values.size);
  if (size === undefined) return { is: 'wrong', problem: `--size ${values.size}: it is ${sizes.join(', ')}` };
  const unknown = positionals.find((name) => known.every((one) => one.name !== name));
  if (unknown !== undefined) return { is: 'wrong', problem: unknownName(unknown, known) };
  const wanted = known.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  return { is: 'run', benchmarks: wanted, size, json: values.json };
}

/** The text of `--help`. */
export function usage(known: readonly Benchmark[]): string {
  return `How fast, next to a floor that is measured in the same run on the same machine.

Usage: npm run -s bench -- [NAME …] [--json] [--size ${sizes.join(' | ')}]

${known.map(({ name, about }) => `  ${name.padEnd(14)}${about}`).join('\n')}

  --json        one line of JSON for each benchmark on standard output, and nothing else there
  --size SIZE   small only shows that it runs; full is for numbers that are written down (default: default)

Without a name all of them run. docs/benchmarks.md says what each measures.
`;
}

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], allowPositionals: true, options });
}

function unknownName(word: string, known: readonly Benchmark[]): string {
  const names = known.map(({ name }) => name);
  const [close] = nearest(word, names, 1, 3);
  const meant = close === undefined ? '' : ` Did you mean ${close}?`;
  return `There is no benchmark ${word}.${meant} There are ${names.join(', ')}.`;
}
