/**
 * Lua for scripts that count how many processes in a row ended in the middle of their work on an incident, the worker's
 * and the bot's, each in fields of its own. Who is at work stands in `mark` and is taken away at the end: who still
 * stands there when another one comes has ended in the middle.
 *
 * `asideUntil` is ms UTC while it is set aside, and nil after; `crashesOf` counts one more where `mark` is there.
 */
export const crashesLua = `
local function nowMs()
  local clock = redis.call('TIME')
  return clock[1] * 1000 + math.floor(clock[2] / 1000)
end
local function asideUntil(key, field, now)
  local stored = redis.call('HGET', key, field)
  if not stored then return nil end
  if tonumber(stored) > now then return stored end
  redis.call('HDEL', key, field)
  return nil
end
local function crashesOf(key, mark, count)
  if redis.call('HDEL', key, mark) == 1 then return redis.call('HINCRBY', key, count, 1) end
  return tonumber(redis.call('HGET', key, count) or 0)
end
`;
