-- A user's slot points to a session that does not exist: let another one begin.
-- KEYS 1 user  2 session   ARGV 1 kind  2 id
if redis.call("EXISTS", KEYS[2]) == 0 and redis.call("HGET", KEYS[1], ARGV[1]) == ARGV[2] then
  return redis.call("HDEL", KEYS[1], ARGV[1])
end
return 0
