import { parseArgs } from 'node:util';
import { Failure } from '../../core/failure.ts';
import { wrongUsage } from '../command-line/wrong-usage.ts';

export interface ScanOptions {
  /** Path; null = the usual places. */
  readonly kubeconfig: string | null;
  /** Each once; none = all. */
  readonly namespaces: readonly string[];
  readonly json: boolean;
}

export const scanHelp = `What would Oomkeeper say of this cluster, now? Reads only; needs no Redis and no Slack, and changes nothing.

Usage: oomkeeper scan [--kubeconfig FILE] [--namespace NAME] [--json]

  --kubeconfig FILE  the cluster (default: KUBECONFIG, else ~/.kube/config, else the service account in a cluster)
  --namespace NAME   only this namespace; may be repeated (default: OOMKEEPER_NAMESPACES, else all)
  --json             one JSON object per subject and line, and a last one with "summary": true

It needs the right to list pods. With more rights (list Events; get pods, pods/log and workloads; list ReplicaSets) it
has more evidence, and it says what is missing. Usage comes from the Prometheus at OOMKEEPER_PROMETHEUS_URL, else from
one that it finds among the cluster's Services; from outside of the cluster a Service is seldom reached: forward its
port (kubectl port-forward) and set the variable. A pod shows at most its last two kills, and one that was replaced
none: "kills" counts what is visible.

Exit code: 0 when it has looked, 1 when the cluster cannot be read, 2 for a wrong command line.

Examples:
  npm run -s oomkeeper -- scan --kubeconfig ~/.kube/config
  npm run -s oomkeeper -- scan --namespace shop --json
`;

const options = {
  kubeconfig: { type: 'string' },
  namespace: { type: 'string', multiple: true, default: [] as string[] },
  json: { type: 'boolean', default: false },
} as const;

/** @throws Failure `usage` */
export function scanOptions(args: readonly string[]): ScanOptions {
  const { kubeconfig, namespace, json } = parsed(args);
  if (kubeconfig === '') throw new Failure('usage', '--kubeconfig is empty: give it the path of a file.');
  if (namespace.includes('')) throw new Failure('usage', '--namespace is empty: give it the name of a namespace.');
  return { kubeconfig: kubeconfig ?? null, namespaces: [...new Set(namespace)], json };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw wrongUsage('scan', { args, options: Object.keys(options).map((name) => `--${name}`) }, error);
  }
}
