import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { processNames } from '../../../scripts/system.ts';
import { eventually } from '../../eventually.ts';
import type { FaultRow } from '../row.ts';

export const rollingUpgrade: FaultRow = {
  name: 'rolling-upgrade',
  about: 'each process is replaced again and again: another one starts, and then the old one gets SIGTERM',
  inject: async ({ system, nowAndThen, happened }) => {
    const struck = await nowAndThen((nth) => system.replace(processNames[nth % processNames.length] ?? 'watcher'));
    await happened;
    // Of few incidents not each of them has had its turn.
    for (const name of processNames.slice(struck)) await system.replace(name);
    return Math.max(struck, processNames.length);
  },
};

const documentSchema = z.looseObject({ id: z.string() });

export const newerDocuments: FaultRow = {
  name: 'newer-documents',
  about: 'incidents are stored by a version that these processes are too old for, until they are updated',
  inject: async ({ system, nowAndThen, minuteMs, happened }) => {
    const redis = new Redis(system.redisUrl);
    try {
      return await nowAndThen(async () => {
        // On a busy machine what was killed is stored later.
        await eventually(async () => {
          if ((await storedIn(redis)).length === 0) throw new Error('no incident is stored yet');
        });
        return (await makeNewer(redis, minuteMs, happened)) > 0 ? undefined : 'missed';
      });
    } finally {
      redis.disconnect();
    }
  },
};

/** Of all incidents that are there; how many. Throws where a process has touched one of them meanwhile. */
async function makeNewer(redis: Redis, forMs: number, happened: Promise<void>): Promise<number> {
  const keys = (await storedIn(redis)).slice(0, mostAtOnce);
  const known = new Map<string, { readonly before: string; readonly newer: string }>();
  for (const key of keys) {
    const before = (await redis.hget(key, 'document')) ?? '';
    const document = documentSchema.parse(JSON.parse(before));
    const newer = JSON.stringify({ ...document, schema: 99, writtenBy: '9.9.9' });
    // Whoever has changed it in between was not too old yet.
    if ((await redis.eval(swap, 1, key, before, newer)) === 1) known.set(key, { before, newer });
  }
  await Promise.race([delay(forMs), happened]);
  for (const [key, { before, newer }] of known)
    if ((await redis.eval(swap, 1, key, newer, before)) !== 1) throw new Error(`${key} was not left alone`);
  return known.size;
}

const mostAtOnce = 200;

/** Keys of incidents. */
function storedIn(redis: Redis): Promise<string[]> {
  return redis.keys('{oomkeeper:test}:incident:*');
}

/** As a commit: whoever has read the document before cannot write it any more. */
const swap = `
if redis.call('HGET', KEYS[1], 'document') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'document', ARGV[2])
redis.call('HINCRBY', KEYS[1], 'version', 1)
return 1
`;
