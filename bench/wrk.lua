-- Asks for the paths in the file that is given after `--`, in turn; prints figures as JSON.
local asked, nth = {}, 0

function init(args)
  for path in io.lines(args[1]) do
    asked[#asked + 1] = wrk.format("GET", path)
  end
  math.randomseed(os.time())
  nth = math.random(#asked)
end

function request()
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
