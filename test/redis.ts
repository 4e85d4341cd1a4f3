import { inject } from 'vitest';
import { startRedis } from '../scripts/redis/redis.mjs';

/** A Redis for a test file: one that all files share (keep to keys of your own), or a private one where there is none. */
export interface TestRedis {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/**
 * What the project of this test runs on (see topologies/setup.ts), `OOMKEEPER_TEST_REDIS_URL`, which `npm test` sets, else
 * a server of its own. Call `stop` in any case.
 */
export async function openTestRedis(): Promise<TestRedis> {
  const shared = inject('redisUrl') ?? process.env['OOMKEEPER_TEST_REDIS_URL'];
  if (shared) return { url: shared, stop: () => Promise.resolve() };
  return startRedis({ log: () => undefined });
}

let made = 0;

/** A cluster name that no other test has, for keys that do not meet. */
export function uniqueCluster(): string {
  made += 1;
  return `t${process.pid}-${Date.now().toString(36)}-${made}`;
}
