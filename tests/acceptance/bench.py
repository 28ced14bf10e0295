# SPDX-License-Identifier: GPL-3.0-or-later
"""Shared by the acceptance tests: runs pilotbench as a user does and looks at what it leaves behind from outside.

The record is read through sqlite3 and never through our own reader. A test file defines test_... functions, each of which
calls check() at least once, and ends with main(globals()). Every run that a file makes is verified and judged again at its end.
Environment: PB_BUILD (build folder, default build/), PB_SOAK=1 (long counts), PB_SANITIZE (set: the build is
slowed by a sanitizer), PB_SCHEMAS (folder of junit-10.xsd).
"""
import atexit
import collections
import concurrent.futures
import functools
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import traceback

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("PB_BUILD") or SOURCE / "build").resolve()
IS_SOAK = os.environ.get("PB_SOAK") == "1"
IS_SANITIZED = bool(os.environ.get("PB_SANITIZE"))  # its times say nothing of the program's
PROGRAM = BUILD / "pilotbench"
STUB = BUILD / "stub-evse"
STRANGER = BUILD / "tests" / "world_test_dut"  # the small DUT of tests/world: good, and many ways of being bad
SILENT = SOURCE / "tests" / "acceptance" / "silent_dut.py"

VERDICTS = ["none", "pass", "inconc", "fail", "error"]
EXIT_PASS, EXIT_FAIL, EXIT_INPUT, EXIT_INCONC, EXIT_ERROR, EXIT_INTERRUPTED = 0, 1, 2, 3, 4, 130
HANG_S = 240  # a program that is not done by then hangs; no test asserts less
LINE = re.compile(r"^verdict: (\w+) cases=(\d+) judged=(\d+) passed=(\d+) failed=(\d+) inconc=(\d+) error=(\d+) "
                  r"played=(\d+) not_observable=(\d+) not_run=(\d+)( .*)?$")
OUTPUTS = ["draw", "residual", "s2", "mains", "cp_short", "diode_short", "plug", "pe_break", "no_vent"]

FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="pbacc-"))  # short: the control socket's path must fit


class Skip(Exception):
    """This machine lacks something; the text says what."""


class Checks:
    count = 0
    failures = 0


def check(is_right, what):
    """what: a sentence with the values seen and expected, with their units."""
    Checks.count += 1
    if is_right:
        return True
    Checks.failures += 1
    if Checks.failures <= 20:
        print(f"    not so: {what}", flush=True)
    return False


LONGEST_TOLD = 400


def check_equal(actual, expected, what, unit=""):
    unit = f" {unit}" if unit else ""
    if isinstance(actual, str) and isinstance(expected, str) and max(len(actual), len(expected)) > LONGEST_TOLD:
        at = next((i for i, pair in enumerate(zip(actual, expected)) if pair[0] != pair[1]), min(len(actual), len(expected)))
        begin = max(0, at - LONGEST_TOLD // 4)
        said, wanted = actual[begin:at + LONGEST_TOLD // 2], expected[begin:at + LONGEST_TOLD // 2]
        return check(actual == expected, f"{what}: from character {at} on it is ...{said!r}..., expected ...{wanted!r}...")
    return check(actual == expected, f"{what}: is {actual!r}{unit}, expected {expected!r}{unit}")


def check_contains(text, part, what):
    return check(part in text, f"{what}: {text.strip()[-600:]!r} holds no {part!r}")


# ---- inputs: variants of the fixtures ----

def write(name, text):
    path = FOLDER / name
    path.write_text(text)
    return path


def dut(name="dut", program=STUB, args=(), amps=16, actors=("evse",), rated_arg=True):
    """A DUT statement; program None: no process. The stub gets its current switch from amps."""
    lines = ["pilotbench_dut: 1", f"name: {name}", f"actors: [{', '.join(actors)}]"]
    if program is not None:
        words = [str(program)] + (["--rated-current", str(amps)] if program == STUB and rated_arg else []) + list(args)
        lines.append("process: [" + ", ".join('"%s"' % word for word in words) + "]")
    lines += ["ics:", f"  rated_current: {amps} A", "  console_stop: true", "ixit:", "  power_up: 2 s", "  pwm_start: 5 s", ""]
    return write(f"{name}.yaml", "\n".join(lines))


@functools.cache
def fixture_dut(base="stub-evse", args=(), amps=16):
    """A statement of fixtures/duts with this build's stub, more arguments, and another current switch (its ICS stay: see --set)."""
    text = (SOURCE / "fixtures/duts" / f"{base}.yaml").read_text()
    process = re.search(r'^process: \[stub-evse, --rated-current, "16"(.*)\]$', text, re.MULTILINE)
    assert process, f"fixtures/duts/{base}.yaml has another form than this test knows"
    words = "".join(f', "{word}"' for word in args)
    line = f'process: [{STUB}, --rated-current, "{amps}"{process.group(1)}{words}]'
    return write("-".join((base, str(amps)) + tuple(args)) + ".yaml", text.replace(process.group(0), line))


@functools.cache  # a run that begins must not find the file half written
def peer_dut(base, args=()):
    """A statement of fixtures/duts with this build's stubs, and more arguments for the last of them ("esci": stub-esci.yaml)."""
    text = (SOURCE / "fixtures/duts" / f"stub-{base}.yaml").read_text()
    text = re.sub(r"\[(stub-\w+)", lambda found: f"[{BUILD / found.group(1)}", text)
    at = text.rindex("]", 0, text.index("\nics:"))
    text = text[:at] + "".join(f', "{word}"' for word in args) + text[at:]
    return write("-".join(("peer", base) + tuple(args)) + ".yaml", text)


def bench(name="bench", measuring=None, **world):
    """The virtual bench with other parameters: bench(noise="2 mV", measuring={"charger": "32 A"})."""
    text = (SOURCE / "fixtures/benches/virtual.yaml").read_text()
    before = "world: {driver: virtual"
    assert before in text, "fixtures/benches/virtual.yaml has another form than this test knows"
    text = text.replace(before, before + "".join(f", {key}: {value}" for key, value in world.items()))
    if measuring:
        text += "measuring:\n" + "".join(f"  {key}: {value}\n" for key, value in measuring.items())
    return write(f"{name}.yaml", text)


def charge(lasts_s):
    """A suite: steady charge for so long, and a case after it."""
    text = (SOURCE / "tests/acceptance/charge.lua").read_text()
    return str(write(f"charge-{lasts_s}.lua", text.replace("LASTS)", f"{lasts_s})")))


# ---- running ----

def environment():
    return dict(os.environ, PB_DATA=str(SOURCE), LC_ALL="C.UTF-8")


Row = collections.namedtuple("Row", "seq at_ns kind case_no step_no check_no name a b c d text hash")
Done = collections.namedtuple("Done", "code out err")


class Run:
    """A run of pilotbench, in progress or ended."""
    all = []
    making = threading.RLock()  # for each(): a run is numbered, made and forgotten by one thread at a time

    def __init__(self, *cases, seed=1, dut=None, bench=None, sets=(), extra=(), program=PROGRAM):
        self.path = FOLDER / f"r{len(Run.all)}.pbrun"
        self.log_path = pathlib.Path(f"{self.path}.world.log")
        self.seed = seed
        command = [str(program), "run", *cases, "--seed", str(seed), "--out", str(self.path)]
        command += ["--dut", str(dut)] if dut else []
        command += ["--bench", str(bench)] if bench else []
        command += [word for value in sets for word in ("--set", value)] + list(extra)
        self.command = " ".join(command)
        # Into files: the world outlives a killed harness and would keep a pipe open.
        self.said = [pathlib.Path(f"{self.path}.out"), pathlib.Path(f"{self.path}.err")]
        with open(self.said[0], "w", encoding="utf-8") as out, open(self.said[1], "w", encoding="utf-8") as err:
            self.process = subprocess.Popen(command, stdout=out, stderr=err, stdin=subprocess.DEVNULL, env=environment(), start_new_session=True)
        Run.all.append(self)
        self.code = self.out = self.err = None

    def wait(self, within_s=HANG_S):
        """Ends it by force when it hangs, and says so."""
        try:
            self.process.wait(timeout=within_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            check(False, f"{self.command}: still runs after {within_s} s of wall time, expected an end")
        self.out, self.err = (path.read_text(encoding="utf-8") for path in self.said)
        self.code = self.process.returncode
        return self

    @property
    def line(self):
        lines = self.out.splitlines()
        return lines[-1] if lines else ""

    @property
    def verdict(self):
        """The last line as a dict; {} when it has not the form."""
        match = LINE.match(self.line)
        if not match:
            return {}
        names = ["cases", "judged", "passed", "failed", "inconc", "error", "played", "not_observable", "not_run"]
        return dict(zip(names, map(int, match.groups()[1:10])), verdict=match.group(1))

    def rows(self, kind=None):
        """Of the log, read from copies as the manual says."""
        with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
            for path in (self.path, pathlib.Path(f"{self.path}-wal")):
                if path.exists():
                    shutil.copy(path, folder)
            with connect(pathlib.Path(folder) / self.path.name) as database:
                return [Row(*row) for row in database.execute(
                    "SELECT * FROM log WHERE ?1 IS NULL OR kind = ?1 ORDER BY seq", (kind,))]

    def header(self):
        with connect(self.path) as database:
            return dict(database.execute("SELECT key, value FROM header"))

    def verdicts(self):
        """[(check id, verdict's name, reason)] in the order of the record; cases' own verdicts left out."""
        return [(row.name, VERDICTS[row.a], row.text) for row in self.rows("verdict") if row.check_no]

    def case_verdicts(self):
        return [(row.name, VERDICTS[row.a], row.text) for row in self.rows("verdict") if not row.check_no]

    def log(self):
        return self.log_path.read_text() if self.log_path.exists() else ""

    def wait_for_log(self, text, within_s=HANG_S):
        """Until the world's log holds the text; False when the run ended before."""
        end = time.monotonic() + within_s
        while text not in self.log():
            if self.process.poll() is not None or time.monotonic() > end:
                return False
            time.sleep(0.002)
        return True

    def wait_for_end_of_world(self, within_s=30):
        """The world outlives a killed harness by 2 s and then says how it left things."""
        end = time.monotonic() + within_s
        while " world left " not in self.log() and time.monotonic() < end:
            time.sleep(0.01)
        return " world left " in self.log()

    def forget(self):
        """Frees the room; it is not judged again at the end."""
        Run.all[Run.all.index(self)] = None  # keeps the count, of which the names are made
        for path in FOLDER.glob(self.path.name + "*"):
            path.unlink()


class connect:
    """A database that is closed at the end of the with, which sqlite3's own is not."""

    def __init__(self, path):
        self.database = sqlite3.connect(path, isolation_level=None)

    def __enter__(self):
        return self.database

    def __exit__(self, *_):
        self.database.close()


def run(*cases, **options):
    return Run(*(cases or ("S1", "S1-diode")), **options).wait()


# A check whose message came, but not the one of another step that it is to be compared with: the other check fails, and is the one that says why.
LACKS_OTHER = re.compile(r"cannot be said: .* what it is to be .* is not, ")


def first_failures(of):
    """{case: (check, its verdict, reason)}, the first that did not pass by the order of the record; what an other one's failing makes unsayable is none."""
    first = {}
    for row in of.rows("verdict"):
        is_passed_over = VERDICTS[row.a] == "inconc" and LACKS_OTHER.match(row.text)
        if row.check_no and VERDICTS[row.a] != "pass" and not is_passed_over:
            first.setdefault(row.name.split("/")[0], (row.name, VERDICTS[row.a], row.text))
    return first


def each(function, jobs):
    """What the function makes of each tuple of arguments, as many at a time as there are processors."""
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        return list(pool.map(lambda job: function(*job), jobs))


def pilotbench(*words, program=PROGRAM):
    done = subprocess.run([str(program), *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                          text=True, errors="replace", env=environment(), timeout=HANG_S, check=False)
    return Done(done.returncode, done.stdout, done.stderr)


# ---- what any run must hold ----

def check_last_line(of, **expected):
    found = of.verdict
    if not check(bool(found), f"seed {of.seed}: the last line is {of.line!r}, expected the form of `verdict: V cases=N ...`; "
                 f"on standard error: {of.err.strip()[-300:]!r}"):
        return
    planned = found["passed"] + found["failed"] + found["inconc"] + found["error"]
    check_equal(planned, len(of.rows("check")), f"{of.line}: passed + failed + inconc + error", "planned checks")
    for name, value in expected.items():
        check_equal(found[name], value, f"seed {of.seed}, {of.line}: {name}")


def check_code(of, expected):
    return check_equal(of.code, expected, f"seed {of.seed}: exit status of {of.command} (said {of.err.strip()[-300:]!r})")


def check_record(of, is_closed=True, programs=(PROGRAM,)):
    """verify and rejudge, by one or more builds of the program."""
    for program in programs:
        done = pilotbench("verify", of.path, program=program)
        check_equal(done.code, 0, f"exit status of verify {of.path} ({(done.out + done.err).strip()})")
        check_contains(done.out, ", closed" if is_closed else "not closed", "verify")
        done = pilotbench("rejudge", of.path, program=program)
        check_equal(done.code, 0, f"exit status of rejudge {of.path} ({(done.out + done.err).strip()})")
        check_contains(done.out, ", 0 differ;", "rejudge")


def check_safe(of):
    """By the world's log: each output was given its harmless value after it was last given another, and was left so."""
    log = of.log()
    left = [line for line in log.splitlines() if " world left " in line]
    if not check(len(left) == 1, f"{of.command}: {len(left)} lines `world left` in the log, expected 1: {log[-400:]!r}"):
        return
    values = dict(re.findall(r"(\w+)=(-?\d+)", left[0]))
    for name in OUTPUTS:
        check_equal(values.get(name), "0", f"{of.command}: {name} as the world was left")
    for pole in (key for key in values if key.startswith("pole")):
        check_equal(values[pole], "0", f"{of.command}: {pole} as the world was left")


def test_every_run_of_this_file_is_judged_again_to_equal_bits():
    """Added to each file by main(): killed runs too."""
    runs = [of for of in Run.all if of and of.path.exists()]
    if not runs:
        raise Skip("this file has looked at all its runs itself")
    for first in range(0, len(runs), 100):
        paths = [of.path for of in runs[first:first + 100]]
        done = pilotbench("rejudge", *paths)
        lines = dict(line.split(": ", 1) for line in done.out.splitlines() if ": " in line)
        for path in paths:
            check_contains(lines.get(str(path), done.err or "(nothing)"), " 0 differ;", f"rejudge of {path}")
        done = pilotbench("verify", *paths)
        check_equal(done.code, 0, f"exit status of verify of {len(paths)} runs ({done.err.strip()[-300:]})")
        check_equal(done.out.count(" rows as written"), len(paths), "runs that verify found as written", "runs")


# ---- the runner: lines as cmocka prints them, so that tools/test_summary.py counts each test ----

def run_one(name, function):
    """"ok", "failed" or "skipped"."""
    Checks.count = Checks.failures = 0
    print(f"[ RUN      ] {name}", flush=True)
    begun = time.monotonic()
    try:
        function()
        if not Checks.count:
            print("    it has checked nothing")
            Checks.failures = 1
    except Skip as reason:
        if not Checks.failures:
            print(f"    {reason}\n[  SKIPPED ] {name}", flush=True)
            return "skipped"
    except Exception:  # a test that breaks has failed; the others still run
        traceback.print_exc(file=sys.stdout)
        Checks.failures += 1
    word = "[  FAILED  ]" if Checks.failures else "[       OK ]"
    print(f"    {Checks.count} things checked, {Checks.failures} not so, {time.monotonic() - begun:.1f} s\n{word} {name}", flush=True)
    return "failed" if Checks.failures else "ok"


def end_those_left():
    for of in Run.all:
        if of and of.process.poll() is None:
            of.process.kill()
            of.process.wait()


def main(names):
    """Runs the tests of a file, or those named on the command line. Exit status 77: skipped, all of them."""
    for program in (PROGRAM, STUB, BUILD / "pilotbench-world"):
        if not program.exists():
            sys.exit(f"{program} is not there: build first, or set PB_BUILD")
    tests = {name: value for name, value in names.items() if name.startswith("test_") and callable(value)}
    closing = test_every_run_of_this_file_is_judged_again_to_equal_bits
    chosen = sys.argv[1:] or list(tests)
    atexit.register(end_those_left)
    results = [run_one(name, tests[name]) for name in chosen] + [run_one(closing.__name__, closing)]
    failed = results.count("failed")
    print(f"{results.count('ok')} passed, {failed} failed, {results.count('skipped')} skipped")
    if failed:
        end_those_left()
        print(f"what the tests left is in {FOLDER}")
        sys.exit(1)
    shutil.rmtree(FOLDER, ignore_errors=True)
    sys.exit(77 if results[:-1].count("skipped") == len(chosen) else 0)
