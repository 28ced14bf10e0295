#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scripts of tools/: what is counted as a test, and what setup.sh does to a machine (with a dpkg and an apt of our own)."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

CMOCKA = """[==========] Running 3 test(s).
[ RUN      ] test_a
[       OK ] test_a
[ RUN      ] test_b
no serial port here
[  SKIPPED ] test_b
[ RUN      ] test_c
{c}
[==========] 3 test(s) run.[  PASSED  ] 1 test(s).
[  SKIPPED ] 1 test(s), listed below:
[  SKIPPED ] test_b

 1 SKIPPED TEST(S)
{end}"""
HEALTHY = CMOCKA.format(c="[       OK ] test_c", end="")
BROKEN = CMOCKA.format(c="[  FAILED  ] test_c", end="[  FAILED  ] 1 test(s), listed below:\n[  FAILED  ] test_c\n\n 1 FAILED TEST(S)\n")


def junit(*cases):
    rows = "".join(f'<testcase name="{name}" time="0.5" status="{status}">{inside}<system-out>{output}</system-out></testcase>'
                   for name, status, inside, output in cases)
    return f'<?xml version="1.0"?><testsuite>{rows}</testsuite>'


class Summary(unittest.TestCase):
    def summarise(self, text, *options):
        with tempfile.NamedTemporaryFile("w", suffix=".xml") as file:
            file.write(text)
            file.flush()
            done = subprocess.run([sys.executable, ROOT / "tools/test_summary.py", *options, file.name], capture_output=True,
                                  text=True, check=False)
        return done.returncode, done.stdout.splitlines()

    def test_cases_of_cmocka_are_counted_one_by_one(self):
        status, lines = self.summarise(junit(("p", "run", "", HEALTHY), ("q", "run", "", "any text")))
        self.assertEqual((status, lines[-1]), (0, "3 passed, 0 failed, 1 skipped"))
        self.assertIn("skipped: p: test_b: no serial port here", lines)

    def test_a_failed_case_is_named_and_fails_the_run(self):
        status, lines = self.summarise(junit(("p", "fail", "<failure/>", BROKEN)))
        self.assertEqual((status, lines[-1]), (1, "1 passed, 1 failed, 1 skipped"))
        self.assertIn("failed: p: test_c", lines)

    def test_a_program_that_dies_is_one_failure(self):
        status, lines = self.summarise(junit(("p", "fail", "<failure/>", "[       OK ] test_a\n"), ("q", "run", "", "")))
        self.assertEqual((status, lines[-1]), (1, "2 passed, 1 failed"))

    def test_a_program_that_skips_itself_tells_why(self):
        inside = '<skipped message="SKIP_RETURN_CODE=77"/>'
        status, lines = self.summarise(junit(("p", "notrun", inside, "needs a DAQ\n"), ("q", "run", "", "")))
        self.assertEqual((status, lines[-1]), (0, "1 passed, 0 failed, 1 skipped"))
        self.assertIn("skipped: p: (the program): needs a DAQ", lines)

    def test_an_empty_run_is_a_failure(self):
        for text in (junit(), junit(("p", "notrun", "<skipped message='x'/>", "")), "", "<testsuite"):
            status, lines = self.summarise(text)
            self.assertEqual(status, 1, text)
            self.assertRegex(lines[-1], r"^0 passed, [01] failed")

    def test_the_table_has_a_row_a_program(self):
        status, lines = self.summarise(junit(("p", "run", "", HEALTHY)), "--markdown")
        self.assertEqual((status, lines[-1]), (0, "2 passed, 0 failed, 1 skipped"))
        self.assertIn("| p | 2 | 0 | 1 | 0.5 |", lines)


class Setup(unittest.TestCase):
    """A PATH where dpkg-query knows the packages of a list, and apt-get and sudo write down how they are called."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="pb tools ")
        self.path = pathlib.Path(self.folder.name)
        self.calls = self.path / "calls"
        self.calls.write_text("")
        self.program("dpkg-query", 'eval package=\\${$#}; grep -qx "$package" "$PB_INSTALLED" && printf installed')
        self.program("apt-get", 'echo "apt-get $*" >>"$PB_CALLS"; [ "$1" != "$PB_BROKEN" ] || { echo no network; exit 100; }')
        self.program("sudo", 'echo sudo >>"$PB_CALLS"; exec "$@"')
        self.program("id", 'echo "$PB_UID"')

    def tearDown(self):
        self.folder.cleanup()

    def program(self, name, text):
        file = self.path / name
        file.write_text(f"#!/bin/sh\n{text}\n")
        file.chmod(0o755)

    def packages(self, *sections):
        section, names = None, []
        for line in (ROOT / "tools/packages.txt").read_text().splitlines():
            line = line.split("#")[0].strip()
            section = line if line.startswith("[") else section
            if line and line != section and section.strip("[]") in sections:
                names.append(line)
        return names

    def setup_sh(self, *sections, installed=(), uid=0, broken="nothing"):
        (self.path / "installed").write_text("\n".join(installed) + "\n")
        environment = dict(os.environ, PATH=f"{self.path}:/usr/bin:/bin", PB_CALLS=str(self.calls), PB_UID=str(uid),
                           PB_INSTALLED=str(self.path / "installed"), PB_BROKEN=broken)
        done = subprocess.run([ROOT / "tools/setup.sh", *sections], env=environment, capture_output=True, text=True, check=False)
        return done, self.calls.read_text().splitlines()

    def test_nothing_missing_means_no_word_and_no_apt(self):
        done, calls = self.setup_sh("build", "test", installed=self.packages("build", "test"))
        self.assertEqual((done.returncode, done.stdout, done.stderr, calls), (0, "", "", []))

    def test_only_what_is_missing_is_installed(self):
        wanted = self.packages("build")
        done, calls = self.setup_sh("build", installed=wanted[1:-1])
        self.assertEqual((done.returncode, done.stdout), (0, f"setup: installing {wanted[0]} {wanted[-1]}\n"))
        self.assertEqual(calls, ["apt-get update", f"apt-get install -y --no-install-recommends {wanted[0]} {wanted[-1]}"])

    def test_who_is_not_root_uses_sudo(self):
        wanted = self.packages("bench")
        done, calls = self.setup_sh("bench", uid=1000)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(calls[:2], ["sudo", "apt-get update"])
        self.assertEqual(calls[3], f"apt-get install -y --no-install-recommends {' '.join(wanted)}")

    def test_a_failing_apt_fails_and_shows_why(self):
        for broken in ("update", "install"):
            done, _ = self.setup_sh("bench", broken=broken)
            self.assertEqual(done.returncode, 1)
            self.assertIn("no network", done.stderr)

    def test_an_unknown_section_is_refused(self):
        done, calls = self.setup_sh("biuld")
        self.assertEqual((done.returncode, calls), (2, []))
        self.assertIn("no section [biuld]", done.stderr)


if __name__ == "__main__":
    unittest.main()
