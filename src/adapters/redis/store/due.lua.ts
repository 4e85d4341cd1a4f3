import { defineScript } from '../script.ts';

/** KEYS: a due set. ARGV: limit. Members whose time has come by the server's clock, oldest first. */
export const dueNow = defineScript(`
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now), 'LIMIT', 0, ARGV[1])
`);

/**
 * KEYS: due set, incident, requests. ARGV: id, time, and what the caller has seen: version, kills, requests; the last
 * three are empty when it does not care. An incident that has changed since then keeps its time; a closed one that
 * waits for nothing is not brought back; an unknown one is forgotten.
 */
export const postpone = defineScript(`
local stored = redis.call('HMGET', KEYS[2], 'version', 'state', 'count')
if not stored[1] then
  redis.call('ZREM', KEYS[1], ARGV[1])
  return 0
end
if ARGV[3] ~= '' and (stored[1] ~= ARGV[3] or stored[3] ~= ARGV[4] or redis.call('HLEN', KEYS[3]) ~= tonumber(ARGV[5])) then
  return 0
end
if stored[2] == 'closed' and not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
return 1
`);
