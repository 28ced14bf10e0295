# SPDX-License-Identifier: GPL-3.0-or-later
"""No numbered step of a source is without a row, and no row is without a check or a reason. steps.csv lists the steps, kept by hand from the
source texts: S1 (27), L2 A and B (13 each), the IntelliGrid portal function (28), the home charging flow (14, its second 2 counted as 3)."""
import collections
import csv
import functools
import io
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "acceptance"))
import bench  # noqa: E402
from bench import check, check_equal  # noqa: E402

STEPS = list(csv.DictReader((HERE / "steps.csv").open(encoding="utf-8")))
# A row of a source's own case that is none of its numbered steps: a part of one ("2-vin"), or what goes before and after.
PART = re.compile(r"\d+[a-e]?-\w+|8p|15v|pre|post|t\d+")  # 8p, 15v: second messages of the steps 8 and 15
PATHWAYS = {"NSP-BMS", "NSP-EVSE", "NSP-EV", "NSP-Customer", "BMS-EVSE", "BMS-EV", "BMS-Customer", "EVSE-EV", "EVSE-Customer", "EV-Customer"}


@functools.cache
def matrix():
    done = bench.pilotbench("list", "--matrix=csv")
    check_equal(done.code, 0, f"exit status of list --matrix=csv ({done.err})")
    return list(csv.DictReader(io.StringIO(done.out)))


def test_the_list_has_every_number_of_the_sources_once():
    counts = collections.Counter((row["seed"], row["source"]) for row in STEPS)
    check_equal(dict(counts), {("000", "S1"): 27, ("001", "L2-A"): 13, ("001", "L2-B"): 13, ("002", "IntelliGrid"): 28, ("004", "ETSI"): 14}, "steps")
    check_equal(len({(row["source"], row["source_step"]) for row in STEPS}), len(STEPS), "different steps")


def test_each_numbered_step_of_the_sources_has_a_row():
    found = {(row["case"], row["step"]): row for row in matrix()}
    for row in STEPS:
        at = found.get((row["case"], row["step"]))
        if check(at, f"{row['source']} step {row['source_step']}: no row {row['case']}/{row['step']}"):
            check_equal((at["seed"], at["evidence"]), (row["seed"], "found"), f"{row['case']}/{row['step']}: seed and evidence")


def test_no_row_claims_a_number_that_its_source_has_not():
    listed = {(row["case"], row["step"]) for row in STEPS}
    common = {"1", "1.1.1", "1.1.2", "4.1", "4.1.1", "4.1.2", "1.2"}  # rows of both branches of the portal function
    for row in matrix():
        if row["evidence"] != "found" or not any(row["case"] == case for case, _ in listed): continue
        if (row["case"], row["step"]) in listed or PART.fullmatch(row["step"]) or re.match(r"S\d\.", row["step"]): continue
        check(row["case"].startswith("Portal") and row["step"] in common, f"{row['case']}/{row['step']} is tagged found, and no source has it")
    check(len(listed) == len(STEPS), "rows of steps.csv")


def test_each_row_has_a_check_that_some_defect_proves_or_a_reason():
    for row in matrix():
        who = f"{row['case']}/{row['step']}"
        check(bool(row["check"]) != bool(row["why"]) or row["why"].startswith("advisory"), f"{who}: check {row['check']!r}, reason {row['why']!r}")
        if row["check"] and not row["why"]:
            check(row["killed by"] or not is_use_case(row["case"]), f"{who}: no defect is known to fail {row['check']}")
        check(row["tags"] or not is_use_case(row["case"]), f"{who}: no tags")


def is_use_case(case):
    """Not a case of test_suites/control_pilot or faults, which have no source of this kind."""
    return (bench.SOURCE / "test_suites/use_cases" / f"{case.split('-')[0]}.lua").exists()


def test_each_of_the_ten_pathways_carries_some_step():
    check_equal({row["pathway"] for row in matrix() if row["pathway"]}, PATHWAYS, "pathways")


def test_the_page_shows_the_same_rows():
    done = bench.pilotbench("list", "--matrix=html")
    check_equal((done.code, done.out.count("<tr>"), done.out.count("</tr>")), (0, len(matrix()) + 1, len(matrix()) + 1), "exit status, rows of the page")
    check(done.out.startswith("<!DOCTYPE html>") and done.out.endswith("</html>\n"), "the page is no page")
    check_equal(bench.pilotbench("list", "--matrix=pdf").code, 2, "exit status of list --matrix=pdf")


bench.main(globals())
