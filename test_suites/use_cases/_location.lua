-- What L1 to L4 have in common: the numbers of L2, the one whose table was read. How it connects, charges and ends is
-- the S file's that `ics.connection` names; its steps keep their numbers behind "S1." and the like. Each L file says
-- what differs.
local S = include(ics.connection)
local own = ics.connection .. "."
local is_cordset = ics.connection == "S1"

-- S1's numbers, as L2 has them; another L file may give its own. What L2 says in one step, S lists one by one.
local numbers = { ["pre"] = "pre", ["pre-ok"] = "pre-ok", ["7"] = "2", ["7r"] = "2-open", ["8"] = "2-vin",
                  ["8p"] = "2-premise", ["8a"] = "2-bill", ["9"] = "4", ["10"] = "2-verify", ["11"] = "2-confirm",
                  ["11v"] = "2-shown", ["12"] = "5", ["15m"] = "9", ["15c"] = "10c", ["15"] = "10", ["15v"] = "10v",
                  ["15r"] = "10r", ["15rv"] = "10rv", ["16"] = "11" }

-- what: evidence, payer, payer_text, prefix, seed (of steps whose evidence is found), evidences = { ["5"] = "found" }
-- where a step's differs, numbers = { ["7"] = "3" } likewise, texts = { ["5"] = ... } by the step's own number
local function new(what)
  local prefix, L = what.prefix or "", {}
  local texts = what.texts or {}

  local function dated(fields, id)
    fields.evidence = (what.evidences or {})[id] or fields.evidence or what.evidence
    fields.seed = (fields.evidence == "found" or fields.evidence == "carried") and (what.seed or "001") or nil
    return fields
  end
  function L.row(id, fields)
    fields.id = prefix .. id
    return step(dated(fields, id))
  end
  local row = L.row

  local function number(key) return (what.numbers or {})[key] or numbers[key] end
  local ours = {
    ["2"] = "binds and authenticates, with the gateway (either side may begin)",
    ["2-bill"] = "asks that " .. (what.payer_text or "the premise") .. " be billed (as S1's 8a)",
    ["4"] = "sends the energy request (amount and rate), and its program's message",
    ["5"] = "compares with what there is; sends the energy available and its program's schedule",
    ["9"] = "hands the energy of the session to the gateway",
    ["10"] = "sends the session's energy; date, time, duration and energy to utility and vehicle",
    ["pre"] = "is enrolled with the home utility; first set-up is done",
  }
  -- For S's functions: the same steps, in this case's numbers.
  local said = { prefix = own, payer = what.payer, bills_later = what.bills_later,
                 as = { evidence = what.evidence == "found" and "found" or "carried",
                        id = function(key) return prefix .. number(key) end } }
  local kept = { ["8p"] = true, ["11v"] = true, ["15v"] = true, ["15r"] = true, ["15rv"] = true, ["pre-ok"] = true,
                 ["7r"] = true, ["15c"] = true }
  function said.as.dress(key, fields)
    local id = number(key)
    fields.text = texts[id] or ours[id] or fields.text
    if not kept[key] then fields.evidence = key == "8a" and "carried" or what.evidence end
    dated(fields, id)
  end

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

  function L.identify() return S.identify(said) end
  function L.verify() return S.bind(said) end
  function L.show(text)
    return row("3", { actor = pev, to = customer, text = text or
                      "shows that it is bound, and whether it gets the incentive rate" })
  end
  -- 4 and 5. The rate is the S file's: premise or cordset.
  function L.request() return S.request(said) end
  function L.grant() return S.grant(said) end
  function L.bill() return S.bill(said) end

  -- identify, verify, show, request, grant in the order of the device: S1 requests before it is bound, L2 after.
  -- between: steps that follow the identification (a roaming check).
  function L.agree(between, shows)
    if ics.binds_first then
      return { L.identify(), between or {}, L.verify(), L.show(shows), L.request(), L.grant() }
    end
    return { L.identify(), L.request(), between or {}, L.verify(), L.show(shows), L.grant() }
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

  -- 8 to 11. beside: a step that the utility may do before or after its record.
  function L.report(beside)
    said.beside = beside
    return {
      row("8", { actor = eumd, text = "records vehicle, premise, energy and time stamp of each metering interval" }),
      S.report(said),
    }
  end
  function L.finish(is_idle) return S.finish { prefix = own, idle = is_idle } end

  -- What the source demands beforehand and afterwards.
  function L.before() return S.before(said) end
  function L.after(text)
    return row("post", { actor = utility, text = text or
                         "has a record of the energy bought, tied to premise and vehicle: that of step 11" })
  end
  L.S, L.prefix = S, prefix
  return L
end

return { new = new, needs = S.needs, S = S }
