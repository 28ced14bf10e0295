# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on the wall clock, over a real driver (Modbus on TCP, libmodbus at the other end): what happened is in the record, dated, in order; and the
outputs end at their safe values whichever way the run ends. No time of this machine is judged but that nothing hangs."""
import pathlib
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "acceptance"))
import bench  # noqa: E402
from bench import check, check_contains, check_equal  # noqa: E402

HERE = pathlib.Path(__file__).parent
BOX = bench.BUILD / "relay_box"
SUITE = HERE / "relays.lua"


class Box:
    """The relay box: a process; every change of its coils, in order."""

    def __init__(self):
        self.process = subprocess.Popen([str(BOX)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.link = self.process.stdout.readline().strip()
        self.changes = []
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.changes.append(line.strip())

    def say(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    def await_change(self, change):
        end = time.monotonic() + bench.HANG_S
        while change not in self.changes and time.monotonic() < end:
            time.sleep(0.005)
        return check(change in self.changes, f"the box saw {self.changes}, expected {change} among them")

    def end(self):
        self.process.stdin.close()
        self.process.wait(bench.HANG_S)
        self.reader.join(bench.HANG_S)
        return self.changes

    def coils(self):
        """As they stand after all changes."""
        return dict(change.split("=") for change in self.changes)


def bench_file(box, name="wall", more=""):
    return bench.write(f"{name}.yaml", f"""pilotbench_bench: 1
name: relay box
clock: wall
instruments:
  box: {{driver: modbus, profile: '{HERE / "relays.yaml"}', link: '{box.link}', unit: 1}}
safe:
  - {{output: box.draw}}
  - {{output: box.s2, settle: 20 ms}}
  - {{output: box.mains}}
measuring: {{think_min: 10 ms, think_max: 20 ms}}
{more}""")


def statement():
    return bench.dut("bare", program=None)


def started(box, suite=SUITE, **words):
    return bench.Run(str(suite), bench=bench_file(box), dut=statement(), **words)


def test_a_run_over_a_real_protocol_is_judged_and_leaves_the_outputs_safe():
    box = Box()
    run = started(box).wait()
    check_equal(run.code, bench.EXIT_PASS, f"exit status of {run.command} ({run.err.strip()})")
    check_equal([(name, verdict) for name, verdict, _ in run.verdicts()],
                [("relays/1/not_closed_before_c", "pass"), ("relays/3/stays_closed", "pass")], "verdicts")
    check_equal(run.header().get("clock"), "wall", "clock in the header")
    box.end()
    check_equal(box.changes, ["0=1", "1=1", "1=0", "0=0"], "commands that reached the box")


def test_events_stand_between_the_actions_that_caused_them():
    box = Box()
    run = started(box).wait()
    box.end()
    rows = run.rows()
    actions = {(row.name, row.a): row.at_ns for row in rows if row.kind == "action" and row.text != "made safe"}
    poles = [(row.a, row.at_ns, row.d) for row in rows if row.kind == "event" and row.name == "contactor.0"]
    closed = [(at, u) for value, at, u in poles if value == 1]
    check(len(closed) == 1, f"the contactor closed {len(closed)} times by {poles}, expected once")
    opened = [(at, u) for value, at, u in poles if value == 0 and closed and at > closed[0][0]]
    check(len(opened) == 1, f"the contactor opened {len(opened)} times afterwards by {poles}, expected once")
    for at, u in closed:
        check(at + u > actions[("cp.load.s2", 1)], f"closed at {at} +- {u} ns, expected after S2 was closed at {actions[('cp.load.s2', 1)]} ns")
    for at, u in opened:
        check(at + u > actions[("cp.load.s2", 0)], f"opened at {at} +- {u} ns, expected after S2 was opened at {actions[('cp.load.s2', 0)]} ns")
    dates = [row.at_ns for row in rows if row.kind == "action"]
    check(dates == sorted(dates), f"actions dated {dates}, expected in order")


def test_a_contactor_that_falls_under_load_fails_its_check():
    box = Box()
    run = started(box)
    box.await_change("1=1")
    end = time.monotonic() + bench.HANG_S
    while not any(row.kind == "action" and row.name == "step" and row.text == "3" for row in run.rows()) and time.monotonic() < end:
        time.sleep(0.01)
    time.sleep(0.15)
    box.say("drop")
    run.wait()
    box.end()
    check_equal(run.code, bench.EXIT_FAIL, "exit status")
    check(("relays/3/stays_closed", "fail") in [(name, verdict) for name, verdict, _ in run.verdicts()],
          f"verdicts are {run.verdicts()}, expected relays/3/stays_closed to fail")


def test_an_emergency_stop_ends_the_run_and_makes_safe():
    box = Box()
    run = started(box)
    box.await_change("1=1")
    box.say("stop")
    run.wait()
    box.end()
    check_equal(run.code, bench.EXIT_INTERRUPTED, "exit status")
    check_contains(run.err, "emergency stop", "message")
    check_equal(box.coils(), {"0": "0", "1": "0"}, "coils at the end")


def test_nothing_is_energised_while_the_emergency_stop_is_open():
    box = Box()
    box.say("stop")
    time.sleep(0.1)
    run = started(box).wait()
    box.end()
    check(run.code in (bench.EXIT_INTERRUPTED, bench.EXIT_ERROR), f"exit status {run.code}, expected {bench.EXIT_INTERRUPTED}")
    check("0=1" not in box.changes, f"the box saw {box.changes}, expected no 0=1")


def test_killed_at_any_time_the_guardian_opens_the_relays():
    for moment_s in (0.0, 0.05, 0.2, 0.4):
        box = Box()
        run = started(box)
        box.await_change("1=1")
        time.sleep(moment_s)
        run.process.send_signal(signal.SIGKILL)
        end = time.monotonic() + bench.HANG_S
        while box.coils().get("0") != "0" and time.monotonic() < end:
            time.sleep(0.005)
        changes = box.end()
        check_equal(box.coils(), {"0": "0", "1": "0"}, f"coils after a SIGKILL {moment_s} s into the charge ({changes})")
        run.wait()
        check(run.path.exists(), "no run file after a SIGKILL, expected one")


def test_a_device_that_goes_away_is_a_bench_error_with_its_name():
    box = Box()
    run = started(box)
    box.await_change("1=1")
    box.process.kill()
    run.wait()
    check_equal(run.code, bench.EXIT_ERROR, f"exit status ({run.err.strip()})")
    check_contains(run.err, "box", "message")


def by_hand(box, deadline="30 s"):
    """The bench without its switch of the supply, and a suite that needs it: a person is asked."""
    text = bench_file(box).read_text()
    profile = bench.write("by_hand.profile.yaml", "".join(line for line in (HERE / "relays.yaml").read_text().splitlines(True) if "mains.switch" not in line))
    text = text.replace(str(HERE / "relays.yaml"), str(profile)).replace("  - {output: box.mains}\n", "")
    return bench.write("by_hand.yaml", text.replace("think_max: 20 ms", f"think_max: 20 ms, operator: {deadline}"))


def await_prompt(run):
    end = time.monotonic() + bench.HANG_S
    while "operator:" not in run.said[0].read_text() and time.monotonic() < end:
        time.sleep(0.01)


def test_a_person_is_asked_for_what_the_bench_cannot_do():
    box = Box()
    run = bench.Run(str(SUITE), bench=by_hand(box), dut=statement())
    await_prompt(run)
    box.say("on")
    box.await_change("0=1")
    told = bench.pilotbench("tell", run.path, "answer", "done")
    check_equal(told.code, 0, f"exit status of tell ({told.err.strip()})")
    run.wait()
    check_equal(run.code, bench.EXIT_PASS, f"exit status ({run.err.strip()})")
    asked = [row.text for row in run.rows("action") if row.name == "operator"]
    check(len(asked) == 1 and "supply" in asked[0], f"prompts in the record: {asked}, expected one for the supply")
    check_equal([row.name for row in run.rows("request")], ["answer"], "requests in the record")
    again = bench.pilotbench("tell", run.path, "answer", "done")
    check(again.code != 0, "an answer to a run that has ended exits 0, expected not")
    box.end()


def test_an_operator_who_cannot_or_does_not_answer_leaves_the_case_inconclusive():
    for deadline, answer in (("300 ms", None), ("30 s", "cannot: the socket is locked")):
        box = Box()
        run = bench.Run(str(SUITE), bench=by_hand(box, deadline), dut=statement())
        await_prompt(run)
        if answer:
            bench.pilotbench("tell", run.path, "answer", answer)
        run.wait()
        box.end()
        check_equal(run.code, bench.EXIT_INCONC, f"exit status ({run.err.strip()})")
        check_equal([verdict for _, verdict, _ in run.verdicts()], ["inconc", "inconc"], "verdicts")
        check_contains(run.case_verdicts()[0][2], answer or "nobody answered", "why the case is inconclusive")


def test_an_operator_on_simulated_time_is_refused():
    refused((bench.SOURCE / "fixtures/benches/virtual.yaml").read_text() + "measuring: {operator: 1 min}\n", "operator")


def refused(text, expected, dut=None, extra=()):
    path = bench.write("refused.yaml", text)
    done = bench.pilotbench("run", SUITE, "--bench", path, "--dut", dut or statement(), "--out", bench.FOLDER / "refused.pbrun", *extra)
    check_equal(done.code, bench.EXIT_INPUT, f"exit status ({done.err.strip()})")
    check_contains(done.err, expected, "message")


def test_a_bench_that_can_energise_without_an_emergency_stop_is_refused():
    box = Box()
    profile = bench.write("no_stop.yaml", "".join(line for line in (HERE / "relays.yaml").read_text().splitlines(True) if "role: estop" not in line))
    refused(bench_file(box).read_text().replace(str(HERE / "relays.yaml"), str(profile)), "no role estop")
    box.end()


def test_a_pace_or_a_program_as_device_is_refused_on_hardware():
    box = Box()
    text = bench_file(box).read_text()
    refused(text, "--speed", extra=("--speed", "2"))
    refused(text, "expected none: its clock is the wall's", dut=bench.dut("program"))
    refused(text.replace("clock: wall", "clock: simulated"), "which runs on the wall clock")
    box.end()


bench.main(globals())
