-- Posts BODY with HEADERS ("name: value" lines); with KEYS (a file, one key a line) as a random one of them each time.
-- Prints wrk's exact figures as JSON, in microseconds.
wrk.method = "POST"
wrk.body = os.getenv("BODY")
wrk.headers["content-type"] = "application/json"
for line in os.getenv("HEADERS"):gmatch("[^\n]+") do
  local name, value = line:match("^([^:]+):%s*(.*)$")
  wrk.headers[name] = value
end

local file = os.getenv("KEYS")
if file then
  local requests = {}
  function init()
    for key in io.lines(file) do
      wrk.headers["authorization"] = "Bearer " .. key
      requests[#requests + 1] = wrk.format()
    end
    math.randomseed(4711)
  end
  function request()
    return requests[math.random(#requests)]
  end
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format('JSON {"n":%d,"seconds":%.6f,"p50":%d,"p90":%d,"p99":%d,"bad":%d}\n', summary.requests,
    summary.duration / 1e6, latency:percentile(50), latency:percentile(90), latency:percentile(99),
    e.connect + e.read + e.write + e.timeout + e.status))
end
