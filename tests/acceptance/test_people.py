# SPDX-License-Identifier: GPL-3.0-or-later
"""What people do to a run in progress: Ctrl-C, kill, and `pilotbench tell`."""
import os
import signal
import time

import bench
from bench import check, check_contains, check_equal


def long_run(until="bench set s2=1"):
    """A run that no test waits for the end of: 100 h sampled throughout."""
    of = bench.Run(bench.charge(360000), bench=bench.bench("throughout", sample_throughout="true"))
    check(of.wait_for_log(until), f"ended before `{until}`")
    return of


def check_interrupted(of, who):
    bench.check_code(of, bench.EXIT_INTERRUPTED)
    bench.check_last_line(of, verdict="inconc", cases=2, failed=0, error=0)
    check_contains(of.out, "run file: ", f"{who}: output")
    for case in ("charge Steady charge", "after What comes after the charge"):
        check_contains(of.out, case, f"{who}: table")
    check_equal(of.rows()[-1].kind, "close", f"{who}: last row of the record")
    verdicts = of.verdicts()
    check_equal(len(verdicts), len(of.rows("check")), f"{who}: verdicts", "(one a planned check)")
    rest = [row for row in verdicts if row[1] != "pass"]
    check(len(rest) > 0 and all(row[1] == "inconc" and row[2].startswith("not reached") for row in rest), f"{who}: not passed: {rest[:2]}")
    check_equal([row[1] for row in of.case_verdicts()], ["inconc", "inconc"], f"{who}: cases")
    bench.check_record(of)
    bench.check_safe(of)


def test_a_signal_ends_the_run_safely_with_its_table():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        for until in ("started pid=", "bench set mains=1", "bench set plug=1", "bench set s2=1"):
            of = long_run(until)
            of.process.send_signal(number)
            of.wait()
            check_interrupted(of, f"{number.name} after `{until}`")


def test_a_second_signal_does_not_disturb_making_safe():
    of = long_run()
    for _ in range(5):
        if of.process.poll() is None:
            of.process.send_signal(signal.SIGINT)
    of.wait()
    check_interrupted(of, "SIGINT five times")


def test_a_signal_to_the_whole_process_group_leaves_guardian_and_world_to_their_work():
    """As a terminal does it."""
    of = long_run()
    os.killpg(of.process.pid, signal.SIGINT)
    of.wait()
    check_interrupted(of, "SIGINT to the group")


def test_a_signal_is_heard_while_a_dut_that_cannot_look_ahead_keeps_the_world_busy():
    """100 h are 360,000,000 turns of it: the world may not take them all for one answer."""
    if not bench.STRANGER.exists():
        raise bench.Skip(f"{bench.STRANGER} is not built")
    of = bench.Run(bench.charge(360000), dut=bench.dut("blind", program=bench.STRANGER, args=["blind"]))
    check(of.wait_for_log("bench set s2=1"), "ended before the charge")
    time.sleep(0.5)  # until the long stretch has begun
    of.process.send_signal(signal.SIGINT)
    of.wait()
    check_interrupted(of, "SIGINT with a blind DUT")


def test_what_is_told_to_a_run_stands_in_its_record():
    of = long_run()
    done = bench.pilotbench("tell", of.path, "status")
    check_equal(done.code, 0, f"exit status of tell status ({done.err.strip()})")
    check_contains(done.out, "case charge", "tell status")
    comment = 'the fan was loud, "very" loud: \u00e4\u20ac'
    done = bench.pilotbench("tell", of.path, "comment", comment)
    check_equal(done.code, 0, f"exit status of tell comment ({done.err.strip()})")
    check(of.process.poll() is None, "the run ended by a comment")
    done = bench.pilotbench("tell", of.path, "abort")
    check_equal(done.code, 0, f"exit status of tell abort ({done.err.strip()})")
    of.wait()
    check_interrupted(of, "tell abort")
    requests = of.rows("request")
    check_equal([row.name for row in requests], ["comment", "abort"], "request rows")
    check_contains(requests[0].text if requests else "", "the fan was loud", "text of the comment")
    check_contains(requests[0].text if requests else "", "\u00e4\u20ac", "text of the comment")
    for verb in ("status", "abort"):
        done = bench.pilotbench("tell", of.path, verb)
        check(done.code not in (0, 1) and len(done.err.strip().splitlines()) == 1, f"tell {verb} after the end exits {done.code}: {done.err!r}")
        check_contains(done.err, str(of.path), f"tell {verb} after the end")


def test_tell_refuses_what_it_does_not_know():
    for words in (["tell"], ["tell", "x.pbrun"], ["tell", "x.pbrun", "dance"], ["tell", "/nonexistent/x.pbrun", "status"]):
        done = bench.pilotbench(*words)
        check_equal(done.code, bench.EXIT_INPUT, f"exit status of {words}")
        check(len(done.err.strip()) > 10, f"{words}: says {done.err!r}")


bench.main(globals())
