import { z } from 'zod';
import { toldSchema } from '../../../core/notify/told.ts';
import { growingObject } from '../../../core/units/growing-object.ts';
import type { AlarmDocument, Alarms } from '../../../flow/notify/needs.ts';
import { bounds as usualBounds, type Bounds } from '../bounds.ts';
import { clusterKeys } from '../keys.ts';
import { takeLease } from '../lease.ts';
import type { RedisClient } from '../redis-client.ts';
import { guarded } from '../redis-failure.ts';
import { replicated } from '../replicated.ts';
import { defineNamedScript } from '../script.ts';
import { parseReply } from '../documents/parse.ts';
import { stored } from '../documents/stored.ts';
import { dueNow } from '../store/due.lua.ts';

const alarmDocument = stored('alarm', growingObject({ told: z.record(z.string(), toldSchema) }));

/** Writes if the stored revision is `expectedRevision` (0 = none yet). It is kept as long as its incident. */
const write = defineNamedScript(`
local revision = redis.call('HGET', keys.alarm, 'revision') or '0'
if revision ~= given.expectedRevision then return 0 end
redis.call('HSET', keys.alarm, 'revision', string.format('%.0f', revision + 1), 'document', given.document)
local left = redis.call('PTTL', keys.incident)
if left == -2 then left = tonumber(given.keptMs) end
if left > 0 then redis.call('PEXPIRE', keys.alarm, string.format('%.0f', left)) end
return 1
`);

/** Takes an incident off the due set, or moves it to "until", if it is as it was seen, or gone. */
const settle = defineNamedScript(`
local stored = redis.call('HMGET', keys.incident, 'version', 'count')
if stored[1] and (stored[1] ~= given.version or stored[2] ~= given.kills) then return 0 end
if stored[1] and given['until'] then redis.call('ZADD', keys.due, given['until'], given.id)
else redis.call('ZREM', keys.due, given.id) end
return 1
`);

export interface AlarmsOptions {
  /** Role `store`. */
  readonly redis: RedisClient;
  readonly cluster: string;
  readonly bounds?: Bounds;
}

/** What those who wake people were told of the incidents of one cluster. Throws only Failures. */
export function createAlarms({ redis, cluster, bounds = usualBounds }: AlarmsOptions): Alarms {
  const keys = clusterKeys(cluster);
  const due = keys.dueAlarms;
  return {
    read: async (id): Promise<AlarmDocument> => {
      const [revision, document] = await guarded(redis.hmget(keys.of(id).alarm, 'revision', 'document'));
      if (typeof revision !== 'string' || typeof document !== 'string') return { revision: 0, told: {} };
      return { revision: Number(revision), ...alarmDocument.read(`the alarm of incident ${id}`, document) };
    },
    write: async (id, { revision, ...document }) => {
      const { alarm, incident } = keys.of(id);
      const reply = await write.run(
        redis,
        { alarm, incident },
        { expectedRevision: revision, document: alarmDocument.write(document), keptMs: bounds.closedMs },
      );
      if (reply !== 1) return null;
      // Something is sent next that a lost document would never resolve.
      await replicated(redis, alarm);
      return { ...document, revision: revision + 1 };
    },
    due: async (limit) => parseReply('due', z.array(z.string()), await dueNow.run(redis, [due], [limit])),
    settle: async (id, { version, kills }, until) => {
      const given = { id, version, kills, until: until === null ? undefined : Math.round(until) };
      return (await settle.run(redis, { incident: keys.of(id).incident, due }, given)) === 1;
    },
    postpone: async (id, until) => {
      await guarded(redis.zadd(due, 'XX', Math.round(until), id));
    },
    take: async (id, forMs) => takeLease(redis, keys.of(id).alarmLease, forMs),
  };
}
