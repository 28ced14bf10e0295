-- A vehicle that no utility has enrolled: it is told so, and gets nothing. The use cases say that the utility verifies
-- (S1 10) and what follows when it does; this is what follows when it does not.
local vin, premise = "2PB00000000000002", "P-1"

local function row(id, actor_, to_, text, more)
  more.id, more.actor, more.to, more.text, more.evidence = id, actor_, to_, text, "added"
  return step(more)
end

use_case "Stranger" {
  title = "A vehicle that is not enrolled is not bound and gets no energy",
  source = "what S1 10 to 12 leave out",
  row("7", pev, esci, "opens a session", { sends = message.session_open { initiator = "pev" } }),
  row("7r", esci, pev, "answers", { sends = message.session_open { initiator = "pev" },
                                    expects = { initiator = as_sent() } }),
  row("8", pev, utility, "sends a VIN that nobody knows", { via = esci, sends = message.vin { vin = vin } }),
  row("8p", esci, utility, "sends the premise's identity with it", { sends = message.premise_id { premise = premise },
                                                                     expects = { premise = as_sent() } }),
  row("9", pev, utility, "asks for energy all the same",
      { via = esci, sends = message.energy_request { amount = wh(5760), rate = watts(1920) } }),
  row("10", utility, esci, "does not verify it",
      { sends = message.id_verification { vin = vin, premise = premise, verified = false },
        expects = { verified = is(false), vin = of("8", "vin") } }),
  any_order {
    row("11", utility, esci, "has not bound it", { sends = message.binding_confirmation { success = false },
                                                   expects = { success = false } }),
    row("11v", esci, pev, "tells the vehicle that it is not bound",
        { sends = message.binding_confirmation { success = false, vin = vin, premise = premise },
          expects = { success = false } }),
  },
}
