# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run and its reports are written to: no file takes another's place, and a report that cannot be written hides no verdict."""
import shutil
import sqlite3

import bench
from bench import check, check_contains, check_equal


def healthy():
    of = bench.run("S1-diode")
    check_equal(of.code, bench.EXIT_PASS, f"exit status of a healthy run ({of.err.strip()})")
    return of


def test_a_report_never_takes_the_place_of_the_record_or_of_another_report():
    of = healthy()
    kept = of.path.read_bytes()
    other = of.path.parent / "other.html"
    link = of.path.parent / "link.pbrun"
    link.symlink_to(of.path)
    for words in (["--html", of.path], ["--junit", of.path], ["--html", link], ["--html", f"{of.path.parent}/./{of.path.name}"],
                  ["--html", other, "--junit", other]):
        done = bench.pilotbench("report", of.path, *words)
        check_equal(done.code, 2, f"{words}: exit status ({done.err.strip()})")
        check_contains(done.err, "expected one of its own", f"{words}: message")
        check_equal(len(done.err.strip().splitlines()), 1, f"{words}: lines on standard error")
    check(of.path.read_bytes() == kept, "the run file is not what it was")
    check(not other.exists(), f"{other.name} was made")
    done = bench.pilotbench("report", of.path, "--html", "/dev/null", "--junit", "/dev/null")
    check_equal(done.code, 0, f"exit status of reports to nowhere ({done.err.strip()})")


def test_a_run_whose_report_would_be_its_record_is_refused_before_it_begins():
    path = bench.FOLDER / "same.pbrun"
    done = bench.pilotbench("run", "S1-diode", "--out", path, "--html", path)
    check_equal(done.code, 2, f"exit status ({done.err.strip()})")
    check(not path.exists(), f"{path.name} was made")


def test_a_verdict_is_told_though_a_report_cannot_be_written():
    late = bench.dut("late", args=["--defect", "contactor_open_late"])
    for dut, code, verdict in ((late, bench.EXIT_FAIL, "fail"), (None, bench.EXIT_ERROR, "pass")):
        of = bench.run("S1", dut=dut, extra=["--html", "/dev/full"])
        check_equal(of.code, code, f"{verdict}: exit status ({of.err.strip()})")
        check_equal(of.verdict.get("verdict"), verdict, f"{verdict}: verdict on the last line")
        check_contains(of.err, "/dev/full: cannot be written", f"{verdict}: message")
        bench.check_record(of)


def test_judging_again_shows_a_case_whose_verdict_was_another():
    of = healthy()
    changed = of.path.parent / "changed.pbrun"
    shutil.copy(of.path, changed)
    with sqlite3.connect(changed) as database:
        database.execute("UPDATE log SET a = 3 WHERE kind = 'verdict' AND check_no = 0")
    done = bench.pilotbench("rejudge", changed)
    check_equal(done.code, 1, f"exit status ({done.err.strip()})")
    check_contains(done.out, "verdict of case S1-diode was fail, is pass", "output")


def test_a_case_that_needs_what_the_bench_lacks_does_not_begin():
    """The bench of a pair has nothing that loads: what a step does needs its role, whether the case says so or not."""
    of = bench.run("S1", bench=bench.SOURCE / "fixtures/benches/virtual-pair.yaml", dut=bench.fixture_dut())
    check_equal((of.code, of.case_verdicts()[0][1]), (bench.EXIT_INCONC, "none"), f"exit status and verdict of the case ({of.err.strip()})")
    check_contains(of.out, "this bench has no role load", "table")
    check_equal([row.name for row in of.rows("action") if row.name.startswith("mains")], [], "what was switched on")


bench.main(globals())
