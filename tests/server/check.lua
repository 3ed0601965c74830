-- SPDX-License-Identifier: Apache-2.0
-- For wrk: every answer must be the file's bytes. -- FILE [close]
local want, wrong = "", {}
local threads = {}

function setup(thread)
	table.insert(threads, thread)
end

function init(args)
	local f = assert(io.open(args[1], "rb"))
	want = f:read("*a")
	f:close()
	bad = 0
	if args[2] == "close" then
		wrk.headers["Connection"] = "close"
	end
end

function response(status, headers, body)
	if status ~= 200 or body ~= want then
		bad = bad + 1
	end
end

function done(summary, latency, requests)
	local total = 0
	for _, thread in ipairs(threads) do
		total = total + thread:get("bad")
	end
	local e = summary.errors
	print(string.format("requests %d, wrong %d, errors %d, slowest %d ms",
		summary.requests, total,
		e.connect + e.read + e.write + e.timeout, latency.max / 1000))
end
