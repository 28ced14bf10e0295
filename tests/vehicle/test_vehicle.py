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
    "wrong_r2": "vehicle-plug/plug/vehicle_level_b",
    "no_diode": "vehicle-plug/plug/vehicle_level_b",
    "s2_before_pwm": "vehicle-plug/wait/not_c",
    "no_wake_up": "vehicle-charge/pwm/vehicle_c",
    "late_s2": "vehicle-charge/pwm/vehicle_c",
    "wrong_r3": "vehicle-charge/pwm/vehicle_level_c",
    "draws_over_alc": "vehicle-charge/close/current",
    "draws_nothing": "vehicle-charge/close/starts",
    "overshoot_on_ramp": "vehicle-charge/close/current",
    "reads_width_not_ratio": "vehicle-980-hz/close/current",
    "slow_duty_follow": "vehicle-follow/lower/follows",
    "never_ramps_down": "vehicle-follow/lower/follows",
    "accepts_7_5_pct": "vehicle-reserved-7/pwm/not_c",
    "accepts_over_97_pct": "vehicle-reserved-98/pwm/not_c",
    "charges_on_5_pct": "vehicle-digital/pwm/not_c",
    "charges_on_reserved": "vehicle-reserved-2/pwm/not_c",
    "no_6_a_below_10_pct": "vehicle-sweep/pwm9/vehicle_c",
    "keeps_on_reserved": "vehicle-invalid/reserved/stops",
    "starts_no_more": "vehicle-resume/pwm-again/vehicle_c",
    "stays_off_after_f": "vehicle-legacy-wake-up/pwm/vehicle_c",
    "too_much_capacitance": "vehicle-capacitance/pwm/capacitance",
    "counts_too_little": "vehicle-energy/ask/energy",
    "starts_early": "vehicle-schedule/pwm/not_c",
    "narrow_frequency": "vehicle-980-hz/pwm/vehicle_c",
    "ignores_pwm_stop": "vehicle-pwm-stop/stop/stops",
    "late_pwm_stop": "vehicle-pwm-stop/stop/stops",
    "holds_s2_on_f": "vehicle-f/again/vehicle_b",
    "draws_on_e": "vehicle-e/fault/stops",
    "ignores_s3": "vehicle-s3/press/stops",
    "late_s3": "vehicle-s3/press/stops",
    "s2_under_load": "vehicle-shed/stop/shed",
    "sleeps_through_pwm": "vehicle-wake-up/pwm/vehicle_c",
}
# Of vehicles with other options: a word of OPTIONS, the defect, the check.
FIRST_WITH = {
    ("ventilated", "wrong_ventilation_r3"): "vehicle-charge/pwm/vehicle_level_d",
    ("toggling", "toggles_never"): "vehicle-bcb/wait/toggles",
    ("toggling", "toggles_often"): "vehicle-bcb/wait/toggles",
    ("toggling", "toggles_short"): "vehicle-bcb/wait/shortest_c",
    ("toggling", "toggles_long"): "vehicle-bcb/wait/longest_c",
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
# What a vehicle is made of: options of stub-pev, and what its statement adds.
OPTIONS = {
    "usual": (["--charger", "80"], ""),
    "ventilated": (["--charger", "80", "--ventilation"], "  asks_ventilation: true\n"),
    "toggling": (["--charger", "80", "--bcb", "2"], "  bcb_toggle: true\n"),
    "roused": (["--charger", "32", "--sleeper"], ""),
}
# Healthy vehicles differ by their seed in these too.
CHARGERS, RAMPS = (6, 10, 13, 16, 20, 32, 40, 48, 63, 80), (500, 1000, 2500, 8000, 80000)


def varied(seed):
    options = ["--charger", str(CHARGERS[seed % len(CHARGERS)]), "--ramp", str(RAMPS[seed // 2 % len(RAMPS)])]
    ics = ""
    if seed % 3 == 0: options, ics = options + ["--ventilation"], ics + "  asks_ventilation: true\n"
    if seed % 5 == 0: options, ics = options + ["--bcb", str(1 + seed // 5 % 3)], ics + "  bcb_toggle: true\n"
    return options, ics


@functools.cache
def statement(kind, defect=None):
    """kind: a word of OPTIONS, or the seed of a varied one."""
    text = (bench.SOURCE / "fixtures/duts/stub-pev.yaml").read_text()
    options, ics = varied(kind) if isinstance(kind, int) else OPTIONS[kind]
    words = ", ".join([str(STUB)] + [f'"{word}"' for word in options] + (["--defect", defect] if defect else []))
    text, count = re.subn(r'^process: \[stub-pev, --charger, "32"\]$', f"process: [{words}]", text, flags=re.MULTILINE)
    assert count == 1, "fixtures/duts/stub-pev.yaml has another form than this test knows"
    return bench.write(f"pev-{kind}-{defect}.yaml", text + ics)


class Outcome:
    """What one run came to."""

    def __init__(self, which, kind, defect, seed):
        with bench.Run.making:
            of = bench.Run(which, seed=seed, dut=statement(kind, defect), bench=BENCH, extra=["--quiet"])
        of.wait()
        self.who = f"{defect or 'healthy'}, {kind}, {pathlib.Path(which).stem}, seed {seed}"
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
    for outcome in bench.each(Outcome, [(which, seed, None, seed) for seed in range(1, seeds + 1)]):
        check_equal((outcome.code, outcome.wrong), (bench.EXIT_PASS, []), f"{outcome.who}: exit status, what did not pass ({outcome.err.strip()[-300:]})")
        check(outcome.judged >= least, f"{outcome.who}: {outcome.judged} checks judged, expected {least} or more")


def test_healthy_vehicles_pass_s1():
    check_healthy("S1", HEALTHY, 16)


def test_healthy_vehicles_conform():
    check_healthy(SUITE, HEALTHY, 150)


def test_a_vehicle_that_only_state_f_rouses_passes_the_case_that_does_so():
    outcome = Outcome(SUITE, "roused", None, 1)
    names = {row[0].split("/")[0] for row in outcome.wrong}
    check("vehicle-charge" in names and "vehicle-legacy-wake-up" not in names, f"{outcome.who}: cases with what did not pass: {sorted(names)}")


def check_defects(which, table):
    jobs = [(which, kind, defect, seed) for kind, defect in table for seed in range(1, SEEDS + 1)]
    for outcome, (_, kind, defect, _) in zip(bench.each(Outcome, jobs), jobs):
        check_equal(outcome.code, bench.EXIT_FAIL, f"{outcome.who}: exit status ({outcome.err.strip()[-300:]})")
        check_equal(outcome.wrong[0][:2] if outcome.wrong else (), (table[kind, defect], "fail"), f"{outcome.who}: first check that did not pass")


def usual(table): return {("usual", defect): name for defect, name in table.items()}


def test_each_defect_is_found_first_by_the_check_that_is_named_for_it():
    check_defects(SUITE, usual(FIRST) | FIRST_WITH)


def test_s1_finds_what_shows_in_a_session():
    check_defects("S1", usual(FIRST_IN_S1))


def test_every_defect_of_the_stub_has_its_row():
    text = subprocess.run([STUB, "--list-defects"], capture_output=True, text=True, check=True).stdout
    listed = {re.split("[=:]", line)[0] for line in text.splitlines()}
    check_equal(listed, set(FIRST) | {defect for _, defect in FIRST_WITH}, "defects of stub-pev --list-defects")
    check(set(FIRST_IN_S1) <= listed, "S1's table names only defects that there are")


def test_every_kind_of_check_is_first_for_some_defect():
    kinds = set()
    for kind in "usual", "ventilated", "toggling":
        of = bench.Run(SUITE, dut=statement(kind), bench=BENCH, extra=["--quiet"]).wait()
        kinds |= {row.name.rsplit("/", 1)[1] for row in of.rows("check")}
    proven = {name.rsplit("/", 1)[1] for name in [*FIRST.values(), *FIRST_WITH.values()]}
    check_equal(kinds - proven, {"vehicle_d"}, "kinds of checks that no defect is first to fail (vehicle_d is vehicle_c of a vehicle with ventilation)")


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
