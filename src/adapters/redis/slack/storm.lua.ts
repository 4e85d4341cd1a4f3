import { defineScript } from '../script.ts';

const now = `
local clock = redis.call('TIME')
local now = string.format('%.0f', clock[1] * 1000 + math.floor(clock[2] / 1000))
`;

/**
 * KEYS: newest storm of the channel, storm. ARGV: expected newest ('' = none), id, document, how long to keep it (ms).
 * The storm counts as folded into now, so that it is not over before its first incident.
 */
export const openStorm = defineScript(`${now}
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] or redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[4])
redis.call('HSET', KEYS[2], 'revision', 1, 'document', ARGV[3], 'changes', 0, 'size', 0, 'foldedAt', now)
redis.call('PEXPIRE', KEYS[2], ARGV[4])
return 1
`);

/** KEYS: storm. ARGV: document, how long to keep it (ms). For one that is not the newest of its channel. */
export const openStormAside = defineScript(`${now}
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'revision', 1, 'document', ARGV[1], 'changes', 0, 'size', 0, 'foldedAt', now)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
`);

/** KEYS: group. ARGV: incident, how long to keep the group (ms). Answers with its place, how many there are, and when the last came. */
export const countLeft = defineScript(`${now}
local place = redis.call('HGET', KEYS[1], ARGV[1])
if not place then
  place = math.max(0, redis.call('HLEN', KEYS[1]) - 1)
  redis.call('HSET', KEYS[1], ARGV[1], place, ':lastAt', now)
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return {tonumber(place), redis.call('HLEN', KEYS[1]) - 1, redis.call('HGET', KEYS[1], ':lastAt')}
`);

/**
 * KEYS: storm, members, order, due. ARGV: id, member's name, member, how long to keep it all (ms). An unchanged member
 * changes nothing, so sending it twice is harmless.
 */
export const foldIntoStorm = defineScript(`${now}
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local before = redis.call('HGET', KEYS[2], ARGV[2])
if before ~= ARGV[3] then
  redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
  redis.call('HINCRBY', KEYS[1], 'changes', 1)
  redis.call('ZADD', KEYS[4], now, ARGV[1])
end
if not before then
  redis.call('RPUSH', KEYS[3], ARGV[2])
  redis.call('HINCRBY', KEYS[1], 'size', 1)
  redis.call('HSET', KEYS[1], 'foldedAt', now)
end
for n = 1, 3 do redis.call('PEXPIRE', KEYS[n], ARGV[4]) end
return 1
`);

/** KEYS: storm. ARGV: expected revision, document. */
export const writeStorm = defineScript(`
local revision = redis.call('HGET', KEYS[1], 'revision')
if revision ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'revision', string.format('%.0f', revision + 1), 'document', ARGV[2])
return 1
`);

/** KEYS: members, order. Answers with the members in their order. */
export const stormMembersInOrder = defineScript(`
local names = redis.call('LRANGE', KEYS[2], 0, -1)
local members = {}
for n = 1, #names do members[n] = redis.call('HGET', KEYS[1], names[n]) end
return members
`);

/** KEYS: storm, due. ARGV: id, changes that were seen. A storm that is gone is due no more. */
export const settleStorm = defineScript(`
local changes = redis.call('HGET', KEYS[1], 'changes')
if changes and changes ~= ARGV[2] then return 0 end
redis.call('ZREM', KEYS[2], ARGV[1])
return 1
`);

/** KEYS: storm, due. ARGV: id, time (ms). A storm that is gone is due no more. */
export const postponeStorm = defineScript(`
if redis.call('EXISTS', KEYS[1]) == 0 then return redis.call('ZREM', KEYS[2], ARGV[1]) end
return redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
`);
