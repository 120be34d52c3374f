-- Arguments after `--`: BODY_FILE ("" sends no body), PREFIX_FILE ("" asks for one path; else its lines are visited in turn).
-- Prints one JSON object when done; the header fields come from -H.
local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

function init(args)
  if args[1] and args[1] ~= "" then
    wrk.method = "POST"
    wrk.body = read(args[1])
  end
  if args[2] and args[2] ~= "" then
    local requests, count, at = {}, 0, 0
    for prefix in read(args[2]):gmatch("[^\n]+") do
      count = count + 1
      requests[count] = wrk.format(nil, prefix .. "items/42")
    end
    request = function()
      at = at % count + 1
      return requests[at]
    end
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"microseconds":%d,"p50_us":%d,"p99_us":%d,"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect, errors.read, errors.write, errors.status, errors.timeout))
end
