import { createHash } from 'node:crypto';
import type { RedisClient } from './redis-client.ts';
import { guarded } from './redis-failure.ts';

/** A Lua script. All keys it touches are passed as `keys` and lie in one hash slot. The answer is to be validated. */
export interface Script {
  readonly run: (redis: RedisClient, keys: readonly string[], args: readonly (string | number)[]) => Promise<unknown>;
}

/** Sent by its hash; the text follows only when the server does not have it (after a restart, after a failover). */
export function defineScript(text: string): Script {
  const sha = createHash('sha1').update(text).digest('hex');
  return {
    run: (redis, keys, args) =>
      guarded(
        redis.evalsha(sha, keys.length, ...keys, ...args).catch((error: unknown) => {
          if (error instanceof Error && error.message.startsWith('NOSCRIPT')) {
            return redis.eval(text, keys.length, ...keys, ...args);
          }
          throw error;
        }),
      ),
  };
}
