# SPDX-License-Identifier: GPL-3.0-or-later
"""The judge is judged: each defect is found by the check that is meant to find it, and by that one first."""
import subprocess

import bench
from bench import check, check_equal

SEEDS = 50 if bench.IS_SOAK else 5
# defect: (the check that finds it first, whether the rest of the case depends on it, other checks that find it too)
DEFECTS = {
    "duty_low_3a": ("S1/5/duty", False, ["S1-diode/p2/duty"]),
    "contactor_open_late": ("S1/14p/opens", True, []),
    "no_diode_check": ("S1-diode/4/stays_open", False, []),
    "contactor_close_late": ("S1/13/closes", True, []),
}


def check_defect(name, first, blocks, too, seed):
    of = bench.run(seed=seed, dut=bench.dut(f"stub-{name}", args=["--defect", name]))
    who = f"{name}, seed {seed}"
    bench.check_code(of, bench.EXIT_FAIL)
    case = first.split("/")[0]
    planned = [row.name for row in of.rows("check")]
    behind = [id_ for id_ in planned[planned.index(first) + 1:] if id_.split("/")[0] == case]
    expected = {id_: ("pass", None) for id_ in planned}
    expected.update({id_: ("fail", None) for id_ in [first] + too})
    expected.update({id_: ("inconc", "not reached") for id_ in behind if blocks})
    verdicts = of.verdicts()
    check_equal([row[0] for row in verdicts], planned, f"{who}: checks with a verdict, in their order")
    check_equal(next((row[0] for row in verdicts if row[1] != "pass"), "none"), first, f"{who}: the first check that did not pass")
    for id_, verdict, reason in verdicts:
        wanted, why = expected[id_]
        check((verdict, why or reason) == (wanted, reason), f"{who}: {id_} is {verdict} ({reason}), expected {wanted} {why or ''}")
    bench.check_last_line(of, verdict="fail", failed=1 + len(too), inconc=len(behind) if blocks else 0, error=0)
    check_equal([row[1] for row in of.case_verdicts() if row[0] == case], ["fail"], f"{who}: verdict of its case")
    bench.check_record(of)
    bench.check_safe(of)


def test_every_defect_is_found_by_the_named_check_first():
    for name, (first, blocks, too) in DEFECTS.items():
        for seed in range(1, SEEDS + 1):
            check_defect(name, first, blocks, too, seed)


def test_a_contactor_that_is_closed_before_the_step_does_not_stay_open():
    """It closed in state B and needs no further event in the step to break `stays_open`."""
    for seed in range(1, SEEDS + 1):
        of = bench.run("S1-diode", seed=seed, dut=bench.fixture_dut(args=("--defect", "closes_in_b", "--defect", "no_diode_check")))
        bench.check_code(of, bench.EXIT_FAIL)
        wrong = [row[:2] for row in of.verdicts() if row[1] != "pass"]
        check_equal(wrong, [("S1-diode/4/stays_open", "fail")], f"seed {seed}: checks that did not pass")


def test_the_stub_knows_these_defects():
    listed = subprocess.run([bench.STUB, "--list-defects"], capture_output=True, text=True, check=True).stdout
    for name in DEFECTS:
        check(any(line.split("=")[0].split(":")[0] == name for line in listed.splitlines()), f"stub-evse --list-defects lists no {name}")


bench.main(globals())
