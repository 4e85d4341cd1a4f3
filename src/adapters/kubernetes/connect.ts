import { existsSync } from 'node:fs';
import { KubeConfig } from '@kubernetes/client-node';
import { Failure } from '../../core/failure.ts';
import { createTransport } from './transport.ts';
import type { Transport } from './transport.ts';

/**
 * Opens a transport to the cluster of a kubeconfig file, or, with an empty path, of the usual places: the service
 * account inside a cluster, else `~/.kube/config`. Throws Failure('no-kubeconfig') when none can be read.
 */
export function connect(kubeconfigPath: string): Transport {
  const config = new KubeConfig();
  if (kubeconfigPath !== '' && !existsSync(kubeconfigPath))
    throw new Failure(
      'no-kubeconfig',
      `There is no kubeconfig at ${kubeconfigPath}; set KUBECONFIG to one that exists.`,
    );
  try {
    if (kubeconfigPath === '') config.loadFromDefault();
    else config.loadFromFile(kubeconfigPath);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Failure('no-kubeconfig', `The kubeconfig cannot be read: ${why}`, { cause });
  }
  const server = config.getCurrentCluster()?.server;
  if (!server)
    throw new Failure('no-kubeconfig', 'The kubeconfig names no current cluster; set KUBECONFIG or choose a context.');
  return createTransport({ server, authenticate: (options) => config.applyToHTTPSOptions(options) });
}
