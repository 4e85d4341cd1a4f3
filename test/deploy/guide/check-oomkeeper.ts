import { join } from 'node:path';
import { capture } from '../../../scripts/child.mjs';
import { projectRoot } from '../../../scripts/project.mjs';
import { commandNames } from '../../../src/app/command-line/commands.ts';
import { commandHelp } from '../../../src/app/command-line/help.ts';
import { optionsIn, splitOptions } from './flags.ts';

/** What is wrong with `oomkeeper …`: the command, its options and what else it takes, against its own help. */
export function checkOomkeeper([name = '', ...args]: readonly string[]): readonly string[] {
  if (name === '--help' || name === 'help' || name === '--version') return [];
  const help = commandNames.includes(name) ? commandHelp(name) : null;
  if (help === null) return [`there is no command ${name}`];
  return againstHelp(args, help);
}

const helps = new Map<string, Promise<string>>();
/** What is wrong with `npm run …`: the script has to be there, and what follows `--` is held against its help. */
export async function checkNpm(
  words: readonly string[],
  scripts: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const [, verb, ...more] = words.filter((word) => word !== '-s');
  const name = verb === 'run' ? more[0] : verb;
  if (name === undefined || scripts[name] === undefined) return [`there is no script ${name}`];
  const at = words.indexOf('--');
  const args = at === -1 ? [] : words.slice(at + 1);
  if (name === 'oomkeeper') return checkOomkeeper(args);
  // vitest's own, and names of files.
  if (args.length === 0 || name === 'test') return [];
  const help = helps.get(name) ?? helpOf(name);
  helps.set(name, help);
  return againstHelp(args, await help);
}

async function helpOf(name: string): Promise<string> {
  return (await capture(process.execPath, [join(projectRoot, `scripts/${name}.ts`), '--help'])).output;
}

function againstHelp(args: readonly string[], help: string): readonly string[] {
  if (args.includes('--help')) return [];
  const { words, problems } = splitOptions(args, optionsIn(help));
  const usage = help.slice(help.indexOf('Usage:')).split('\n\n')[0] ?? '';
  const takesAnything = / [A-Z]{2,}(?:[ .\]\n]|$)|\[NAME/.test(usage.replaceAll(/--[\w-]+ [A-Z]+/g, ''));
  const strange = words.filter((word) => !takesAnything && !usage.includes(`[${word}]`));
  return [...problems, ...strange.map((word) => `it takes no ${word}`)];
}
