# SPDX-License-Identifier: GPL-3.0-or-later
"""Healthy stubs pass every session: the combinations of `run --all` over all devices of fixtures/duts (soak: all of `--every`), and sessions whose
device, place, way of connecting, programs, order of messages, pauses, noise, delays and tolerances are drawn at random."""
import collections
import functools
import json
import pathlib
import random
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "acceptance"))
import bench  # noqa: E402
from bench import check, check_equal  # noqa: E402

RANDOM = 1000 if bench.IS_SOAK else 50
DEVICES = ["stub-evse", "stub-evse-metered", "stub-esci", "stub-utility", "stub-evse-esci", "stub-pev", "stub-pair"]
BENCHES = {"stub-pev": "virtual-evse", "stub-pair": "virtual-pair"}  # others: virtual
PLACES = ["L1", "L2-A", "L2-B", "L3", "L4"]
CURRENTS = [6, 10, 13, 16, 24, 32, 40, 48, 60, 70]
OF_PLACE = 32 * 3  # combinations: sets of programs and connections
# What no device can have is named here; anything else that is left out fails the test.
LEFT_OUT = {("stub-utility", "L3", f"S{i}") for i in (1, 2, 3)}


@functools.cache
def runnable():
    """Cases that this bench and this DUT run, by `list`: {id}."""
    text = bench.pilotbench("list").out
    found = re.findall(r"^(\S+) .*\n +\d+ steps: (?!.*not run:)", text, re.MULTILINE)
    return {name for name in found if name[0].isupper()}


def folder_of_duts():
    """fixtures/duts, with this build's stubs."""
    folder = bench.FOLDER / "duts"
    folder.mkdir(exist_ok=True)
    for base in DEVICES:
        (folder / f"{base}.yaml").write_text(bench.peer_dut(base.removeprefix("stub-")).read_text())
    return folder


class Parts:
    """The runs of one command with several devices: RUN-DEVICE.pbrun each."""

    def __init__(self, of):
        self.of, self.path = of, {base: of.path.with_name(f"{of.path.stem}-{base}.pbrun") for base in DEVICES}

    def verdicts(self, base):
        """[(name, verdict)] of the device's cases; a case that is not run has none."""
        with bench.connect(self.path[base]) as database:
            return [(name, bench.VERDICTS[a]) for name, a in database.execute(
                "SELECT name, a FROM log WHERE kind = 'verdict' AND check_no = 0 ORDER BY seq")]

    def reasons(self, base):
        """{case: why it is not run}"""
        with bench.connect(self.path[base]) as database:
            rows = {name: json.loads(text) for name, text in database.execute("SELECT name, text FROM log WHERE kind = 'case'")}
        return {name: row["reason"] for name, row in rows.items() if "reason" in row}


def combinations(flag):
    of = bench.Run(flag, extra=["--quiet", "--dut", str(folder_of_duts())]).wait(within_s=3600)
    counted = re.search(r"^sessions: (\d+) of (\d+) combinations", of.out, re.MULTILINE)
    assert counted, f"{flag}: no line `sessions: N of M combinations` in {of.out[:200]!r}, {of.err[:200]!r}"
    return Parts(of), *(int(number) for number in counted.groups())


def split(name):
    return re.match(r"(\S+?)\+(S\d)((?:\+U\d)*)$", name).groups()


def check_combinations(flag):
    """(what was run, [(device, place, connection, programs)] of its sessions)"""
    parts, some, every = combinations(flag)
    bench.check_code(parts.of, bench.EXIT_PASS)
    check_equal(every, len(DEVICES) * 480, "combinations there are: devices, 5 places, 3 connections, 32 sets of programs")
    sessions, left = [], set()
    for base in DEVICES:
        reasons = parts.reasons(base)
        left |= {(base, *split(name)[:2]) for name in reasons}
        check(all(reasons.values()), f"{base}: a case is not run and has no reason: {reasons}")
        for name, verdict in parts.verdicts(base):
            if name in reasons: continue
            check_equal(verdict, "pass", f"{base} {name}: verdict")
            sessions.append((base, *split(name)))
    check_equal(left, LEFT_OUT, "combinations of device, place and connection that are left out")
    check_equal(len(sessions), some, "sessions that were run and that the head promises")
    check_equal(len(set(sessions)), some, "different sessions")
    found = bench.LINE.match(parts.of.line)
    if check(found, f"{flag}: the last line is {parts.of.line!r}"):
        check_equal((found.group(1), int(found.group(2))), ("pass", some + len(left)), f"{flag}: verdict and cases of the last line")
        check_equal([int(found.group(i)) for i in (5, 6, 7)], [0, 0, 0], f"{flag}: checks that failed, were inconc, or were errors")
    for path in parts.path.values():
        done = bench.pilotbench("rejudge", path)
        check_equal((done.code, done.out.count(" 0 differ;")), (0, 1), f"{flag}: {path.name}: exit status of rejudge, runs that are judged alike again")
    for path in parts.path.values():
        for one in path.parent.glob(path.name + "*"): one.unlink()
    return sessions


def pairs_of(sessions):
    return {(i, k, session[i], session[k]) for session in sessions for i in range(4) for k in range(i + 1, 4)}


def test_every_pair_of_device_connection_place_and_programs_passes_against_the_healthy_stubs():
    sessions = check_combinations("--all")
    programs = {session[3] for session in sessions}
    check_equal(len(programs), 32, "sets of programs")
    legal = [(base, place, how, why) for base in DEVICES for place in PLACES for how in ("S1", "S2", "S3") for why in programs
             if (base, place, how) not in LEFT_OUT]
    missing = pairs_of(legal) - pairs_of(sessions)
    check(not missing, f"{len(missing)} pairs stand together in no session: {sorted(missing)[:5]}")
    check(len(sessions) <= len(legal) // 8, f"{len(sessions)} sessions for the pairs of {len(legal)} combinations")
    print(f"    {len(sessions)} sessions for the {len(pairs_of(legal))} pairs of {len(legal)} combinations")
    if bench.IS_SOAK:
        sessions = check_combinations("--every")
        check_equal(set(sessions), set(legal), "sessions of --every")
        print(f"    --every: {len(sessions)} sessions")


def test_one_device_alone_has_the_pairs_of_the_other_three():
    of = bench.run("--all", dut=bench.fixture_dut("stub-evse"), extra=["--quiet"])
    bench.check_code(of, bench.EXIT_PASS)
    found = [split(name) for name, *_ in of.case_verdicts()]
    check_equal(len({(place, how) for place, how, _ in found}), 15, "pairs of place and connection")
    check_equal(len({(place, why) for place, _, why in found}), 160, "pairs of place and programs")
    check_equal(len({(how, why) for _, how, why in found}), 96, "pairs of connection and programs")
    bench.check_last_line(of, verdict="pass", cases=len(found), failed=0, inconc=0, error=0)


def test_a_device_that_fails_is_not_hidden_by_those_that_pass():
    folder = bench.FOLDER / "one-bad"
    folder.mkdir(exist_ok=True)
    (folder / "a.yaml").write_text(bench.fixture_dut("stub-evse", ("--defect", "no_pwm")).read_text())
    (folder / "b.yaml").write_text(bench.fixture_dut("stub-evse").read_text())
    of = bench.run("S1", extra=["--quiet", "--dut", str(folder), "--junit", str(bench.FOLDER / "two.xml")])
    bench.check_code(of, bench.EXIT_FAIL)
    found = bench.LINE.match(of.line)
    check(found and found.group(1) == "fail" and found.group(2) == "2", f"the last line is {of.line!r}, expected fail of 2 cases")
    bench.check_contains(of.out, "fail   S1/5/pwm_starts", "what did not pass")
    check_equal(sorted(path.name for path in bench.FOLDER.glob("two*.xml")), ["two-a.xml", "two-b.xml"], "JUnit files")
    for path in bench.FOLDER.glob(f"{of.path.stem}-?.pbrun*"): path.unlink()


def test_several_devices_on_one_line_are_refused_where_they_cannot_be_told_apart():
    one = str(bench.fixture_dut("stub-evse"))
    for words, expected in ((["--dut", one, "--dut", one], "found a second statement of the name"),
                            (["--dut", str(bench.SOURCE / "docs")], "found a folder without any .yaml, expected DUT statements"),
                            (["--dut", one] * 33, "found more than 32 --dut, expected at most that")):
        done = bench.pilotbench("run", "S1", *words)
        check_equal(done.code, bench.EXIT_INPUT, f"exit status with {words[:4]}")
        bench.check_contains(done.err, expected, f"standard error with {words[:4]}")


def test_every_use_case_that_the_bench_can_run_passes_in_one_run():
    names = sorted(runnable())
    check(set(PLACES) | {"S1", "S2", "S3"} <= set(names), f"pilotbench list shows {names}")
    of = bench.run(*names, dut=bench.fixture_dut("stub-evse-metered"), extra=["--quiet"])
    bench.check_code(of, bench.EXIT_PASS)
    wrong = [row for row in of.verdicts() if row[1] != "pass"]
    check(not wrong, f"not passed: {wrong[:3]}")


MORE_PLACES = PLACES + ["L4-pay", "L3-denied", "L3-unreachable", "S1", "S2", "S3"]


def drawn_bench(draw, name, device):
    """The device's virtual bench, with everything about it drawn that is none of the device's."""
    shortest = draw.choice([0, 100, 1000])
    world = {"noise": f"{draw.randint(0, 8)} mV", "cable": f"{draw.randint(0, 800)} pF", "close_delay": f"{draw.randint(5, 30)} ms",
             "open_delay": f"{draw.randint(5, 20)} ms", "bounce": f"{draw.randint(0, 4)} ms", "meter_class": f"{draw.choice([0, 1, 2])} %",
             "diode": f"{draw.uniform(0.685, 0.715):.4f} V"}
    measuring = {"think_min": f"{shortest} ms", "think_max": f"{shortest + draw.randint(1, 5000)} ms",
                 "r2": f"{2740 + draw.uniform(-5, 5):.2f} ohm", "charger": f"{draw.randint(6, 70)} A"}
    path = bench.bench(name, measuring=measuring, **world)
    if device in BENCHES:
        text = (bench.SOURCE / f"fixtures/benches/{BENCHES[device]}.yaml").read_text()
        if "pilot_capacitance:" in text: del world["cable"]  # stated there, and what it is
        text = text.replace("world: {driver: virtual", "world: {driver: virtual" + "".join(f", {key}: {value}" for key, value in world.items()))
        lines = ", ".join(f"{key}: {value}" for key, value in measuring.items())
        text = text.replace("measuring: {", f"measuring: {{{lines}, ") if "measuring: {" in text else text + f"measuring: {{{lines}}}\n"
        path = bench.write(f"{name}.yaml", text)
    return path


def drawn(seed):
    """A session drawn at random: (device, words of the command, its options)."""
    draw = random.Random(seed)
    device = draw.choice(DEVICES)
    place = draw.choice([name for name in MORE_PLACES if device != "stub-utility" or not name.startswith("L3")])
    programs = [f"U{i}" for i in range(1, 6) if draw.random() < 0.5]
    connection = [draw.choice(["S1", "S2", "S3"])]
    # S1 to S3 are connections themselves; who is denied asks for no program.
    with_list = ",".join((connection if place.startswith("L") else []) + (programs if place != "L3-denied" else []))
    sets = [f"binds_first={draw.choice(['true', 'false'])}"]
    if device in ("stub-evse", "stub-evse-metered"):
        amps = draw.choice(CURRENTS)
        dut = bench.fixture_dut(device, ("--pwm-delay", str(draw.randint(50, 4000))), amps)
        sets.append(f"rated_current={amps} A")
    else:
        dut = bench.peer_dut(device.removeprefix("stub-"))
    extra = (["--with", with_list] if with_list else []) + ["--quiet"] + (["--window", f"{draw.randint(20, 120)} min"] if draw.random() < 0.3 else [])
    return device, place, {"seed": seed, "dut": dut, "bench": drawn_bench(draw, f"drawn-{seed}", device), "sets": sets, "extra": extra}


def outcome(seed):
    with bench.Run.making:
        device, place, options = drawn(seed)
        of = bench.Run(place, **options)
    of.wait()
    rows = of.verdicts() if of.path.exists() else []
    with bench.Run.making:
        of.forget()
    return device, place, of, rows


EDGE = 1.02  # U may be larger than its limit's u_max by a fiftieth and no more, to be called at the edge
UNCERTAIN = re.compile(r"too uncertain: .*, U = (\S+) (\S+) is larger than u_max = (\S+) (\S+) of limit ")
PREFIXES = {"f": 1e-15, "p": 1e-12, "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6}


def number(text, unit):
    return float(text) * (PREFIXES[unit[0]] if len(unit) > 1 and unit[0] in PREFIXES and unit != "min" else 1)


def over_edge(row):
    """U / u_max of a verdict that is inconc because its reading is too uncertain; None for any other."""
    found = UNCERTAIN.match(row[2]) if row[1] == "inconc" else None
    return number(*found.group(1, 2)) / number(*found.group(3, 4)) if found else None


def is_at_edge(row):
    ratio = over_edge(row)
    return ratio is not None and 1 < ratio <= EDGE


def test_sessions_drawn_at_random_are_judged_without_a_false_verdict():
    devices, places, checks, at_edge = collections.Counter(), set(), 0, []
    for device, place, of, rows in bench.each(outcome, [(seed,) for seed in range(1, RANDOM + 1)]):
        devices[device] += 1
        places.add(place)
        checks += len(rows)
        unsure = [row for row in rows if is_at_edge(row)]
        at_edge += unsure
        wrong = [row for row in rows if row[1] != "pass" and row not in unsure]
        bench.check_code(of, bench.EXIT_INCONC if unsure and not wrong else bench.EXIT_PASS)
        check(rows and not wrong, f"{of.command}: {len(rows)} checks, not passed: {wrong[:3]}")
    print(f"    {RANDOM} sessions of {dict(sorted(devices.items()))}: {checks} verdicts, {len(at_edge)} of them inconc because U is above its u_max "
          f"by less than {EDGE - 1:.0%}")
    check(len(places) >= 10, f"only {sorted(places)} were drawn")
    check_equal(len(devices), len(DEVICES), "devices that were drawn")
    check(len(at_edge) <= RANDOM // 50, f"{len(at_edge)} readings in {RANDOM} sessions are at the edge of what the bench can tell")


def test_what_a_slower_bench_cannot_tell_is_not_taken_for_the_edge():
    slow = bench.write("slow.yaml", (bench.SOURCE / "fixtures/benches/virtual.yaml").read_text().replace("sample_rate: 1 MHz", "sample_rate: 500 kHz"))
    rows = [row for seed in range(1, 7) for row in bench.run("S1", seed=seed, dut=bench.fixture_dut("stub-evse"), bench=slow).verdicts() if row[1] != "pass"]
    ratios = [over_edge(row) for row in rows]
    check(rows and all(ratios), f"half the sample rate: what does not pass is too uncertain: {rows[:3]}")
    check(any(ratio > EDGE for ratio in ratios if ratio), f"U / u_max: {ratios}")
    for row, ratio in zip(rows, ratios): check_equal(is_at_edge(row), ratio <= EDGE, f"{row}: at the edge")


bench.main(globals())
