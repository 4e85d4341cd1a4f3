import { createHash } from 'node:crypto';
import type { RedisClient } from './redis-client.ts';
import { guarded } from './redis-failure.ts';

/** A Lua script. All keys it touches are passed as `keys` and lie in one hash slot. Validate the answer. */
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

/** Keys of a script by name, which all lie in one hash slot: `keys.NAME` in the script. */
export type NamedKeys = Readonly<Record<string, string>>;

/**
 * A script's arguments, by name: `given.NAME`. They arrive as text, because numbers lose digits in Lua's JSON and its
 * null counts as true. A list arrives as JSON; undefined is left out and is nil there.
 */
export type Given = Readonly<Record<string, string | number | readonly string[] | undefined>>;

export interface NamedScript {
  readonly run: (redis: RedisClient, keys: NamedKeys, given: Given) => Promise<unknown>;
}

/** A script whose keys and arguments are passed by name. */
export function defineNamedScript(text: string): NamedScript {
  const script = defineScript(`
local keys, given = {}, {}
for n = 1, #KEYS do keys[ARGV[n]] = KEYS[n] end
for n = #KEYS + 1, #ARGV, 2 do given[ARGV[n]] = ARGV[n + 1] end
${text}`);
  return {
    run: (redis, keys, given) =>
      script.run(redis, Object.values(keys), [
        ...Object.keys(keys),
        ...Object.entries(given).flatMap(([name, value]) =>
          value === undefined ? [] : [name, typeof value === 'object' ? JSON.stringify(value) : value],
        ),
      ]),
  };
}
