import { loadAccountInChild } from './account-in-child.ts';
import { createConnections } from './connections.ts';
import { createCredentialSource } from './credentials.ts';
import { loadKubeconfig } from './kubeconfig.ts';
import { proxyFor } from './proxy-for.ts';
import type { ProxyRules } from './proxy-for.ts';
import { createTurns } from '../../../core/turns.ts';
import { createTransport } from './transport.ts';
import type { Transport } from './transport.ts';

export interface ConnectOptions {
  /** Path of a kubeconfig, or of several, joined as in a PATH. Empty: `~/.kube/config`, else this pod's account. */
  readonly kubeconfig: string;
  readonly proxy?: ProxyRules;
  /** Below which the files of a pod's account lie. */
  readonly root?: string;
  /** Whether this process is to stay small: the library is loaded in a child that ends. */
  readonly isSmall?: boolean;
}

/** Answers of more than a megabyte that are read at one time. */
const longAtOnce = 2;

/**
 * Opens a transport to a cluster. Nothing is asked of the server yet. Files that are replaced later (certificates,
 * tokens, the kubeconfig itself) are picked up; another server's address is not.
 * @throws as `loadKubeconfig` and `loadAccountInChild`
 */
export async function connect({ kubeconfig, root = '', ...options }: ConnectOptions): Promise<Transport> {
  const load = () => (options.isSmall ? loadAccountInChild(kubeconfig, root) : loadKubeconfig(kubeconfig, root));
  const account = await load();
  const credentials = createCredentialSource(account, load);
  const turns = createTurns(longAtOnce);
  // Kubelets are reached inside the cluster, not through a proxy.
  const transportTo = async (server: string, proxy: string | null): Promise<Transport> => {
    const connections = await createConnections(server, proxy);
    return createTransport({ server, credentials, connections, turns, at: (other) => transportTo(other, null) });
  };
  return transportTo(account.server, proxyFor(account.server, account.proxyUrl, options.proxy ?? { noProxy: [] }));
}
