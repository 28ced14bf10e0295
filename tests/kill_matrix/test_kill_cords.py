# SPDX-License-Identifier: GPL-3.0-or-later
"""The kill matrix of a station with two cords (S2-cords): each check is the first that does not pass for the defects that cords.json names, the
healthy station passes with every seed, and what a bench or a device without a second cord cannot show is not run, with the reason.

    test_kill_cords.py             the tests
    test_kill_cords.py --markdown  writes docs/kill-matrix-cords.md
"""
import functools
import json
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "acceptance"))
import bench  # noqa: E402
from bench import check, check_equal  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
PAGE = bench.SOURCE / "docs" / "kill-matrix-cords.md"
EXPECTED = json.loads((HERE / "cords.json").read_text(encoding="utf-8"))
BENCH = bench.SOURCE / "fixtures/benches/virtual-two-cords.yaml"
HEALTHY_SEEDS = 1000 if bench.IS_SOAK else 50
SEEDS = (1, 2)


@functools.cache
def station(defect=None):
    text = (bench.SOURCE / "fixtures/duts/stub-evse-two-cords.yaml").read_text()
    of_second = defect and defect.startswith("cord-2:")
    words = ["--cord-2-defect" if of_second else "--defect", defect.removeprefix("cord-2:")] if defect else []
    line = f'process: [{bench.STUB}, --rated-current, "80", --cords, "2", --meter' + "".join(f', "{word}"' for word in words) + "]"
    text, count = re.subn(r'^process: \[stub-evse, --rated-current, "80", --cords, "2", --meter\]$', line, text, flags=re.MULTILINE)
    assert count == 1, "fixtures/duts/stub-evse-two-cords.yaml has another form than this test knows"
    return bench.write(f"station-{defect}.yaml".replace(":", "-"), text)


def first(defect, seed):
    """(first check that does not pass, its verdict; planned: {check: is advisory}; exit status)"""
    with bench.Run.making:
        of = bench.Run("S2-cords", seed=seed, bench=BENCH, dut=station(defect), extra=["--quiet"])
    of.wait()
    wrong = [(name, verdict) for name, verdict, _ in of.verdicts() if verdict != "pass"]
    planned = {row.name: bool(row.d & 1) for row in of.rows("check")}
    with bench.Run.making:
        of.forget()
    return (wrong[0] if wrong else (None, "pass")), planned, of.code


@functools.cache
def found():
    defects = sorted({name for names, _ in EXPECTED["first_for"].values() for name in names})
    for name in [None, *defects]: station(name)  # before threads want them
    jobs = [(name, seed) for name in [None, *defects] for seed in SEEDS]
    table = {}
    for (name, _), result in zip(jobs, bench.each(first, jobs)):
        table.setdefault(name, []).append(result)
    return table


def test_the_healthy_station_passes_with_every_seed():
    station()
    results = bench.each(first, [(None, seed) for seed in range(1, HEALTHY_SEEDS + 1)])
    passed = sum(code == bench.EXIT_PASS and name is None for (name, _), _, code in results)
    print(f"S2-cords: {passed} of {HEALTHY_SEEDS} seeds pass")
    check_equal(passed, HEALTHY_SEEDS, "seeds with which the healthy station passes")


def test_each_check_is_the_first_that_does_not_pass_for_its_defects():
    for name, (defects, _) in EXPECTED["first_for"].items():
        for defect in defects:
            for (seen, verdict), planned, code in found()[defect]:
                check_equal(seen, name, f"{defect}: first check that does not pass")
                is_advisory = planned.get(name)
                check_equal(verdict, "inconc" if is_advisory else "fail", f"{defect}: verdict of {name}")
                if not is_advisory: check_equal(code, bench.EXIT_FAIL, f"{defect}: exit status")


def test_every_planned_check_has_a_defect():
    planned = set(found()[None][0][1])
    check_equal(planned, set(EXPECTED["first_for"]), "checks of S2-cords")
    check(len(planned) >= 35, f"{len(planned)} checks")


def test_each_defect_of_a_station_is_named():
    text = subprocess.run([bench.STUB, "--list-defects"], capture_output=True, text=True, check=True).stdout
    of_station = {re.split("[=:]", line)[0] for line in text.splitlines() if "--cords" in line}
    named = {name.split("=")[0] for names, _ in EXPECTED["first_for"].values() for name in names}
    check(len(of_station) > 9, f"stub-evse lists {sorted(of_station)}")
    check_equal(of_station - named, set(), "defects of a station that cords.json names for no check")


def test_what_cannot_be_shown_is_not_run_with_the_reason():
    for of_bench, of_dut, reason in ((None, station(), "this bench has no role cord[2]"),
                                     (BENCH, bench.fixture_dut("stub-evse"), "capabilities (ICS) exclude it")):
        of = bench.run("S2-cords", bench=of_bench, dut=of_dut, extra=["--quiet"])
        (_, verdict, text), = of.case_verdicts()
        check_equal(verdict, "none", f"{reason}: verdict of the case")
        bench.check_contains(text, reason, "why S2-cords is not run")


def test_a_station_passes_the_cases_of_one_cord_at_its_first():
    of = bench.run("S1", "S1-diode", "S1-pulled", "S1-leakage", "S1-power-cut", "S2", bench=BENCH, dut=station(), extra=["--quiet"])
    bench.check_code(of, bench.EXIT_PASS)


def page():
    planned = found()[None][0][1]
    advisory = sum(planned.values())
    lines = ["# The kill matrix of a station with two cords", "",
             "Written by `python3 tests/kill_matrix/test_kill_cords.py --markdown`; do not edit.", "", *EXPECTED["rule"], "",
             f"{len(planned)} checks, {sum(name in EXPECTED['first_for'] for name in planned)} of them proved; {advisory} are advisory.", "",
             "| check | first not to pass for | because |", "|---|---|---|"]
    for name, is_advisory in planned.items():
        defects, why = EXPECTED["first_for"].get(name, ([], "NOT PROVED"))
        lines.append(f"| {name}{' (advisory)' if is_advisory else ''} | {', '.join(f'`{one}`' for one in defects)} | {why} |")
    return "\n".join(lines) + "\n"


def test_the_page_in_docs_is_what_was_found():
    check_equal(PAGE.read_text(encoding="utf-8") if PAGE.exists() else "", page(), "docs/kill-matrix-cords.md (written by --markdown)")


if __name__ == "__main__":
    if sys.argv[1:] == ["--markdown"]:
        PAGE.write_text(page(), encoding="utf-8")
    else:
        bench.main(globals())
