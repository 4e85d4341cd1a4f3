import { z } from 'zod';
import type { Skipped } from '../../../flow/needs.ts';
import { ignoredSchema, type Ignored } from '../../../core/kill/ignored.ts';
import { bounds as usualBounds, type Bounds } from '../bounds.ts';
import { parseReply } from '../documents/parse.ts';
import { eachReadable } from '../documents/readable.ts';
import { stored } from '../documents/stored.ts';
import { clusterKeys } from '../keys.ts';
import { keepNewest } from './keep-newest.lua.ts';
import type { RedisClient } from '../redis-client.ts';
import { guarded } from '../redis-failure.ts';
import { defineScript } from '../script.ts';

const ignoredDocument = stored('ignored', ignoredSchema);

/** KEYS: kept, order. ARGV: fingerprint, JSON, how many, for how long (ms). */
const keep = defineScript(keepNewest(1));

/**
 * Terminations that were ignored, for `/oom why POD`. The watcher writes them directly: losing one loses an answer,
 * never a kill, so they need no queue and no worker.
 */
export interface IgnoredTerminations {
  readonly keep: (ignored: Ignored) => Promise<void>;
  /** Oldest first. */
  readonly read: (skipped: Skipped) => Promise<readonly Ignored[]>;
}

export interface IgnoredOptions {
  /** Role `producer` or `store`. */
  readonly redis: RedisClient;
  readonly cluster: string;
  readonly bounds?: Pick<Bounds, 'ignored' | 'ledgerMs'>;
}

/** Throws only Failures. */
export function createIgnored({ redis, cluster, bounds = usualBounds }: IgnoredOptions): IgnoredTerminations {
  const { ignored: kept, ignoredOrder: order } = clusterKeys(cluster);
  return {
    keep: async (ignored) => {
      const { fingerprint } = ignored;
      await keep.run(
        redis,
        [kept, order],
        [fingerprint, ignoredDocument.write(ignored), bounds.ignored, bounds.ledgerMs],
      );
    },
    read: async (skipped) => {
      const names = parseReply('ignored', z.array(z.string()), await guarded(redis.zrange(order, 0, '-1')));
      if (names.length === 0) return [];
      const found = await guarded(redis.hmget(kept, ...names));
      return eachReadable(
        names,
        (name, at) => {
          const json = found[at] ?? null;
          return json === null ? null : ignoredDocument.read(`the ignored termination ${name}`, json);
        },
        skipped,
      );
    },
  };
}
