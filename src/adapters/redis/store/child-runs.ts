import { z } from 'zod';
import { countedSchema } from '../../../core/kill/oom-count.ts';
import type { ChildRuns, Skipped } from '../../../flow/needs.ts';
import type { Bounds } from '../bounds.ts';
import type { ClusterKeys } from '../keys.ts';
import type { RedisClient } from '../redis-client.ts';
import { guarded } from '../redis-failure.ts';
import { defineScript } from '../script.ts';
import { parseReply } from '../documents/parse.ts';
import { unlessUnreadable } from '../documents/readable.ts';
import { stored } from '../documents/stored.ts';

const countDocument = stored('child-count', countedSchema);

/**
 * How many kills of a run are remembered by fingerprint; one that comes again after so many others gets a new number.
 */
const mostNamed = 200;

/** KEYS: the named kills of a run, by number. ARGV: fingerprint, how many are kept, for how long (ms). */
const number = defineScript(`
local known = redis.call('ZSCORE', KEYS[1], ARGV[1])
if known then return tonumber(known) end
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')[2]
local nth = (tonumber(last) or 0) + 1
redis.call('ZADD', KEYS[1], nth, ARGV[1])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -tonumber(ARGV[2]) - 1)
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return nth
`);

/** Kills of single processes by container run, kept as long as the ledger remembers kills. */
export function createChildRuns(
  redis: RedisClient,
  keys: ClusterKeys,
  { ledgerMs, onUnreadable }: Pick<Bounds, 'ledgerMs'> & { readonly onUnreadable: Skipped },
): ChildRuns {
  return {
    numberOf: async (run, fingerprint) =>
      parseReply(
        'number a child’s kill',
        z.number().int(),
        await number.run(redis, [keys.childRun(run)], [fingerprint, mostNamed, ledgerMs]),
      ),
    counted: async (runs) => {
      const found = await Promise.all(runs.map((run) => guarded(redis.get(keys.childCount(run)))));
      return Promise.all(
        found.map(async (json, at) => {
          const name = `the counter of kills of run ${runs[at]}`;
          return json === null ? null : unlessUnreadable(name, () => countDocument.read(name, json), onUnreadable);
        }),
      );
    },
    keepCounted: async (run, counted) => {
      await guarded(redis.set(keys.childCount(run), countDocument.write(counted), 'PX', ledgerMs));
    },
  };
}
