import { existsSync } from 'node:fs';
import { delimiter } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { Failure } from '../../core/failure.ts';
import { createTransport } from './transport.ts';
import type { Transport } from './transport.ts';

/** What the client makes up where it finds nothing. */
const madeUpServer = 'http://localhost:8080';

/**
 * Opens a transport to the cluster of a kubeconfig file (or of several, joined as in a PATH), or, with an empty path, of
 * the usual places: `~/.kube/config`, else the service account inside a cluster. Throws Failure('no-kubeconfig') when
 * none can be read.
 */
export function connect(kubeconfigPath: string): Transport {
  const config = load(kubeconfigPath);
  const server = config.getCurrentCluster()?.server;
  if (!server)
    throw new Failure('no-kubeconfig', 'The kubeconfig names no current cluster; set KUBECONFIG or choose a context.');
  if (kubeconfigPath === '' && server === madeUpServer)
    throw new Failure(
      'no-kubeconfig',
      'There is no kubeconfig: KUBECONFIG is not set, ~/.kube/config does not exist, and this is no pod with a service account.',
    );
  return createTransport({ server, authenticate: (options) => config.applyToHTTPSOptions(options) });
}

function load(kubeconfigPath: string): KubeConfig {
  const config = new KubeConfig();
  // A path that exists is one file, whatever is in its name.
  const paths = existsSync(kubeconfigPath) ? [kubeconfigPath] : kubeconfigPath.split(delimiter).filter(Boolean);
  const absent = paths.find((path) => !existsSync(path));
  if (absent !== undefined)
    throw new Failure('no-kubeconfig', `There is no kubeconfig at ${absent}; set KUBECONFIG to one that exists.`);
  try {
    const [first, ...others] = paths;
    if (first === undefined) config.loadFromDefault();
    else config.loadFromFile(first);
    for (const other of others) {
      const more = new KubeConfig();
      more.loadFromFile(other);
      config.mergeConfig(more, true);
    }
  } catch (cause) {
    // A parser's words end with a picture of the place.
    const [why = ''] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
    throw new Failure('no-kubeconfig', `The kubeconfig cannot be read: ${why}`, { cause });
  }
  return config;
}
