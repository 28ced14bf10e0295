# SPDX-License-Identifier: GPL-3.0-or-later
"""Healthy stubs pass every session: the combinations of `run --all` (soak: all of `--every`), and sessions whose place, way of connecting,
programs, order of messages, pauses, noise, delays and tolerances are drawn at random."""
import functools
import pathlib
import random
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "acceptance"))
import bench  # noqa: E402
from bench import check, check_equal  # noqa: E402

RANDOM = 1000 if bench.IS_SOAK else 50
BASES = ["stub-evse", "stub-evse-metered"]
PLACES = ["L1", "L2-A", "L2-B", "L3", "L4"]
CURRENTS = [6, 10, 13, 16, 24, 32, 40, 48, 60, 70]


@functools.cache
def runnable():
    """Cases that this bench and this DUT run, by `list`: {id}."""
    text = bench.pilotbench("list").out
    found = re.findall(r"^(\S+) .*\n +\d+ steps: (?!.*not run:)", text, re.MULTILINE)
    return {name for name in found if name[0].isupper()}


def combinations(flag, dut):
    of = bench.run(flag, dut=dut, extra=["--quiet"])
    counted = re.search(r"^sessions: (\d+) of (\d+) combinations", of.out, re.MULTILINE)
    assert counted, f"{flag}: no line `sessions: N of M combinations` in {of.out[:200]!r}"
    return of, *(int(number) for number in counted.groups())


def test_every_pair_of_connection_place_and_programs_passes_against_the_healthy_stubs():
    for base in BASES:
        of, some, every = combinations("--all", bench.fixture_dut(base))
        bench.check_code(of, bench.EXIT_PASS)
        bench.check_last_line(of, verdict="pass", cases=some, failed=0, inconc=0, error=0)
        check_equal(every, 480, "combinations there are: 5 places, 3 connections, 32 sets of programs")
        pairs = [re.match(r"(\S+?)\+(S\d)((?:\+U\d)*)$", name).groups() for name, *_ in of.case_verdicts()]
        check_equal(len({(place, how) for place, how, _ in pairs}), 15, f"{base}: pairs of place and connection")
        check_equal(len({(place, why) for place, _, why in pairs}), 160, f"{base}: pairs of place and programs")
        check_equal(len({(how, why) for _, how, why in pairs}), 96, f"{base}: pairs of connection and programs")
        if bench.IS_SOAK:
            of, some, every = combinations("--every", bench.fixture_dut(base))
            bench.check_last_line(of, verdict="pass", cases=every, failed=0, inconc=0, error=0)
            check_equal(some, every, f"{base}: sessions of --every")


def test_every_use_case_that_the_bench_can_run_passes_in_one_run():
    names = sorted(runnable())
    check(set(PLACES) | {"S1", "S2", "S3"} <= set(names), f"pilotbench list shows {names}")
    of = bench.run(*names, dut=bench.fixture_dut("stub-evse-metered"), extra=["--quiet"])
    bench.check_code(of, bench.EXIT_PASS)
    wrong = [row for row in of.verdicts() if row[1] != "pass"]
    check(not wrong, f"not passed: {wrong[:3]}")


def drawn(seed):
    """A session drawn at random: (words of the command, its options)."""
    draw = random.Random(seed)
    place = draw.choice(PLACES + ["L4-pay", "L3-denied", "L3-unreachable", "S1", "S2", "S3"])
    programs = [f"U{i}" for i in range(1, 6) if draw.random() < 0.5]
    with_list = ",".join([draw.choice(["S1", "S2", "S3"])] + programs)
    amps = draw.choice(CURRENTS)
    shortest = draw.choice([0, 100, 1000])
    name = f"drawn-{seed}"
    of_bench = bench.bench(
        name, noise=f"{draw.randint(0, 8)} mV", cable=f"{draw.randint(0, 800)} pF", close_delay=f"{draw.randint(5, 30)} ms",
        open_delay=f"{draw.randint(5, 20)} ms", bounce=f"{draw.randint(0, 4)} ms", meter_class=f"{draw.choice([0, 1, 2])} %",
        diode=f"{draw.uniform(0.685, 0.715):.4f} V",
        measuring={"think_min": f"{shortest} ms", "think_max": f"{shortest + draw.randint(1, 5000)} ms",
                   "r2": f"{2740 + draw.uniform(-5, 5):.2f} ohm", "charger": f"{draw.randint(6, 70)} A"})
    dut = bench.fixture_dut(draw.choice(BASES), ("--pwm-delay", str(draw.randint(50, 4000))), amps)
    sets = [f"rated_current={amps} A", f"binds_first={draw.choice(['true', 'false'])}"]
    extra = ["--with", with_list, "--quiet"] + (["--window", f"{draw.randint(6, 120)} min"] if draw.random() < 0.3 else [])
    return place, {"seed": seed, "dut": dut, "bench": of_bench, "sets": sets, "extra": extra}


def outcome(seed):
    with bench.Run.making:
        place, options = drawn(seed)
        of = bench.Run(place, **options)
    of.wait()
    rows = of.verdicts()
    with bench.Run.making:
        of.forget()
    return place, of, rows


def test_sessions_drawn_at_random_are_judged_without_a_false_verdict():
    places, sure = set(), 0
    for place, of, rows in bench.each(outcome, [(seed,) for seed in range(1, RANDOM + 1)]):
        places.add(place)
        # A bench drawn too noisy for a limit says so; that decides nothing, and is not false.
        unsure = [row for row in rows if row[1] == "inconc" and row[2].startswith("too uncertain")]
        wrong = [row for row in rows if row[1] != "pass" and row not in unsure]
        bench.check_code(of, bench.EXIT_INCONC if unsure else bench.EXIT_PASS)
        check(rows and not wrong, f"{of.command}: {len(rows)} checks, not passed: {wrong[:3]}")
        sure += not unsure
    check(len(places) >= 10, f"only {sorted(places)} were drawn")
    check(sure >= RANDOM // 2, f"{sure} of {RANDOM} sessions were judged in full")


bench.main(globals())
