-- Requests for wrk: every event has an id of its own. Arguments: path, Authorization, name of the run, events per request.
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(args)
  path, run, size, count = args[1], args[3], tonumber(args[4]), 0
  headers = { ["Authorization"] = args[2], ["Content-Type"] = "application/json" }
end

local function event()
  count = count + 1
  return '{"type":"track","event":"Product Viewed","anonymousId":"a' .. (count % 1000) ..
    '","messageId":"' .. run .. "-" .. number .. "-" .. count ..
    '","timestamp":"2026-11-01T10:00:00.000Z","context":{"library":{"name":"analytics.js","version":"next-1.84.3"},' ..
    '"page":{"path":"/tea/green","url":"https://shop.example/tea/green"}},' ..
    '"properties":{"sku":"TEA-' .. (count % 500) .. '","price":4.5,"currency":"EUR","quantity":1}}'
end

function request()
  if size == 1 then
    return wrk.format("POST", path, headers, event())
  end
  local events = {}
  for place = 1, size do
    events[place] = event()
  end
  return wrk.format("POST", path, headers, '{"batch":[' .. table.concat(events, ",") .. "]}")
end
