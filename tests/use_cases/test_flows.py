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
LEFT_OUT = {("esci", "Portal-third-party"), ("evse-esci", "Portal"), ("evse-esci", "Portal-third-party"), ("evse-esci", "HealthCheck"), ("evse-esci", "PowerFeed")}


def reason_for(case):
    return f"not applicable: the DUT statement says that it takes no part in it (ics.{FLOWS[case]}: false)"


def reasons(of):
    """{case: why it is not run; "": it is}"""
    return {row.name: json.loads(row.text).get("reason", "") for row in of.rows("case")}


# (device, case): {check that is first to fail: row of the stub's table that says it, and which of its fields are judged (flow.c: 10 * row + field)}
PORTAL, ABROAD, HEALTH, FEED = CASES[0], "Portal-third-party", *CASES[1:]
ROWS = {
    ("esci", PORTAL): {"1.1.2/portal_location_report": (1, [1, 2, 3, 4]), "2.3/portal_start_charging": (2, [1]), "2.3.1/portal_start_measuring": (3, [1]),
                       "2.3.4/portal_completion": (4, [1, 2, 3])},
    ("esci", HEALTH): {"3/pev_information": (5, [1]), "3-charging/charging_information": (6, [1, 3, 4]), "5/charging_parameters": (9, [1, 2, 4]),
                       "7/health_check_start": (8, [1]), "9/defect_detected": (7, [1, 3])},
    ("esci", FEED): {"t0/charging_parameters": (10, [1, 2, 4]), "t2/feed_control": (11, [1, 2, 4]), "t5-on/charging_information": (6, [1, 2, 3, 4])},
    ("utility", PORTAL): {"1.2/portal_charging_type": (1, [1, 2]), "2.1/portal_rates": (2, [1, 2]), "2.1.1/portal_requirements": (3, [1, 2]),
                          "2.2/portal_slot": (4, [1]), "2.2.1/portal_start_time": (5, [1, 2]), "4.1/portal_billing_usage": (6, [1, 2, 3, 4]),
                          "4.1.1/portal_bill": (7, [3, 4]), "4.1.2/portal_acknowledgement": (8, [1])},
    ("utility", ABROAD): {"1.2/portal_charging_type": (1, [1, 2]), "3.1/portal_third_party_flag": (9, [1]), "3.1.1/portal_identities": (10, [1, 2, 3]),
                          "3.1.2/portal_rates": (11, [1, 2]), "3.1.3/portal_requirements": (3, [1, 2]), "3.2/portal_slot": (4, [1]),
                          "3.2.1/portal_start_time": (5, [1, 2]), "4.1/portal_billing_usage": (12, [1, 2, 3, 4]), "4.1.1/portal_bill": (7, [3, 4]),
                          "4.1.2/portal_acknowledgement": (8, [1])},
    ("utility", HEALTH): {"4/subscription_notification": (13, [1]), "4-charging/subscription_notification": (14, [1]), "6/health_check_start": (15, [1]),
                          "7/health_check_start": (16, [1]), "10/defect_notification": (17, [1, 3]), "11/part_order": (18, [1, 2]), "12/part_order": (19, [1, 2])},
    ("utility", FEED): {"t1/price_announcement": (20, [2]), "t2/feed_control": (21, [2])},
}
# (device, defect, case): likewise, of what concerns more than a row's message or field.
OTHERS = {
    ("esci", "flow_late", PORTAL): "1.1.2/portal_location_report",
    ("esci", "flow_late", HEALTH): "3/pev_information",
    ("esci", "flow_late", FEED): "t0/charging_parameters",
    ("esci", "flow_twice", HEALTH): "messages/unexpected",
    ("esci", "slot_ignored", PORTAL): "2.3/portal_start_charging",
    ("utility", "flow_late", PORTAL): "1.2/portal_charging_type",
    ("utility", "flow_late", FEED): "t1/price_announcement",
    ("utility", "flow_twice", ABROAD): "messages/unexpected",
    ("utility", "subscribes_abroad", HEALTH): "1/subscription",
    ("utility", "subscribes_abroad=2", HEALTH): "1-charging/subscription",
}


def kills():
    """(device, defect, case): the check that is first to fail"""
    table = dict(OTHERS)
    for (device, case), rows in ROWS.items():
        for name, (row, fields) in rows.items():
            table |= {(device, defect, case): name for defect in [f"flow_row_lost={row}", *(f"flow_otherwise={10 * row + field}" for field in fields)]}
    return table


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


# (case, step): sender and receiver, where the actor utility stands for several parties; by the producer and receiver columns of the sources.
PARTIES = {
    (PORTAL, "2.2"): ("scheduler", "operations"), (PORTAL, "2.2.1"): ("scheduler", "esci"), (ABROAD, "3.2.1"): ("scheduler", "esci"),
    (PORTAL, "4.1"): ("operations", "billing"), (PORTAL, "4.1.1"): ("billing", "esci"), (PORTAL, "4.1.2"): ("operations", "scheduler"),
    (HEALTH, "1"): ("vehicle_provider", "system_operator"), (HEALTH, "1-charging"): ("charging_provider", "system_operator"),
    (HEALTH, "4"): ("system_operator", "vehicle_provider"), (HEALTH, "4-charging"): ("system_operator", "charging_provider"),
    (HEALTH, "6"): ("vehicle_provider", "system_operator"), (HEALTH, "7"): ("system_operator", "pev"),
    (HEALTH, "9"): ("communication_operator", "system_operator"), (HEALTH, "11"): ("vehicle_provider", "system_operator"),
    (HEALTH, "12"): ("system_operator", "manufacturer"), (FEED, "t1"): ("network_provider", "charging_provider"),
    (FEED, "t2"): ("charging_provider", "evse"),
}


def test_each_message_goes_from_and_to_the_party_that_the_source_names():
    for case in FLOWS:
        of = bench.run(case, dut=bench.fixture_dut(), extra=["--quiet"])
        steps = {row.step_no: row.name for row in of.rows("step")}
        said = {(case, steps[row.step_no]): json.loads(row.text) for row in of.rows("message") if row.step_no in steps}
        expected = {key: parties for key, parties in PARTIES.items() if key[0] == case}
        check(expected, f"{case}: no row of it stands in PARTIES")
        check_equal({key: (said[key]["from"], said[key]["to"]) for key in expected}, expected, f"{case}: sender and receiver")


def first_failure(device, defect, case):
    with bench.Run.making:
        of = bench.Run(case, dut=bench.peer_dut(device, ("--defect", defect)), extra=["--quiet"])
    of.wait()
    failed = [name for name, verdict, _ in of.verdicts() if verdict == "fail"]
    with bench.Run.making:
        of.forget()
    return of.code, failed[:1]


def test_each_message_of_a_flow_that_is_lost_late_or_says_something_else_is_found_where_it_is_due():
    jobs = sorted(kills())
    for (device, defect, case), outcome in zip(jobs, bench.each(first_failure, jobs)):
        check_equal(outcome, (bench.EXIT_FAIL, [f"{case}/{kills()[device, defect, case]}"]), f"{device} {defect} {case}: exit status, first check that fails")
    planned = {(device, case): {row.name for row in run(device, case).rows("check")} for device in ("esci", "utility") for case in FLOWS}
    proved = {(device, case): {f"{case}/{name}" for (of, _, where), name in kills().items() if (of, where) == (device, case)} for device, case in planned}
    for key, names in planned.items():
        check_equal({name for name in names if "/messages/" not in name}, {name for name in proved[key] if "/messages/" not in name}, f"{key}: checks, and those that are proved")
    print(f"    {len(jobs)} defects of {sum(map(len, proved.values()))} checks")


def test_a_vehicle_under_test_is_told_to_charge_in_each_flow_and_judged():
    """PowerFeed's cycle is inferred: its check is advisory."""
    for device, on in (("pev", "virtual-evse"), ("pair", "virtual-pair")):
        for case, step, bad in ((PORTAL, "2.3-pilot", bench.EXIT_FAIL), (HEALTH, "5-pilot", bench.EXIT_FAIL), (FEED, "t3", bench.EXIT_INCONC)):
            for defect, first in (((), []), (("--defect", "late_s2"), [f"{case}/{step}/vehicle_c"])):
                of = bench.run(case, dut=bench.peer_dut(device, defect), bench=bench.SOURCE / f"fixtures/benches/{on}.yaml", extra=["--quiet"])
                bench.check_code(of, bad if defect else bench.EXIT_PASS)
                check_equal([name for name, verdict, _ in of.verdicts() if verdict != "pass"][:1], first, f"{device} {defect} {case}: first check that does not pass")


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
