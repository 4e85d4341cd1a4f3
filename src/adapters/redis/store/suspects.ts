import { z } from 'zod';
import type { Skipped } from '../../../flow/needs.ts';
import { Failure } from '../../../core/failure.ts';
import { killSchema } from '../../../core/kill/kill.ts';
import { growingObject } from '../../../core/units/growing-object.ts';
import type { Bounds } from '../bounds.ts';
import { eachReadable } from '../documents/readable.ts';
import { stored } from '../documents/stored.ts';
import { keepNewest } from './keep-newest.lua.ts';
import type { ClusterKeys } from '../keys.ts';
import type { RedisClient } from '../redis-client.ts';
import { guarded } from '../redis-failure.ts';
import { defineScript } from '../script.ts';

const suspectSchema = growingObject({ kill: killSchema, why: z.string() });
export type Suspect = z.infer<typeof suspectSchema>;
const suspectDocument = stored('suspect', suspectSchema);

/**
 * KEYS: ledger, suspects, order. ARGV: fingerprint, JSON, how many, for how long (ms). Kept in the order in
 * which they were first seen; what has been admitted as a kill is a suspect no more.
 */
const keep = defineScript(`
if redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
${keepNewest(2)}`);

export async function keepSuspect(
  redis: RedisClient,
  keys: ClusterKeys,
  bounds: Bounds,
  suspect: Suspect,
): Promise<void> {
  await keep.run(
    redis,
    [keys.ledger, keys.suspects, keys.suspectsOrder],
    [suspect.kill.fingerprint, suspectDocument.write(suspect), bounds.suspects, bounds.ledgerMs],
  );
}

/** Newest last. */
export async function readSuspects(
  redis: RedisClient,
  { cluster, keys, skipped }: { readonly cluster: string; readonly keys: ClusterKeys; readonly skipped: Skipped },
): Promise<readonly Suspect[]> {
  const fingerprints = await guarded(redis.zrange(keys.suspectsOrder, 0, '-1'));
  if (fingerprints.length === 0) return [];
  const found = await guarded(redis.hmget(keys.suspects, ...fingerprints));
  return eachReadable(
    fingerprints,
    (fingerprint, at) => {
      const json = found[at] ?? null;
      if (json === null) return null;
      const suspect = suspectDocument.read(`suspect ${fingerprint}`, json);
      if (suspect.kill.subject.cluster === cluster) return suspect;
      throw new Failure('other-cluster', `Suspect ${fingerprint} is of another cluster than ${cluster}`);
    },
    skipped,
  );
}
