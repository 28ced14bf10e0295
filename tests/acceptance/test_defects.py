# SPDX-License-Identifier: GPL-3.0-or-later
"""The judge is judged: each defect is found by the check that is meant to find it, and by that one first."""
import subprocess

import bench
from bench import check, check_equal

SEEDS = 50 if bench.IS_SOAK else 5
# defect: (the check that finds it, those that are not reached because of it)
DEFECTS = {
    "duty_low_3a": ("S1/5/duty", []),
    "contactor_open_late": ("S1/stop/opens", ["S1/unplug/state"]),
    "no_diode_check": ("S1-diode/4/stays_open", []),
    "contactor_close_late": ("S1/13/closes", ["S1/stop/opens", "S1/unplug/state"]),
}


def check_defect(name, first, not_reached, seed):
    of = bench.run(seed=seed, dut=bench.dut(f"stub-{name}", args=["--defect", name]))
    who = f"{name}, seed {seed}"
    bench.check_code(of, bench.EXIT_FAIL)
    bench.check_last_line(of, verdict="fail", failed=1, inconc=len(not_reached), error=0)
    others = [row for row in of.verdicts() if row[1] != "pass"]
    check_equal([row[0] for row in others], [first] + not_reached, f"{who}: checks that did not pass, in their order")
    check_equal(others[0][1] if others else "none", "fail", f"{who}: verdict of {first}")
    for id_, verdict, reason in others[1:]:
        check_equal((verdict, reason), ("inconc", "not reached"), f"{who}: {id_}")
    check_equal([row[1] for row in of.case_verdicts() if row[0] == first.split("/")[0]], ["fail"], f"{who}: verdict of its case")
    bench.check_record(of)
    bench.check_safe(of)


def test_every_defect_is_found_by_the_named_check_first():
    for name, (first, not_reached) in DEFECTS.items():
        for seed in range(1, SEEDS + 1):
            check_defect(name, first, not_reached, seed)


def test_the_stub_knows_these_defects():
    listed = subprocess.run([bench.STUB, "--list-defects"], capture_output=True, text=True, check=True).stdout
    for name in DEFECTS:
        check(any(line.split("=")[0].split(":")[0] == name for line in listed.splitlines()), f"stub-evse --list-defects lists no {name}")


bench.main(globals())
