# SPDX-License-Identifier: GPL-3.0-or-later
"""SIGKILL of harness, world, DUT and guardian at seeded moments: nothing printed is lost, nothing is left energised or running.

A moment may fall before the victim exists (then it waits for the victim), or after its work is done (then another is drawn).
By the world's log, which the world writes itself and continues for 2 s after the harness has died:
- harness killed: the guardian commands all outputs, in the bench file's order, with its settle times on the wall clock;
- guardian killed: the harness does, DUT killed: the guardian when the harness asks; both settle on the bench clock;
- world killed: the outputs have died with it, and the harness must say so.
"""
import os
import pathlib
import random
import re
import signal
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "acceptance"))
import bench  # noqa: E402
from bench import check, check_equal  # noqa: E402

KILLS = 250 if bench.IS_SOAK else 25
FIRST_MS = 20            # issue 2: the first command
HANG_MS = 1000           # no single kill may take longer, however busy the machine
END_S = 5                # then no process of the run is left
FAST_S, LONG_S = 0.08, 3.0  # moments are drawn from these spans after exec
CHARGE = pathlib.Path(__file__).with_name("charge.lua")
MARK = "PB_KILL_TEST"    # environment variable that every process of a run inherits
NAMES = {"world": "pilotbench-worl", "dut": "stub-evse", "guardian": "pb-guardian"}
SET = re.compile(r"^(\d+) (\d+) (bench|guardian) set (\w+)=(-?\d+)$", re.M)
VERDICT = re.compile(r"^(pass|inconc|fail|error) +(\S+/\S+/\S+)", re.M)


def safe_order():
    """Outputs and their settle times in ms, as the bench file has them."""
    text = (bench.SOURCE / "fixtures/benches/virtual.yaml").read_text()
    return [(name, float(settle or 0)) for name, settle in re.findall(r"\{output: world\.(\w+)(?:, settle: (\d+) ms)?\}", text)]


ORDER = safe_order()
# Nothing is awaited after the last output.
SETTLE_MS = sum(settle for _, settle in ORDER[:-1])


# ---- processes ----

def name_and_parent(pid):
    try:
        name, rest = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)
    except OSError:
        return None, None
    return name.split("(", 1)[1], int(rest.split()[1]) if rest.split()[0] != "Z" else None


def children(pid):
    try:
        return [int(word) for word in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def find(victim, harness):
    """The victim's pid, or None while it is not there (or not yet what it will be: exec, or on guard)."""
    if victim == "harness":
        return harness
    for pid in children(harness):
        name = name_and_parent(pid)[0]
        if name == NAMES[victim]:
            return pid
        if victim == "dut" and name == NAMES["world"]:
            for grandchild in children(pid):
                if name_and_parent(grandchild)[0] == NAMES["dut"]:
                    return grandchild
    return None


def those_left(mark):
    """pid: name, of the processes of a run that still live, wherever they belong now."""
    left = {}
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={mark}".encode() in (entry / "environ").read_bytes().split(b"\0"):
                name, parent = name_and_parent(int(entry.name))
                if parent:
                    left[int(entry.name)] = name
        except OSError:  # it ended meanwhile, or is somebody else's
            continue
    return left


# ---- one kill ----

class Kill:
    def __init__(self, victim, number, is_long, draw):
        self.victim, self.is_long = victim, is_long
        self.mark = f"{os.getpid()}-{victim}-{number}-{draw.random()}"
        os.environ[MARK] = self.mark
        self.delay_s = draw.uniform(0, LONG_S if is_long else FAST_S)
        seed = draw.randrange(1 << 32)
        if is_long:
            self.run = bench.Run(str(CHARGE), seed=seed, bench=bench.bench("throughout", sample_throughout="true"))
        else:
            self.run = bench.Run("S1", "S1-diode", seed=seed)
        self.was_guarded = False
        self.at_ns = None  # of the kill; None: too late, the victim or its work had ended
        self.strike()

    def strike(self):
        harness = self.run.process.pid
        end = time.monotonic() + self.delay_s
        while time.monotonic() < end:
            time.sleep(max(0, min(0.001, end - time.monotonic())))
        pid = find(self.victim, harness)
        while pid is None and self.run.process.poll() is None:
            pid = find(self.victim, harness)
        if pid is None or self.run.process.poll() is not None:
            return
        self.was_guarded = find("guardian", harness) is not None
        at_ns = time.monotonic_ns()
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.at_ns = at_ns

    def what(self):
        return f"{self.victim} killed {self.delay_s * 1e3:.1f} ms after exec, {self.run.command}"

    # The rest is looked at when the process has ended.

    def is_too_late(self):
        """The run had done its work: the world had already been told the end."""
        if self.at_ns is None:
            return True
        return self.run.code == bench.EXIT_PASS

    def sets(self):
        """[(wall ns, who, output, value)]"""
        return [(int(wall), who, output, int(value)) for wall, _, who, output, value in SET.findall(self.run.log())]

    def commands(self):
        """Where in sets() all outputs are commanded in order, the last of them after the kill (which may come while a case is being
        made safe anyway); None: nowhere."""
        sets, wanted = self.sets(), [name for name, _ in ORDER]
        for first in range(len(sets)):
            part = sets[first:first + len(wanted)]
            if part[-1][0] >= self.at_ns and [output for _, _, output, _ in part] == wanted and not any(value for *_, value in part):
                return first
        return None

    def first_and_last_ms(self):
        first = self.commands()
        sets = self.sets()
        if first is None or sets[first][0] < self.at_ns:
            return None
        return tuple((sets[i][0] - self.at_ns) / 1e6 for i in (first, first + len(ORDER) - 1))

    def was_energised(self):
        """By the log: some output was other than harmless when the kill came."""
        values = {}
        for wall, _, output, value in self.sets():
            if wall < self.at_ns:
                values[output] = value
        return any(values.values())


def check_outputs(kill):
    sets = kill.sets()
    if kill.victim == "world":
        return
    if kill.was_energised():
        check(kill.commands() is not None, f"{kill.what()}: outputs were on and were not all commanded after it, in order: {sets}")
    elif kill.victim == "harness" and kill.was_guarded and "running on" in kill.run.log() and sets:
        wanted = [(name, 0) for name, _ in ORDER]
        check_equal([row[2:] for row in sets[-len(ORDER):]], wanted, f"{kill.what()}: the last commands")
    if kill.commands() is not None:
        sources = {who for _, who, _, _ in sets[kill.commands():]}
        check(sources == {"bench" if kill.victim == "guardian" else "guardian"} or kill.victim == "guardian",
              f"{kill.what()}: commanded by {sources}")
    log = kill.run.log()
    if " slave " in log:  # it was up; else there was nothing to leave
        bench.check_safe(kill.run)


def check_words(kill):
    """Exit status and reason."""
    if kill.victim == "harness":
        check_equal(kill.run.code, -signal.SIGKILL, f"{kill.what()}: exit status")
        return
    check_equal(kill.run.code, bench.EXIT_ERROR, f"{kill.what()}: exit status, said {kill.run.err.strip()[-300:]!r}")
    lines = [line for line in kill.run.err.splitlines() if line.startswith("pilotbench: ")]
    known = {"world": "world", "dut": "slave 0 (evse)", "guardian": "guardian"}[kill.victim]
    check(len(lines) == 1 and known in lines[0], f"{kill.what()}: said {kill.run.err!r}, expected one line that names {known!r}")


def check_file(kill):
    printed = [(verdict, name) for verdict, name in VERDICT.findall(kill.run.out)]
    of = kill.run
    if kill.victim == "harness" and " slave " not in of.log():
        check(not printed, f"{kill.what()}: verdicts before there was a DUT")
        if not of.path.exists() or bench.pilotbench("verify", of.path).code == bench.EXIT_INPUT:
            return  # it died before its record began
    verdicts = [(verdict, name) for name, verdict, _ in of.verdicts()]
    missing = [row for row in printed if row not in verdicts]
    check(not missing, f"{kill.what()}: printed, but not in the record: {missing}")
    check_equal(verdicts[:len(printed)], printed, f"{kill.what()}: verdicts of the record, those that were printed")
    # A harness may be killed while it prints the table of a record that it has closed.
    is_closed = kill.victim != "harness" or any(row.kind == "close" for row in of.rows()[-1:])
    if is_closed and kill.victim == "harness":
        bench.check_contains(of.log(), " world left ", f"{kill.what()}: closed, so the world had been ended")
    bench.check_record(of, is_closed=is_closed)


def kill_one(victim, number, draw):
    """Strikes; drawn again when it came too late."""
    for _ in range(20):
        kill = Kill(victim, number, number % 2 == 1, draw)
        kill.run.wait(30)
        if not kill.is_too_late():
            return kill
        kill.run.forget()
    check(False, f"{victim}: 20 moments were all too late")
    return None


def print_figures(victim, kills):
    measured = [both for both in (kill.first_and_last_ms() for kill in kills) if both]
    energised = sum(kill.was_energised() for kill in kills)
    if not measured:
        print(f"    {victim}: {len(kills)} kills, {energised} of them energised")
        return measured
    first, last = ([pair[i] for pair in measured] for i in (0, 1))
    within = sum(value <= FIRST_MS for value in first)
    print(f"    {victim}: {len(kills)} kills, {energised} of them energised; first command after {statistics.median(first):.2f} ms "
          f"(median), {max(first):.2f} ms (max), {within} of {len(first)} within {FIRST_MS} ms; "
          f"last after {statistics.median(last):.2f} ms (median), {max(last):.2f} ms (max)")
    return measured


def kill_many(victim):
    draw = random.Random(f"pilotbench kill {victim}")
    kills = [kill for kill in (kill_one(victim, number, draw) for number in range(KILLS)) if kill]
    check_equal(len(kills), KILLS, f"{victim}: kills in time")
    if not kills:
        return
    left = kills[-1].at_ns / 1e9 + END_S - time.monotonic()
    if left > 0:
        time.sleep(left)
    for kill in kills:
        still = those_left(kill.mark)
        check(not still, f"{kill.what()}: still there after {END_S} s: {still}")
    for kill in kills:
        check_words(kill)
        check_outputs(kill)
        check_file(kill)
    measured = print_figures(victim, kills)
    energised = sum(kill.was_energised() for kill in kills)
    check(energised >= KILLS // 3, f"{victim}: {energised} of {KILLS} moments found outputs on, expected a third or more")
    if victim == "world":
        return
    first, last = ([pair[i] for pair in measured] for i in (0, 1))
    check(max(last) <= HANG_MS, f"{victim}: last command after {max(last):.0f} ms, expected {HANG_MS} ms or less of any kill")
    if bench.IS_SANITIZED:
        return
    check(statistics.median(first) <= FIRST_MS, f"{victim}: first command after {statistics.median(first):.2f} ms, expected {FIRST_MS} ms or less")
    check(statistics.median(last) <= FIRST_MS + SETTLE_MS,
          f"{victim}: last command after {statistics.median(last):.2f} ms, expected {FIRST_MS + SETTLE_MS} ms or less")


def test_killing_the_harness_leaves_every_output_safe():
    kill_many("harness")


def test_killing_the_guardian_leaves_every_output_safe():
    kill_many("guardian")


def test_killing_the_dut_leaves_every_output_safe():
    kill_many("dut")


def test_killing_the_world_ends_the_run_with_the_reason():
    kill_many("world")


if not os.path.exists("/proc/self/task"):
    print("no /proc here: processes cannot be looked for")
    sys.exit(77)
bench.main(globals())
