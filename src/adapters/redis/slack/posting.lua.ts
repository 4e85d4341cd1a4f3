import { defineScript } from '../script.ts';

/**
 * KEYS: posting, incident, due set of the bot. ARGV: expected revision (0 = none yet), document, state, shown version,
 * shown kills, shown entry, how long to keep it where there is no incident (ms), id. A posting lives as long as its
 * incident. What is 'wanted' is due: a folded incident that is opened need not have been.
 */
export const writePosting = defineScript(`
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local revision = redis.call('HGET', KEYS[1], 'revision') or '0'
if revision ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'revision', string.format('%.0f', revision + 1),
  'document', ARGV[2], 'state', ARGV[3], 'shownVersion', ARGV[4], 'shownKills', ARGV[5], 'shownEntry', ARGV[6])
local left = redis.call('PTTL', KEYS[2])
if left == -2 then left = tonumber(ARGV[7]) end
if left > 0 then redis.call('PEXPIRE', KEYS[1], string.format('%.0f', left)) end
if ARGV[3] == 'wanted' and redis.call('EXISTS', KEYS[2]) == 1 then
  redis.call('ZADD', KEYS[3], 'NX', string.format('%.0f', now), ARGV[8])
end
return 1
`);

/**
 * KEYS: posting, incident, timeline, due set of the bot. ARGV: id. Takes the incident off the due set if the posting shows
 * its version, all its kills and its newest entry (a folded one: if its storm was told), or if there is no such incident
 * any more.
 */
export const settlePosting = defineScript(`
local stored = redis.call('HMGET', KEYS[2], 'version', 'count')
if stored[1] then
  local shown = redis.call('HMGET', KEYS[1], 'state', 'shownVersion', 'shownKills', 'shownEntry')
  if not shown[1] or shown[1] == 'wanted' then return 0 end
  if tonumber(shown[2]) < tonumber(stored[1]) or tonumber(shown[3]) < tonumber(stored[2]) then return 0 end
  if #redis.call('XRANGE', KEYS[3], '(' .. shown[4], '+', 'COUNT', 1) > 0 then return 0 end
end
redis.call('ZREM', KEYS[4], ARGV[1])
return 1
`);
