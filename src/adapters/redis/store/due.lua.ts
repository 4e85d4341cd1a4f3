import { defineNamedScript, defineScript } from '../script.ts';

/** KEYS: a due set. ARGV: limit. Members whose time has come by the server's clock, oldest first. */
export const dueNow = defineScript(`
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now), 'LIMIT', 0, ARGV[1])
`);

/**
 * Moves an incident in `due` to `dueAt`. If the caller passes what it has seen (`version`, `kills`, `requests`), an
 * incident that has changed since keeps its time; a closed one that waits for nothing is not added; an unknown one is
 * removed, and one that is no hash is put off, because nobody can read it.
 */
export const postpone = defineNamedScript(`
local stored = redis.pcall('HMGET', keys.incident, 'version', 'state', 'count')
if stored.err then
  redis.call('ZADD', keys.due, 'XX', given.dueAt, given.id)
  return 1
end
if not stored[1] then
  redis.call('ZREM', keys.due, given.id)
  return 0
end
if given.version and (stored[1] ~= given.version or stored[3] ~= given.kills
    or redis.call('HLEN', keys.requests) ~= tonumber(given.requests)) then
  return 0
end
if stored[2] == 'closed' and not redis.call('ZSCORE', keys.due, given.id) then return 0 end
redis.call('ZADD', keys.due, given.dueAt, given.id)
return 1
`);
