-- Let go of a finished session that MongoDB has: nothing may show it as it was any more.
-- KEYS 1 session  2 events  3 commands
local known = redis.call("HMGET", KEYS[1], "status", "persisted")
if known[2] ~= "1" then return 0 end
if known[1] ~= "completed" and known[1] ~= "canceled" then return 0 end
redis.call("DEL", KEYS[1], KEYS[2], KEYS[3])
return 1
