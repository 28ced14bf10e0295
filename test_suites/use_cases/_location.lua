-- What L1 to L4 have in common: the numbers of L2, the one whose table was read. How it connects, charges and ends is
-- the S file's that `ics.connection` names; its steps keep their numbers behind "S1." and the like. Each L file says
-- what differs.
local P = include "_programs"
local S = include(ics.connection)
local own = ics.connection .. "."
local is_cordset = ics.connection == "S1"

-- what: evidence, payer, prefix, seed (of steps whose evidence is found), evidences = { ["5"] = "inferred" } where a
-- step's differs
local function new(what)
  local prefix, L = what.prefix or "", {}

  function L.row(id, fields)
    fields.id = prefix .. id
    fields.evidence = fields.evidence or (what.evidences or {})[id] or what.evidence
    fields.seed = (fields.evidence == "found" or fields.evidence == "carried") and (what.seed or "001") or nil
    return step(fields)
  end
  local row = L.row

  -- 1, 1a, 1b: where, and by what; then the S file's own start.
  function L.connect(text)
    return {
      row("1", { actor = pev, text = text }),
      row("1a", { actor = customer, to = evse, when = is_cordset,
                  note = not is_cordset and "the session connects by a premise EVSE: 1b" or nil,
                  text = "connects the cordset to the energy portal: the start is S1's" }),
      row("1b", { actor = customer, to = pev, when = not is_cordset,
                  note = is_cordset and "the session connects by a cordset: 1a" or nil,
                  text = "connects the premise EVSE to the vehicle: the start is that of " .. (is_cordset and "S2 or S3"
                         or ics.connection) }),
      S.startup { prefix = own },
    }
  end

  -- 2, with the messages that S lists one by one, and 3. L2 names no billing request, though only it tells who pays:
  -- S1's 8a.
  function L.identify()
    return {
      row("2", { actor = pev, to = esci, text = "binds and authenticates, with the gateway (either side may begin)",
                 sends = message.session_open { initiator = "pev" } }),
      row("2-vin", { actor = pev, to = utility, text = "sends its VIN", sends = message.vin { vin = S.vin } }),
      row("2-bill", { actor = pev, to = utility, evidence = what.bill_evidence or "carried",
                      text = "asks that " .. what.payer_text .. " be billed (as S1's 8a)",
                      sends = message.billing_request { payer = what.payer } }),
    }
  end
  function L.verify()
    return row("2-verify", { actor = utility, to = esci, text = "verifies the vehicle's identity to the gateway",
                             sends = message.id_verification { vin = S.vin, premise = "P-1" } })
  end
  function L.show(text)
    return {
      row("2-confirm", { actor = utility, to = eumd, text = "confirms the binding to the meter, through the gateway",
                         sends = message.binding_confirmation { success = true } }),
      row("3", { actor = pev, to = customer, text = text or
                 "shows that it is bound, and whether it gets the incentive rate" }),
    }
  end

  -- 4 and 5. The rate is the S file's: premise or cordset.
  function L.request()
    return {
      row("4", { actor = pev, to = utility,
                 text = "sends the energy request (amount and rate), and its program's message",
                 sends = message.energy_request { amount = wh(S.watts * 3), rate = watts(S.watts) } }),
      P.requests(prefix .. "4", false, program, what.evidence == "found" and "found" or "carried"),
    }
  end
  function L.grant(text)
    return {
      row("5", { actor = utility, to = pev,
                 text = text or "compares with what there is; sends the energy available and its program's schedule",
                 sends = message.energy_available { amount = wh(S.watts * 3), rate = watts(S.watts * 180 / 274) } }),
      P.answers(prefix .. "5", false, program, what.evidence == "found" and "found" or "carried"),
    }
  end

  -- identify, verify, show, request, grant in the order of the device: S1 requests before it is bound, L2 after.
  -- between: steps that follow the identification (a roaming check).
  function L.agree(between, shows, grants)
    if ics.binds_first then
      return { L.identify(), between or {}, L.verify(), L.show(shows), L.request(), L.grant(grants) }
    end
    return { L.identify(), L.request(), between or {}, L.verify(), L.show(shows), L.grant(grants) }
  end

  -- 6 and 7 around the S file's charging.
  function L.charge()
    return {
      row("6", { actor = pev, to = evse,
                 text = "prepares for charging: it waits for its time, then asks as S has it" }),
      S.charge { prefix = own, begins = row("7", {
        actor = pev,
        text = "charges as the customer prefers; program, event or chance may delay it; it counts its own energy" }) },
    }
  end

  -- 8 to 11
  function L.report(last)
    return {
      row("8", { actor = eumd, text = "records vehicle, premise, energy and time stamp of each metering interval" }),
      row("9", { actor = eumd, to = esci, text = "hands the energy of the session to the gateway",
                 sends = S.interval(), expects = S.metered, within = ixit.report }),
      row("10", { actor = esci, to = utility,
                  text = "sends the session's energy; date, time, duration and energy to utility and vehicle",
                  sends = message.session_report { energy_wh = "@energy", duration_s = "@duration", vin = S.vin,
                                                   premise = "P-1" } }),
      row("11", { actor = utility, to = customer,
                  text = last or "records the session for the account tied to this premise and vehicle",
                  sends = message.session_record { energy_wh = "@energy", duration_s = "@duration", vin = S.vin,
                                                   premise = "P-1", payer = what.payer } }),
    }
  end
  function L.finish() return S.finish { prefix = own } end

  -- What the source demands beforehand and afterwards.
  function L.before(text)
    return row("pre", { actor = customer, to = utility,
                        text = text or "is enrolled with the home utility; first set-up is done",
                        sends = message.enrollment { customer = "C-1", premise = "P-1", vin = S.vin } })
  end
  function L.after(text)
    return row("post", { actor = utility, text = text or
                         "has a record of the energy bought, tied to premise and vehicle: that of step 11" })
  end
  L.S, L.prefix = S, prefix
  return L
end

return { new = new, needs = S.needs, S = S }
