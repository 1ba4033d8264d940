-- Forget a dead letter; its session has nothing left to wait for and may fade.
-- KEYS 1 dead letters  2 session  3 events  4 commands
-- ARGV 1 dead letter id  2 time to live, ms
local removed = redis.call("XDEL", KEYS[1], ARGV[1])
local status = redis.call("HGET", KEYS[2], "status")
if removed == 1 and (status == "completed" or status == "canceled") then
  for i = 2, 4 do redis.call("PEXPIRE", KEYS[i], ARGV[2]) end
end
return removed
