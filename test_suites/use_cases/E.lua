-- E: general registration and enrolment. RECONSTRUCTED from an abstract: a first set-up, made once, and the binding
-- anew at each later connection.
local P = include "_programs"
local S = include(ics.connection)
local own = ics.connection .. "."

local function setup(prefix)
  return {
    step { id = prefix .. "1", actor = customer, to = utility, evidence = "inferred",
           text = "has a new vehicle and turns to the utility: internet, phone or mail" },
    step { id = prefix .. "2", actor = customer, to = utility, evidence = "carried",
           text = "tells account, premise, VIN, charger, storage, and how the vehicle will be used and charged",
           sends = message.enrollment { customer = "C-1", premise = "P-1", vin = P.vin, charger = watts(1440),
                                        capacity = wh(12000) } },
    step { id = prefix .. "3", actor = utility, evidence = "inferred",
           text = "makes the record that ties customer, premise and vehicle; looks at service, meter and gateway" },
    step { id = prefix .. "4", actor = utility, to = customer, evidence = "found",
           text = "presents its programs; the customer chooses one or more: U1 to U5" },
    step { id = prefix .. "5", actor = utility, to = esci, evidence = "inferred",
           text = "puts meter and gateway into service and issues credentials",
           sends = message.enrollment_confirmation { accepted = true, customer = "C-1", vin = P.vin } },
  }
end

use_case "E" {
  title = "Registration and enrolment: first set-up, then rebinding",
  reconstructed = true,
  source = "Vehicle Use Case Task Force, E (abstract of 2010)",
  needs = S.needs,
  setup "",
  step { id = "6", actor = pev, to = esci, evidence = "found",
         text = "connects for the first time: set-up once, both sides authenticated, VIN registered" },
  S.startup { prefix = own }, S.identify { prefix = own }, S.bind { prefix = own },
  step { id = "7", actor = utility, to = customer, evidence = "found",
         text = "confirms; every later connection only binds anew",
         sends = message.enrollment_confirmation { accepted = true, customer = "C-1", vin = P.vin } },
  S.finish { prefix = own, leaves = clock "16:30" },
  step { id = "7-again", actor = customer, to = pev, lasts = minutes(10), evidence = "found",
         text = "connects a second time: no set-up, the vehicle binds anew" },
  S.startup { prefix = own .. "again.", again = true }, S.identify { prefix = own .. "again." },
  S.bind { prefix = own .. "again." }, S.finish { prefix = own .. "again.", again = true, leaves = clock "16:30" },
  step { id = "post", actor = utility, evidence = "found",
         text = "has customer, premise and vehicle registered, once" },
}

return { setup = setup }
