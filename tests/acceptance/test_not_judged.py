# SPDX-License-Identifier: GPL-3.0-or-later
"""Fewer judged than planned is never a pass."""
import bench
from bench import check, check_equal


def check_not_passed(of, code, verdict, who):
    bench.check_code(of, code)
    bench.check_last_line(of, verdict=verdict)
    check(all(row[1] != "pass" for row in of.case_verdicts()), f"{who}: cases: {of.case_verdicts()}")
    bench.check_record(of)


def test_a_dut_that_never_answers_with_12_volt_fails_there_and_the_rest_is_not_reached():
    for seed in range(1, 6):
        of = bench.run(seed=seed, dut=bench.dut("silent", program=bench.SILENT))
        check_not_passed(of, bench.EXIT_FAIL, "fail", "silent DUT")
        verdicts = of.verdicts()
        check_equal([row[0] for row in verdicts if row[1] == "fail"], ["S1/1/reaches_a", "S1-diode/p1/reaches_a"], "checks that failed")
        rest = [row for row in verdicts if row[1] != "fail"]
        check_equal({(row[1], row[2]) for row in rest}, {("inconc", "not reached")}, "the other verdicts")
        check_equal(len(verdicts), len(of.rows("check")), "verdicts", "(one a planned check)")
        bench.check_safe(of)


SUITE = '''use_case "%(id)s" {
  title = "For a test", source = "none", needs = { %(needs)s },
  step { id = "1", actor = customer, evidence = "added", text = "connects the supply", does = mains.on() },
  %(more)s
}
'''


def suite(name, needs='"mains"', more=""):
    return str(bench.write(f"{name}.lua", SUITE % {"id": name, "needs": needs, "more": more}))


def test_a_case_of_which_nothing_is_judged_is_inconc():
    of = bench.run(suite("played"))
    check_not_passed(of, bench.EXIT_INCONC, "inconc", "played only")
    check_equal((of.verdict["judged"], of.verdict["played"]), (0, 1), "judged and played")


def test_a_case_that_the_bench_cannot_run_is_inconc_with_its_reason():
    judged = 'step { id = "2", actor = evse, evidence = "added", text = "12 V", sees = pilot.level(12), within = ixit.power_up },'
    of = bench.run(suite("needy", needs='"mains", "scope"', more=judged))
    check_not_passed(of, bench.EXIT_INCONC, "inconc", "no such role")
    check_equal(of.verdict["judged"], 0, "judged")
    check(any("scope" in row[2] for row in of.case_verdicts()), f"the reason names no scope: {of.case_verdicts()}")


def test_a_passing_case_does_not_hide_one_that_could_not_run():
    judged = 'step { id = "2", actor = evse, evidence = "added", text = "12 V", sees = pilot.level(12), within = ixit.power_up },'
    of = bench.run("S1", suite("needy", needs='"mains", "scope"', more=judged))
    check(of.verdict["not_run"] >= 1, f"{of.line}: not_run is expected to tell the steps that were not run")
    check("scope" in of.out, "the table does not tell that role scope is missing")


def test_a_schedule_that_leaves_no_time_to_see_what_must_hold_is_inconc():
    of = bench.run("S1", extra=("--window", "1 ms"))
    check_not_passed(of, bench.EXIT_INCONC, "inconc", "schedule of 1 ms")
    not_seen = [row[0] for row in of.verdicts() if row[1] == "inconc" and row[2].startswith("the step left no time to see it in")]
    check_equal(not_seen, ["S1/14/stays_closed", "S1/14/pilot_steady", "S1/14b/stays_closed"], "what could not be seen")


def test_a_contactor_that_never_closed_does_not_stay_closed():
    """No event of the contactor comes in this case at all."""
    more = 'step { id = "2", actor = evse, evidence = "added", text = "charges", lasts = s(5), holds = contactor.stays_closed() },'
    for dut in (None, bench.dut("silent", program=bench.SILENT)):
        of = bench.run(suite("open", more=more), dut=dut)
        bench.check_code(of, bench.EXIT_FAIL)
        check_equal([row[:2] for row in of.verdicts()], [("open/2/stays_closed", "fail")], "verdicts")
        bench.check_record(of)


def test_a_message_that_is_none_stands_in_the_record_as_it_came():
    for said, kept in (('{"type": "no', '"{\\"type\\": \\"no"'), ("\u00e4\tb", '"\u00e4\\tb"'), ("[1]", '"[1]"')):
        statement = bench.dut("sayer", program=bench.SILENT, args=(said.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t"),))
        of = bench.run(suite("says"), dut=statement)
        check_equal([(row.name, row.text) for row in of.rows("message")], [("?", kept)], f"message row of {said!r}")
        bench.check_record(of)


bench.main(globals())
