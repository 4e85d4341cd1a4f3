import { parseArgs } from 'node:util';
import { refusedPorts } from '../refused-ports.ts';
import { wrongOption } from '../../src/core/talk/wrong-option.ts';

export const usage = `The whole system on this machine: Redis, the pretend world, and watcher, worker and bot.

Usage: npm run demo [-- --port N] [--seed N] [--speed N] [--clusters N] [--scenarios DIR | --recording DIR]
       npm run demo -- --kubeconfig FILE [--context NAME] [--namespace NAME] [--port N]
       npm run -s demo -- --check [--json] [--seed N] [--scenarios DIR | --recording DIR]

  --check          plays all scenarios in compressed time, without a browser, and says whether each went as it expects;
                   with --recording: whether just the threads were opened that its truth.json asks for
  --json           with --check: one line of JSON on standard output, and nothing else there
  --seed N         other names, sizes, slopes, times and order (default 0: as they are written)
  --scenarios DIR  scenarios of another folder, in the format of sandbox/scenarios/schema.json
  --recording DIR  the pretend API server serves a recorded watch stream (pods.ndjson, events.ndjson) instead
  --clusters 2     all scenarios with other names in a second cluster too, which the same Slack is told of; not with
                   --check (a scenario may ask for two clusters by itself)
  --kubeconfig FILE  threads of your own cluster on the pretend Slack's page: read-only (mode observe), no Slack app;
                   the cluster's own Prometheus is found as usual, or named by OOMKEEPER_PROMETHEUS_URL
  --context NAME   with --kubeconfig: another context than the current one
  --namespace NAME with --kubeconfig: only this namespace; may be repeated
  --speed N        how much faster than real time the pretend world runs
  --logs DIR       keep the logs of the processes there
  --port N         first port that is tried for the page (default 4040)

Examples:
  npm run demo
  npm run demo -- --kubeconfig ~/.kube/config
  npm run demo -- --kubeconfig ~/.kube/config --context staging --namespace shop
  npm run -s demo -- --check --json --seed 7

The exit code is 0 where all went as it should; 1 where not; 2 where the command was wrong.
`;

/** Folders are as they were typed. */
export interface Demo {
  readonly is: 'run';
  readonly check: boolean;
  readonly json: boolean;
  readonly seed: number;
  readonly scenarios: string | undefined;
  readonly recording: string | undefined;
  readonly speed: number;
  readonly clusters: 1 | 2;
  readonly logs: string | undefined;
  readonly port: number;
}

/** Somebody's own cluster in place of the pretend world. Paths are as they were typed. */
export interface OwnDemo {
  readonly is: 'own';
  readonly kubeconfig: string;
  /** Null = the current one. */
  readonly context: string | null;
  /** None = all. */
  readonly namespaces: readonly string[];
  readonly logs: string | undefined;
  readonly port: number;
}

export type DemoOptions =
  | Demo
  | OwnDemo
  | { readonly is: 'help' }
  /** A sentence that says what is wrong and what would be right. */
  | { readonly is: 'wrong'; readonly problem: string };

/** A check's is so fast that all scenarios together take well under a minute. */
const speeds = { demo: 2, check: 60 };

const options = {
  check: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  seed: { type: 'string', default: '0' },
  scenarios: { type: 'string' },
  recording: { type: 'string' },
  speed: { type: 'string' },
  clusters: { type: 'string', default: '1' },
  kubeconfig: { type: 'string' },
  context: { type: 'string' },
  namespace: { type: 'string', multiple: true, default: [] as string[] },
  logs: { type: 'string' },
  port: { type: 'string', default: '4040' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** What was typed after `npm run demo --`. */
export function readDemoOptions(args: readonly string[]): DemoOptions {
  let values: ReturnType<typeof parse>;
  try {
    values = parse(args);
  } catch (error) {
    const names = Object.keys(options).map((name) => `--${name}`);
    return { is: 'wrong', problem: wrongOption(args, names, error) };
  }
  if (values.help) return { is: 'help' };
  const { check, json, scenarios, recording, logs, kubeconfig } = values;
  const speed = values.speed ?? speeds[check ? 'check' : 'demo'];
  const problem = problemOf({ ...values, speed: String(speed) }, values.speed !== undefined);
  if (problem !== null) return { is: 'wrong', problem };
  if (kubeconfig !== undefined)
    return {
      is: 'own',
      kubeconfig,
      context: values.context ?? null,
      namespaces: [...new Set(values.namespace)],
      logs,
      port: Number(values.port),
    };
  return {
    is: 'run',
    check,
    json,
    seed: Number(values.seed),
    scenarios,
    recording,
    speed: Number(speed),
    clusters: values.clusters === '2' ? 2 : 1,
    logs,
    port: Number(values.port),
  };
}

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options }).values;
}

function problemOf(values: ReturnType<typeof parse> & { readonly speed: string }, isFaster: boolean): string | null {
  const { check, json, seed, scenarios, recording, speed, clusters, port, kubeconfig } = values;
  if (!isWhole(seed)) return `--seed ${seed}: a whole number such as 7`;
  if (!isWhole(port) || Number(port) > 65_535) return `--port ${port}: a port such as 4040`;
  if (refusedPorts.has(Number(port)))
    return `--port ${port}: no browser opens a page at this port, which is kept for another protocol; take another one, such as 4040`;
  if (!(Number(speed) > 0 && Number.isFinite(Number(speed)))) return `--speed ${speed}: a number such as 60`;
  if (clusters !== '1' && clusters !== '2') return `--clusters ${clusters}: 1 or 2`;
  if (scenarios !== undefined && recording !== undefined) return '--scenarios and --recording: one of them';
  if (clusters === '2' && (check || recording !== undefined))
    return '--clusters 2 is for looking at, with scenarios: neither with --check nor with --recording';
  if (kubeconfig === '') return '--kubeconfig is empty: give it the path of a file';
  if (values.context === '' || values.namespace.includes('')) return '--context and --namespace want a name';
  if (kubeconfig === undefined && (values.context !== undefined || values.namespace.length > 0))
    return '--context and --namespace go with --kubeconfig FILE';
  const ofPretended = [check, scenarios !== undefined, recording !== undefined, clusters === '2', seed !== '0'];
  if (kubeconfig !== undefined && (ofPretended.includes(true) || isFaster))
    return '--kubeconfig shows your own cluster as it is: without --check, --scenarios, --recording, --clusters, --seed and --speed';
  if (json && !check) return '--json goes with --check';
  return null;
}

function isWhole(text: string): boolean {
  return /^\d+$/.test(text) && Number.isSafeInteger(Number(text));
}
