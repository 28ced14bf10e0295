# SPDX-License-Identifier: GPL-3.0-or-later
"""The device's clock beside a session's schedule: set at the connection where its statement names a way, else, where it keeps its own, its offset is
in the record and in the reports."""
import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "acceptance"))
import bench  # noqa: E402
from bench import check, check_contains, check_equal  # noqa: E402

SUITE = str(pathlib.Path(__file__).resolve().parent / "clock.lua")
HOUR_NS = 3600 * 10**9
WINDOWS = [[], ["--window", "6 min"]]


def seconds(text):
    hours, minutes, rest = (int(part) for part in text.split(":"))
    return (hours * 60 + minutes) * 60 + rest


def plugged_ns(of):
    return next(row.at_ns for row in of.rows("action") if row.name == "coupler" and row.a == 1)


def test_an_evse_whose_clock_is_set_shows_the_schedule_s_time_from_the_connection_on():
    for window in WINDOWS:
        of = bench.run(SUITE, dut=bench.fixture_dut("stub-evse"), sets=["set_clock=set clock {time}"], extra=["--quiet", *window])
        bench.check_code(of, bench.EXIT_PASS)
        lines = [row for row in of.rows() if row.name == "dut.console"]
        told = [row for row in lines if row.kind == "action" and row.text.startswith("set clock")]
        check_equal([(row.at_ns, row.text) for row in told], [(plugged_ns(of), "set clock 16:00:00")], f"{window}: lines that set the clock")
        shown = [row for row in lines if row.kind == "note" and row.text.startswith("clock ")]
        if check(len(shown) == 1, f"{window}: the EVSE tells its time {len(shown)} times, expected once"):
            since_s = (shown[0].at_ns - plugged_ns(of)) / 1e9
            check(abs(seconds(shown[0].text.split()[1]) - 16 * 3600 - since_s) <= 1,
                  f"{window}: it shows {shown[0].text!r} {since_s:.3f} s after the connection at 16:00:00")
        check_equal(of.header().get("device_clock"), "set at each connection: set clock {time}", f"{window}: head of the record")
        check(not [row for row in of.rows("action") if row.name == "clock"], f"{window}: an offset is recorded of a clock that was set")


def test_a_clock_that_nobody_sets_is_not_the_schedule_s():
    of = bench.run(SUITE, dut=bench.fixture_dut("stub-evse"), extra=["--quiet"])
    shown = [row.text for row in of.rows("note") if row.text.startswith("clock ")]
    check(len(shown) == 1 and seconds(shown[0].split()[1]) < 60, f"the EVSE shows {shown}, expected the time since it was powered")
    check("device_clock" not in of.header(), "the head tells of a clock that the statement does not name")


def test_a_gateway_gets_the_time_by_message_at_each_connection():
    for window in WINDOWS:
        of = bench.run("S1", "L2-A", dut=bench.peer_dut("esci"), sets=["set_clock=time_of_day"], extra=["--quiet", *window])
        bench.check_code(of, bench.EXIT_PASS)
        sent = [row for row in of.rows("message") if row.name == "time_of_day"]
        plugged = [row.at_ns for row in of.rows("action") if row.name == "coupler" and row.a == 1]
        check_equal([row.at_ns for row in sent], plugged, f"{window}: when the time was sent, and when the coupler went in")
        for row in sent:
            message = json.loads(row.text)
            check_equal((message["from"], message["to"], message["fields"]), ("utility", "esci", {"time": "16:00"}), f"{window}: the message")
        check_equal(len(sent), 2, "messages, one a session")


def test_a_clock_of_its_own_is_in_record_and_reports_and_in_the_checks_of_times():
    junit, html = bench.FOLDER / "clock.xml", bench.FOLDER / "clock.html"
    for ahead_h in (0, 9, -20):
        text = "".join(line for line in bench.peer_dut("esci").read_text().splitlines(keepends=True) if "set_clock" not in line)
        of = bench.run("S1", dut=bench.write("clock-own.yaml", text), sets=["own_clock=true", f"clock_ahead={ahead_h} h"],
                       extra=["--window", "40 min", "--junit", str(junit), "--html", str(html)])
        bench.check_code(of, bench.EXIT_PASS)
        rows = [row for row in of.rows("action") if row.name == "clock"]
        if not check(len(rows) == 1, f"{len(rows)} rows of the clock, expected one, at the connection"): continue
        own_ns = (rows[0].at_ns + ahead_h * HOUR_NS) % (24 * HOUR_NS)
        expected = (own_ns - 16 * HOUR_NS + 12 * HOUR_NS) % (24 * HOUR_NS) - 12 * HOUR_NS
        check_equal(rows[0].a, expected, f"{ahead_h} h ahead: offset of the device's clock from the schedule's", "ns")
        check_equal(rows[0].at_ns, plugged_ns(of), "when it was noted")
        for where, text in (("the table", " ".join(of.out.split())), ("the page", html.read_text()), ("the case's verdict", of.case_verdicts()[0][2])):
            check_contains(text, "the device keeps its own clock: at the connection, 16:00:00 by the schedule, it showed ", f"{ahead_h} h: {where}")
        check_contains(junit.read_text(), "its own, which the bench cannot set", "JUnit")
        texts = {row.name: json.loads(row.text)["text"] for row in of.rows("check")}
        told = {name for name, text in texts.items() if text.endswith("; the device keeps its own clock")}
        of_times = {name for name in texts if re.search(r"schedule|event_alert|prices|active_management", name)}
        check(of_times and told == of_times, f"checks that say it: {sorted(told)}, expected those of messages with times of day: {sorted(of_times)}")


bench.main(globals())
