-- One transition of a session, all of it or nothing.
-- KEYS 1 session  2 events  3 active  4 deadlines  5 user  6 outbox  7 commands
-- ARGV 1 token  2 expected rev ("0": must not exist)  3 new rev  4 command id ("" none)
--      5 answer to keep under the command id  6 next due instant, ms ("" none)
--      7 evidence of the client the decision was made on, ms ("" any)
--      8 event ("" none)  9 outbox entry ("" none)  10 channel  11 message
--      12 mode: start | change | end  13 kind  14 id  15 start, ms  16 events kept
--      17 answers kept  18… hash fields and values
local session = redis.call("HMGET", KEYS[1], "rev", "status", "commits", "last_seen_at")
local rev, status, commits = session[1] or "0", session[2] or "", session[3] or ""

-- The driver or a proxy sent the same commit again after it was done.
if string.find(commits, ARGV[1], 1, true) then return {"OK"} end

if ARGV[4] ~= "" then
  local answer = redis.call("HGET", KEYS[7], ARGV[4])
  if answer then return {"DUP", answer} end
end
local full = ARGV[4] ~= "" and redis.call("HLEN", KEYS[7]) >= tonumber(ARGV[17])
if status == "completed" or status == "canceled" then
  if ARGV[12] == "start" then return {"EXISTS", redis.call("HGETALL", KEYS[1])} end
  return {"TERMINAL", redis.call("HGETALL", KEYS[1])}
end
if rev ~= ARGV[2] then
  if ARGV[12] == "start" then return {"EXISTS", redis.call("HGETALL", KEYS[1])} end
  if rev == "0" then return {"MISSING"} end
  return {"CONFLICT", redis.call("HGETALL", KEYS[1])}
end
if ARGV[7] ~= "" and tonumber(session[4]) > tonumber(ARGV[7]) then
  return {"CONFLICT", redis.call("HGETALL", KEYS[1])}
end
if full and ARGV[12] == "change" then return {"FULL"} end
if ARGV[12] == "start" then
  local other = redis.call("HGET", KEYS[5], ARGV[13])
  if other then return {"ACTIVE", other} end
end

-- From here on only writes. The first one is refused whole when memory has run out.
local fields = {}
for i = 18, #ARGV do fields[#fields + 1] = ARGV[i] end
fields[#fields + 1] = "commits"
fields[#fields + 1] = ARGV[1] .. "," .. string.sub(commits, 1, 80)
redis.call("HSET", KEYS[1], unpack(fields))
if ARGV[12] == "end" then
  if redis.call("HGET", KEYS[5], ARGV[13]) == ARGV[14] then
    redis.call("HDEL", KEYS[5], ARGV[13])
  end
  redis.call("ZREM", KEYS[3], ARGV[14])
  redis.call("ZREM", KEYS[4], ARGV[14])
else
  if ARGV[12] == "start" then
    redis.call("HSET", KEYS[5], ARGV[13], ARGV[14])
    redis.call("ZADD", KEYS[3], ARGV[15], ARGV[14])
  end
  redis.call("ZADD", KEYS[4], ARGV[6], ARGV[14])
end
if ARGV[8] ~= "" then
  local function tell()
    return redis.pcall("XADD", KEYS[2], "MAXLEN", ARGV[16], ARGV[3] .. "-0", "rev", ARGV[3], "event", ARGV[8])
  end
  -- A timeline that does not fit the state, as after a loss of data, must not keep an end
  -- from the outbox: it begins anew.
  if type(tell()) == "table" then
    redis.call("DEL", KEYS[2])
    tell()
  end
end
if ARGV[4] ~= "" and not full then redis.call("HSET", KEYS[7], ARGV[4], ARGV[5]) end
if ARGV[9] ~= "" then redis.call("XADD", KEYS[6], "*", "id", ARGV[14], "record", ARGV[9]) end
if ARGV[11] ~= "" then redis.call("PUBLISH", ARGV[10], ARGV[11]) end
return {"OK"}
