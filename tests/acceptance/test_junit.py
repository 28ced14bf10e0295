# SPDX-License-Identifier: GPL-3.0-or-later
"""JUnit files of passing, failing, inconclusive and broken runs: valid by Jenkins' schema, and never an empty case for what was not judged."""
import os
import pathlib
import shutil
import subprocess
import xml.etree.ElementTree as tree

import bench
from bench import check, check_equal

RUNS = {
    "pass": {}, "fail": {"args": ["--defect", "contactor_close_late"]}, "error": {"program": "/bin/true"},
    "silent": {"program": bench.SILENT},
}


def junit_of(name):
    path = bench.FOLDER / f"{name}.xml"
    of = bench.run(dut=bench.dut(f"junit-{name}", **RUNS[name]), extra=["--junit", str(path)])
    return of, path


def test_junit_files_are_valid_by_the_schema():
    schema = pathlib.Path(os.environ.get("PB_SCHEMAS") or bench.SOURCE.parent / "shared" / "schemas") / "junit-10.xsd"
    if not schema.exists():
        raise bench.Skip(f"no {schema.name}: PB_SCHEMAS names no folder with it")
    if not shutil.which("xmllint"):
        raise bench.Skip("no xmllint on this machine")
    for name in RUNS:
        _, path = junit_of(name)
        done = subprocess.run(["xmllint", "--noout", "--schema", schema, path], capture_output=True, text=True, check=False)
        check_equal(done.returncode, 0, f"{name}: xmllint ({done.stderr.strip()[-300:]})")


def test_every_planned_check_is_a_case_with_its_verdict():
    for name in RUNS:
        of, path = junit_of(name)
        cases = list(tree.parse(path).getroot().iter("testcase"))
        failed = [case for case in cases if case.find("failure") is not None]
        errors = [case for case in cases if case.find("error") is not None]
        check_equal(len(failed), of.verdict["failed"], f"{name}: JUnit failures")
        check(len(errors) >= of.verdict["inconc"] + of.verdict["error"],
              f"{name}: {len(errors)} JUnit errors, expected one for each of {of.verdict['inconc']} inconc and {of.verdict['error']} error")
        plain = [case for case in cases if not any(case.find(tag) is not None for tag in ("failure", "error", "skipped"))]
        check_equal(len(plain), of.verdict["passed"], f"{name}: cases that passed")
        for case in failed + errors:
            told = case.find("failure") if case.find("failure") is not None else case.find("error")
            check(bool(told.get("message")), f"{name}: {case.get('name')} has no message")


bench.main(globals())
