import { parseArgs } from 'node:util';
import { Failure } from '../../core/failure.ts';
import { wrongUsage } from '../command-line/wrong-usage.ts';

export interface EvaluateOptions {
  /** A folder of traces, or one trace. */
  readonly dir: string;
  readonly json: boolean;
}

export const evaluateHelp = `How good are verdicts and sizes? Judges recorded traces of kills; needs no cluster, no Redis and no Slack.

Usage: oomkeeper evaluate DIR [--json]

  DIR     a folder of traces, or one trace: a folder with "input" (what the system may see) and, to be scored, "truth.json"
  --json  one JSON object per trace and line, and a last one with "summary": true where truths exist

Of "input" it takes what is there: series.ndjson (samples, one JSON object a line), pod.json, events.json, workload.json,
replicasets.json, node.json, quota.json, log.txt. A trace is read as a worker reads a cluster after the last kill of it.
The formulas of VPA, KRR, Fairwinds and fixed factors are run on the same traces, so that sizes can be compared.

Exit code: 0; 3 when something of a trace could not be read, after everything that could be was judged; 1 when there is
no trace, 2 for a wrong command line.

Examples:
  npm run -s oomkeeper -- evaluate test/recordings/traces
  npm run -s oomkeeper -- evaluate test/recordings/traces --json | tail -1
`;

const options = { json: { type: 'boolean', default: false } } as const;

/** @throws Failure `usage` */
export function evaluateOptions(args: readonly string[]): EvaluateOptions {
  const { values, positionals } = parsed(args);
  const [dir, ...more] = positionals;
  if (dir === undefined || dir === '')
    throw new Failure(
      'usage',
      'evaluate needs a folder of traces. `npm run -s oomkeeper -- evaluate --help` says what that is.',
    );
  if (more.length > 0)
    throw new Failure('usage', `evaluate takes one folder, and "${more.join(' ')}" is more. Run it once for each.`);
  return { dir, json: values.json };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw wrongUsage('evaluate', { args, options: Object.keys(options).map((name) => `--${name}`) }, error);
  }
}
