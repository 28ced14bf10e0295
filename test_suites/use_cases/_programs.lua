-- The utility programs U1 to U5: the pair of messages of each (S1: 9a-9e and 12a-12e; S3 counts one more; L2: in 4 and
-- 5), and the steps of enrolling, which no source that was read lists. Included by S, L and U; the file has no case of
-- its own.

-- The only worked times of the sources (S1 section 5.3, message diagram). The vehicle asks for full charge 20:00-23:00
-- and balance 23:01-23:30; the utility grants other ones.
schedule { connects = "16:00", departs = "06:30" }
local vin = "1PB00000000000001"
local full, balance = { clock "23:08", clock "03:42" }, { clock "03:44", clock "04:12" }

-- Each hour of the day (U3), and the ordinary tariff with a critical peak in it (U4).
local prices = {}
for hour, price in ipairs { "0.061", "0.058", "0.055", "0.054", "0.054", "0.058", "0.071", "0.088",
                            "0.099", "0.097", "0.094", "0.096", "0.104", "0.112", "0.124", "0.139",
                            "0.158", "0.163", "0.151", "0.128", "0.109", "0.097", "0.083", "0.069" } do
  prices[hour] = { from = ("%02d:00"):format(hour - 1), price = price }
end
local peak = { { from = "00:00", price = "0.06" }, { from = "17:00", price = "0.75", tier = 3 },
               { from = "19:00", price = "0.095", tier = 1 } }

local rows = {
  { name = "U1", title = "time of use",
    asks = "sends the schedule for its request (U1, time of use)",
    request = message.schedule_request { connection_from = clock "16:00", connection_to = clock "06:30",
                                         full_from = clock "20:00", full_to = clock "23:00",
                                         balance_from = clock "23:01", balance_to = clock "23:30" },
    answers = "sends the schedule for the energy available (U1)",
    answer = message.schedule_available { connection_from = clock "16:00", connection_to = clock "06:30",
                                          full_from = full[1], full_to = full[2],
                                          balance_from = balance[1], balance_to = balance[2] },
    expects = { connection_from = as_sent(), connection_to = as_sent(minutes(1)), full_from = as_sent(minutes(10)),
                full_to = as_sent(minutes(10)), balance_from = as_sent(minutes(10)),
                balance_to = as_sent(minutes(10)) } },
  { name = "U2", title = "discrete events, direct load control",
    asks = "asks for information on discrete events (U2)", request = message.event_info_request {},
    answers = "sends alerts of discrete events (U2)",
    answer = message.event_alert { event = "E-1", start = clock "00:30", duration_s = hours(1),
                                   kind = "load_control" },
    expects = { duration_s = at_least(s(1)) } },
  { name = "U3", title = "periodic or hourly prices",
    asks = "sends the customer's price information (U3, periodic prices)",
    request = message.price_information { most = "0.15" },
    answers = "sends periodic or hourly prices (U3)", answer = message.hourly_prices { prices = prices },
    -- A price of 2 or more for a kWh is one in cents: no tariff known to us comes near it.
    expects = { prices = { ascending("from"), each("price", at_most("2")) } } },
  { name = "U4", title = "critical-peak prices",
    asks = "asks for critical-peak or periodic prices (U4)", request = message.cpp_info_request {},
    answers = "sends critical-peak or hourly prices (U4)", answer = message.cpp_prices { prices = peak },
    expects = { prices = { ascending("from"), items(2, 48), each("price", at_most("2")) } } },
  { name = "U5", title = "active load management",
    asks = "sends its active-management message (U5; blank in the source)",
    request = message.active_management_request { amount = wh(5760), rate = watts(1440), from = clock "16:00",
                                                  to = clock "06:30" },
    answers = "sends its active-management message (U5; blank in the source)",
    answer = message.active_management { from = full[1], duration_s = minutes(274), amount = wh(5760),
                                         rate = watts(946) },
    expects = { amount = at_most(wh(5760)), rate = at_most(watts(1440)) } },
}

-- Five steps of one direction. id: the step's number, a letter or the program's name follows it; chosen: programs of
-- the session.
local function five(actor_, to_, id, letters, chosen, evidence, texts, messages)
  local steps = {}
  for i, row in ipairs(rows) do
    steps[i] = step { id = id .. (letters and ("abcde"):sub(i, i) or "-" .. row.name), actor = actor_, to = to_,
                      when = chosen[row.name] == true, evidence = evidence, seed = letters and "000" or nil,
                      via = esci, text = row[texts], sends = row[messages],
                      expects = messages == "answer" and row.expects or nil }
  end
  return steps
end

-- The enrolment skeleton that all U cases share. o: prefix, number (1 to 5), only (true: without the steps that E has
-- done).
local function enrol(o)
  local row, prefix = rows[o.number], o.prefix or ""
  local name = row.name .. " (" .. row.title .. ")"
  return {
    step { id = prefix .. "1", actor = utility, to = customer, evidence = "carried",
           text = "makes the customer aware of " .. name .. ": internet, phone or mail" },
    step { id = prefix .. "2", actor = customer, evidence = "found",
           text = "has been through E: customer, vehicle, operating and charging plan are registered" },
    step { id = prefix .. "3", actor = customer, to = utility, evidence = "carried",
           text = "asks to be enrolled in " .. name .. ", with account, premise and the vehicle's identity",
           sends = message.enrollment { customer = "C-1", premise = "P-1", vin = vin, program = row.name } },
    step { id = prefix .. "4", actor = utility, to = customer, evidence = "inferred",
           text = "checks whether the customer is eligible and offers the program's terms" },
    step { id = prefix .. "5", actor = customer, to = pev, evidence = "carried",
           text = "accepts, and sets preferences in the vehicle: departure, limit of price, who pays",
           sends = message.customer_presets { customer = "C-1", departs = clock "06:30", most = "0.15",
                                              payer = "premise" } },
    step { id = prefix .. "5a", actor = customer, to = utility, evidence = "carried",
           text = "takes part in the program",
           sends = message.program_participation { accepted = true, program = row.name } },
    step { id = prefix .. "6", actor = utility, to = customer, evidence = "carried",
           text = "records the enrolment, prepares gateway and meter for the program, and confirms",
           sends = message.enrollment_confirmation { accepted = true, customer = "C-1", vin = vin,
                                                     program = row.name } },
  }
end

return {
  vin = vin, full = full, balance = balance, rows = rows, enrol = enrol,
  requests = function(id, letters, chosen, evidence)
    return five(pev, utility, id, letters, chosen, evidence, "asks", "request")
  end,
  answers = function(id, letters, chosen, evidence)
    return five(utility, pev, id, letters, chosen, evidence, "answers", "answer")
  end,
}
