import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { asideMs, mostCrashes } from '../../../core/incident/set-aside.ts';
import type { Entry } from '../../../core/incident/incident.ts';
import type { Attempt, IncidentLease } from '../../../flow/needs.ts';
import type { Bounds } from '../bounds.ts';
import { crashesLua } from '../crashes.lua.ts';
import type { ClusterKeys } from '../keys.ts';
import { leaseOf } from '../lease.ts';
import type { RedisClient } from '../redis-client.ts';
import { defineNamedScript } from '../script.ts';
import { parseReply } from '../documents/parse.ts';
import { entryDocument } from './incident-documents.ts';

/*
 * Who works on an incident is written beside its document (`advancing`) with the lease, and taken away with it. So a
 * lease that is free while somebody still stands there is that of a process that ended in the middle; `crashes` counts
 * those in a row. `asideUntil` (ms) is set when they were too many.
 */

/**
 * Takes the lease of an incident, unless somebody else has it or it is set aside. One that a process left unfinished is
 * only taken by a caller who works on it `alone`, and due now for the sweep, which does. For an incident that is unknown it is a lease and nothing more.
 */
const take = defineNamedScript(`${crashesLua}
local now = nowMs()
if redis.call('EXISTS', keys.lease) == 1 then return { 'held', 0 } end
local crashes = 0
if redis.call('EXISTS', keys.incident) == 1 then
  local aside = asideUntil(keys.incident, 'asideUntil', now)
  if aside then
    redis.call('ZADD', keys.due, 'XX', aside, given.id)
    return { 'set-aside', 0 }
  end
  crashes = crashesOf(keys.incident, 'advancing', 'crashes')
  if crashes > 0 and given.alone ~= '1' then
    redis.call('ZADD', keys.due, 'XX', 'LT', string.format('%.0f', now), given.id)
    return { 'suspect', 0 }
  end
  redis.call('HSET', keys.incident, 'advancing', given.token)
end
redis.call('SET', keys.lease, given.token, 'PX', given.forMs)
return { 'taken', crashes }
`);

/** The work has ended, well or with an error. */
const finish = defineNamedScript(`
if redis.call('GET', keys.lease) == given.token then redis.call('DEL', keys.lease) end
if redis.call('HGET', keys.incident, 'advancing') == given.token then
  redis.call('HDEL', keys.incident, 'advancing', 'crashes')
end
return 1
`);

/** The process was told to stop: should it end before its work does, that is no crash. */
const excuse = defineNamedScript(`
if redis.call('HGET', keys.incident, 'advancing') == given.token then redis.call('HDEL', keys.incident, 'advancing') end
return 1
`);

const setAside = defineNamedScript(`${crashesLua}
local now = nowMs()
local untilThen = string.format('%.0f', now + given.asideMs)
redis.call('HDEL', keys.incident, 'advancing')
redis.call('HSET', keys.incident, 'asideUntil', untilThen, 'crashes', given.crashes)
redis.call('XADD', keys.timeline, 'MAXLEN', '~', given.entriesKept, '*', 'e', given.entry)
redis.call('ZADD', keys.due, untilThen, given.id)
redis.call('ZADD', keys.dueBot, string.format('%.0f', now), given.id)
return 1
`);

const takeReplySchema = z.tuple([z.enum(['taken', 'held', 'set-aside', 'suspect']), z.number().int()]);

export interface AttemptsOptions {
  readonly redis: RedisClient;
  readonly keys: ClusterKeys;
  readonly bounds: Pick<Bounds, 'entries'>;
  /** Aborted when the process is told to stop. */
  readonly stopping: AbortSignal | undefined;
}

export async function takeIncident(
  id: string,
  { forMs, alone }: { readonly forMs: number; readonly alone: boolean },
  { redis, keys, bounds, stopping }: AttemptsOptions,
): Promise<Attempt> {
  const token = randomUUID();
  const { lease: leaseKey, incident, timeline } = keys.of(id);
  const { due, dueBot } = keys;
  const reply = await take.run(redis, { lease: leaseKey, incident, due }, { id, token, forMs, alone: alone ? 1 : 0 });
  const [is, crashes] = parseReply('take', takeReplySchema, reply);
  if (is !== 'taken') return { is };
  const held = { lease: leaseKey, incident };
  const onStop = (): void => {
    excuse.run(redis, { incident }, { token }).catch(() => undefined);
  };
  stopping?.addEventListener('abort', onStop, { once: true });
  const lease: IncidentLease = {
    extend: leaseOf(redis, leaseKey, { token, forMs }).extend,
    release: async () => {
      stopping?.removeEventListener('abort', onStop);
      await finish.run(redis, held, { token });
    },
    setAside: async (entry: Entry) => {
      await setAside.run(
        redis,
        { incident, timeline, due, dueBot },
        { id, asideMs, crashes: mostCrashes - 1, entry: entryDocument.write(entry), entriesKept: bounds.entries },
      );
    },
  };
  return { is, crashes, lease };
}
