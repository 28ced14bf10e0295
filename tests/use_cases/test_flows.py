# SPDX-License-Identifier: GPL-3.0-or-later
"""Flows that not every device has a part in (portal, health check, power feed): a healthy stub passes their cases, or its statement says that it takes no
part and the case is not run, with that reason. Nothing else will do: a stub that fails or is not judged is found here."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "acceptance"))
import bench  # noqa: E402
from bench import check, check_equal  # noqa: E402

FLOWS = {"Portal": "portal", "Portal-third-party": "portal", "HealthCheck": "health_check", "PowerFeed": "power_feed"}
CASES = ["Portal", "HealthCheck", "PowerFeed"]  # Portal names the file, with both of its cases
DEVICES = ["esci", "utility", "evse-esci"]
# (device, case): the statement says that the device takes no part.
LEFT_OUT = {
    ("esci", "Portal"), ("esci", "Portal-third-party"), ("esci", "HealthCheck"), ("esci", "PowerFeed"),
    ("utility", "Portal"), ("utility", "Portal-third-party"), ("utility", "HealthCheck"), ("utility", "PowerFeed"),
    ("evse-esci", "Portal"), ("evse-esci", "Portal-third-party"), ("evse-esci", "HealthCheck"),
}


def reason_for(case):
    return f"not applicable: the DUT statement says that it takes no part in it (ics.{FLOWS[case]}: false)"


def reasons(of):
    """{case: why it is not run; "": it is}"""
    return {row.name: json.loads(row.text).get("reason", "") for row in of.rows("case")}


def run(device, case, **more):
    return bench.run(case, dut=bench.peer_dut(device), extra=["--quiet"], **more)


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
