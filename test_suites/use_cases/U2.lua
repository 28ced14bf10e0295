-- U2: discrete events, direct load control. An event from 00:30 for one hour; the vehicle follows it, or opts out
-- where that is allowed.
local U = include "_enrolled"

local function answer(id, word, text, at)
  return step { id = id, actor = pev, to = utility, starts = at, evidence = "inferred", text = text,
                sends = message.event_response { event = "E-1", answer = word } }
end
local from, to = clock "00:30", clock "01:30"

use_case "U2" {
  title = "Customer enrols in discrete events, follows one",
  reconstructed = true,
  source = "Vehicle Use Case Task Force, U2 (title); S1 9b and 12b; L2 step 7",
  needs = U.needs,
  U.steps { number = 2, charge = {
    pause = "an event begins", resume = "the event is over, and a random delay",
    windows = {
      { from = U.S.full[1], to = from, before = answer("7-ack", "received", "acknowledges the alert") },
      { from = to, to = U.S.full[2],
        before = { answer("7-start", "started", "reports that it follows the event"),
                   answer("7-end", "completed", "reports that the event is over", to) } },
    } } },
}

use_case "U2-opt-out" {
  title = "Customer enrols in discrete events, opts out of one",
  reconstructed = true,
  source = "Vehicle Use Case Task Force, U2 (title); S1 9b and 12b; IEEE 2030.5 DrResponse",
  needs = U.needs,
  U.steps { number = 2, charge = { windows = {
    { from = U.S.full[1], to = U.S.full[2], before = {
      answer("7-ack", "received", "acknowledges the alert"),
      answer("7-out", "opted_out", "opts out of the event, as the program allows: it charges through it") } },
  } } },
}
