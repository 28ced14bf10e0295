-- A use case U: enrolling in one program, and one session under that program alone. RECONSTRUCTED: of the U cases
-- titles and one opening are known; found is only each program's pair of messages in S1, and what L2's step 7 says of
-- delays.
local P = include "_programs"
local S = include(ics.connection)
local own = ics.connection .. "."

-- o: number, charge (the o of S.charge, without its prefix)
local function steps(o)
  local charge = o.charge or {}
  charge.prefix = own
  return {
    P.enrol { number = o.number },
    step { id = "7", actor = pev, evidence = "found", seed = "000",
           text = "uses the program's pair of messages at every connection, as in the session that follows" },
    S.startup { prefix = own },
    S.session { prefix = own, programs = { ["U" .. o.number] = true } },
    S.charge(charge), S.report { prefix = own }, S.finish { prefix = own },
    step { id = "post", actor = utility, evidence = "inferred",
           text = "has the session's energy, and when it flowed, to bill it by the program" },
  }
end

return { steps = steps, needs = S.needs, S = S, own = own }
