import type { ConnectOptions } from '../adapters/kubernetes/transport/connect.ts';
import { processEnvironment } from './config/config.ts';
import type { Config } from './config/config.ts';

/**
 * How this configuration reaches its cluster. Beside our own variables it minds what every program behind a proxy does:
 * HTTPS_PROXY and NO_PROXY, in small letters too.
 */
export function connectOptions(
  config: Pick<Config, 'KUBECONFIG'>,
  environment: NodeJS.ProcessEnv = processEnvironment(),
): ConnectOptions {
  const noProxy = environment['NO_PROXY'] ?? environment['no_proxy'] ?? '';
  return {
    kubeconfig: config.KUBECONFIG,
    proxy: {
      httpsProxy: environment['HTTPS_PROXY'] ?? environment['https_proxy'],
      noProxy: noProxy.split(','),
    },
  };
}
