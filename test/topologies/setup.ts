import type { TestProject } from 'vitest/node';
import { startRedis } from '../../scripts/redis/redis.mjs';
import { startCluster, startSentinel, type Topology } from '../../scripts/redis/redis-topologies.ts';
import { valkeyHere } from './valkey.ts';

/*
 * Suites of the store and the queues run again over Redis as several processes: one set of them for the whole run of a
 * project, started only if one of its tests runs. The project's name says which.
 */
declare module 'vitest' {
  interface ProvidedContext {
    /** Unset where the one Redis of the run is to be used. */
    redisUrl?: string;
  }
}

const starts: Readonly<Record<string, () => Promise<Topology | undefined>>> = {
  sentinel: startSentinel,
  cluster: startCluster,
  valkey: async () => {
    const program = valkeyHere();
    return typeof program === 'string' ? undefined : startRedis({ program, log: () => undefined });
  },
};

let topology: Topology | undefined;

export async function setup(project: TestProject): Promise<void> {
  const start = starts[project.name];
  if (start === undefined) throw new Error(`there is no topology of the name ${project.name}`);
  topology = await start();
  if (topology) project.provide('redisUrl', topology.url);
}

export async function teardown(): Promise<void> {
  await topology?.stop();
}
