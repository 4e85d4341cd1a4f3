import { ownVersion } from '../../adapters/own-version.ts';
import { Failure } from '../../core/failure.ts';
import { nearest } from '../../core/talk/edit-distance.ts';
import { keepYoungSpaceSmall } from '../small-heap.ts';
import { asTyped } from './as-typed.ts';
import { commandHelp, overview } from './help.ts';
import { shownLines } from './terminal-text.ts';
import type { ProcessName } from '../config/about-variable.ts';

/** Each command loads only what it needs: `replay` has no use for Slack, Redis or Kubernetes. */
const commands: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  replay: async (args) => (await import('../replay/replay.ts')).replayCommand(args),
  doctor: async (args) => (await import('../doctor/doctor.ts')).doctorCommand(args),
  scan: async (args) => (await import('../scan/scan.ts')).scanCommand(args),
  'try-kill': async (args) => (await import('../try-kill/try-kill.ts')).tryKillCommand(args),
  clean: async (args) => (await import('../clean/clean.ts')).cleanCommand(args),
  audit: async (args) => (await import('../audit/audit.ts')).auditCommand(args),
  evaluate: async (args) => (await import('../evaluate/evaluate.ts')).evaluateCommand(args),
  watcher: async (args) => run('watcher', args),
  worker: async (args) => run('worker', args),
  bot: async (args) => run('bot', args),
  all: async (args) => run('all', args),
};
export const commandNames: readonly string[] = Object.keys(commands);

/** @throws Failure('usage'), so that nobody believes that `--mode act` had an effect */
async function run(name: ProcessName | 'all', args: readonly string[]): Promise<number> {
  const [extra] = args;
  if (extra !== undefined)
    throw new Failure(
      'usage',
      `${name} takes no arguments, and "${extra}" is one. It is configured by environment variables only; \`npm run -s oomkeeper -- ${name} --help\` lists them.`,
    );
  if (name === 'watcher') keepYoungSpaceSmall();
  return (await import('../run-processes.ts')).runProcesses(name);
}

/** Runs `oomkeeper COMMAND …`. Returns the exit code: 2 for a wrong command line or configuration. */
export async function runCommand(argv: readonly string[]): Promise<number> {
  const [name, ...args] = argv;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    const about = name === 'help' ? args.find((argument) => !isHelp(argument)) : undefined;
    const text = about === undefined ? overview() : commandHelp(about);
    if (text === null) return noSuchCommand(about ?? '');
    process.stdout.write(asTyped(text));
    return name === undefined ? 2 : 0;
  }
  if (name === '--version' || name === '-V') {
    process.stdout.write(`${ownVersion}\n`);
    return 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) return noSuchCommand(name);
  if (args.some(isHelp)) {
    process.stdout.write(asTyped(commandHelp(name) ?? overview()));
    return 0;
  }
  try {
    return await command(args);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    process.stderr.write(`oomkeeper: ${shownLines(asTyped(error.message))}\n`);
    return error.code === 'bad-configuration' || error.code === 'usage' ? 2 : 1;
  }
}

function isHelp(argument: string): boolean {
  return argument === '--help' || argument === '-h';
}

function noSuchCommand(name: string): number {
  const [close] = nearest(name, commandNames, 1, 3);
  const meant = close ? ` Did you mean "${close}"?` : '';
  const listed = asTyped('`npm run -s oomkeeper -- --help` lists them.');
  process.stderr.write(`oomkeeper: there is no command "${shownLines(name)}".${meant} ${listed}\n`);
  return 2;
}
