import { defineNamedScript, defineScript } from '../script.ts';

/**
 * Writes a posting if its stored revision is `expectedRevision` (0 = none yet). It is kept as long as its incident, or
 * for `keptMs` if there is none. 'wanted' makes it due, which a folded incident that somebody opens may not have been.
 */
export const writePosting = defineNamedScript(`
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local revision = redis.call('HGET', keys.posting, 'revision') or '0'
if revision ~= given.expectedRevision then return 0 end
redis.call('HSET', keys.posting, 'revision', string.format('%.0f', revision + 1), 'document', given.document,
  'state', given.state, 'shownVersion', given.shownVersion, 'shownKills', given.shownKills, 'shownEntry', given.shownEntry,
  'shownPause', given.shownPause)
local left = redis.call('PTTL', keys.incident)
if left == -2 then left = tonumber(given.keptMs) end
if left > 0 then redis.call('PEXPIRE', keys.posting, string.format('%.0f', left)) end
if given.state == 'wanted' and redis.call('EXISTS', keys.incident) == 1 then
  redis.call('ZADD', keys.dueBot, 'NX', string.format('%.0f', now), given.id)
end
return 1
`);

/**
 * KEYS: posting, incident, timeline, due set of the bot, changes of the pause. ARGV: id. Takes the incident off the due
 * set if the posting shows its version, all its kills, its newest entry and, while it is open, the latest change of the
 * pause (if folded: if its storm's copy is up to date), or if there is no such incident any more.
 */
export const settlePosting = defineScript(`
local stored = redis.call('HMGET', KEYS[2], 'version', 'count', 'state')
if stored[1] then
  local shown = redis.call('HMGET', KEYS[1], 'state', 'shownVersion', 'shownKills', 'shownEntry', 'shownPause')
  if not shown[1] or shown[1] == 'wanted' then return 0 end
  if tonumber(shown[2]) < tonumber(stored[1]) or tonumber(shown[3]) < tonumber(stored[2]) then return 0 end
  local pause = redis.call('HGET', KEYS[5], 'count') or '0'
  if stored[3] == 'open' and shown[1] == 'posted' and (shown[5] or '0') ~= pause then return 0 end
  if #redis.call('XRANGE', KEYS[3], '(' .. shown[4], '+', 'COUNT', 1) > 0 then return 0 end
end
redis.call('ZREM', KEYS[4], ARGV[1])
return 1
`);
