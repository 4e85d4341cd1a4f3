import { parseArgs } from 'node:util';
import { Failure } from '../../core/failure.ts';
import { nearest } from '../../core/talk/edit-distance.ts';
import type { ProcessName } from '../config/about-variable.ts';
import { wrongUsage } from '../command-line/wrong-usage.ts';
import { areas } from './finding.ts';
import type { Area } from './finding.ts';

export interface DoctorOptions {
  readonly json: boolean;
  /** What to check, in the order of `areas`. */
  readonly wanted: readonly Area[];
  /** Whose rights and variables. */
  readonly processes: readonly ProcessName[];
  /** A file with the manifest of the Slack app. */
  readonly appManifest: string | null;
}

export const doctorHelp = `Checks everything Oomkeeper needs and says how to fix what is wrong. Read-only: nothing is posted or changed.

Usage: oomkeeper doctor [configuration] [redis] [slack] [cluster] [usage] [forge] [receivers] [options]

  --process NAME       only what the watcher, the worker or the bot needs; may be repeated (default: all three)
  --app-manifest FILE  the manifest of your Slack app, as its page App Manifest shows it: whether interactivity, the
                       command /oom, the Home tab and Socket Mode are set up, which no token of the bot can see
  --json               one JSON object a line: area, what, state (ok, warning, problem, skipped), text, mend, and the
                       same fix for helm and for kustomize; then a summary

It reads the same environment as the processes. Run it where a process runs, with --process, to check its rights: in a
cluster those of the watcher and of the worker differ, and the bot has none. There it also shows how to fix things
with Helm and with Kustomize.

Exit code: 0, or 1 when something is a problem, or 2 for a wrong command line or a variable that cannot be read.

Examples:
  npm run -s oomkeeper -- doctor
  npm run -s oomkeeper -- doctor --process worker
  npm run -s oomkeeper -- doctor slack --app-manifest manifest.json
  npm run -s oomkeeper -- doctor slack cluster --json
`;

const areasOf: Readonly<Record<ProcessName, readonly Area[]>> = {
  watcher: ['configuration', 'redis', 'cluster'],
  worker: ['configuration', 'redis', 'cluster', 'usage', 'forge'],
  bot: ['configuration', 'redis', 'slack', 'receivers'],
};
const processNames = ['watcher', 'worker', 'bot'] as const satisfies readonly ProcessName[];

const options = {
  process: { type: 'string', multiple: true, default: [] as string[] },
  'app-manifest': { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

/** @throws Failure('usage') */
export function doctorOptions(args: readonly string[]): DoctorOptions {
  const { values, positionals } = parsed(args);
  const named = positionals.map((word) => oneOf(areas, word, `There is nothing called "${word}" to check.`));
  const given = values.process.map((word) => oneOf(processNames, word, `There is no process "${word}".`));
  const processes = given.length === 0 ? processNames : [...new Set(given)];
  const wanted: readonly Area[] = named.length === 0 ? processes.flatMap((one) => areasOf[one]) : named;
  return {
    json: values.json,
    wanted: areas.filter((area) => wanted.includes(area)),
    processes,
    appManifest: values['app-manifest'] ?? null,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw wrongUsage('doctor', { args, options: Object.keys(options).map((name) => `--${name}`) }, error);
  }
}

function oneOf<T extends string>(known: readonly T[], word: string, otherwise: string): T {
  const found = known.find((one) => one === word);
  if (found !== undefined) return found;
  const [close] = nearest(word, known, 1, 3);
  const meant = close === undefined ? '' : ` Did you mean "${close}"?`;
  throw new Failure('usage', `${otherwise}${meant} \`npm run -s oomkeeper -- doctor --help\` lists what there is.`);
}
