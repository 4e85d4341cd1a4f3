import { parseArgs } from 'node:util';
import { Failure } from '../../core/failure.ts';
import { usualTestImage } from '../../core/test-kill/test-pod.ts';
import { wrongUsage } from '../command-line/wrong-usage.ts';

export interface TryKillOptions {
  /** Path; null = the usual places. */
  readonly kubeconfig: string | null;
  /** Null = that of the current context. */
  readonly namespace: string | null;
  readonly image: string;
  readonly json: boolean;
  readonly yes: boolean;
  readonly print: boolean;
}

export const tryKillHelp = `A first thread without waiting for a kill: makes one small pod that runs out of memory, waits for its kill, and
removes it.

Usage: oomkeeper try-kill [--namespace NAME] [--kubeconfig FILE] [--image IMAGE] [--yes] [--json]
       oomkeeper try-kill --print [--namespace NAME] [--image IMAGE] [--json]

  --namespace NAME   where (default: the namespace of the current context)
  --kubeconfig FILE  the cluster (default: KUBECONFIG, else ~/.kube/config, else the service account in a cluster)
  --image IMAGE      what the pod runs; it has to have sh, sleep and dd (default: ${usualTestImage})
  --yes              do not ask before
  --json             one JSON object about the result
  --print            only print the pod, for kubectl apply; nothing is asked of a cluster

The pod has a limit of 32Mi, fits the restricted Pod Security Standard, never takes more than 64Mi, and is not restarted.
It is removed in any case: after the kill, after a failure, and on Ctrl-C; the cluster itself ends it after two minutes.
The thread says that it is a test, offers nothing, and calls nobody. Needs the rights to create, get, list and delete
pods there; no Redis and no Slack here, but a watcher, a worker and a bot that run somewhere.

Exit code: 0 when the pod was killed, 1 when not, 2 for a wrong command line, 130 after Ctrl-C.

Examples:
  npm run -s oomkeeper -- try-kill
  npm run -s oomkeeper -- try-kill --namespace shop --image registry.example.com/busybox:1.37 --yes
  npm run -s oomkeeper -- try-kill --print --namespace shop | kubectl apply -f -
`;

const options = {
  kubeconfig: { type: 'string' },
  namespace: { type: 'string', short: 'n' },
  image: { type: 'string', default: usualTestImage },
  json: { type: 'boolean', default: false },
  yes: { type: 'boolean', short: 'y', default: false },
  print: { type: 'boolean', default: false },
} as const;

/** @throws Failure `usage` */
export function tryKillOptions(args: readonly string[]): TryKillOptions {
  const { kubeconfig, namespace, image, ...flags } = parsed(args);
  if (kubeconfig === '') throw new Failure('usage', '--kubeconfig is empty: give it the path of a file.');
  if (namespace !== undefined && !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace))
    throw new Failure('usage', `--namespace "${namespace}" is no name of a namespace.`);
  if (!/^[\w][\w.:/@-]*$/.test(image)) throw new Failure('usage', `--image "${image}" is no name of an image.`);
  return { kubeconfig: kubeconfig ?? null, namespace: namespace ?? null, image, ...flags };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw wrongUsage('try-kill', { args, options: Object.keys(options).map((name) => `--${name}`) }, error);
  }
}
