#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""make bench: measures what the issues put a limit on, each against a reference of the same run.

Usage: tools/bench.py [--pairs N] [ROW ...]. Writes BUILD/bench.json (PB_BUILD, default build/) and prints a table.
A row of ROWS is one function that takes the number of pairs and yields (value, reference value) pairs, taken in turn, ours and the
reference's; its medians are reported. Everything runs on one core. docs/benchmarks.md says how to read it.
A limit that is missed is a note: the exit status tells only whether everything could be measured.
"""
import argparse
import collections
import json
import os
import pathlib
import re
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[1]
BUILD = pathlib.Path(os.environ.get("PB_BUILD") or SOURCE / "build").resolve()
PROGRAM = BUILD / "pilotbench"
PYTHON = "/usr/bin/python3"  # Debian's: a newer one may stand before it in the path
PATIENCE_S = 120
VM_PATIENCE_S = 400
CORES = os.sched_getaffinity(0)
STEPS = 1000

Row = collections.namedtuple("Row", "name unit reference limit met measure")
FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="pb-bench-"))
used = 0


class CannotMeasure(Exception):
    pass


# ---- programs and inputs ----

def new_path(ending):
    global used
    used += 1
    return FOLDER / f"{used}{ending}"


def write(name, text):
    path = FOLDER / name
    path.write_text(text)
    return path


def spawn(words, out=subprocess.DEVNULL):
    return subprocess.Popen([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.PIPE, cwd=FOLDER,
                            env=dict(os.environ, PB_DATA=str(SOURCE), PYTHONDONTWRITEBYTECODE="1"))


def seconds(words, codes=(0,)):
    """Wall time from exec to exit."""
    begun = time.monotonic()
    process = spawn(words)
    _, error = process.communicate(timeout=PATIENCE_S)
    taken = time.monotonic() - begun
    if process.returncode not in codes:
        raise CannotMeasure(f"{' '.join(map(str, words))}: exit status {process.returncode}: {error.decode(errors='replace').strip()[-300:]}")
    return taken


def run_words(suite, *more):
    path = new_path(".pbrun")
    return path, [PROGRAM, "run", suite, "--out", path, *more]


def forget(path):
    for file in FOLDER.glob(path.name + "*"):
        file.unlink()


def charge_suite(name, lasts):
    """Issue 2's S1 half: connect, PWM, a steady charge, stop, unplug."""
    return write(name, f'''
use_case "charge" {{
  title = "Steady charge of {lasts}", source = "none: made by tools/bench.py", needs = {{ "cp", "coupler", "mains", "contactor" }},
  step {{ id = "1", actor = customer, evidence = "added", text = "switches the mains on", does = mains.on(), sees = pilot.level(12),
         of = evse, within = ixit.power_up }},
  step {{ id = "2", actor = customer, evidence = "added", text = "plugs in", does = coupler.insert(),
         sees = {{ pilot.level(9), pilot.pwm {{ duty = duty_for(ics.rated_current) }} }}, of = {{ evse, pev }}, within = ixit.pwm_start }},
  step {{ id = "3", actor = pev, evidence = "added", text = "reads the rate", does = vehicle.take_rate() }},
  step {{ id = "4", actor = pev, evidence = "added", text = "charges", does = vehicle.ready(),
         sees = {{ pilot.level(6), contactor.closes(6) }}, of = {{ evse, pev }}, within = limit "time.plug_to_b", lasts = {lasts} }},
  step {{ id = "5", actor = pev, evidence = "added", text = "stops", does = vehicle.not_ready(), sees = contactor.opens(6), of = evse }},
  step {{ id = "6", actor = customer, evidence = "added", text = "unplugs", does = coupler.remove(), sees = pilot.state "A1", of = evse,
         within = limit "time.a2_to_a1" }},
}}
''')


def steps_suite(count):
    """Judged steps that ask nothing of the bench: no time passes in them."""
    steps = "".join(f'''  step {{ id = "{i}", actor = pev, evidence = "added", text = "nothing happens", sees = contactor.not_closed_before(6), of = evse }},
''' for i in range(1, count + 1))
    return write(f"steps{count}.lua", f'''
use_case "many" {{ title = "{count} judged steps", source = "none: made by tools/bench.py", needs = {{ "cp", "contactor" }},
{steps}}}
''')


def first_step_suite():
    return write("first.lua", '''
use_case "first" { title = "One played step", source = "none: made by tools/bench.py", needs = { "mains" },
  step { id = "1", actor = customer, evidence = "added", text = "switches the mains on", does = mains.on() },
}
''')


def wait_for_log(path, text, process):
    log = pathlib.Path(f"{path}.world.log")
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if log.exists() and text in log.read_text():
            return
        if process.poll() is not None:
            raise CannotMeasure(f"the run ended before `{text}`: {process.stderr.read().decode(errors='replace').strip()}")
        time.sleep(0.005)
    raise CannotMeasure(f"no `{text}` in {log} within {PATIENCE_S} s")


# ---- rows ----

def sim_speed(pairs):
    suite = charge_suite("long.lua", "s(50400)")
    for _ in range(pairs):
        path, words = run_words(suite)
        taken = seconds(words)
        with sqlite3.connect(path) as database:
            simulated = database.execute("SELECT max(at_ns) FROM log").fetchone()[0] / 1e9
        forget(path)
        yield simulated / taken, 1.0


def step_overhead(pairs):
    many, one = steps_suite(STEPS), steps_suite(1)
    tests = {count: write(f"test_{count}.py", "".join(f"def test_{i}():\n    pass\n\n\n" for i in range(count))) for count in (STEPS, 1)}

    def ours(suite):
        path, words = run_words(suite, "--junit", FOLDER / "ours.xml")
        taken = seconds(words)
        forget(path)
        return taken

    def theirs(count):
        return seconds([PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml", FOLDER / "theirs.xml", tests[count]])

    for _ in range(pairs):
        us = (ours(many) - ours(one)) / (STEPS - 1) * 1e6
        yield us, (theirs(STEPS) - theirs(1)) / (STEPS - 1) * 1e6


def start_up(pairs):
    suite = first_step_suite()
    for _ in range(pairs * 3):  # short: more of them cost little
        path, words = run_words(suite)
        begun_ns = time.monotonic_ns()
        seconds(words, codes=(0, 3))  # 3: it judges nothing
        line = re.search(r"^(\d+) \d+ bench set mains=1$", pathlib.Path(f"{path}.world.log").read_text(), re.M)
        forget(path)
        if not line:
            raise CannotMeasure("the world's log does not show the first step")
        yield (int(line.group(1)) - begun_ns) / 1e6, seconds([PYTHON, "-c", "pass"]) * 1e3


def record_rate(pairs):
    """The program takes the pairs in turn itself."""
    done = subprocess.run([BUILD / "bench_record", "--verbose", BUILD, str(pairs)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=PATIENCE_S, check=False)
    if done.returncode != 0:
        raise CannotMeasure(done.stderr.strip())
    for line in re.findall(r"^ *(\d+) +(\d+) rows/s", done.stderr, re.M):
        yield float(line[0]), float(line[1])


def guardian_shots(pairs):
    """(first ms, last ms, reference ms). A shot waits for the end of the world that it orphans, which keeps the core."""
    suite = charge_suite("charging.lua", "s(360000)")
    bench = write("bench.yaml", (SOURCE / "fixtures/benches/virtual.yaml").read_text().replace(
        "driver: virtual", "driver: virtual, sample_throughout: true"))
    for _ in range(pairs):
        path, words = run_words(suite, "--bench", bench)
        process = spawn(words)
        try:
            wait_for_log(path, "bench set s2=1", process)
            time.sleep(0.2)  # into the steady charge
            killed_ns = time.monotonic_ns()
            process.send_signal(signal.SIGKILL)
            process.wait(PATIENCE_S)
            log, end = pathlib.Path(f"{path}.world.log"), time.monotonic() + PATIENCE_S
            while " world left " not in log.read_text() and time.monotonic() < end:
                time.sleep(0.02)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            process.stderr.close()
        lines = [int(ns) for ns in re.findall(r"^(\d+) \d+ guardian set ", log.read_text(), re.M) if int(ns) >= killed_ns]
        forget(path)
        if not lines:
            raise CannotMeasure("the guardian commanded nothing")
        bare = subprocess.run([BUILD / "bench_kill"], stdout=subprocess.PIPE, text=True, timeout=PATIENCE_S, check=True)
        yield (lines[0] - killed_ns) / 1e6, (lines[-1] - killed_ns) / 1e6, float(bare.stdout) / 1e6


shots = []


def guardian_latency(which, pairs):
    if not shots:
        shots.extend(guardian_shots(pairs))
    for shot in shots:
        yield shot[which], shot[2]


def dashboard(what, pairs):
    """Offscreen: needs no display, and what the window system costs is in the reference anyway."""
    program = BUILD / "tests" / "bench_dashboard"
    if not program.exists():
        raise CannotMeasure("not built: it needs libsdl2-dev and libsdl2-ttf-dev")
    done = subprocess.run([program, what, str(pairs)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=PATIENCE_S, check=False,
                          env=dict(os.environ, SDL_VIDEODRIVER="offscreen"))
    if done.returncode != 0:
        raise CannotMeasure(done.stderr.strip())
    for line in done.stdout.splitlines():
        yield tuple(float(word) for word in line.split())


BARE_WINDOW = "clear and present of the same window"
def modbus_rate(pairs):
    """The program takes the pairs in turn itself; they are short, so more of them cost little."""
    done = subprocess.run([BUILD / "bench_modbus", str(pairs * 3)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=PATIENCE_S,
                          check=False)
    if done.returncode != 0:
        raise CannotMeasure(done.stderr.strip())
    for line in done.stdout.splitlines():
        own, bare = line.split()
        yield float(own), float(bare)


def message_rate(pairs):
    """The program takes the pairs in turn itself."""
    done = subprocess.run([BUILD / "bench_messages", str(pairs)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=PATIENCE_S,
                          check=False)
    if done.returncode != 0:
        raise CannotMeasure(done.stderr.strip())
    for line in done.stdout.splitlines():
        own, bare = line.split()
        yield float(own), float(bare)


def reaction(pairs):
    """The program takes the pairs in turn itself; at least 15."""
    path = new_path(".pbrun")
    done = subprocess.run([BUILD / "bench_reaction", path, str(max(15, pairs))], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=PATIENCE_S, check=False)
    forget(path)
    if done.returncode != 0:
        raise CannotMeasure(done.stderr.strip())
    for line in done.stdout.splitlines():
        own, bare = line.split()
        yield float(own), float(bare)


def comedi_stream(pairs):
    """The program takes the pairs in turn itself, both in one virtual machine, which has all cores."""
    sys.path.insert(0, str(SOURCE / "tests/kernel"))
    import vm
    pinned = os.sched_getaffinity(0)
    os.sched_setaffinity(0, CORES)
    try:
        result = vm.run(vm.prepare(BUILD), [vm.Job("bench", f"{BUILD}/tests/bench_comedi_stream {pairs}", VM_PATIENCE_S)], VM_PATIENCE_S)[0]
    except (vm.CannotRun, vm.Broken) as reason:
        raise CannotMeasure(str(reason)) from reason
    finally:
        os.sched_setaffinity(0, pinned)
    if result.status != 0:
        raise CannotMeasure(result.output)
    taken = [[float(word) for word in line.split()] for line in result.output.splitlines()]
    if taken[-1][2] != 0:
        raise CannotMeasure(f"{taken[-1][2]:.0f} samples were lost")
    for value, reference, _ in taken:
        yield value, reference


def synthesis_throughput(pairs):
    """The program takes the pairs in turn itself; they are short, so more of them cost little."""
    done = subprocess.run([BUILD / "bench_synth", str(pairs * 3)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=PATIENCE_S,
                          check=False)
    if done.returncode != 0:
        raise CannotMeasure(done.stderr.strip())
    for line in done.stdout.splitlines():
        own, bare = line.split()
        yield float(own), float(bare)


def analyser(row, pairs):
    """The program takes the pairs in turn itself; they are short, so more of them cost little."""
    done = subprocess.run([BUILD / "bench_analyser", row, str(pairs * 3)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=PATIENCE_S, check=False)
    if done.returncode != 0:
        raise CannotMeasure(done.stderr.strip())
    for line in done.stdout.splitlines():
        own, bare = line.split()
        yield float(own), float(bare)


def analyse_vs_sigrok(pairs):
    """sigrok-cli on 5 s of the same signal as logic, less what it takes for the first 20 ms of it."""
    whole, short = new_path(".bin"), new_path(".bin")
    subprocess.run([BUILD / "bench_analyser", "signal", whole], timeout=PATIENCE_S, check=True)
    short.write_bytes(whole.read_bytes()[:10000])
    samples = whole.stat().st_size - short.stat().st_size

    def theirs(path):
        return seconds(["sigrok-cli", "-i", path, "-I", "binary:numchannels=1:samplerate=500000", "-P", "pwm:data=0", "-A", "pwm=duty-cycle"])

    for _ in range(pairs):
        own = next(analyser("throughput", 1))[0]
        yield own, samples / (theirs(whole) - theirs(short))


BARE_KILL = "SIGKILL of one of two bare processes to the other's first write over a socket"
# Limits are those of issues 2 to 4.
ROWS = [
    Row("sim_speed", "s/s", "the wall clock", "ratio at least 500000", lambda value, ratio: ratio >= 500000, sim_speed),
    Row("step_overhead", "us/step", "an empty pytest test, with --junitxml", "ratio at most 0.1", lambda value, ratio: ratio <= 0.1, step_overhead),
    Row("start_up", "ms", "python3 -c pass", "ratio below 1", lambda value, ratio: ratio < 1, start_up),
    Row("record_rate", "rows/s", "bare SQLite, same columns, same durability", "ratio at least 0.5", lambda value, ratio: ratio >= 0.5, record_rate),
    Row("guardian_latency_first", "ms", BARE_KILL, "at most 20 ms", lambda value, ratio: value <= 20,
        lambda pairs: guardian_latency(0, pairs)),
    Row("guardian_latency_last", "ms", BARE_KILL, "at most 20 ms + 25 ms of settling", lambda value, ratio: value <= 45,
        lambda pairs: guardian_latency(1, pairs)),
    Row("dashboard_frame", "ms", BARE_WINDOW, "at most 2 ms above it", lambda value, ratio: value <= 2, lambda pairs: dashboard("frame", pairs * 3)),
    Row("dashboard_rate", "frames/s", BARE_WINDOW, "at least 55", lambda value, ratio: value >= 55, lambda pairs: dashboard("rate", pairs)),
    Row("comedi_stream", "samples/s", "a bare loop of read(2) on the same board", "ratio at least 0.9, none lost", lambda value, ratio: ratio >= 0.9,
        comedi_stream),
    Row("modbus_rate", "1/s", "a bare loop of libmodbus on the same server", "ratio at least 0.9", lambda value, ratio: ratio >= 0.9, modbus_rate),
    Row("message_rate", "1/s", "a bare socket echo of the same lines", "no limit is set", lambda value, ratio: True, message_rate),
    Row("reaction", "us", "a bare wake of one thread by another", "ratio at most 1.5", lambda value, ratio: ratio <= 1.5, reaction),
    Row("analyse_throughput", "S/s", "reading the same memory once", "ratio at least 0.25", lambda value, ratio: ratio >= 0.25,
        lambda pairs: analyser("throughput", pairs)),
    Row("analyse_vs_sigrok", "S/s", "sigrok-cli's pwm decoder on the same signal as logic", "ratio at least 50", lambda value, ratio: ratio >= 50,
        analyse_vs_sigrok),
    Row("analyse_latency", "ns", "reading the same block once", "none", lambda value, ratio: True, lambda pairs: analyser("latency", pairs)),
    Row("channels_scaling", "S/s", "one channel", "ratio at least 0.5", lambda value, ratio: ratio >= 0.5, lambda pairs: analyser("channels", pairs)),
    Row("analyse_8_channels", "%", "reading the same memory once", "below 5 % of a core", lambda value, ratio: value < 5,
        lambda pairs: analyser("core", pairs)),
    Row("synthesis_throughput", "S/s", "writing the same memory once", "none", lambda value, ratio: True, synthesis_throughput),
]


# ---- running and showing ----

def measure(row, pairs):
    taken = list(row.measure(pairs))
    value, reference = (statistics.median(pair[i] for pair in taken) for i in (0, 1))
    return {"name": row.name, "value": round(value, 4), "unit": row.unit, "reference": row.reference, "reference_value": round(reference, 4),
            "ratio": float(f"{value / reference:.4g}")}


def number(value):
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"


def show(row, result):
    note = "met" if row.met(result["value"], result["ratio"]) else "MISSED"
    print(f"{row.name:<23} {number(result['value']):>10} {row.unit:<8} {number(result['reference_value']):>10} {number(result['ratio']):>10}  "
          f"{note}: {row.limit}", flush=True)


def main():
    parser = argparse.ArgumentParser(description="Measures against references; writes bench.json.")
    parser.add_argument("--pairs", type=int, default=7, help="at least 5 (default 7)")
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"only these: {', '.join(row.name for row in ROWS)}")
    options = parser.parse_args()
    names = [row.name for row in ROWS]
    unknown = [name for name in options.rows if name not in names]
    if unknown or options.pairs < 5:
        parser.error(f"found row {unknown[0]}, expected one of: {', '.join(names)}" if unknown else f"found {options.pairs} pairs, expected 5 or more")
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    print(f"{'name':<23} {'value':>10} {'unit':<8} {'reference':>10} {'ratio':>10}  limit")
    results, failed = [], False
    for row in ROWS:
        if options.rows and row.name not in options.rows:
            continue
        try:
            results.append(measure(row, options.pairs))
            show(row, results[-1])
        except (CannotMeasure, OSError, subprocess.SubprocessError) as error:
            failed = True
            print(f"{row.name:<23} not measured: {error}", flush=True)
    for file in FOLDER.iterdir():
        file.unlink()
    FOLDER.rmdir()
    path = BUILD / "bench.json"
    path.write_text(json.dumps(results, indent=1) + "\n")
    print(f"load of the machine meanwhile: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; written: {path}")
    sys.exit(1 if failed else 0)


main()
