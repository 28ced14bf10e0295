# SPDX-License-Identifier: GPL-3.0-or-later
"""EVSE and vehicle under test together: healthy pairs pass; of a bad one the side at fault is named, and never the other."""
import functools
import json
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "acceptance"))
import bench  # noqa: E402
from bench import check, check_contains, check_equal  # noqa: E402

PEV = bench.BUILD / "stub-pev"
BENCH = bench.SOURCE / "fixtures/benches/virtual-pair.yaml"
HEALTHY = 1000 if bench.IS_SOAK else 50
CASES = ["S1", "S1-pulled", "S1-earth", "S1-power-cut"] if bench.IS_SOAK else ["S1"]
SEEDS = range(1, 6) if bench.IS_SOAK else [1]
SIDES = ["none", "evse", "pev", "evse or pev"]

# What the readings of a case cannot tell, and why.
EITHER = {
    ("evse", "weak_driver"): "state C too low: too little current, or a low R3",
    ("evse", "weak_driver=1000"): "the plug brings state D: too little current, or low resistors",
    ("evse", "weak_driver=2740"): "state B too low, state C never read: too little current, or a low R2",
    ("evse", "weak_driver=3300"): "state D instead of C: too little current, or a low R3",
    ("evse", "wrong_source_resistance"): "just outside its tolerance: R2 could be too",
    ("pev", "no_diode"): "the low level of state B alone: an EVSE with a low rail of -8.8 V looks the same; it refuses before C is read",
}


@functools.cache
def statement(evse=(), pev=(), amps=16, charger=32):
    """fixtures/duts/stub-pair.yaml with this build's stubs, and more arguments."""
    text = (bench.SOURCE / "fixtures/duts/stub-pair.yaml").read_text()
    for old, new in (('[stub-evse, --rated-current, "16"]', [bench.STUB, "--rated-current", amps, *evse]),
                     ('[stub-pev, --charger, "32"]', [PEV, "--charger", charger, *pev]), ("rated_current: 16 A", None)):
        assert text.count(old) == 1, "fixtures/duts/stub-pair.yaml has another form than this test knows"
        text = text.replace(old, "[" + ", ".join(f'"{word}"' for word in new) + "]" if new else f"rated_current: {amps} A")
    return bench.write("-".join(["pair", *evse, *pev, str(amps), str(charger)]).replace("/", "_") + ".yaml", text)


class Outcome:
    """What one run came to. faults: {check: (side, why)}."""

    def __init__(self, who, case, dut, seed, is_reported=False):
        self.reports = {kind: bench.FOLDER / f"{who}-{case}-{seed}.{kind}".replace(" ", "_") for kind in ("xml", "html")}
        extra = ["--junit", str(self.reports["xml"]), "--html", str(self.reports["html"])] if is_reported else ["--quiet"]
        with bench.Run.making:
            of = bench.Run(case, seed=seed, dut=dut, bench=BENCH, extra=extra)
        of.wait()
        self.who, self.code, self.err, self.out = f"{who}, {case}, seed {seed}", of.code, of.err, of.out
        verdicts = of.verdicts()
        self.judged = len(verdicts)
        self.wrong = [row for row in verdicts if row[1] != "pass"]
        self.failed = [row[0] for row in verdicts if row[1] == "fail"]
        self.faults = {row.name: (SIDES[row.a], row.text) for row in of.rows("fault")}
        if seed <= 1: bench.check_record(of)
        with bench.Run.making:
            of.forget()


def test_healthy_pairs_pass():
    """Other specimens and pauses by the seed; currents, chargers and resistors by the number."""
    jobs = []
    for n in range(HEALTHY):
        amps, charger = [6, 10, 13, 16, 20, 32, 48, 70][n % 8], [16, 32, 80][n % 3]
        r2, r3, source = 2740 + 10 * (n % 5 - 2), 1300 + 5 * (n % 7 - 3), 1000 + 2 * (n % 9 - 4)
        dut = statement(("--defect", f"wrong_source_resistance={source}"),
                        ("--defect", f"wrong_r2={r2}", "--defect", f"wrong_r3={r3}"), amps, charger)
        jobs.append((f"healthy {amps} A, charger {charger} A, {source} {r2} {r3} ohm", "S1", dut, n + 1))
    for outcome in bench.each(Outcome, jobs):
        check_equal((outcome.code, outcome.wrong, outcome.faults), (bench.EXIT_PASS, [], {}),
                    f"{outcome.who}: exit status, what did not pass, sides ({outcome.err.strip()[-300:]})")
        check(outcome.judged >= 35, f"{outcome.who}: {outcome.judged} checks judged, expected 35 or more")


@functools.cache
def defects():
    """(side, defect): all of both stubs, those of the EVSE with every value of its kill list."""
    expected = json.loads((bench.SOURCE / "tests/kill_matrix/expected.json").read_text(encoding="utf-8"))
    evse = {name for row in expected["checks"].values() for name in row["first_for"]} | set(expected["kill_nothing"])
    text = subprocess.run([PEV, "--list-defects"], capture_output=True, text=True, check=True).stdout
    pev = {re.split("[=:]", line)[0] for line in text.splitlines()}
    return [("evse", name) for name in sorted(evse)] + [("pev", name) for name in sorted(pev)]


@functools.cache
def outcomes():
    jobs = []
    for side, defect in defects():
        dut = statement(**{side: ("--defect", defect)})
        jobs += [(f"{side} {defect}", case, dut, seed) for case in CASES for seed in SEEDS]
    found = {}
    for job, outcome in zip(jobs, bench.each(Outcome, jobs)): found.setdefault(tuple(job[0].split(" ", 1)), []).append(outcome)
    return found


def test_a_failed_check_names_a_side_and_never_the_wrong_one():
    counts = {"right": 0, "either": 0, "wrong": 0, "not found": 0}
    for (side, defect), of_defect in outcomes().items():
        named = set()
        for outcome in of_defect:
            check_equal(outcome.code, bench.EXIT_FAIL if outcome.failed else bench.EXIT_PASS, f"{outcome.who}: exit status ({outcome.err.strip()[-300:]})")
            check_equal(sorted(outcome.faults), sorted(outcome.failed), f"{outcome.who}: checks that name a side, as those that failed")
            for id_, (found, why) in outcome.faults.items():
                check(found in (side, "evse or pev"), f"{outcome.who}: {id_} names {found} ({why}), expected {side} or either")
                check(why, f"{outcome.who}: {id_} gives no reason")
                named.add(found)
        is_wrong = named - {side, "evse or pev"}
        what = "not found" if not named else "wrong" if is_wrong else "right" if side in named else "either"
        counts[what] += 1
        print(f"    {side:4} {defect:28} {what:10} {EITHER.get((side, defect), '') if what == 'either' else ''}")
        if not bench.IS_SOAK:
            check_equal(what == "either", (side, defect) in EITHER, f"{side} {defect}: either side could be, as far as the readings tell")
    print("    " + ", ".join(f"{name} {count}" for name, count in counts.items()))
    check_equal(counts["wrong"], 0, "defects with the wrong side named")
    check(counts["right"] >= 28, f"{counts['right']} defects name their side, expected 28 or more")


def test_the_side_stands_in_every_report():
    """A vehicle's R2 and an EVSE's contactor: last line, table, JUnit and page say who, why, and of which check."""
    for side, defect, id_, why in (("pev", "wrong_r2", "S1/2/fits_b", "explained by the vehicle's R2 alone"),
                                   ("evse", "contactor_close_late", "S1/13/closes", "the vehicle asked all the while")):
        outcome = Outcome(f"{side} {defect}", "S1", statement(**{side: ("--defect", defect)}), 1, is_reported=True)
        check_equal(outcome.faults.get(id_), (side, why), f"{outcome.who}: side of {id_} in the record")
        check_contains(outcome.out, f"at_fault={side}", "last line")
        check_contains(outcome.out, f"at fault: {side}", "head of the table")
        check_contains(" ".join(outcome.out.split()), f"at fault {side}: {why}", "the check's lines")
        properties = {row.get("name"): row.get("value") for row in xml.etree.ElementTree.parse(outcome.reports["xml"]).iter("property")}
        check_equal(properties.get("at_fault"), side, "JUnit property at_fault")
        check_equal(properties.get(f"at_fault.{id_}"), f"{side}: {why}", f"JUnit property at_fault.{id_}")
        page = re.sub(r"<[^>]*>", " ", outcome.reports["html"].read_text(encoding="utf-8")).replace("&#39;", "'").replace("&apos;", "'")
        check_contains(" ".join(page.split()), f"At fault {side}: {why}", "the page's failures")


def test_s1_serves_all_four_casts():
    evse_bench = bench.SOURCE / "fixtures/benches/virtual-evse.yaml"
    for name, of_bench, code, modes in (("stub-evse", bench.SOURCE / "fixtures/benches/virtual.yaml", 0, {0, 1, 2}),
                                        ("stub-pev", evse_bench, 0, {0, 1, 2}), ("stub-pair", BENCH, 0, {0, 1, 2}),
                                        ("nobody", evse_bench, bench.EXIT_INCONC, {1})):
        of = bench.Run("S1", dut=bench.SOURCE / f"fixtures/duts/{name}.yaml", bench=of_bench, extra=["--quiet"]).wait()
        check_equal(of.code, code, f"{name}: exit status ({of.err.strip()[-300:]})")
        found = {row.a for row in of.rows("step")} - {3}
        check_equal(found, modes, f"{name}: modes of steps (0 judged, 1 played, 2 not observable)")
        check(any(row.name == "current" and row.a >= 1000 for row in of.rows("event")), f"{name}: 1 A or more has flowed")
        if name == "nobody": check_contains(of.out, "nobody is under test, the bench plays every actor", "the report of nobody")


def test_cases_that_need_the_benchs_own_vehicle_say_so():
    for case in ("S1-diode", "S1-short", "S1-ventilation", "S1-leakage"):
        of = bench.Run(case, dut=statement(), bench=BENCH).wait()
        check_contains(of.out, "the vehicle is the device", case)
        check_equal([row for row in of.verdicts()], [], f"{case}: verdicts of checks")


def test_a_process_that_dies_or_hangs_is_named():
    hung = ["/bin/sleep", "60"]  # it never answers
    for side in ("evse", "pev"):
        text = statement().read_text().replace(str(bench.STUB if side == "evse" else PEV), "/bin/false")
        of = bench.Run("S1", dut=bench.write(f"dead-{side}.yaml", text), bench=BENCH).wait()
        check_equal(of.code, bench.EXIT_ERROR, f"dead {side}: exit status")
        check_contains(of.out, f"({side})", f"dead {side}: the error names it")
        line = re.sub(rf"actor: {side}, argv: \[.*?\]", f"actor: {side}, argv: [" + ", ".join(f'"{word}"' for word in hung) + "]", statement().read_text())
        of = bench.Run("S1", dut=bench.write(f"hung-{side}.yaml", line), bench=BENCH).wait()
        check_equal(of.code, bench.EXIT_ERROR, f"hung {side}: exit status")
        check_contains(of.out, f"({side})", f"hung {side}: the error names it")


def test_a_pair_without_a_process_for_each_is_refused():
    text = re.sub(r"\n  - \{actor: pev.*", "", statement().read_text())
    of = bench.Run("S1", dut=bench.write("half.yaml", text), bench=BENCH).wait()
    check_equal(of.code, bench.EXIT_INPUT, "exit status")
    check_contains(of.err, "found a device that is evse and pev without a process for the pev, expected one for each", "the message")


bench.main(globals())
