import { Failure } from '../core/failure.ts';
import { nearest } from '../core/talk/edit-distance.ts';
import { commandHelp, overview } from './help.ts';
import type { ProcessName } from './variables.ts';

/** Each command loads only what it needs: `replay` has no use for Slack, Redis or Kubernetes. */
const commands: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  replay: async (args) => (await import('./replay-command.ts')).replayCommand(args),
  watcher: async () => run('watcher'),
  worker: async () => run('worker'),
  bot: async () => run('bot'),
  all: async () => run('all'),
};

async function run(name: ProcessName | 'all'): Promise<number> {
  return (await import('./run-processes.ts')).runProcesses(name);
}

/** Runs `oomkeeper COMMAND …`. Answers the exit code: 2 for a wrong command line or configuration. */
export async function runCommand(argv: readonly string[]): Promise<number> {
  const [name, ...args] = argv;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    const about = name === 'help' ? args[0] : undefined;
    process.stdout.write(about === undefined ? overview() : (commandHelp(about) ?? overview()));
    return name === undefined ? 2 : 0;
  }
  const command = commands[name];
  if (!command) {
    const [close] = nearest(name, Object.keys(commands), 1, 3);
    process.stderr.write(
      `oomkeeper: there is no command "${name}".${close ? ` Did you mean "${close}"?` : ''} \`oomkeeper --help\` lists them.\n`,
    );
    return 2;
  }
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(commandHelp(name) ?? overview());
    return 0;
  }
  try {
    return await command(args);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    process.stderr.write(`oomkeeper: ${error.message}\n`);
    return error.code === 'bad-configuration' || error.code === 'usage' ? 2 : 1;
  }
}
