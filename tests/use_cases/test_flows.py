# SPDX-License-Identifier: GPL-3.0-or-later
"""Flows that not every device has a part in (portal, health check, power feed): a healthy stub passes their cases, or its statement says that it takes no
part and the case is not run, with that reason. Nothing else will do: a stub that fails or is not judged is found here."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "acceptance"))
import bench  # noqa: E402
from bench import check, check_equal  # noqa: E402

FLOWS = {"Portal": "portal", "Portal-third-party": "portal_third_party", "HealthCheck": "health_check", "PowerFeed": "power_feed"}
CASES = ["Portal", "HealthCheck", "PowerFeed"]  # Portal names the file, with both of its cases
DEVICES = ["esci", "utility", "evse-esci"]
# (device, case): the statement says that the device takes no part.
LEFT_OUT = {
    ("esci", "Portal-third-party"), ("esci", "PowerFeed"),
    ("utility", "Portal-third-party"), ("utility", "HealthCheck"), ("utility", "PowerFeed"),
    ("evse-esci", "Portal"), ("evse-esci", "Portal-third-party"), ("evse-esci", "HealthCheck"),
}


def reason_for(case):
    return f"not applicable: the DUT statement says that it takes no part in it (ics.{FLOWS[case]}: false)"


def reasons(of):
    """{case: why it is not run; "": it is}"""
    return {row.name: json.loads(row.text).get("reason", "") for row in of.rows("case")}


# (device, defect, case): the check that is first to fail; what a row of its flow says is lost, or comes late.
KILLS = {
    ("esci", "flow_row_lost=1", "Portal"): "1.1.2/portal_location_report",
    ("esci", "flow_row_lost=2", "Portal"): "2.3/portal_start_charging",
    ("esci", "flow_row_lost=3", "Portal"): "2.3.1/portal_start_measuring",
    ("esci", "flow_row_lost=4", "Portal"): "2.3.4/portal_completion",
    ("esci", "flow_row_lost=6", "HealthCheck"): "3/pev_information",
    ("esci", "flow_row_lost=7", "HealthCheck"): "9/defect_detected",
    ("esci", "flow_late", "Portal"): "1.1.2/portal_location_report",
    ("esci", "flow_late", "HealthCheck"): "3/pev_information",
    ("utility", "flow_row_lost=1", "Portal"): "1.2/portal_charging_type",
    ("utility", "flow_row_lost=2", "Portal"): "2.1/portal_rates",
    ("utility", "flow_row_lost=3", "Portal"): "2.1.1/portal_requirements",
    ("utility", "flow_row_lost=4", "Portal"): "2.2/portal_slot",
    ("utility", "flow_row_lost=5", "Portal"): "2.2.1/portal_start_time",
    ("utility", "flow_row_lost=6", "Portal"): "4.1/portal_billing_usage",
    ("utility", "flow_row_lost=7", "Portal"): "4.1.1/portal_bill",
    ("utility", "flow_row_lost=8", "Portal"): "4.1.2/portal_acknowledgement",
    ("utility", "flow_late", "Portal"): "1.2/portal_charging_type",
}


def run(device, case, defect=None, **more):
    return bench.run(case, dut=bench.peer_dut(device, ("--defect", defect) if defect else ()), extra=["--quiet"], **more)


def test_each_flow_passes_or_is_not_run_because_the_statement_says_so():
    seen, left = set(), set()
    for device in DEVICES:
        for case in FLOWS:
            of = run(device, case)
            check_equal(set(reasons(of)), {case}, f"{device} {case}: cases of the run")
            reason = reasons(of)[case]
            seen.add((device, case))
            if reason:
                left.add((device, case))
                check_equal(reason, reason_for(case), f"{device} {case}: why it is not run")
                check_equal(of.rows("check"), [], f"{device} {case}: checks of a case that is not run")
            else:
                bench.check_code(of, bench.EXIT_PASS)
                check(len(of.rows("check")) > 0, f"{device} {case}: passes with no check")
    check_equal(len(seen), len(DEVICES) * len(FLOWS), "devices and cases")
    check_equal(left, LEFT_OUT, "devices and cases that are not run")


def test_each_message_of_a_flow_that_is_lost_or_late_is_found_where_it_is_due():
    for (device, defect, case), check_name in KILLS.items():
        of = run(device, case, defect)
        bench.check_code(of, bench.EXIT_FAIL)
        failed = [name for name, verdict, _ in of.verdicts() if verdict == "fail"]
        check_equal(failed[:1], [f"{case}/{check_name}"], f"{device} {defect} {case}: first check that fails")
    proved = {(device, case, name) for (device, _, case), name in KILLS.items()}
    check_equal(len(proved), 14, "different checks of messages that are proved")


def test_a_gateway_that_was_not_told_the_time_turns_no_station_on():
    text = bench.peer_dut("esci").read_text()
    without = "".join(line for line in text.splitlines(keepends=True) if "set_clock" not in line)
    check(without != text, "stub-esci.yaml sets no clock")
    of = bench.run("Portal", dut=bench.write("no-clock.yaml", without), extra=["--quiet"])
    failed = [name for name, verdict, _ in of.verdicts() if verdict == "fail"]
    check_equal(failed, ["Portal/2.3/portal_start_charging", "Portal/2.3.1/portal_start_measuring"], "checks that fail without a clock")


def test_a_statement_that_says_nothing_takes_part_in_every_flow():
    of = bench.run(*CASES, "Portal-third-party", dut=bench.fixture_dut(), extra=["--quiet"])
    bench.check_code(of, bench.EXIT_PASS)
    check_equal(reasons(of), {case: "" for case in FLOWS}, "stub-evse: why a case is not run")


def test_each_word_leaves_out_its_own_flow_alone():
    for word in sorted(set(FLOWS.values())):
        of = bench.run(*FLOWS, dut=bench.fixture_dut(), sets=(f"{word}=false",), extra=["--quiet"])
        expected = {case: reason_for(case) if FLOWS[case] == word else "" for case in FLOWS}
        check_equal(reasons(of), expected, f"{word}=false: why a case is not run")


if __name__ == "__main__":
    bench.main(globals())
