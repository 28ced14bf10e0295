# SPDX-License-Identifier: GPL-3.0-or-later
"""The judge is judged in every use case: each check of each case is the first to fail there for at least one defect of stub-evse. What was found
is fixtures/kill-matrix.csv, which `pilotbench list --matrix` reads.

    test_kill.py           compares
    test_kill.py --update  writes the file anew

tests/kill_matrix says for S1 which defect is named for which check, and why; here all cases run, each defect once (seed 1).
"""
import functools
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "acceptance"))
import bench  # noqa: E402
from bench import check, check_equal  # noqa: E402

TABLE = bench.SOURCE / "fixtures" / "kill-matrix.csv"
EXPECTED = json.loads((HERE.parent / "kill_matrix" / "expected.json").read_text(encoding="utf-8"))
# Beside those: lets go after 90 s, 90 min and 200 min of charging in all, in the second part of a session that others than S1 divide; and where there is one interval alone.
# And edges too slow for the generator, and for the states.
EDGES = ["slow_rise", "slow_fall", "slow_rise=20000", "slow_fall=24000"]
LATER = ["opens_while_charging=90000", "opens_while_charging=5400000", "opens_while_charging=12000000", "report_twice=1"]
# Found by tests/kill_matrix/test_kill_cords.py, on a bench with two cords.
CORDS = json.loads((HERE.parent / "kill_matrix" / "cords.json").read_text(encoding="utf-8"))["first_for"]
# Every 2 min, not every 10 s: sessions of 14 h would have 5,000 events each.
SELDOM = {"pwm_dropouts": "pwm_dropouts=120000"}
DEFECTS = sorted({SELDOM.get(name, name) for row in EXPECTED["checks"].values() for name in row["first_for"]} | set(LATER) | set(EDGES))
BENCH = bench.SOURCE / "fixtures/benches/virtual-scope.yaml"  # which times the generator's edges too
BASES = ["stub-evse", "stub-evse-metered"]  # the meter's own defects show only where it is part of the device
OF_METER = ["late_report_of_energy", "never_reports", "report_twice", "report_twice=1", "reports_once"]


@functools.cache
def cases():
    text = bench.pilotbench("list").out.splitlines()
    return tuple(line.split()[0] for line, counts in zip(text[::2], text[1::2]) if " 0 judged" not in counts)


def killed(base, defect):
    """(checks that are first to fail in their case, checks that were planned and can fail: advisory ones are inconc at worst)"""
    with bench.Run.making:
        of = bench.Run(*cases(), dut=bench.fixture_dut(base, ("--defect", defect) if defect else ()), bench=BENCH, extra=["--quiet"])
    of.wait()
    first = {}
    planned = {row.name for row in of.rows("check") if not row.d & 1}
    for row in of.rows("verdict"):
        if row.check_no and bench.VERDICTS[row.a] != "pass":
            first.setdefault(row.name.split("/")[0], (row.name, bench.VERDICTS[row.a]))
    with bench.Run.making:
        of.forget()
    return {name for name, verdict in first.values() if verdict == "fail"}, planned


@functools.cache
def found():
    """({check: [defects]}, every check that is planned)"""
    jobs = [(base, defect) for base in BASES for defect in [None] + DEFECTS if defect is None or (base == BASES[1]) == (defect in OF_METER)]
    table, planned = {}, set()
    for (base, defect), (first, all_) in zip(jobs, bench.each(killed, jobs)):
        planned |= all_
        if defect is None: check_equal(first, set(), f"{base}: checks that fail with a healthy stub")
        for name in first: table.setdefault(name, set()).add(defect)
    return {name: sorted(defects - {None}) for name, defects in table.items()}, planned


def written():
    table = dict(found()[0], **{name: sorted(defects) for name, (defects, _) in CORDS.items()})
    return "check,defects\n" + "".join(f"{name},{' '.join(table[name])}\n" for name in sorted(table))


def test_each_check_of_each_case_is_first_to_fail_for_some_defect():
    table, planned = found()
    check(len(planned) > 500, f"{len(planned)} checks in {len(cases())} cases")
    missing = sorted(planned - set(table))
    check(not missing, f"{len(missing)} of {len(planned)} checks are first to fail for no defect: {missing[:40]}")


def test_the_table_in_fixtures_is_what_was_found():
    check_equal(TABLE.read_text(encoding="utf-8") if TABLE.exists() else "", written(), "fixtures/kill-matrix.csv (written by --update)")


if __name__ == "__main__":
    if sys.argv[1:] == ["--update"]:
        TABLE.write_text(written(), encoding="utf-8")
        sys.argv.pop()
    bench.main(globals())
