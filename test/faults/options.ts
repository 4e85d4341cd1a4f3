import { parseArgs } from 'node:util';
import { nearest } from '../../src/core/talk/edit-distance.ts';
import { wrongOption } from '../../src/core/talk/wrong-option.ts';
import type { FaultRow } from './row.ts';

export type Options =
  | {
      readonly is: 'run';
      readonly rows: readonly FaultRow[];
      readonly incidents: number;
      readonly seed: number;
      /** As it was typed. */
      readonly out: string;
      readonly json: boolean;
    }
  | { readonly is: 'help' }
  /** A sentence that says what is wrong and what would be right. */
  | { readonly is: 'wrong'; readonly problem: string };

const options = {
  fault: { type: 'string', multiple: true },
  incidents: { type: 'string', default: '20' },
  seed: { type: 'string', default: '1' },
  out: { type: 'string', default: '.cache/faults' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** What was typed. Without `--fault` all rows run, in the order in which they are known. */
export function readOptions(args: readonly string[], known: readonly FaultRow[]): Options {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    const names = Object.keys(options).map((name) => `--${name}`);
    return { is: 'wrong', problem: wrongOption(args, names, error) };
  }
  const { values, positionals } = parsed;
  if (values.help) return { is: 'help' };
  const names = [...(values.fault ?? []), ...positionals].flatMap((text) => text.split(','));
  const unknown = names.find((name) => known.every((row) => row.name !== name));
  if (unknown !== undefined) return { is: 'wrong', problem: unknownRow(unknown, known) };
  const incidents = Number(values.incidents);
  if (!Number.isSafeInteger(incidents) || incidents < 1 || incidents > 100_000)
    return { is: 'wrong', problem: `--incidents ${values.incidents}: a whole number from 1 to 100000, such as 20` };
  const seed = Number(values.seed);
  if (!Number.isSafeInteger(seed) || seed < 0)
    return { is: 'wrong', problem: `--seed ${values.seed}: a whole number such as 7` };
  const rows = known.filter(({ name }) => names.length === 0 || names.includes(name));
  return { is: 'run', rows, incidents, seed, out: values.out, json: values.json };
}

/** The text of `--help`. */
export function usage(known: readonly FaultRow[]): string {
  const width = Math.max(...known.map(({ name }) => name.length)) + 2;
  return `What is lost and what is told twice while something breaks. Each row runs the three processes over a Redis of
their own beside the pretend cluster and the pretend Slack, lets incidents happen while its fault strikes, and counts
from the logs of the two simulators.

Usage: npm run -s faults -- [--fault NAME] [--incidents N] [--seed N] [--out DIR] [--json]

${known.map(({ name, about }) => `  ${name.padEnd(width)}${about}`).join('\n')}

  --fault NAME   only this row; may be given more than once
  --incidents N  how many incidents happen in each row (default ${options.incidents.default})
  --seed N       decides how often and when (default ${options.seed.default})
  --out DIR      what the simulators were asked is left there, a folder for each row (default ${options.out.default})
  --json         one line of JSON for each row on standard output, and nothing else there

Examples:
  npm run -s faults -- --json
  npm run -s faults -- --fault ${known[0]?.name ?? 'NAME'} --incidents 100 --seed 7

The exit code is 0 where every row did its work, struck at least once, and nothing was lost or doubled; 1 where not; 2
where the command was wrong.
`;
}

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], allowPositionals: true, options });
}

function unknownRow(word: string, known: readonly FaultRow[]): string {
  const names = known.map(({ name }) => name);
  const [close] = nearest(word, names, 1, 4);
  const meant = close === undefined ? '' : ` Did you mean ${close}?`;
  return `There is no fault ${word}.${meant} There are ${names.join(', ')}.`;
}
