import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { capture } from '../../../scripts/child.mjs';
import { fourValues } from '../sets.ts';
import { optionsIn, splitOptions } from './flags.ts';
import type { Workplace } from './workplace.ts';

const helps = new Map<string, Promise<string>>();
const valueOptions = ['--set', '--set-string', '--set-json', '--set-file', '--values', '-f'];
const token = { $SLACK_BOT_TOKEN: 'xoxb-1', $SLACK_APP_TOKEN: 'xapp-1' } as const;

/**
 * What is wrong with `helm …`: its options against the real helm's help; what installs or upgrades is rendered by it, so
 * that each value has to be one of the schema; what only looks at the chart is run as it stands.
 */
export async function checkHelm([, command = '', ...args]: readonly string[], { helm, folder }: Workplace) {
  const help = helps.get(command) ?? run(helm, [command, '--help']);
  helps.set(command, help);
  const { given, words, problems } = splitOptions(args, optionsIn(await help));
  if (problems.length > 0) return problems;
  const namespace = given.get('--namespace') ?? given.get('-n');
  const values = valueOptions.flatMap((name) => (given.get(name) ?? []).flatMap((value) => [name, withTokens(value)]));
  switch (command) {
    case 'install':
    case 'upgrade': {
      const [release = '', chart = ''] = words;
      // An upgrade has the values of the installation.
      const before = command === 'upgrade' ? ['--set-json', JSON.stringify(fourValues)] : [];
      const rendered = await capture(helm, ['template', release, chart, ...before, ...values], { cwd: folder });
      if (rendered.code !== 0) return [rendered.output];
      return named(release, namespace);
    }
    case 'template':
    case 'lint':
    case 'show':
    case 'package': {
      if (!(await exists(join(folder, words.at(-1) ?? '')))) return [`there is no chart ${words.at(-1)}`];
      const { code, output } = await capture(helm, [command, ...args.map(withTokens)], { cwd: folder });
      return code === 0 ? [] : [output];
    }
    case 'test':
    case 'uninstall':
    case 'rollback':
    case 'status':
      return named(words[0] ?? '', namespace);
    default:
      return [`nobody knows how to check helm ${command}`];
  }
}

const withTokens = (value: string): string =>
  Object.entries(token).reduce((text, [name, one]) => text.replace(name, one), value);

/** Every page calls them alike, and what is said of the objects' names holds only then. */
function named(release: string, namespace: readonly string[] | undefined): readonly string[] {
  return release === 'oomkeeper' && namespace?.at(-1) === 'oomkeeper'
    ? []
    : [`the release is oomkeeper, in the namespace oomkeeper`];
}

async function run(program: string, args: readonly string[]): Promise<string> {
  const { code, output } = await capture(program, args);
  if (code !== 0) throw new Error(output);
  return output;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
