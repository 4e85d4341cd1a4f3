import { connect } from '../../adapters/kubernetes/transport/connect.ts';
import type { Transport } from '../../adapters/kubernetes/transport/transport.ts';
import type { Config } from '../config/config.ts';
import { connectOptions } from '../connect-options.ts';

/** What is given on the command line; null or empty = what the variables say. */
export interface GivenCluster {
  readonly kubeconfig: string | null;
  readonly namespaces: readonly string[];
}

/** The cluster that a command is about, and the namespaces (none = all). Nothing was asked of it yet. @throws Failure */
export async function reachCluster(
  config: Pick<Config, 'KUBECONFIG' | 'OOMKEEPER_NAMESPACES'>,
  given: GivenCluster,
): Promise<{ readonly transport: Transport; readonly namespaces: readonly string[] }> {
  const transport = await connect(connectOptions({ KUBECONFIG: given.kubeconfig ?? config.KUBECONFIG }));
  return { transport, namespaces: given.namespaces.length > 0 ? given.namespaces : config.OOMKEEPER_NAMESPACES };
}
