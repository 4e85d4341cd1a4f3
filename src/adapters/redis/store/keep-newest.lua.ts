/**
 * Lua that keeps a value under a name, in the order in which names were first seen, and a limited number of them. KEYS
 * from `first` on: hash, order. ARGV: name, value, how many, for how long (ms).
 */
export function keepNewest(first: number): string {
  const [hash, order] = [`KEYS[${first}]`, `KEYS[${first + 1}]`];
  return `
local clock = redis.call('TIME')
local now = string.format('%.0f', clock[1] * 1000 + math.floor(clock[2] / 1000))
redis.call('HSET', ${hash}, ARGV[1], ARGV[2])
redis.call('ZADD', ${order}, 'NX', now, ARGV[1])
local dropped = redis.call('ZRANGE', ${order}, 0, -(ARGV[3] + 1))
for _, name in ipairs(dropped) do
  redis.call('HDEL', ${hash}, name)
  redis.call('ZREM', ${order}, name)
end
redis.call('PEXPIRE', ${hash}, ARGV[4])
redis.call('PEXPIRE', ${order}, ARGV[4])
return 1
`;
}
