import { Failure } from '../core/failure.ts';
import type { Config } from './config/config.ts';

/** The configured cluster name; `readConfig` has made sure of it for the processes that need one. */
export function clusterOf(config: Config): string {
  if (config.OOMKEEPER_CLUSTER === undefined)
    throw new Failure('bad-configuration', 'OOMKEEPER_CLUSTER is missing, for example OOMKEEPER_CLUSTER=prod.');
  return config.OOMKEEPER_CLUSTER;
}
