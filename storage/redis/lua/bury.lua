-- Move an outbox entry that cannot be applied to the dead letters, with the reason.
-- KEYS 1 outbox  2 tries  3 dead letters
-- ARGV 1 group  2 entry id  3 reason  4 now, ms
local found = redis.call("XRANGE", KEYS[1], ARGV[2], ARGV[2])
if #found == 0 then return 0 end
local fields = found[1][2]
fields[#fields + 1] = "reason"
fields[#fields + 1] = ARGV[3]
fields[#fields + 1] = "entry"
fields[#fields + 1] = ARGV[2]
fields[#fields + 1] = "buried_at"
fields[#fields + 1] = ARGV[4]
redis.call("XADD", KEYS[3], "*", unpack(fields))
redis.call("XACK", KEYS[1], ARGV[1], ARGV[2])
redis.call("XDEL", KEYS[1], ARGV[2])
redis.call("HDEL", KEYS[2], ARGV[2])
return 1
