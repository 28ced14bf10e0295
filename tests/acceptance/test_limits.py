# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits as data, from outside: files over files, strict limits, readings that are too uncertain, and what record and reports say of it."""
import json
import re
import xml.etree.ElementTree as tree

import bench
from bench import check, check_contains, check_equal

PUBLIC = bench.SOURCE / "fixtures/limits/j1772-iec61851.yaml"
SAE = bench.SOURCE / "fixtures/limits/sae-j1772-2017.yaml"
UNVERIFIED = ("K", "U")


def confidences(of):
    """Confidence and strictness of each planned check."""
    return {row.name: (json.loads(row.text)["confidence"], bool(row.d & 2)) for row in of.rows("check")}


def test_strict_limits_make_what_rests_on_unverified_rows_inconc_and_nothing_else():
    plain, strict = bench.run(), bench.run(extra=["--strict-limits"])
    check_equal((plain.code, strict.code), (bench.EXIT_PASS, bench.EXIT_INCONC), "exit statuses without and with --strict-limits")
    told = dict((name, (verdict, reason)) for name, verdict, reason in strict.verdicts())
    check_equal(sorted(told), sorted(name for name, *_ in plain.verdicts()), "checks that were judged: strict limits end no case")
    for name, (confidence, is_strict) in confidences(strict).items():
        check(is_strict, f"{name}: its row does not say that it is strict")
        verdict, reason = told[name]
        check_equal(verdict, "inconc" if confidence in UNVERIFIED else "pass", f"{name} (confidence {confidence})")
        if confidence in UNVERIFIED:
            check_contains(reason, f"the limit is unverified ({confidence}) and limits are strict", name)
    check(not any(is_strict for _, is_strict in confidences(plain).values()), "a run without --strict-limits has strict checks")
    check(strict.header()["strict_limits"].startswith("yes"), f"header strict_limits is {strict.header()['strict_limits']!r}")
    check("strict_limits" not in plain.header(), "a run without --strict-limits has the header strict_limits")
    done = bench.pilotbench("rejudge", strict.path)
    check_equal(done.code, 0, f"rejudge of the strict run ({done.out.strip()[-200:]})")
    check_contains(done.out, "verdict inconc", "rejudge")


def test_strict_limits_do_not_hide_a_fail_by_a_verified_row():
    of = bench.run(dut=bench.dut("strict-late", args=["--defect", "contactor_close_late"]), extra=["--strict-limits"])
    check_equal(of.code, bench.EXIT_FAIL, "exit status of a contactor that closes late, under strict limits")
    check_equal(of.verdict["failed"], 1, "failed checks")


def test_top_lines_say_how_much_rests_on_unverified_limits():
    junit, html = bench.FOLDER / "limits.xml", bench.FOLDER / "limits.html"
    of = bench.run("S1", extra=["--junit", str(junit), "--html", str(html)])
    unverified = int(re.search(r" unverified=(\d+)$", of.line).group(1))
    judged = {row.check_no for row in of.rows("reading")}
    expected = sum(json.loads(row.text)["confidence"] in UNVERIFIED for row in of.rows("check") if row.check_no in judged)
    check_equal(unverified, expected, "unverified= of the last line")
    words = f"pass ({unverified} on unverified limits)"
    check_contains(of.out, words, "the table's head")
    check_contains(html.read_text(), words, "the HTML page")
    properties = {each.get("name"): each.get("value") for each in tree.parse(junit).getroot().iter("property")}
    check_equal(properties["verdict"], words, "JUnit property verdict")
    check_equal(properties["decision_risk"], "false pass up to 50 %, false fail up to 50 %", "JUnit property decision_risk")
    steps = of.rows("step")
    for mode, name in enumerate(("judged", "played", "not_observable")):
        of_mode = [json.loads(row.text)["evidence"] for row in steps if row.a == mode]
        for evidence in set(of_mode):
            check_equal(properties.get(f"{name}.{evidence}"), str(of_mode.count(evidence)), f"JUnit property {name}.{evidence}")
    check_contains(of.out, "steps judged: found", "the table's head")
    for rule, risk in (("guarded", "false pass up to 2.5 %, false fail up to 50 %"), ("non-binary", "false pass up to 2.5 %, false fail up to 2.5 %")):
        other = bench.run("S1", extra=["--rule", rule])
        check_contains(other.header()["decision_risk"], risk, f"header decision_risk of {rule}")
        check_contains(other.out, risk, f"the table of {rule}")


def test_a_reading_with_more_u_than_its_row_allows_is_inconc_and_says_both():
    mine = bench.write("sharp.yaml", "pilotbench_limits: 1\nstandard: sharp\nrows:\n  - {id: cp.level.b, min: 8.36 V, max: 9.56 V, u_max: 1 mV, "
                       "u_max_why: a test, clause: c, source: s, confidence: V}\n")
    of = bench.run("S1", extra=["--limits", str(PUBLIC), "--limits", str(mine)])
    check_equal(of.code, bench.EXIT_INCONC, "exit status")
    inconc = [(name, reason) for name, verdict, reason in of.verdicts() if verdict == "inconc"]
    check_equal([name for name, _ in inconc], ["S1/2/level_b"], "inconclusive checks")
    check(bool(re.search(r"too uncertain: 8\.\d+ V \+- .* U = .* is larger than u_max = 1 mV", inconc[0][1])), f"reason {inconc[0][1]!r}")
    texts = {key: value for key, value in of.header().items() if key.startswith("limits_file")}
    check_equal(len(texts), 5, "texts of limits files in the record (the public one includes three)")
    for path in [PUBLIC, mine, *(PUBLIC.parent / f"{name}.yaml" for name in ("sae-j1772-2017", "iec-61851-1-2017", "ul-2231-2"))]:
        check(path.read_text() in texts.values(), f"{path.name}: its text is not in the record")
    check_contains(of.header()["limits"], "; sharp", "header limits")


def test_a_file_alone_replaces_the_public_set():
    done = bench.pilotbench("run", "S1", "--limits", SAE, "--out", bench.FOLDER / "never.pbrun")
    check_equal(done.code, bench.EXIT_INPUT, "exit status of a set without the rows that S1 asks for")
    check_contains(done.err, "found", "message")


def test_cases_of_which_no_steps_were_read_say_so_everywhere():
    suite = bench.write("told.lua", 'use_case "T1" { title = "Known by its title", reconstructed = true,\n'
                        '  step { id = "1", actor = customer, evidence = "inferred", text = "switches on", does = mains.on(),\n'
                        '         sees = pilot.level(12), of = evse, within = ms(1) } }\n')
    junit, html = bench.FOLDER / "told.xml", bench.FOLDER / "told.html"
    of = bench.run(str(suite), extra=["--junit", str(junit), "--html", str(html)])
    check_contains(of.out, "RECONSTRUCTED: Known by its title", "the table")
    check_contains(html.read_text(), "RECONSTRUCTED: ", "the HTML page")
    check_contains(junit.read_text(), 'name="reconstructed" value="true"', "the JUnit file")
    # The stub cannot be there after 1 ms, but the figure is the suite's own and the step is inferred: advisory.
    (name, verdict, reason), = [row for row in of.verdicts() if row[0].endswith("reaches_a")]
    check_equal(verdict, "inconc", name)
    check_contains(reason, "advisory", name)
    listed = bench.pilotbench("list").out
    check_contains(listed, "RECONSTRUCTED: ", "pilotbench list")


bench.main(globals())
