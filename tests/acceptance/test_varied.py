# SPDX-License-Identifier: GPL-3.0-or-later
"""Healthy stubs, with and without a meter, pass all of S1 at every current; a schedule pressed into minutes changes no verdict."""
import bench
from bench import check, check_equal

RUNS = 1000 if bench.IS_SOAK else 100
WINDOW_SEEDS = 50 if bench.IS_SOAK else 3
BASES = ["stub-evse", "stub-evse-metered"]
CURRENTS = [6, 7, 10, 13, 16, 20, 24, 30, 32, 40, 48, 51, 53, 60, 63, 70, 75, 80]  # no duty announces more than 51 A and less than 52.5 A


def cases():
    listed = [line.split()[0] for line in bench.pilotbench("list").out.splitlines() if line.startswith("S1")]
    assert "S1" in listed, f"pilotbench list shows {listed}"
    return listed


def outcome(which, base, amps, seed, window):
    """(who, run, its checks' verdicts, its planned checks); the run file is gone."""
    with bench.Run.making:
        of = bench.Run(*which, seed=seed, dut=bench.fixture_dut(base, (), amps), sets=[f"rated_current={amps} A"],
                       extra=["--quiet"] + (["--window", window] if window else []))
    of.wait()
    of.planned = [row.name for row in of.rows("check")]
    verdicts = of.verdicts()
    with bench.Run.making:
        of.forget()
    return f"{base}, {amps} A, seed {seed}, window {window}", of, verdicts


def may_be_unread(amps, row):
    """80 A leaves 40 us of low phase: see test_healthy."""
    return amps == 80 and row[0].endswith("/low_level") and row[1] == "inconc" and "no settled plateau" in row[2]


def test_healthy_stubs_pass_all_of_s1_at_every_current():
    which = cases()
    jobs = [(which, BASES[i % 2], CURRENTS[i // 2 % len(CURRENTS)], i + 1, "6 min" if i % 5 == 4 else None) for i in range(RUNS)]
    for (who, of, verdicts), (_, base, amps, *_) in zip(bench.each(outcome, jobs), jobs):
        others = [row for row in verdicts if row[1] != "pass"]
        check(all(may_be_unread(amps, row) for row in others), f"{who}: not passed: {others[:3]}")
        check_equal(of.code, bench.EXIT_INCONC if others else bench.EXIT_PASS, f"{who}: exit status ({of.err.strip()})")
        check_equal([row[0] for row in verdicts], of.planned, f"{who}: checks with a verdict")
        check_equal("S1/15m/interval_metering" in of.planned, base == "stub-evse-metered", f"{who}: S1/15m/interval_metering is judged")
        check_equal({id_.split("/")[0] for id_ in of.planned}, set(which), f"{who}: cases of which something is judged")


def test_a_schedule_pressed_into_6_minutes_gives_the_same_verdicts_in_the_same_order():
    """Of a healthy stub, and of one that opens late: what is not reached is the same too."""
    which = cases()
    for base in BASES:
        for seed in range(1, WINDOW_SEEDS + 1):
            for args in ((), ("--defect", "contactor_reopen_late")):
                dut = bench.fixture_dut(base, args)
                full, pressed = (bench.run(*which, seed=seed, dut=dut, extra=["--quiet"] + more) for more in ([], ["--window", "6 min"]))
                who = f"{base} {' '.join(args)}, seed {seed}"
                check_equal([row[:2] for row in pressed.verdicts()], [row[:2] for row in full.verdicts()], f"{who}: verdicts")
                check_equal([row[:2] for row in pressed.case_verdicts()], [row[:2] for row in full.case_verdicts()], f"{who}: cases")
                check_equal(pressed.code, full.code, f"{who}: exit status")
                lengths = [max(row.at_ns for row in of.rows() if row.case_no == 1) / 1e9 for of in (full, pressed)]
                check(lengths[0] > 12 * 3600 and lengths[1] < 480, f"{who}: S1 takes {lengths} s, expected more than 12 h and less than 8 min")


bench.main(globals())
