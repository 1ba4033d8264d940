-- Later evidence of clients, and the deadlines that move with it.
-- KEYS 1 deadlines  2… sessions
-- ARGV for each session: id, rev, last seen ms, next due ms
-- A session that has moved on since is left alone: its transition carried its own evidence.
local changed = 0
for i = 2, #KEYS do
  local at = (i - 2) * 4
  local known = redis.call("HMGET", KEYS[i], "rev", "status", "last_seen_at")
  local live = known[2] == "active" or known[2] == "paused"
  if live and known[1] == ARGV[at + 2] and tonumber(known[3]) < tonumber(ARGV[at + 3]) then
    redis.call("HSET", KEYS[i], "last_seen_at", ARGV[at + 3])
    redis.call("ZADD", KEYS[1], "XX", ARGV[at + 4], ARGV[at + 1])
    changed = changed + 1
  end
end
return changed
