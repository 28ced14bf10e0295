# SPDX-License-Identifier: GPL-3.0-or-later
"""The kill matrix: each check of each case of S1 is the first to fail for a defect of stub-evse that is named for it, and no defect
makes another check fail first than those it is named for. expected.json holds the names, their reasons and the rule.

    test_kill_matrix.py             the tests; prints the table
    test_kill_matrix.py --markdown  writes docs/kill-matrix.md

Every defect runs against all cases in one run (seed 1) and against each case in a run of its own (seed 2); PB_SOAK=1: five seeds each
way, and each defect with both DUT statements.
"""
import functools
import json
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "acceptance"))
import bench  # noqa: E402
from bench import check, check_equal  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
PAGE = bench.SOURCE / "docs" / "kill-matrix.md"
EXPECTED = json.loads((HERE / "expected.json").read_text(encoding="utf-8"))
STATEMENTS = ["stub-evse", "stub-evse-metered"]
OWN_CHECKS_MAX = 3  # of a defect
TURNS = 5 if bench.IS_SOAK else 1
HELPER = re.compile(r"p\d+")  # a step that several cases begin with

@functools.cache
def cases():
    listed = [line.split()[0] for line in bench.pilotbench("list").out.splitlines() if line.startswith("S1")]
    assert "S1" in listed, f"pilotbench list shows {listed}"
    return listed


@functools.cache
def defects():
    """Name: (meaning, unit). Those of a station with several cords are test_kill_cords.py's."""
    text = subprocess.run([bench.STUB, "--list-defects"], capture_output=True, text=True, check=True).stdout
    return {re.split("[=:]", line)[0]: line.split(": ", 1)[1] for line in text.splitlines() if "--cords" not in line}


def key_of(id_):
    """The check's name in expected.json: that of a helper step stands for all cases that begin with it."""
    _, step, name = id_.split("/")
    return f"{step}/{name}" if HELPER.fullmatch(step) else id_


def bases_of(defect):
    """Defects of the meter show only where the meter is part of the device."""
    if bench.IS_SOAK or defect is None: return STATEMENTS
    return STATEMENTS[1:] if "--meter" in defects()[defect.split("=")[0]] else STATEMENTS[:1]


class Outcome:
    """What one run of some cases came to."""

    def __init__(self, base, defect, which, seed):
        with bench.Run.making:
            dut = bench.fixture_dut(base, ("--defect", defect) if defect else ())
            of = bench.Run(*which, seed=seed, dut=dut, extra=["--quiet"])
        of.wait()
        self.base, self.which, self.code, self.err = base, which, of.code, of.err
        self.who = f"{defect or 'healthy'}, {base}, {' '.join(which)}, seed {seed}"
        rows = of.rows()
        self.planned = [row.name for row in rows if row.kind == "check"]
        self.texts = {row.name: json.loads(row.text).get("text", "") for row in rows if row.kind == "check"}
        self.first = {}  # case: (check, verdict, reason)
        for row in rows:
            if row.kind == "verdict" and row.check_no and bench.VERDICTS[row.a] != "pass":
                self.first.setdefault(row.name.split("/")[0], (row.name, bench.VERDICTS[row.a], row.text))
        with bench.Run.making:
            of.forget()


@functools.cache
def outcomes():
    """{defect or None: [Outcome]}"""
    named = sorted({name for row in EXPECTED["checks"].values() for name in row["first_for"]} | set(EXPECTED["kill_nothing"]))
    jobs = []
    for defect in [None] + named:
        for base in bases_of(defect):
            for turn in range(TURNS):
                jobs.append((base, defect, tuple(cases()), 2 * turn + 1))
                jobs += [(base, defect, (case,), 2 * turn + 2) for case in cases()]
    found = {}
    for (_, defect, *_), outcome in zip(jobs, bench.each(Outcome, jobs)): found.setdefault(defect, []).append(outcome)
    return found


@functools.cache
def planned():
    """Every check of every case, over the casts of all statements: {id: text}."""
    return {id_: text for outcome in outcomes()[None] for id_, text in outcome.texts.items()}


def kills(defect):
    """The checks that are first to fail in one run or another."""
    return {first[0] for outcome in outcomes()[defect] for first in outcome.first.values()}


def named_for(defect):
    return {key for key, row in EXPECTED["checks"].items() if defect in row["first_for"]}


def test_healthy_stubs_pass_every_case_together_and_alone():
    for outcome in outcomes()[None]:
        check_equal((outcome.code, outcome.first, outcome.err), (0, {}, ""), f"{outcome.who}: exit status, what did not pass, standard error")
        check_equal({id_.split("/")[0] for id_ in outcome.planned}, set(outcome.which), f"{outcome.who}: cases of which something is judged")


def test_each_defect_is_found_first_by_the_checks_named_for_it_and_by_no_other():
    for defect, of_defect in outcomes().items():
        if defect is None: continue
        for outcome in of_defect:
            check_equal(outcome.code, bench.EXIT_FAIL if outcome.first else bench.EXIT_PASS, f"{outcome.who}: exit status ({outcome.err.strip()})")
            for id_, verdict, reason in outcome.first.values():
                check_equal(verdict, "fail", f"{outcome.who}: verdict of {id_} ({reason})")
                check(key_of(id_) in named_for(defect), f"{outcome.who}: {id_} failed first ({reason}), expected one of {sorted(named_for(defect))}")


def test_each_check_is_first_to_fail_for_each_defect_named_for_it_in_every_case_together_and_alone():
    for id_ in planned():
        row = EXPECTED["checks"].get(key_of(id_))
        case = id_.split("/")[0]
        if not check(row and row["first_for"], f"{id_}: no defect is named for it in expected.json: a check that nothing proves able to fail"): continue
        for defect in row["first_for"]:
            for outcome in outcomes()[defect]:
                if case in outcome.which and id_ in outcome.planned:
                    check_equal(outcome.first.get(case, ("none",))[0], id_, f"{outcome.who}: first check of {case} to fail")


def test_expected_names_only_what_there_is():
    keys = {key_of(id_) for id_ in planned()}
    for key, row in EXPECTED["checks"].items():
        check(key in keys, f"expected.json: check {key} is in no plan")
        check(row["why"], f"expected.json: {key} has no reason")
        for defect in row["first_for"]: check(defect.split("=")[0] in defects(), f"expected.json: stub-evse has no defect {defect}")
    for defect, why in EXPECTED["kill_nothing"].items():
        check(defect in defects() and why, f"expected.json: {defect} under kill_nothing: no such defect, or no reason")
        check(not named_for(defect), f"expected.json: {defect} stands under kill_nothing and under {named_for(defect)}")


def test_every_defect_of_the_stub_kills_something_or_has_a_reason():
    used = {name.split("=")[0] for name in outcomes() if name}
    for name in defects(): check(name in used, f"{name}: not in expected.json")


def test_no_defect_has_more_than_three_checks_of_its_own():
    for defect in outcomes():
        own = named_for(defect)
        check(len(own) <= OWN_CHECKS_MAX, f"{defect}: named for {sorted(own)}, expected {OWN_CHECKS_MAX} at most")


def page():
    lines = ["# The kill matrix of S1", "", "Written by `python3 tests/kill_matrix/test_kill_matrix.py --markdown`; do not edit.", ""]
    lines += EXPECTED["rule"] + [""]
    proved = [id_ for id_ in planned() if EXPECTED["checks"].get(key_of(id_))]
    lines += [f"{len(planned())} checks in {len(cases())} cases, {len(proved)} of them proved able to fail: "
              f"{100 * len(proved) // len(planned())} %. {len(defects())} defects.", "",
              "| Check | demands | first to fail for | because |", "|---|---|---|---|"]
    texts = {}
    for id_, text in planned().items(): texts.setdefault(key_of(id_), text)
    for key in sorted(texts, key=lambda key: key.startswith("p")):
        row = EXPECTED["checks"].get(key, {"first_for": [], "why": "NOT PROVED"})
        lines.append(f"| {key} | {texts[key]} | {', '.join(f'`{name}`' for name in row['first_for'])} | {row['why']} |")
    lines += ["", "## Defects that no check of S1 finds", "", "| Defect | is | why not |", "|---|---|---|"]
    lines += [f"| `{name}` | {defects()[name]} | {why} |" for name, why in EXPECTED["kill_nothing"].items()]
    return "\n".join(lines) + "\n"


def test_the_page_in_docs_is_what_was_found():
    print(page())
    check_equal(PAGE.read_text(encoding="utf-8") if PAGE.exists() else "", page(), "docs/kill-matrix.md (written by --markdown)")


if __name__ == "__main__":
    if sys.argv[1:] == ["--markdown"]:
        PAGE.write_text(page(), encoding="utf-8")
    else:
        bench.main(globals())
