-- Reads a random one of CUSTOMERS customers. wrk gives each thread its own state.
local customers = tonumber(os.getenv("CUSTOMERS"))
local threads = 0

function setup(thread)
    threads = threads + 1
    thread:set("seed", threads)
end

function init()
    math.randomseed(os.time() * 10 + seed)
    wrk.headers["Authorization"] = "Bearer " .. os.getenv("KEY")
end

function request()
    return wrk.format("GET", "/v1/customers/c" .. math.random(0, customers - 1) .. "?purpose=newsletter&fields=fullName,email")
end
