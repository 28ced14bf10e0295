# SPDX-License-Identifier: GPL-3.0-or-later
"""What a suite injects goes out when and as it says, stands in the record and in the reports, and a case that could not inject shows nothing."""
import json

import bench
from bench import check, check_contains, check_equal

SENT, REFERENCE, INJECTED, TOUCHED, MUTATED = 1, 4, 5, 6, 7


def suite(case, name="", opened="contactor.opened()", wrong='wrong = { rate = "much" },', judged=""):
    """The file's head and one of its cases."""
    head, *cases = (bench.SOURCE / "tests/acceptance/inject.lua").read_text().split("use_case ")
    text = head + "use_case " + next(one for one in cases if one.startswith(f'"{case}"'))
    for word, value in (("on = OPENED", f"on = {opened}"), ("WRONG", wrong), (" JUDGED", judged)): text = text.replace(word, value)
    return str(bench.write(f"inject-{case}{name}.lua", text))


def run(path, base="evse-esci", args=(), **options):
    return bench.run(path, dut=bench.peer_dut(base, tuple(args)), **options)


def verdict(of, name): return next((row[1:] for row in of.verdicts() + of.case_verdicts() if row[0] == name), None)


def test_each_time_and_event_is_heeded_and_recorded():
    of = run(suite("Times"))
    bench.check_code(of, bench.EXIT_PASS)
    rows = of.rows()
    case_no = next(row.case_no for row in rows if row.kind == "case" and row.name == "Times")
    said = [row for row in rows if row.kind == "message" and row.c == INJECTED and row.case_no == case_no]
    step = next(row for row in rows if row.kind == "step" and row.case_no == case_no and row.name == "1")
    begun = next(row.at_ns for row in rows if row.kind == "action" and row.name == "step" and row.step_no == step.step_no)
    # The last of each: a contactor bounces, and the next case's begin is no event of this one.
    events = {name: [row.at_ns for row in rows if row.kind == "event" and row.case_no == case_no and row.name == event and right(row) and row.step_no][-1]
              for name, event, right in (("on C2", "cp.state", lambda row: row.text == "C2"), ("closed", "contactor", lambda row: row.a > 0 and row.a > row.b),
                                         ("OPENED", "contactor", lambda row: row.a == 0 and row.b > 0))}
    check_equal([row.step_no for row in said], [step.step_no] * 4, "steps of the injections")
    check_equal([row.name for row in said], ["vehicle_status", "?", "?", "?"], "their names")
    check_equal(said[0].at_ns - begun, 1500000000, "time of the first after the step's begin", "ns")
    check_equal([json.loads(row.text) for row in said[1:]], ["on C2", "closed", "OPENED"], "what the others say")
    for row in said[1:]:
        late_ns = row.at_ns - events[json.loads(row.text)] - (1000000000 if "closed" in row.text else 0)
        check(0 <= late_ns <= 60000000, f"{row.text}: {late_ns} ns after its event, expected 0 to 60 ms (contacts settle)")
    check_contains(step.text, '"injects":["vehicle_status, 1.5 s after the step\'s begin","5 raw bytes, when the pilot comes to C2",', "the plan's step")


def test_an_injection_whose_time_does_not_come_makes_the_case_inconclusive():
    of = run(suite("Times", "never", opened='heard "session_report"'))
    bench.check_code(of, bench.EXIT_INCONC)
    check_equal(verdict(of, "Times"), ("inconc", "step 1 did not inject 6 raw bytes, when session_report is heard: its time did not come"), "the case")
    check_equal({row[1] for row in of.verdicts()}, {"pass"}, "verdicts of checks")


def test_in_place_is_said_instead_of_the_steps_own_message():
    of = run(suite("Place"), base="esci")
    bench.check_code(of, bench.EXIT_PASS)
    rows = of.rows()
    step = next(row for row in rows if row.kind == "step" and row.name == "9" and row.step_no)
    of_step = [row for row in rows if row.kind == "message" and row.step_no == step.step_no]
    check_equal([row.c for row in of_step], [REFERENCE, INJECTED], "messages of the step")
    check_equal(json.loads(of_step[1].text)["fields"], {"amount": 5760, "rate": "much"}, "fields of the injected one")
    # What is forbidden and comes fails: a gateway passes a right request on.
    of = run(suite("Place", "right", wrong=""), base="esci")
    check_equal(verdict(of, "Place/9/energy_request")[0], "fail", "energy_request that never may come, and comes")
    check_contains(verdict(of, "Place/9/energy_request")[1], "energy_request: forbidden", "its reason")


def test_a_case_is_not_run_where_nothing_of_it_is_for_the_device():
    of = run(str(bench.SOURCE / "test_suites/messages/Robust.lua"), base="utility")
    check_equal(verdict(of, "Robust-early"), ("none", "nothing that it injects is for this device"), "Robust-early for a utility")


def test_mutations_of_a_case_and_a_step_and_when_they_are_judged():
    for judged, expected in (("", "inconc"), (", judged = true", "fail")):
        of = run(suite("Spoilt", str(len(judged)), judged=judged), base="esci")
        rows = of.rows("message")
        check_equal(verdict(of, "Spoilt/9/energy_request")[0], expected, f"mutate {{ only = \"energy_request\"{judged} }}: a request that was dropped")
        check_equal([row.name for row in rows if row.c == TOUCHED], ["energy_request", "billing_request"], "touched")
        cut = json.loads([row for row in rows if row.c == MUTATED][-1].text)
        check_equal((cut["mutation"], cut.get("judged")), ("truncate", True), "the step's own mutation")
        whole = [row for row in rows if row.c == TOUCHED][-1].text
        check(whole.startswith(cut["bytes"]) and len(cut["bytes"]) < len(whole), f"{cut['bytes']!r} is cut of {whole!r}")


def test_reports_say_what_was_injected_and_mutated():
    of = run(suite("Place"), base="esci", extra=["--mutate", "double=100% only=session_open"])
    text = bench.pilotbench("report", of.path).out
    check_contains(text, "injects energy_request, wrong rate, in place of the step's own", "table")
    check_contains(text, "mutated double of session_open", "table")
    html, junit = bench.FOLDER / "inject.html", bench.FOLDER / "inject.xml"
    bench.pilotbench("report", of.path, "--html", html, "--junit", junit)
    page = html.read_text(encoding="utf-8")
    for part in ("injects: ", "energy_request, wrong rate, in place of the step", "mutated: ", "double of session_open", "mutated: double<", ">injected<"):
        check(part in page, f"the page holds no {part!r}")
    check_contains(junit.read_text(encoding="utf-8"), 'name="injects.9" value="energy_request, wrong rate', "JUnit")


bench.main(globals())
