-- A node says that it is there.
-- KEYS 1 alive   ARGV 1 now, ms
-- The cluster heartbeat never goes back, whatever a single node's clock says.
local known = redis.call("GET", KEYS[1])
if not known or tonumber(known) < tonumber(ARGV[1]) then redis.call("SET", KEYS[1], ARGV[1]) end
return 1
