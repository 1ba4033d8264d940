-- Refresh the values that dashboards read straight from the session hashes.
-- KEYS 1 deadlines  2… sessions
-- ARGV 1 now, ms  2… ids of the sessions, with the newest version we know of last
-- Only for display: what a session is worth is always derived from its state.
local dimensions = {"physique", "energy", "logic", "creativity", "social"}
local now = tonumber(ARGV[1])
local version = tonumber(ARGV[#ARGV])
local refreshed = 0

-- A hash that is damaged, or newer than we are, is left alone.
local function readable(s)
  for i = 3, 12 do
    if not tonumber(s[i]) then return false end
  end
  return tonumber(s[12]) <= version
end

for i = 2, #KEYS do
  local s = redis.call("HMGET", KEYS[i], "status", "focused", "segment_started_at", "active_ms",
    "focused_ms", "clock", "rate_physique", "rate_energy", "rate_logic", "rate_creativity",
    "rate_social", "v")
  if (s[1] == "active" or s[1] == "paused") and readable(s) then
    local open = 0
    if s[1] == "active" then
      -- Nothing counts past the next end, whether it has been noticed yet or not.
      local due = tonumber(redis.call("ZSCORE", KEYS[1], ARGV[i]) or now)
      open = math.max(tonumber(s[6]), math.min(now, due)) - tonumber(s[3])
    end
    local elapsed = tonumber(s[4]) + open
    local focused = tonumber(s[5]) + (s[2] == "1" and open or 0)
    local values = {
      "elapsed_seconds", string.format("%.0f", math.floor(elapsed / 1000)),
      "focused_seconds", string.format("%.0f", math.floor(focused / 1000)),
      "live_at", ARGV[1],
    }
    local total = 0
    for d = 1, #dimensions do
      local xp = math.floor(focused * tonumber(s[6 + d]) / 1000000)
      total = total + xp
      values[#values + 1] = "xp_" .. dimensions[d]
      values[#values + 1] = string.format("%.0f", xp)
    end
    values[#values + 1] = "xp_total"
    values[#values + 1] = string.format("%.0f", total)
    redis.call("HSET", KEYS[i], unpack(values))
    refreshed = refreshed + 1
  end
end
return refreshed
