import { parseArgs } from 'node:util';
import { Failure } from '../../core/failure.ts';
import { wrongUsage } from '../command-line/wrong-usage.ts';

export interface CleanOptions {
  /** Path; null = the usual places. */
  readonly kubeconfig: string | null;
  /** Each once; none = all. */
  readonly namespaces: readonly string[];
  readonly json: boolean;
  /** Whether it is to be done; else it is only shown. */
  readonly yes: boolean;
}

export const cleanHelp = `Takes Oomkeeper's own annotation (oomkeeper.dev/plan) off the objects of a cluster. Shows what it would do, unless told --yes.

Usage: oomkeeper clean [--kubeconfig FILE] [--namespace NAME] [--yes | --dry-run] [--json]

  --kubeconfig FILE  the cluster (default: KUBECONFIG, else ~/.kube/config, else the service account in a cluster)
  --namespace NAME   only this namespace; may be repeated (default: OOMKEEPER_NAMESPACES, else all)
  --yes              do it
  --dry-run          only show it, as without --yes
  --json             one JSON object per object and line, and a last one with "summary": true

No pod restarts: the annotation stands on workloads themselves, and in a pod template it is left alone and named. Memory
limits, requests and heap flags stay as they are, and so do the annotations that people wrote (oomkeeper.dev/owner,
/channel, /source, /load). End the worker first, or it annotates what it changes next.

It has no rights but those of the kubeconfig: list, and with --yes patch, on Deployments, ReplicaSets, StatefulSets,
DaemonSets, CronJobs and pods.

Exit code: 0, or 1 when something could not be read or changed, or 2 for a wrong command line.

Examples:
  npm run -s oomkeeper -- clean --kubeconfig ~/.kube/config
  npm run -s oomkeeper -- clean --kubeconfig ~/.kube/config --namespace shop --yes
`;

const options = {
  kubeconfig: { type: 'string' },
  namespace: { type: 'string', multiple: true, default: [] as string[] },
  json: { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
} as const;

/** @throws Failure `usage` */
export function cleanOptions(args: readonly string[]): CleanOptions {
  const { kubeconfig, namespace, json, yes, 'dry-run': isDry } = parsed(args);
  if (kubeconfig === '') throw new Failure('usage', '--kubeconfig is empty: give it the path of a file.');
  if (namespace.includes('')) throw new Failure('usage', '--namespace is empty: give it the name of a namespace.');
  if (yes && isDry) throw new Failure('usage', '--yes does it and --dry-run only shows it: give one of them.');
  return { kubeconfig: kubeconfig ?? null, namespaces: [...new Set(namespace)], json, yes };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw wrongUsage('clean', { args, options: Object.keys(options).map((name) => `--${name}`) }, error);
  }
}
