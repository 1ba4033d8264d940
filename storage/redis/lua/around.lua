-- Read a leaderboard at one instant: its size, the best, and who stands around a member.
-- KEYS 1 set   ARGV 1 how many of the best  2 member ("" none)  3 how many on either side
-- Returns size, best; and if the member is there: those around it, how many stand before the
-- first of these, how many of them are better than it.
local set = KEYS[1]
local found = {
  redis.call("ZCARD", set),
  redis.call("ZREVRANGE", set, 0, ARGV[1] - 1, "WITHSCORES"),
}
local place = ARGV[2] ~= "" and redis.call("ZREVRANK", set, ARGV[2])
if place then
  local first = math.max(0, place - ARGV[3])
  found[3] = redis.call("ZREVRANGE", set, first, place + ARGV[3], "WITHSCORES")
  found[4] = first
  found[5] = redis.call("ZCOUNT", set, "(" .. found[3][2], "+inf")
end
return found
