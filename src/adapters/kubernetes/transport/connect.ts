import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Failure } from '../../../core/failure.ts';
import { createConnections } from './connections.ts';
import { createCredentialSource } from './credentials.ts';
import type { Environment } from './exec-plugin.ts';
import { readKubeconfig } from './kubeconfig.ts';
import type { ClusterAccess } from './kubeconfig.ts';
import { proxyFor } from './proxy-for.ts';
import type { ProxyRules } from './proxy-for.ts';
import { createTransport } from './transport.ts';
import type { Transport } from './transport.ts';

export interface ConnectOptions {
  /** Path of a kubeconfig, or of several, joined as in a PATH. Empty: `~/.kube/config`, else this pod's account. */
  readonly kubeconfig: string;
  readonly proxy?: ProxyRules;
  /** What exec plugins inherit; nothing unless told. */
  readonly environment?: Environment;
  /** Where Kubernetes says to a pod that its API server is. */
  readonly inCluster?: { readonly host: string | undefined; readonly port: string };
  /** Folder that Kubernetes puts a pod's certificate and token into. */
  readonly serviceAccount?: string;
}

const usualServiceAccount = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Opens a transport to a cluster. Nothing is asked of the server yet. Files that are replaced later (certificates,
 * tokens, the kubeconfig itself) are picked up; another server's address is not.
 * @throws Failure('no-kubeconfig')
 */
export async function connect(options: ConnectOptions): Promise<Transport> {
  const access = accessOf(options);
  const { cluster } = await access();
  const server = cluster.server.replace(/\/$/, '');
  // A token is sent with each request.
  if (server.startsWith('http:') && !cluster['insecure-skip-tls-verify'])
    throw new Failure(
      'no-kubeconfig',
      `The kubeconfig names ${server}, which is not encrypted; if that is meant, set insecure-skip-tls-verify.`,
    );
  const proxy = proxyFor(server, cluster['proxy-url'], options.proxy ?? { noProxy: [] });
  const credentials = createCredentialSource(access, options.environment);
  // Kubelets are reached inside the cluster, not through a proxy.
  const transportTo = (address: string, through: string | null): Transport =>
    createTransport({
      server: address,
      credentials,
      connections: createConnections(address, through),
      at: (other) => transportTo(other, null),
    });
  return transportTo(server, proxy);
}

function accessOf(options: ConnectOptions): () => Promise<ClusterAccess> {
  const { kubeconfig } = options;
  if (kubeconfig !== '') {
    // A path that exists is one file, whatever is in its name.
    const paths = existsSync(kubeconfig) ? [kubeconfig] : kubeconfig.split(delimiter).filter(Boolean);
    return () => readKubeconfig(paths);
  }
  const usual = join(homedir(), '.kube', 'config');
  if (existsSync(usual)) return () => readKubeconfig([usual]);
  const folder = options.serviceAccount ?? usualServiceAccount;
  const { host, port } = options.inCluster ?? {};
  if (host === undefined || !existsSync(join(folder, 'token')))
    throw new Failure(
      'no-kubeconfig',
      'There is no kubeconfig: KUBECONFIG is not set, ~/.kube/config does not exist, and this is no pod with a service account.',
    );
  const account: ClusterAccess = {
    cluster: {
      server: `https://${host.includes(':') ? `[${host}]` : host}:${port ?? '443'}`,
      'certificate-authority': join(folder, 'ca.crt'),
    },
    user: { tokenFile: join(folder, 'token') },
  };
  return () => Promise.resolve(account);
}
