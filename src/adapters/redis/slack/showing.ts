import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { asideMs, mostCrashes } from '../../../core/incident/set-aside.ts';
import type { Postings } from '../../../flow/show/needs.ts';
import { crashesLua } from '../crashes.lua.ts';
import type { ClusterKeys } from '../keys.ts';
import type { RedisClient } from '../redis-client.ts';
import { defineNamedScript } from '../script.ts';
import { parseReply } from '../documents/parse.ts';

/*
 * As store/attempts.ts does for workers: which process renders an incident at the moment is written beside its document
 * (`showing`), how many in a row ended meanwhile is counted (`showCrashes`), and too many of them set it aside
 * (`showAsideUntil`, ms) on the bot's side; `showAsideUntold` is there while its place could not say so.
 */
const ask = defineNamedScript(`${crashesLua}
local now = nowMs()
if redis.call('EXISTS', keys.incident) == 0 then return { 'may', 0 } end
local aside = asideUntil(keys.incident, 'showAsideUntil', now)
if aside then
  local isNews = redis.call('HDEL', keys.incident, 'showAsideUntold') == 1
  return { isNews and 'too-many' or 'set-aside', tonumber(aside) }
end
local crashes = crashesOf(keys.incident, 'showing', 'showCrashes')
if crashes >= tonumber(given.mostCrashes) then
  local untilThen = now + given.asideMs
  redis.call('HSET', keys.incident, 'showAsideUntil', string.format('%.0f', untilThen), 'showCrashes', crashes - 1)
  redis.call('HDEL', keys.incident, 'showAsideUntold')
  return { 'too-many', untilThen }
end
if crashes > 0 and given.alone ~= '1' then return { 'suspect', 0 } end
return { 'may', 0 }
`);

const mark = defineNamedScript(`
if redis.call('EXISTS', keys.incident) == 1 then redis.call('HSET', keys.incident, 'showing', given.token) end
return 1
`);

const unmark = defineNamedScript(`
if redis.call('HGET', keys.incident, 'showing') == given.token then
  redis.call('HDEL', keys.incident, 'showing', 'showCrashes')
end
return 1
`);

const untold = defineNamedScript(`
if redis.call('HEXISTS', keys.incident, 'showAsideUntil') == 1 then
  redis.call('HSET', keys.incident, 'showAsideUntold', 1)
end
return 1
`);

const replySchema = z.tuple([z.enum(['may', 'suspect', 'set-aside', 'too-many']), z.number()]);

export function createShowing(
  redis: RedisClient,
  keys: ClusterKeys,
): Pick<Postings, 'mayShow' | 'markShowing' | 'unmarkShowing' | 'asideUntold'> {
  return {
    mayShow: async (id, alone) => {
      const { incident } = keys.of(id);
      const reply = await ask.run(redis, { incident }, { alone: alone ? 1 : 0, asideMs, mostCrashes });
      const [is, until] = parseReply(`whether to show ${id}`, replySchema, reply);
      return is === 'may' || is === 'suspect' ? { is } : { is: 'set-aside', until, isNews: is === 'too-many' };
    },
    markShowing: async (id) => {
      const token = randomUUID();
      await mark.run(redis, { incident: keys.of(id).incident }, { token });
      return token;
    },
    unmarkShowing: async (id, token) => {
      await unmark.run(redis, { incident: keys.of(id).incident }, { token });
    },
    asideUntold: async (id) => {
      await untold.run(redis, { incident: keys.of(id).incident }, {});
    },
  };
}
