-- Asks for the paths in the file that is given after `--`, in turn. With `renew` and a path after it, the file holds
-- refresh tokens instead: each thread exchanges one, then the one that it got for it. Prints figures as JSON.
local asked, nth, renewing, token = {}, 0, nil, nil
local threads = 0

function setup(thread)
  threads = threads + 1
  thread:set("thread", threads)
end

local function renewed(status, headers, body)
  token = body:match('"refresh_token": *"([0-9A-Za-z]+)"') or token
end

function init(args)
  local lines = {}
  for line in io.lines(args[1]) do
    lines[#lines + 1] = line
  end
  if args[2] == "renew" then
    renewing, token = args[3], lines[thread]
    response = renewed -- wrk reads bodies only if it is there
    wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
    return
  end
  for _, path in ipairs(lines) do
    asked[#asked + 1] = wrk.format("GET", path)
  end
  math.randomseed(os.time())
  nth = math.random(#asked)
end

function request()
  if renewing then
    return wrk.format("POST", renewing, nil, "grant_type=refresh_token&refresh_token=" .. token)
  end
  nth = nth % #asked + 1
  return asked[nth]
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"microseconds":%d,"bytes":%d,"errors":%d,"p50":%.3f,"p99":%.3f,"longest":%.3f}\n',
    summary.requests, summary.duration, summary.bytes,
    e.connect + e.read + e.write + e.status + e.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000))
end
