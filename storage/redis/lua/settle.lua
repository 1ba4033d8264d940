-- An outbox entry is in MongoDB: take it off, and let the finished session fade.
-- KEYS 1 outbox  2 tries  3 session  4 events  5 commands
-- ARGV 1 group  2 entry id  3 time to live, ms  4 channel  5 message
redis.call("XACK", KEYS[1], ARGV[1], ARGV[2])
local removed = redis.call("XDEL", KEYS[1], ARGV[2])
redis.call("HDEL", KEYS[2], ARGV[2])
local status = redis.call("HGET", KEYS[3], "status")
if status == "completed" or status == "canceled" then
  redis.call("HSET", KEYS[3], "persisted", "1")
  redis.call("PEXPIRE", KEYS[3], ARGV[3])
  redis.call("PEXPIRE", KEYS[4], ARGV[3])
  redis.call("PEXPIRE", KEYS[5], ARGV[3])
end
redis.call("PUBLISH", ARGV[4], ARGV[5])
return removed
