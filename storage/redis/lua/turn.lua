-- Turn a string from what it was believed to be into something else, if it still is that.
-- KEYS 1 string
-- ARGV 1 what it was ("" missing)  2 what it becomes  3 for how long, ms ("" for ever)
local held = redis.call("GET", KEYS[1]) or ""
-- A repeat, whose first reply was lost, finds its own value.
if held ~= ARGV[1] and held ~= ARGV[2] then return 0 end
if ARGV[3] == "" then
  redis.call("SET", KEYS[1], ARGV[2])
else
  redis.call("SET", KEYS[1], ARGV[2], "PX", ARGV[3])
end
return 1
