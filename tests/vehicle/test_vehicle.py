# SPDX-License-Identifier: GPL-3.0-or-later
"""The vehicle under test: healthy stubs pass, and each defect of stub-pev is found by the check that is named for it, and by that one first."""
import functools
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "acceptance"))
import bench  # noqa: E402
from bench import check, check_equal  # noqa: E402

STUB = bench.BUILD / "stub-pev"
BENCH = bench.SOURCE / "fixtures/benches/virtual-evse.yaml"
SUITE = str(bench.SOURCE / "test_suites/control_pilot/vehicle.lua")
HEALTHY = 1000 if bench.IS_SOAK else 100
SEEDS = 20 if bench.IS_SOAK else 2

# defect: the check of vehicle.lua that is the first to fail
FIRST = {
    "draws_over_alc": "vehicle-charge/close/current",
    "overshoot_on_ramp": "vehicle-charge/close/current",
    "reads_width_not_ratio": "vehicle-980-hz/close/current",
    "slow_duty_follow": "vehicle-follow/lower/follows",
    "never_ramps_down": "vehicle-follow/lower/follows",
    "accepts_7_5_pct": "vehicle-reserved-7/pwm/not_c",
    "accepts_over_97_pct": "vehicle-reserved-98/pwm/not_c",
    "charges_on_5_pct": "vehicle-digital/pwm/not_c",
    "charges_on_reserved": "vehicle-reserved-2/pwm/not_c",
    "no_6_a_below_10_pct": "vehicle-sweep/pwm/vehicle_c",
    "narrow_frequency": "vehicle-980-hz/pwm/vehicle_c",
    "ignores_pwm_stop": "vehicle-pwm-stop/stop/stops",
    "late_pwm_stop": "vehicle-pwm-stop/stop/stops",
    "holds_s2_on_f": "vehicle-f/again/vehicle_b",
    "draws_on_e": "vehicle-e/fault/stops",
    "ignores_s3": "vehicle-s3/press/stops",
    "late_s3": "vehicle-s3/press/stops",
    "s2_under_load": "vehicle-shed/stop/shed",
    "no_wake_up": "vehicle-charge/pwm/vehicle_c",
    "sleeps_through_pwm": "vehicle-wake-up/pwm/vehicle_c",
    "late_s2": "vehicle-charge/pwm/vehicle_c",
    "s2_before_pwm": "vehicle-plug/wait/not_c",
    "no_diode": "vehicle-plug/plug/vehicle_level_b",
    "wrong_r2": "vehicle-plug/plug/vehicle_level_b",
    "wrong_r3": "vehicle-charge/pwm/vehicle_level_c",
}
# What the cast {pev} of S1 finds too.
FIRST_IN_S1 = {
    "draws_over_alc": "S1/14/current",
    "overshoot_on_ramp": "S1/14/current",
    "s2_under_load": "S1/14p/shed",
    "late_s2": "S1/13/vehicle_c",
    "no_diode": "S1/2/vehicle_level_b",
    "wrong_r2": "S1/2/vehicle_level_b",
    "wrong_r3": "S1/13/vehicle_level_c",
}
NOT_SHOWN = {
    "starts_early": "shows in a session with a schedule that the vehicle was given; no message link of the stub, no word for it yet",
    "too_much_capacitance": "edge times of the vehicle's load need a front end of 20 MS/s; the virtual bench samples at 1 MHz",
    "counts_too_little": "the vehicle tells its energy on its console only, and no check reads it",
}


@functools.cache
def statement(defect=None):
    text = (bench.SOURCE / "fixtures/duts/stub-pev.yaml").read_text()
    words = f'process: [{STUB}, --charger, "80"' + (f", --defect, {defect}" if defect else "") + "]"
    text, count = re.subn(r'^process: \[stub-pev, --charger, "32"\]$', words, text, flags=re.MULTILINE)
    assert count == 1, "fixtures/duts/stub-pev.yaml has another form than this test knows"
    return bench.write(f"pev-{defect}.yaml", text)


class Outcome:
    """What one run came to."""

    def __init__(self, which, defect, seed):
        with bench.Run.making:
            of = bench.Run(which, seed=seed, dut=statement(defect), bench=BENCH, extra=["--quiet"])
        of.wait()
        self.who = f"{defect or 'healthy'}, {pathlib.Path(which).stem}, seed {seed}"
        self.code, self.err = of.code, of.err
        verdicts = of.verdicts()
        self.judged = len(verdicts)
        self.wrong = [row for row in verdicts if row[1] != "pass"]
        if seed <= 2:
            bench.check_record(of)
            bench.check_safe(of)
        with bench.Run.making:
            of.forget()


def check_healthy(which, seeds, least):
    for outcome in bench.each(Outcome, [(which, None, seed) for seed in range(1, seeds + 1)]):
        check_equal((outcome.code, outcome.wrong), (bench.EXIT_PASS, []), f"{outcome.who}: exit status, what did not pass ({outcome.err.strip()[-300:]})")
        check(outcome.judged >= least, f"{outcome.who}: {outcome.judged} checks judged, expected {least} or more")


def test_healthy_vehicles_pass_s1():
    check_healthy("S1", HEALTHY, 16)


def test_healthy_vehicles_conform():
    check_healthy(SUITE, HEALTHY, 100)


def check_defects(which, table):
    for outcome, (_, defect, _) in zip(*(lambda jobs: (bench.each(Outcome, jobs), jobs))(
            [(which, defect, seed) for defect in table for seed in range(1, SEEDS + 1)])):
        check_equal(outcome.code, bench.EXIT_FAIL, f"{outcome.who}: exit status ({outcome.err.strip()[-300:]})")
        check_equal(outcome.wrong[0][:2] if outcome.wrong else (), (table[defect], "fail"), f"{outcome.who}: first check that did not pass")


def test_each_defect_is_found_first_by_the_check_that_is_named_for_it():
    check_defects(SUITE, FIRST)


def test_s1_finds_what_shows_in_a_session():
    check_defects("S1", FIRST_IN_S1)


def test_defects_that_nothing_shows_are_known_and_do_no_harm():
    for outcome in bench.each(Outcome, [(SUITE, defect, 1) for defect in NOT_SHOWN]):
        check_equal((outcome.code, outcome.wrong), (bench.EXIT_PASS, []), f"{outcome.who}: exit status, what did not pass")


def test_every_defect_of_the_stub_has_its_row():
    text = subprocess.run([STUB, "--list-defects"], capture_output=True, text=True, check=True).stdout
    listed = {re.split("[=:]", line)[0] for line in text.splitlines()}
    check_equal(listed, set(FIRST) | set(NOT_SHOWN), "defects of stub-pev --list-defects")
    check(not set(FIRST) & set(NOT_SHOWN), "no defect stands in both tables")
    check(set(FIRST_IN_S1) <= listed, "S1's table names only defects that there are")


def test_s1_does_not_ask_who_is_under_test():
    for name in ("S1", "_connection"):
        text = (bench.SOURCE / f"test_suites/use_cases/{name}.lua").read_text()
        check(not re.search(r"\bcast\b|is_pev|is_evse|actors", text), f"{name}.lua names no device under test")


def test_nobody_under_test_is_played_whole():
    """The bench plays both sides of S1: nothing is judged, and current flows all the same."""
    path = bench.write("nobody.yaml", "pilotbench_dut: 1\nname: nobody\nactors: []\nics: {rated_current: 16 A}\n")
    of = bench.Run("S1", dut=path, bench=BENCH).wait()
    check_equal(of.code, bench.EXIT_INCONC, f"exit status with nothing judged ({of.err.strip()[-300:]})")
    check(any(row.name == "current" and row.a >= 1000 for row in of.rows("event")), "a current of 1 A or more was seen")
    bench.check_safe(of)


bench.main(globals())
