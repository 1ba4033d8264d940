-- Correct the hint of a session that came up before it was due.
-- KEYS 1 deadlines  2 session
-- ARGV 1 id  2 rev the decision was made on ("" none: it was not found to be live)  3 next due ms
local known = redis.call("HMGET", KEYS[2], "rev", "status")
if not known[1] or known[2] == "completed" or known[2] == "canceled" then
  redis.call("ZREM", KEYS[1], ARGV[1])
  return 1
end
if ARGV[2] == "" then return 0 end
-- A session that has moved on has moved its hint itself.
if known[1] == ARGV[2] then redis.call("ZADD", KEYS[1], "XX", ARGV[3], ARGV[1]) end
return 1
