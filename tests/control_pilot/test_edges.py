# SPDX-License-Identifier: GPL-3.0-or-later
"""Rise and fall times of the pilot of an EVSE under test (test_suites/control_pilot/edges.lua): by the oscilloscope, by cp.sense where it is fast
enough, "not measurable on this bench" where nothing is; defects of stub-evse; agreement with ngspice."""
import functools
import json
import math
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "acceptance"))
import bench  # noqa: E402
from bench import check, check_contains, check_equal  # noqa: E402

SUITE = str(bench.SOURCE / "test_suites/control_pilot/edges.lua")
PULSING = HERE / "pulsing_dut.py"
HEALTHY = 200 if bench.IS_SOAK else 12
SEEDS = 20 if bench.IS_SOAK else 3
CASES = {"a": "pull", "b": "wait", "c": "s2", "d": "s2"}
EDGES = [f"edges-{state}/{step}/{edge}_{state}" for state, step in CASES.items() for edge in ("rise", "fall")]
VALUE, UNREADABLE = 0, 2  # enum pb_outcome

# defect: the first check of each case that fails
FIRST = {
    "slow_rise": {"edges-a/pull/rise_a"},
    "slow_fall": {"edges-a/pull/fall_a"},
    "slow_rise=20000": {f"edges-{state}/{step}/rise_{state}" for state, step in CASES.items()},
    "slow_fall=28000": {f"edges-{state}/{step}/fall_{state}" for state, step in CASES.items()},
}
# Of an edge so slow that it is too slow in each state, whatever the tolerances, A's reading may be too uncertain for A's limit of 2 us: then it is inconc.
TOO_SLOW_FOR_A = "slow_fall=28000"


@functools.cache
def scope_bench(name="scope", cable="300 pF"):
    text = (bench.SOURCE / "fixtures/benches/virtual-scope.yaml").read_text()
    assert "{driver: virtual, " in text, "virtual-scope.yaml has another form than this test knows"
    return bench.write(f"{name}.yaml", text.replace("{driver: virtual, ", f"{{driver: virtual, cable: {cable}, "))


def run(seed=1, dut=None, on=None):
    with bench.Run.making:
        of = bench.Run(SUITE, seed=seed, dut=dut or bench.fixture_dut(), bench=on or scope_bench(), extra=["--quiet"])
    return of.wait()


def verdicts(of):
    return {name: (verdict, reason) for name, verdict, reason in of.verdicts()}


def channels(of):
    """{check: channel that it was read from}"""
    return {row.name: json.loads(row.text)["name"] for row in of.rows("reading") if row.name in EDGES}


def test_healthy_stubs_pass_by_the_oscilloscope():
    for of in bench.each(run, [(seed,) for seed in range(1, HEALTHY + 1)]):
        found = verdicts(of)
        wrong = {name: row for name, row in found.items() if row[0] != "pass"}
        check_equal((of.code, wrong), (bench.EXIT_PASS, {}), f"seed {of.seed}: exit status, what did not pass ({of.err.strip()[-300:]})")
        check_equal(sorted(set(found) & set(EDGES)), sorted(EDGES), f"seed {of.seed}: edges that were judged")
        check_equal(set(channels(of).values()), {"scope"}, f"seed {of.seed}: what measured them")


def test_each_defect_of_an_edge_is_found_first_by_the_check_named_for_it():
    jobs = [(seed, bench.fixture_dut("stub-evse", ("--defect", defect))) for defect in FIRST for seed in range(1, SEEDS + 1)]
    defects = [defect for defect in FIRST for _ in range(SEEDS)]
    for defect, of in zip(defects, bench.each(run, jobs)):
        first = {}
        for name, verdict, _ in of.verdicts():
            if verdict != "pass": first.setdefault(name.split("/")[0], (name, verdict))
        named = FIRST[defect]
        if defect == TOO_SLOW_FOR_A and first["edges-a"][1] == "inconc":
            check_contains(verdicts(of)["edges-a/pull/fall_a"][1], "too uncertain: ", f"{defect}, seed {of.seed}: why nothing is said of state A")
            named = {name for name in named if not name.startswith("edges-a/")}
        check_equal({name for name, verdict in first.values() if verdict == "fail"}, named, f"{defect}, seed {of.seed}: what fails first")
        check_equal(of.code, bench.EXIT_FAIL, f"{defect}, seed {of.seed}: exit status")


def check_no_number(of, names, reason):
    found = verdicts(of)
    for name in names:
        check_equal(found[name][0], "inconc", f"{name}: verdict")
        check_contains(found[name][1], f"cannot be said: not measurable on this bench: {reason}", f"{name}: reason")
    for row in of.rows("reading"):
        if row.name in names: check_equal((row.d, row.a), (UNREADABLE, 0), f"{row.name}: outcome and value of the reading row")


def test_a_bench_that_is_not_calibrated_for_it_gives_no_number():
    of = run(on=bench.SOURCE / "fixtures/benches/virtual.yaml")
    check_equal(of.code, bench.EXIT_INCONC, "exit status")
    check_equal(of.verdict.get("inconc"), len(EDGES), "inconclusive checks in the last line")
    check_no_number(of, EDGES[:2], "sampled every 1 us, more than a third of the limit (666 ns)")
    check_no_number(of, EDGES[2:], "its front end's own rise time is not known (front_rise)")
    check_equal(set(channels(of).values()), {"cp.sense"}, "what would have measured them")


def test_a_front_end_that_is_too_slow_gives_no_number():
    of = run(on=bench.bench("slow", front_rise="5 us"))
    check_equal(of.code, bench.EXIT_INCONC, "exit status")
    check_no_number(of, EDGES[2:], "its front end itself takes 5 us, more than a third of the limit")


def test_cp_sense_times_the_edges_that_it_is_fast_enough_for():
    of = run(on=bench.bench("fast", front_rise="50 ns"))
    found = verdicts(of)
    check_equal({found[name][0] for name in EDGES[2:]}, {"pass"}, "verdicts in B, C and D")
    check_no_number(of, EDGES[:2], "sampled every 1 us")
    check_equal(set(channels(of).values()), {"cp.sense"}, "what measured them")
    captures = [json.loads(row.text) for row in of.rows("capture") if row.name == "cp.sense"]
    check_equal({capture["front_rise_ns"] for capture in captures}, {50}, "front_rise_ns of the record's captures")


def test_the_oscilloscope_takes_only_what_cp_sense_is_too_slow_for():
    text = scope_bench().read_text().replace("sample_rate: 1 MHz", "sample_rate: 1 MHz, front_rise: 50 ns")
    of = run(on=bench.write("both.yaml", text))
    check_equal(of.code, bench.EXIT_PASS, "exit status")
    check_equal(channels(of), {name: "scope" if name in EDGES[:2] else "cp.sense" for name in EDGES}, "what measured each edge")


# ---- ngspice ----

R2, R3 = {"a": None, "b": 2740, "c": 2740, "d": 2740}, {"a": None, "b": None, "c": 1300, "d": 270}
DIODE_VOLTS = 0.7  # at 3 mA: the bench's default


def netlist(state, rise_ns, fall_ns, farads, raw):
    n_vt = 1.752 * 1.380649e-23 / 1.602176634e-19 * 300.15
    lines = ["pilot", ".options temp=27 tnom=27 reltol=1e-5 abstol=1e-12 vntol=1e-7 chgtol=1e-16 trtol=1",
             f"V1 g 0 PULSE(-12 12 100u {rise_ns}n {fall_ns}n {500e3 - rise_ns}n 1m)", "R1 g n 1000", f"C1 n 0 {farads}"]
    if R2[state]:
        lines += ["D1 n d DX", f".model DX D(IS={3e-3 / (math.exp((DIODE_VOLTS - 0.568 * 3e-3) / n_vt) - 1)} N=1.752 RS=0.568 CJO=4p M=0.4 TT=20n)",
                  f"R2 d 0 {R2[state]}"]
    if R3[state]: lines.append(f"R3 d 0 {R3[state]}")
    return "\n".join(lines + [".control", "set wr_vecnames", "tran 10n 800u 0 20n", f"wrdata {raw} v(n)", ".endc", ".end", ""])


def crossing(points, level, from_s):
    for (t0, v0), (t1, v1) in zip(points, points[1:]):
        if t0 >= from_s and (v0 < level) != (v1 < level): return t0 + (t1 - t0) * (level - v0) / (v1 - v0)
    raise AssertionError(f"no crossing of {level} V after {from_s} s")


def by_ngspice(state, rise_ns, fall_ns, farads):
    """{"rise": s, "fall": s}, 10 to 90 %"""
    stem = bench.FOLDER / f"{state}-{rise_ns}-{fall_ns}-{farads}"
    raw, deck = pathlib.Path(f"{stem}.txt"), pathlib.Path(f"{stem}.cir")
    deck.write_text(netlist(state, rise_ns, fall_ns, farads, raw))
    done = subprocess.run(["ngspice", "-b", str(deck)], capture_output=True, text=True, timeout=120, check=False)
    assert raw.exists(), f"ngspice: {done.stderr[-300:]}"
    points = [tuple(map(float, line.split()[:2])) for line in raw.read_text().splitlines()[1:]]
    low, high = points[0][1], next(v for t, v in points if t > 590e-6)
    tenth = (high - low) / 10
    return {"rise": crossing(points, high - tenth, 99e-6) - crossing(points, low + tenth, 99e-6),
            "fall": crossing(points, low + tenth, 599e-6) - crossing(points, high - tenth, 599e-6)}


def compare(rise_ns, fall_ns, cable, cable_farads):
    dut = bench.dut(f"pulsing-{rise_ns}-{fall_ns}", program=PULSING, args=(rise_ns, fall_ns))
    of = run(dut=dut, on=scope_bench(f"cable-{cable_farads}", cable))
    found = {row.name: row for row in of.rows("reading") if row.name in EDGES}
    check_equal(sorted(found), sorted(EDGES), f"{rise_ns}/{fall_ns} ns, {cable}: edges that were read ({of.err.strip()[-300:]})")
    worst = 0.0
    for state, step in CASES.items():
        theirs = by_ngspice(state, rise_ns, fall_ns, cable_farads)
        for edge, seconds in theirs.items():
            row = found.get(f"edges-{state}/{step}/{edge}_{state}")
            if not row or not check_equal(row.d, VALUE, f"{row.name}: outcome ({row.text})"): continue
            off_ns = row.a - 1e9 * seconds
            worst = max(worst, abs(off_ns))
            check(abs(off_ns) <= 200, f"{row.name}, {rise_ns}/{fall_ns} ns, {cable}: {row.a} ns, ngspice {1e9 * seconds:.1f} ns, expected within 200 ns")
            check(abs(off_ns) <= row.b + 20, f"{row.name}, {rise_ns}/{fall_ns} ns, {cable}: {row.a} +- {row.b} ns, ngspice {1e9 * seconds:.1f} ns, expected within U and 20 ns")
    print(f"    rise {rise_ns} ns, fall {fall_ns} ns, cable {cable}: furthest from ngspice by {worst:.1f} ns", flush=True)


def test_edges_by_the_oscilloscope_agree_with_ngspice():
    if not shutil.which("ngspice"): raise bench.Skip("ngspice is not installed")
    compare(1000, 1000, "300 pF", 300e-12)
    compare(2500, 700, "1600 pF", 1600e-12)
    compare(400, 6000, "3100 pF", 3100e-12)


bench.main(globals())
