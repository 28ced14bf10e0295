# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the JUnit file of tests/reports/sample_summary.c with junitparser and says what differs from what was meant."""
import sys

import junitparser

EXPECTED = {
    "S1/1/level": "passed",
    "S1/2/level": "passed",
    "S1/5/duty": "Failure fail",
    "S1/5/frequency": "passed",
    "S1/5/none_before": "passed",
    "S1/13b/open": "Error inconclusive",
    "S1/14": "Skipped None",
    "S1/A1/pwm_off": "Error inconclusive",
    "S1/A1/level": "Error error",
    "(case)": "Error error",
}


def outcome(case):
    results = case.result if isinstance(case.result, list) else [case.result]
    words = [f"{type(result).__name__} {result.type}" for result in results if result is not None]
    return words[0] if words else "passed"


found = {case.name: outcome(case) for suite in junitparser.JUnitXml.fromfile(sys.argv[1]) for case in suite}
for name in sorted(EXPECTED.keys() | found.keys()):
    if EXPECTED.get(name) != found.get(name):
        print(f"{name}: read as {found.get(name)}, meant as {EXPECTED.get(name)}")
sys.exit(found != EXPECTED)
