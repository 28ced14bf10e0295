-- S3: a customer connects a vehicle to the premise with a premise EVSE that includes the charger (DC); the AC transfer
-- of S2 stays possible. RECONSTRUCTED: of its text only the opening was read. Programs stand at steps 10 and 13, one
-- later than in S1: exactly one step more comes before the energy request. What it is, and where, is our inference:
-- charger and vehicle tell each other their limits.

local rated = ics.rated_current
local connection = include "_connection"

-- transfer: "ac" or "dc"; duty: of the PWM
local function new(transfer, watts_, duty)
  local function agree(prefix)
    local is_dc = transfer == "dc"
    local dc = is_dc and "; they take DC" or "; they take AC"
    return {
      step { id = prefix .. "6", actor = evse, to = pev, evidence = "inferred",
             text = "reports that it holds a DC charger, and that charger's limits" .. dc,
             sends = message.charger_capability { transfer = transfer, power = watts(20000), voltage = volts(500),
                                                  current = amps(60) } },
      step { id = prefix .. "6v", actor = pev, to = evse, evidence = "inferred",
             text = "answers with what its storage accepts: voltage, current, state of charge" .. dc,
             sends = message.charger_capability { transfer = transfer, voltage = volts(400), current = amps(50),
                                                  soc = pct(40) } },
    }
  end
  return connection.new {
    name = "S3", shift = 1, evidence = "carried", watts = watts_, agree = agree, duty = duty,
    power_up = { evidence = "inferred",
                 text = "has the supply of the premise EVSE with charger on (it is hard-wired); 12 V on the pilot" },
    connect = "connects the EVSE's own cord to the vehicle; a resistor there pulls the pilot down to 9 V",
    announce = duty and "announces by 5 % duty that limits come by high-level communication"
               or "starts the PWM whose duty announces the available line current for the AC transfer",
    announce_evidence = duty and "remembered" or nil,
    rate = "prepares for the lowest of the charger's size, the supply's limit and what the storage accepts",
    lesser = "the lowest of off-board charger, supply and storage",
  }
end

local S = new("ac", 240 * (rated / amps(1)))

use_case "S3" {
  title = "Customer connects by a DC EVSE, AC branch",
  reconstructed = true,
  source = "Vehicle Use Case Task Force, S3, revision D (opening); S1",
  needs = S.needs,
  S.before(), S.startup(), S.session(), S.charge(), S.report(), S.finish(), S.after(),
}

local DC = new("dc", 20000, ics.dc_hlc and pct(5) or nil)

use_case "S3-DC" {
  title = "Customer connects by a DC EVSE, DC branch",
  reconstructed = true,
  source = "Vehicle Use Case Task Force, S3, revision D (opening); IEC 61851-1 for 5 % duty",
  needs = { "cp", "coupler", "mains", "contactor", "hlc" },
  unless = not ics.dc_hlc,
  DC.before(), DC.startup(), DC.session(), DC.charge(), DC.report(), DC.finish(), DC.after(),
}

return S
