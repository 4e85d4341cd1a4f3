import { parseArgs } from 'node:util';
import { Failure } from '../../core/failure.ts';
import { wrongUsage } from '../command-line/wrong-usage.ts';

/** Files to read; `-` is standard input. A flag may be repeated: the files are merged by time. */
export interface ReplayOptions {
  readonly pods: readonly string[];
  readonly events: readonly string[];
  readonly metrics: readonly string[];
  /** One JSON object a line instead of text for people. */
  readonly json: boolean;
  /** Also print what looked like a memory kill and is not. */
  readonly ignored: boolean;
}

export const replayHelp = `Which incidents would have been opened? Reads a recorded watch stream; needs no cluster, no Redis and no Slack.

Usage: oomkeeper replay --pods FILE [--events FILE] [--metrics FILE] [--json] [--ignored]

  --pods FILE     watch events of pods, one a line: {"at": RFC 3339, "line": {"type", "object"}}, or the bare
                  {"type", "object"}; - is standard input; may be repeated
  --events FILE   watch events of Events, in the same form: they explain exits that are no memory kills,
                  and tell of kills on nodes (SystemOOM, OOMKilling)
  --metrics FILE  samples of cAdvisor's metrics, one a line: {"at", "name", "labels", "value"}: counters tell of
                  processes that were killed while their container lived on, usage decides about unexplained SIGKILLs
  --json          one JSON object per incident and line
  --ignored       also what looked like a memory kill and is none, with the reason

Files may be gzip, objects may stand over several lines, lists of kubectl are read as what a watch begins with; the order
of lines and of files makes no difference.

Exit code: 0; 3 when lines had to be skipped because they are malformed, or a file could not be read, or not to its end,
after everything that could be read was; 1 when no recording of pods can be read, 2 for a wrong command line.

Examples:
  kubectl get pods -A -o json --watch --output-watch-events | jq -c --unbuffered | npm run -s oomkeeper -- replay --pods -
  npm run -s oomkeeper -- replay --pods pods.ndjson --events events.ndjson --json --ignored
`;

/** @throws Failure `usage` when the arguments make no sense. */
export function replayOptions(argv: readonly string[]): ReplayOptions {
  const { pods, events, metrics, json, ignored } = parse(argv);
  if ([...pods, ...events, ...metrics].includes('')) throw new Failure('usage', 'The name of a file is empty.');
  if (pods.length === 0) throw new Failure('usage', 'replay needs --pods FILE (or --pods - for standard input).');
  if ([...pods, ...events, ...metrics].filter((file) => file === '-').length > 1) {
    throw new Failure('usage', 'Only one of --pods, --events and --metrics can read standard input.');
  }
  return { pods, events, metrics, json, ignored };
}

const files = { type: 'string', multiple: true, default: [] as string[] } as const;
const options = {
  pods: files,
  events: files,
  metrics: files,
  json: { type: 'boolean', default: false },
  ignored: { type: 'boolean', default: false },
} as const;

function parse(args: readonly string[]): ReplayOptions {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw wrongUsage('replay', { args, options: Object.keys(options).map((name) => `--${name}`) }, error);
  }
}
