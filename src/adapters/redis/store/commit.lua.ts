import { defineNamedScript } from '../script.ts';

/*
 * The one script that changes incidents. It has four forms:
 *
 *   kill     a fingerprint enters the ledger, its kill opens an incident or joins the open one of its subject; without
 *            a kill it is a warning, which only opens one, and changes nothing where one is open
 *   update   a document at its expected version, timeline entries, audit lines, results of changes, decided requests,
 *            when it is due next
 *   request  what a person asked for, once per request id
 *   read     an incident with what is stored beside it
 *
 * The times of `ledger`, `due` and `asked` are the server's. The document is text to this script: numbers and empty
 * arrays would not survive a round trip through Lua's JSON. What `kill` needs to name its keys (the open incident, the
 * last one) was read by the caller shortly before; if it has changed since, the answer is `moved` and nothing was
 * written.
 *
 * Pointer and document always agree: a kill finds an open incident or none. An incident cannot be closed, nor its due
 * time moved, past a kill or request that the caller has not seen: the answer is `conflict`, or it stays due now.
 */
const text = `
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

local function whole(number)
  return string.format('%.0f', number)
end

local function snapshot()
  local stored = redis.call('HMGET', keys.incident, 'version', 'document', 'count', 'firstAt', 'lastAt')
  return { stored[1], stored[2], stored[3], stored[4], stored[5],
    redis.call('ZRANGE', keys.recent, 0, -1), redis.call('HVALS', keys.requests) }
end

local function forget(id)
  redis.call('ZREM', keys.due, id)
  redis.call('ZREM', keys.dueBot, id)
  redis.call('ZREM', keys.dueAlarms, id)
  redis.call('ZREM', keys.open, id)
end

local function kill()
  local isKill = given.kill ~= nil
  if redis.call('ZSCORE', keys.ledger, given.fingerprint) then return { 'known' } end
  local open = redis.call('GET', keys.openPointer)
  local last = redis.call('GET', keys.lastPointer)
  if (open or nil) ~= given.expectedOpen then return { 'moved' } end
  if not open and (last or nil) ~= given.expectedLast then return { 'moved' } end
  if open and redis.call('EXISTS', keys['incident:' .. open]) == 0 then
    redis.call('DEL', keys.openPointer)
    forget(open)
    return { 'moved' }
  end

  if open and not isKill then return { 'open', open } end

  local id = open
  if not open then
    for _, free in ipairs(cjson.decode(given.ids)) do
      if redis.call('EXISTS', keys['incident:' .. free]) == 0 then
        id = free
        break
      end
    end
    if not id then return { 'no-id' } end
    redis.call('HSET', keys['incident:' .. id], 'version', 1, 'state', 'open',
      'document', '{"id":"' .. id .. '",' .. given.documentWithoutId)
    redis.call('SET', keys.openPointer, id)
  end

  local incident, recent = keys['incident:' .. id], keys['recent:' .. id]
  local count = redis.call('HINCRBY', incident, 'count', isKill and 1 or 0)
  local firstAt, lastAt = tonumber(given.at), tonumber(given.at)
  if count > 1 then
    local times = redis.call('HMGET', incident, 'firstAt', 'lastAt')
    firstAt = math.min(tonumber(times[1]), firstAt)
    lastAt = math.max(tonumber(times[2]), lastAt)
  end
  redis.call('HSET', incident, 'firstAt', whole(firstAt), 'lastAt', whole(lastAt))
  if isKill then
    redis.call('ZADD', recent, given.at, given.kill)
    redis.call('ZREMRANGEBYRANK', recent, 0, -(given.recentKillsKept + 1))
    redis.call('ZADD', keys.killedPods, given.at, id .. ' ' .. given.pod)
    redis.call('ZREMRANGEBYSCORE', keys.killedPods, '-inf', whole(now - given.podsMs))
    redis.call('ZREMRANGEBYRANK', keys.killedPods, 0, -(given.podsKept + 1))
    if keys.image then
      redis.call('ZADD', keys.image, given.at, id .. ' ' .. given.subject)
      redis.call('ZREMRANGEBYRANK', keys.image, 0, -(given.imageKillsKept + 1))
      redis.call('PEXPIRE', keys.image, given.podsMs)
    end
  end
  redis.call('ZADD', keys.open, whole(lastAt), id)
  redis.call('ZADD', keys.due, whole(now), id)
  redis.call('ZADD', keys.dueBot, whole(now), id)
  redis.call('ZADD', keys.dueAlarms, whole(now), id)
  -- Where no receiver is configured nobody takes them off.
  redis.call('ZREMRANGEBYSCORE', keys.dueAlarms, '-inf', whole(now - given.podsMs))
  redis.call('ZADD', keys.ledger, whole(now), given.fingerprint)
  redis.call('ZREMRANGEBYSCORE', keys.ledger, '-inf', whole(now - given.ledgerMs))
  redis.call('HDEL', keys.suspects, given.fingerprint)
  redis.call('ZREM', keys.suspectsOrder, given.fingerprint)
  return { open and 'joined' or 'opened', id }
end

local function update()
  local id = given.id
  local stored = redis.call('HMGET', keys.incident, 'version', 'state', 'count')
  if not stored[1] then
    forget(id)
    return { 'gone' }
  end
  local closing = stored[2] == 'open' and given.state == 'closed'
  local unseen = tonumber(stored[3]) > tonumber(given.seenKills) or redis.call('HLEN', keys.requests) > tonumber(given.seenRequests)
  if stored[1] ~= given.expectedVersion or (closing and unseen) then
    return { 'conflict', snapshot() }
  end
  if stored[2] == 'closed' and given.state == 'open' then return { 'reopened' } end

  redis.call('HSET', keys.incident, 'version', whole(stored[1] + 1), 'state', given.state, 'document', given.document)
  for _, request in ipairs(cjson.decode(given.decided)) do redis.call('HDEL', keys.requests, request) end
  for _, entry in ipairs(cjson.decode(given.entries)) do
    redis.call('XADD', keys.timeline, 'MAXLEN', '~', given.entriesKept, '*', 'e', entry)
  end
  for _, line in ipairs(cjson.decode(given.audit)) do
    redis.call('XADD', keys.audit, 'MAXLEN', '~', given.auditKept, '*', 'a', line)
  end
  for _, result in ipairs(cjson.decode(given.results)) do
    redis.call('XADD', keys.results, 'MAXLEN', '~', given.resultsKept, '*', 'r', result)
    redis.call('PEXPIRE', keys.results, given.closedMs)
  end
  if unseen then
    redis.call('ZADD', keys.due, whole(now), id)
  elseif not given.dueAt then
    redis.call('ZREM', keys.due, id)
  else
    redis.call('ZADD', keys.due, given.dueAt, id)
  end
  redis.call('ZADD', keys.dueBot, whole(now), id)
  redis.call('ZADD', keys.dueAlarms, whole(now), id)
  if closing then
    if redis.call('GET', keys.openPointer) == id then redis.call('DEL', keys.openPointer) end
    redis.call('SET', keys.lastPointer, id, 'PX', given.closedMs)
    redis.call('ZREM', keys.open, id)
  end
  if given.state == 'closed' then
    for _, name in ipairs({ 'incident', 'recent', 'requests', 'timeline', 'asked', 'posting', 'alarm' }) do
      redis.call('PEXPIRE', keys[name], given.closedMs)
    end
  end
  return { 'done', snapshot() }
end

local function request()
  if redis.call('EXISTS', keys.incident) == 0 then return 'no-incident' end
  if redis.call('ZSCORE', keys.asked, given.requestId) then return 'known' end
  redis.call('ZADD', keys.asked, whole(now), given.requestId)
  redis.call('ZREMRANGEBYRANK', keys.asked, 0, -(given.askedKept + 1))
  redis.call('HSET', keys.requests, given.requestId, given.request)
  redis.call('HDEL', keys.incident, 'asideUntil', 'showAsideUntil')
  redis.call('ZADD', keys.due, whole(now), given.id)
  local left = redis.call('PTTL', keys.incident)
  if left > 0 then
    redis.call('PEXPIRE', keys.requests, left)
    redis.call('PEXPIRE', keys.asked, left)
  end
  return 'recorded'
end

local function read()
  if redis.call('EXISTS', keys.incident) == 0 then
    forget(given.id)
    return false
  end
  return snapshot()
end

local forms = { kill = kill, update = update, request = request, read = read }
return forms[given.form]()
`;

/** See the top of this file: each form names its keys and arguments. */
export const commit = defineNamedScript(text);
