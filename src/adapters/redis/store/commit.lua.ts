import { defineScript } from '../script.ts';

/*
 * The one script that changes incidents. It has four forms; each begins with its name:
 *
 *   kill     a fingerprint enters the ledger, its kill opens an incident or joins the open one of its subject; without
 *            a kill it is a warning, which only opens one, and changes nothing where one is open
 *   update   a document at its expected version, timeline entries, the record, decided requests, the next time to look
 *   request  what a person asked for, once per request id
 *   read     an incident with what lies beside it
 *
 * The times of `ledger`, `due` and `asked` are the server's. The document is text to this script: numbers and empty
 * arrays would not survive a round trip through Lua's JSON. What `kill` must know before it can name its keys (which
 * incident is open, which was the last) the caller has read shortly before; if it has changed meanwhile the answer is
 * `moved` and nothing was written.
 *
 * Pointer and document never disagree: a kill finds an open incident or none. An incident is not closed over a kill
 * or a request that the one who closes it has not seen, and its time is not moved past one: the answer is `conflict`,
 * or it stays due now.
 */
const text = `
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

local function whole(number)
  return string.format('%.0f', number)
end

local function snapshot(incident, recent, requests)
  local stored = redis.call('HMGET', incident, 'version', 'document', 'count', 'firstAt', 'lastAt')
  return { stored[1], stored[2], stored[3], stored[4], stored[5],
    redis.call('ZRANGE', recent, 0, -1), redis.call('HVALS', requests) }
end

local function forget(id, due, dueBot, open)
  redis.call('ZREM', due, id)
  redis.call('ZREM', dueBot, id)
  redis.call('ZREM', open, id)
end

local function kill()
  local ledger, openPointer, lastPointer, due, dueBot, open = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
  local suspects, suspectsOrder, killedPods = KEYS[7], KEYS[8], KEYS[9]
  local fingerprint, at, json, expectedOpen, expectedLast = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
  local document, ledgerMs, recentKills = ARGV[7], tonumber(ARGV[8]), tonumber(ARGV[9])
  local pod, podsKept, podsMs = ARGV[10], tonumber(ARGV[11]), tonumber(ARGV[12])

  local isKill = json ~= ''
  if redis.call('ZSCORE', ledger, fingerprint) then return { 'known' } end
  local isOpen = redis.call('GET', openPointer) or ''
  local last = redis.call('GET', lastPointer) or ''
  if isOpen ~= expectedOpen then return { 'moved' } end
  if isOpen == '' and last ~= expectedLast then return { 'moved' } end
  if isOpen ~= '' and redis.call('EXISTS', KEYS[10]) == 0 then
    redis.call('DEL', openPointer)
    forget(isOpen, due, dueBot, open)
    return { 'moved' }
  end

  if isOpen ~= '' and not isKill then return { 'open', isOpen } end

  local id, incident, recent = isOpen, KEYS[10], KEYS[11]
  if isOpen == '' then
    id = nil
    for n = 13, #ARGV do
      incident, recent = KEYS[10 + (n - 13) * 2], KEYS[11 + (n - 13) * 2]
      if redis.call('EXISTS', incident) == 0 then
        id = ARGV[n]
        break
      end
    end
    if not id then return { 'no-id' } end
    redis.call('HSET', incident, 'version', 1, 'state', 'open', 'document', '{"id":"' .. id .. '",' .. document)
    redis.call('SET', openPointer, id)
  end

  local count = redis.call('HINCRBY', incident, 'count', isKill and 1 or 0)
  local firstAt, lastAt = tonumber(at), tonumber(at)
  if count > 1 then
    local times = redis.call('HMGET', incident, 'firstAt', 'lastAt')
    firstAt = math.min(tonumber(times[1]), firstAt)
    lastAt = math.max(tonumber(times[2]), lastAt)
  end
  redis.call('HSET', incident, 'firstAt', whole(firstAt), 'lastAt', whole(lastAt))
  if isKill then
    redis.call('ZADD', recent, at, json)
    redis.call('ZREMRANGEBYRANK', recent, 0, -(recentKills + 1))
    redis.call('ZADD', killedPods, at, id .. ' ' .. pod)
    redis.call('ZREMRANGEBYSCORE', killedPods, '-inf', whole(now - podsMs))
    redis.call('ZREMRANGEBYRANK', killedPods, 0, -(podsKept + 1))
  end
  redis.call('ZADD', open, whole(lastAt), id)
  redis.call('ZADD', due, whole(now), id)
  redis.call('ZADD', dueBot, whole(now), id)
  redis.call('ZADD', ledger, whole(now), fingerprint)
  redis.call('ZREMRANGEBYSCORE', ledger, '-inf', whole(now - ledgerMs))
  redis.call('HDEL', suspects, fingerprint)
  redis.call('ZREM', suspectsOrder, fingerprint)
  return { isOpen == '' and 'opened' or 'joined', id }
end

local function update()
  local incident, recent, requests, due, dueBot, open = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
  local timeline, asked, posting, openPointer, lastPointer = KEYS[7], KEYS[8], KEYS[9], KEYS[10], KEYS[11]
  local id, expected, seenKills, seenRequests, state = ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6]
  local document, dueAt, entries, closedMs = ARGV[7], ARGV[8], ARGV[9], ARGV[10]
  local decided, entriesAdded, auditKept = tonumber(ARGV[11]), tonumber(ARGV[12]), ARGV[13]
  local audit = KEYS[12]

  local stored = redis.call('HMGET', incident, 'version', 'state', 'count')
  if not stored[1] then
    forget(id, due, dueBot, open)
    return { 'gone' }
  end
  local closing = stored[2] == 'open' and state == 'closed'
  local unseen = tonumber(stored[3]) > seenKills or redis.call('HLEN', requests) > seenRequests
  if stored[1] ~= expected or (closing and unseen) then
    return { 'conflict', snapshot(incident, recent, requests) }
  end
  if stored[2] == 'closed' and state == 'open' then return { 'reopened' } end

  redis.call('HSET', incident, 'version', whole(expected + 1), 'state', state, 'document', document)
  local firstEntry = 14 + decided
  local firstAudit = firstEntry + entriesAdded
  for n = 14, firstEntry - 1 do redis.call('HDEL', requests, ARGV[n]) end
  for n = firstEntry, firstAudit - 1 do redis.call('XADD', timeline, 'MAXLEN', '~', entries, '*', 'e', ARGV[n]) end
  for n = firstAudit, #ARGV do redis.call('XADD', audit, 'MAXLEN', '~', auditKept, '*', 'a', ARGV[n]) end
  if unseen then
    redis.call('ZADD', due, whole(now), id)
  elseif closing or dueAt == '' then
    redis.call('ZREM', due, id)
  else
    redis.call('ZADD', due, dueAt, id)
  end
  redis.call('ZADD', dueBot, whole(now), id)
  if closing then
    if redis.call('GET', openPointer) == id then redis.call('DEL', openPointer) end
    redis.call('SET', lastPointer, id, 'PX', closedMs)
    redis.call('ZREM', open, id)
  end
  if state == 'closed' then
    for _, key in ipairs({ incident, recent, requests, timeline, asked, posting }) do
      redis.call('PEXPIRE', key, closedMs)
    end
  end
  return { 'done', snapshot(incident, recent, requests) }
end

local function request()
  local incident, requests, asked, due = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
  local id, requestId, json, askedKept = ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
  if redis.call('EXISTS', incident) == 0 then return 'no-incident' end
  if redis.call('ZSCORE', asked, requestId) then return 'known' end
  redis.call('ZADD', asked, whole(now), requestId)
  redis.call('ZREMRANGEBYRANK', asked, 0, -(askedKept + 1))
  redis.call('HSET', requests, requestId, json)
  redis.call('ZADD', due, whole(now), id)
  local left = redis.call('PTTL', incident)
  if left > 0 then
    redis.call('PEXPIRE', requests, left)
    redis.call('PEXPIRE', asked, left)
  end
  return 'recorded'
end

local function read()
  local incident, recent, requests, due, dueBot, open = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
  if redis.call('EXISTS', incident) == 0 then
    forget(ARGV[2], due, dueBot, open)
    return false
  end
  return snapshot(incident, recent, requests)
end

local forms = { kill = kill, update = update, request = request, read = read }
return forms[ARGV[1]]()
`;

/** See the top of this file; `admission.ts` and `store.ts` know the order of keys and arguments of each form. */
export const commit = defineScript(text);
