#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts the cases in a JUnit file of ctest: test_summary.py [--markdown] FILE

A test program of cmocka has many cases and tells each on a line; any other test is one case. A program that fails without
telling which case counts as one failure. The last line is 'N passed, N failed' (', N skipped'); a run without a single pass
is a failure. With --markdown it prints a table of the programs instead of the names of what failed.
"""
import re
import sys
import xml.etree.ElementTree as tree

OK = re.compile(r"\[ +OK \] (\w+)")
FAILED = re.compile(r"\[ +FAILED +\] ([A-Za-z_]\w*)")
SKIPPED = re.compile(r"\[ +SKIPPED +\] ([A-Za-z_]\w*)")


class Result:
    """What one test program did."""

    def __init__(self, case):
        output = case.findtext("system-out") or ""
        self.name = case.get("name")
        self.seconds = float(case.get("time") or 0)
        skipped = case.find("skipped")
        self.skips = {}
        before = ""
        for line in output.splitlines():
            told = SKIPPED.search(line)
            if told:
                self.skips.setdefault(told[1], before.strip())  # cmocka lists them again at its end
            before = line
        self.failures = set(FAILED.findall(output)) - set(self.skips)
        self.passes = len(set(OK.findall(output)))
        if case.get("status") == "fail" or case.find("failure") is not None:
            self.failures = self.failures or {"(the program)"}
        elif skipped is not None or case.get("status") in ("notrun", "disabled"):
            self.skips = self.skips or {"(the program)": last_line(output) or (skipped.get("message") if skipped is not None else "")}
            self.passes = 0
        elif not self.passes and not self.skips:
            self.passes = 1


def last_line(output):
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def reason(text):
    return "no reason given" if not text or text.startswith("[ RUN") else text


def closing_line(results):
    passed = sum(result.passes for result in results)
    failed = sum(len(result.failures) for result in results)
    skipped = sum(len(result.skips) for result in results)
    return passed, failed, f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else "")


def print_names(results):
    for result in results:
        for name, why in sorted(result.skips.items()):
            print(f"skipped: {result.name}: {name}: {reason(why)}")
    for result in results:
        for name in sorted(result.failures):
            print(f"failed: {result.name}: {name}")


def print_table(results):
    print("| test | passed | failed | skipped | seconds |\n|---|---|---|---|---|")
    for result in results:
        print(f"| {result.name} | {result.passes} | {len(result.failures)} | {len(result.skips)} | {result.seconds:.1f} |")
    print()


def main(arguments):
    is_table = arguments[:1] == ["--markdown"]
    path = arguments[1 if is_table else 0]
    try:
        results = [Result(case) for case in tree.parse(path).getroot().iter("testcase")]
    except (OSError, tree.ParseError) as mistake:
        print(f"test_summary: {path}: {mistake}\n0 passed, 1 failed")
        return 1
    (print_table if is_table else print_names)(results)
    passed, failed, line = closing_line(results)
    if not passed:
        print("nothing passed: an empty run is a failure")
    print(line)
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
