# SPDX-License-Identifier: GPL-3.0-or-later
"""A healthy DUT passes, whatever the seed and the current."""
import bench
from bench import check, check_equal

SEEDS = 1000 if bench.IS_SOAK else 50
CURRENTS = [6, 7, 10, 13, 16, 20, 24, 30, 32, 40, 48, 51, 53, 60, 63, 70, 75]  # no duty announces more than 51 A and less than 52.5 A
LEAST_PLANNED = 20  # of S1 and S1-diode, for the cast {evse}


def test_a_healthy_stub_passes_every_check_with_every_seed():
    for seed in range(1, SEEDS + 1):
        amps = 16 if seed % 2 else CURRENTS[seed // 2 % len(CURRENTS)]
        of = bench.run(seed=seed, dut=bench.dut(f"stub-{amps}", amps=amps))
        bench.check_code(of, bench.EXIT_PASS)
        planned = len(of.rows("check"))
        check(planned >= LEAST_PLANNED, f"seed {seed}: {planned} checks planned, expected {LEAST_PLANNED} or more")
        bench.check_last_line(of, verdict="pass", cases=2, judged=planned, passed=planned, failed=0, inconc=0, error=0)
        wrong = [row for row in of.verdicts() + of.case_verdicts() if row[1] != "pass"]
        check(not wrong, f"seed {seed}, {amps} A: not passed: {wrong[:3]}")
        check_equal(of.err, "", f"seed {seed}, {amps} A: standard error")
        bench.check_record(of)
        bench.check_safe(of)
        of.forget()


def test_a_healthy_stub_passes_every_case_of_s1():
    listed = [line.split()[0] for line in bench.pilotbench("list").out.splitlines() if line.startswith("S1")]
    check(len(listed) >= 2, f"pilotbench list shows {listed}, expected S1, S1-diode and more")
    for seed in range(1, 51 if bench.IS_SOAK else 6):
        of = bench.run(*listed, seed=seed)
        bench.check_code(of, bench.EXIT_PASS)
        bench.check_last_line(of, verdict="pass", cases=len(listed), failed=0, inconc=0, error=0)


def test_the_emulated_vehicle_draws_the_lower_of_offer_and_charger():
    for charger, amps in ((10, 16), (32, 16), (80, 32), (20, 20), (80, 70), (6, 70)):
        of = bench.run(bench.charge(10), dut=bench.dut(f"stub-{amps}", amps=amps),
                       bench=bench.bench(f"charger-{charger}", measuring={"charger": f"{charger} A"}))
        bench.check_code(of, bench.EXIT_PASS)
        drawn = max(row.a for row in of.rows("event") if row.name == "current")
        lower = min(charger, amps) * 1000
        check(abs(drawn - lower) <= lower * 0.02 + 100, f"charger {charger} A, offer {amps} A: drew {drawn} mA, expected {lower} mA within 2 %")


def test_at_80_ampere_nothing_fails_though_the_low_phase_may_be_too_short_to_be_read():
    """96 % duty leaves 40 us of low phase; the meter reads from 35 us after an edge to 8 us before the next (pilot_emulator/analyser.h)."""
    for seed in range(1, 6):
        of = bench.run(seed=seed, dut=bench.dut("stub-80", amps=80))
        others = [row for row in of.verdicts() if row[1] != "pass"]
        check(all(row[0].endswith("/low_level") and row[1] == "inconc" and "no settled plateau" in row[2] for row in others), f"seed {seed}: not passed: {others}")
        bench.check_code(of, bench.EXIT_INCONC if others else bench.EXIT_PASS)


def test_a_dut_that_nobody_of_the_stub_wrote_passes_what_it_does_right():
    """The small DUT of tests/world: no noise, no latency."""
    if not bench.STRANGER.exists():
        raise bench.Skip(f"{bench.STRANGER} is not built")
    of = bench.run("S1", dut=bench.dut("stranger", program=bench.STRANGER, args=["good"]))
    bench.check_code(of, bench.EXIT_PASS)
    check_equal(of.verdict.get("passed"), len(of.rows("check")), "checks passed", "of all that are planned")
    of = bench.run("S1-diode", dut=bench.dut("stranger", program=bench.STRANGER, args=["good"]))
    bench.check_code(of, bench.EXIT_PASS)


def test_a_dut_that_cannot_look_ahead_passes_too():
    """Run in quanta, its time known no better than the quantum."""
    if not bench.STRANGER.exists():
        raise bench.Skip(f"{bench.STRANGER} is not built")
    of = bench.run("S1", dut=bench.dut("blind", program=bench.STRANGER, args=["blind"]), extra=["--window", "15 min" if bench.IS_SOAK else "2 min"])
    bench.check_code(of, bench.EXIT_PASS)
    check_equal(of.verdict.get("passed"), len(of.rows("check")), "checks passed", "of all that are planned")


bench.main(globals())
