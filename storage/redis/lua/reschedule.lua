-- Correct the hint of a session that came up before it was due.
-- KEYS 1 deadlines  2 session
-- ARGV 1 id  2 rev the decision was made on ("" the session is gone or has ended)  3 next due ms
local known = redis.call("HMGET", KEYS[2], "rev", "status")
if not known[1] or known[2] == "completed" or known[2] == "canceled" then
  return redis.call("ZREM", KEYS[1], ARGV[1])
end
if known[1] == ARGV[2] then redis.call("ZADD", KEYS[1], "XX", ARGV[3], ARGV[1]) end
return 0
