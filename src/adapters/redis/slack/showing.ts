import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { asideMs, mostCrashes } from '../../../core/incident/set-aside.ts';
import type { Postings } from '../../../flow/show/needs.ts';
import type { ClusterKeys } from '../keys.ts';
import type { RedisClient } from '../redis-client.ts';
import { defineNamedScript } from '../script.ts';
import { parseReply } from '../store/documents.ts';

/*
 * As store/attempts.ts does for workers: which process shows an incident at the moment is written beside its document
 * (`showing`), how many in a row ended meanwhile is counted (`showCrashes`), and too many of them set it aside
 * (`showAsideUntil`, ms) on the bot's side.
 */
const begin = defineNamedScript(`
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
if redis.call('EXISTS', keys.incident) == 0 then return { 'begun', 0 } end
local stored = redis.call('HMGET', keys.incident, 'showing', 'showCrashes', 'showAsideUntil')
if stored[3] and tonumber(stored[3]) > now then return { 'set-aside', tonumber(stored[3]) } end
if stored[3] then redis.call('HDEL', keys.incident, 'showAsideUntil') end
local crashes = tonumber(stored[2] or 0)
if stored[1] then
  crashes = redis.call('HINCRBY', keys.incident, 'showCrashes', 1)
  redis.call('HDEL', keys.incident, 'showing')
end
if crashes >= tonumber(given.mostCrashes) then
  local untilThen = now + given.asideMs
  redis.call('HSET', keys.incident, 'showAsideUntil', string.format('%.0f', untilThen), 'showCrashes', crashes - 1)
  return { 'too-many', untilThen }
end
if crashes > 0 and given.alone ~= '1' then return { 'suspect', 0 } end
redis.call('HSET', keys.incident, 'showing', given.token)
return { 'begun', 0 }
`);

const finish = defineNamedScript(`
if redis.call('HGET', keys.incident, 'showing') == given.token then
  redis.call('HDEL', keys.incident, 'showing')
  if given.done == '1' then redis.call('HDEL', keys.incident, 'showCrashes') end
end
return 1
`);

const replySchema = z.tuple([z.enum(['begun', 'suspect', 'set-aside', 'too-many']), z.number()]);

export function createShowing(redis: RedisClient, keys: ClusterKeys): Pick<Postings, 'begin'> {
  return {
    begin: async (id, alone) => {
      const token = randomUUID();
      const { incident } = keys.of(id);
      const reply = await begin.run(redis, { incident }, { token, alone: alone ? 1 : 0, asideMs, mostCrashes });
      const [is, until] = parseReply(`begin to show ${id}`, replySchema, reply);
      if (is === 'suspect') return { is };
      if (is !== 'begun') return { is: 'set-aside', until, isNews: is === 'too-many' };
      return {
        is,
        finish: async (isDone) => {
          await finish.run(redis, { incident }, { token, done: isDone ? 1 : 0 });
        },
      };
    },
  };
}
