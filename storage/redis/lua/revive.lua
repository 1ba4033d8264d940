-- Put a dead letter back into the outbox.
-- KEYS 1 dead letters  2 outbox
-- ARGV 1 dead letter id
local found = redis.call("XRANGE", KEYS[1], ARGV[1], ARGV[1])
if #found == 0 then return 0 end
local kept = {}
local fields = found[1][2]
for i = 1, #fields, 2 do
  if fields[i] ~= "reason" and fields[i] ~= "entry" and fields[i] ~= "buried_at" then
    kept[#kept + 1] = fields[i]
    kept[#kept + 1] = fields[i + 1]
  end
end
redis.call("XADD", KEYS[2], "*", unpack(kept))
redis.call("XDEL", KEYS[1], ARGV[1])
return 1
