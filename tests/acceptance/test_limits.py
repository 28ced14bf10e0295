# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits as data, from outside: files over files, strict limits, readings that are too uncertain, and what record and reports say of it."""
import html as html_entities
import json
import re
import xml.etree.ElementTree as tree

import bench
from bench import check, check_contains, check_equal

PUBLIC = bench.SOURCE / "fixtures/limits/j1772-iec61851.yaml"
SAE = bench.SOURCE / "fixtures/limits/sae-j1772-2017.yaml"
UNVERIFIED = ("K", "U")
RULE_WORDS = {"simple": "simple", "guarded": "guarded", "non-binary": "non_binary"}  # as check rows have them


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


LAW = """pilotbench_limits: 1
standard: a law from memory
duty_of_current:
  - {from: 6 A, to: 51 A, slope: 0.6 A, clause: my table of duties, source: my memory, confidence: CONFIDENCE}
rows:
  - {id: cp.duty.tolerance, max: 0.5 %, clause: my tolerance, source: mine, confidence: V}
"""


def plain_text(page):
    """Of an HTML page, as it is read: no markup, no figures, one blank between words."""
    page = re.sub(r"<(style|svg|script)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", html_entities.unescape(re.sub(r"<[^>]+>", " ", page)))


def test_a_row_of_the_duty_law_is_shown_as_unverified_where_it_decides():
    """The duty that is expected follows from the row of a current: nothing that rests on it is known better."""
    counts = {}
    for confidence in ("V", "U"):
        junit, page = bench.FOLDER / f"law-{confidence}.xml", bench.FOLDER / f"law-{confidence}.html"
        mine = bench.write(f"law-{confidence}.yaml", LAW.replace("CONFIDENCE", confidence))
        of = bench.run("S1", extra=["--limits", str(PUBLIC), "--limits", str(mine), "--junit", str(junit), "--html", str(page)])
        counts[confidence] = of.verdict and int(re.search(r" unverified=(\d+)$", of.line).group(1))
        row = next(json.loads(row.text) for row in of.rows("check") if row.name == "S1/5/duty")
        expected = ("V", "my tolerance") if confidence == "V" else ("U", "my table of duties; my tolerance")
        check_equal((row["confidence"], row["clause"]), expected, f"the row of check S1/5/duty, law of confidence {confidence}")
        words = f"pass ({counts[confidence]} on unverified limits)"
        check_contains(of.out, words, "the table's head")
        check_contains(plain_text(page.read_text()), words, "the HTML page")
        case = next(each for each in tree.parse(junit).getroot().iter("testcase") if each.get("name") == "S1/5/duty")
        said = case.find("system-out").text
        properties = [each.get("value") for each in tree.parse(junit).getroot().iter("property") if each.get("name") == "limit.cp.duty.tolerance"]
        if confidence == "V":
            check_contains(said, "confidence: V\n", "JUnit, output of S1/5/duty")
            continue
        check_contains(said, "confidence: U, unverified", "JUnit, output of S1/5/duty")
        check(any(value.endswith("; U, unverified") for value in properties), f"JUnit properties {properties} say that the limit is unverified")
        check(bool(re.search(r"duty 26\.\d+ % .*my table of duties; my tolerance \(U: +unverified\)", re.sub(r"\s+", " ", of.out))), "the table says it at the check")
        check_contains(plain_text(page.read_text()), "my table of duties; my tolerance ; my memory U: unverified", "the HTML page at the check")
        strict = bench.run("S1", extra=["--limits", str(PUBLIC), "--limits", str(mine), "--strict-limits"])
        verdict = {name: (verdict, reason) for name, verdict, reason in strict.verdicts()}["S1/5/duty"]
        check_equal(verdict[0], "inconc", "S1/5/duty under strict limits")
        check_contains(verdict[1], "the limit is unverified (U)", "S1/5/duty under strict limits")
    check_equal(counts["U"] - counts["V"], 1, "checks more on unverified limits")


def test_rule_and_risk_stand_in_record_and_every_report():
    for rule, name, risk in (("simple", "simple acceptance (ILAC-G8, w = 0)", "false pass up to 50 %, false fail up to 50 %"),
                             ("guarded", "guarded acceptance (ILAC-G8, w = U)", "false pass up to 2.5 %, false fail up to 50 %"),
                             ("non-binary", "non-binary (ILAC-G8, w = U)", "false pass up to 2.5 %, false fail up to 2.5 %; conditional (inconc) up to 50 %")):
        junit, page = bench.FOLDER / f"rule-{rule}.xml", bench.FOLDER / f"rule-{rule}.html"
        of = bench.run("S1-diode", extra=["--rule", rule, "--junit", str(junit), "--html", str(page)])
        check_equal((of.header()["decision_rule"], of.header()["decision_risk"]), (name, risk), f"{rule}: header of the record")
        check_equal({json.loads(row.text)["rule"] for row in of.rows("check")}, {RULE_WORDS[rule]}, f"{rule}: rule of the check rows")
        check_contains(re.sub(r"\s+", " ", of.out), f"decision rule: {name}: {risk}", f"{rule}: the table")
        text = plain_text(page.read_text())
        check_contains(text, f"Decision rule {name} Its risk {risk}", f"{rule}: the HTML page")
        properties = [(each.get("name"), each.get("value")) for each in tree.parse(junit).getroot().iter("property")]
        check_equal([each for each in properties if each[0].startswith("decision_")], [("decision_rule", name), ("decision_risk", risk)],
                    f"{rule}: rule and risk among JUnit's properties, once")
        outputs = [each.text for each in tree.parse(junit).getroot().iter("system-out") if each.text and "reading: " in each.text]
        check(bool(outputs) and all(f"decision rule: {name} ({risk})" in each for each in outputs), f"{rule}: each judged test case of JUnit names rule and risk")


def test_a_value_within_u_of_its_limit_is_decided_by_the_rule():
    """The level of state B lies 1 mV inside, and 1 mV outside, of a bound; U is 5 mV and more."""
    level_uv = next(row.a for row in bench.run("S1").rows("reading") if row.name == "S1/2/level_b")
    for side, rule, expected, words in (("in", "simple", "pass", ""), ("in", "guarded", "inconc", "which is less than U (guard band w = U)"),
                                        ("in", "non-binary", "inconc", "conditional pass: "), ("out", "simple", "fail", ""),
                                        ("out", "guarded", "fail", ""), ("out", "non-binary", "inconc", "conditional fail: ")):
        bound_uv = level_uv + (1000 if side == "in" else -1000)
        mine = bench.write(f"edge-{side}.yaml", "pilotbench_limits: 1\nstandard: edge\nrows:\n  - {id: cp.level.b, min: 8.36 V, "
                           f"max: {bound_uv / 1e6} V, clause: c, source: s, confidence: V}}\n")
        of = bench.run("S1", extra=["--limits", str(PUBLIC), "--limits", str(mine), "--rule", rule])
        verdict, reason = next((verdict, reason) for name, verdict, reason in of.verdicts() if name == "S1/2/level_b")
        check_equal(verdict, expected, f"{rule}, 1 mV {side}side ({reason})")
        check_contains(reason, words, f"{rule}, 1 mV {side}side")


def test_junit_and_page_show_what_strict_limits_took_back():
    junit, page = bench.FOLDER / "strict.xml", bench.FOLDER / "strict.html"
    of = bench.run("S1", extra=["--strict-limits", "--junit", str(junit), "--html", str(page)])
    inconc = {name: reason for name, verdict, reason in of.verdicts() if verdict == "inconc"}
    check(len(inconc) >= 3, f"{len(inconc)} checks are inconc, expected 3 or more")
    words = f"inconc ({len(inconc)} on unverified limits)"
    check_contains(of.out, words, "the table's head")
    check_contains(of.out, "strict limits: what rests on an unverified limit decides nothing: inconc", "the table")
    text = plain_text(page.read_text())
    check_contains(text, words, "the HTML page")
    cases = {each.get("name"): each for each in tree.parse(junit).getroot().iter("testcase")}
    properties = {each.get("name"): each.get("value") for each in tree.parse(junit).getroot().iter("property")}
    check_equal(properties.get("verdict"), words, "JUnit property verdict")
    for name, reason in inconc.items():
        error = cases[name].find("error")
        check(error is not None and error.get("type") == "inconclusive" and error.get("message") == reason, f"JUnit: {name} is inconclusive, and why")
        check_contains(text, reason.split(": ")[0], f"the HTML page at {name}")


def bands(of):
    """Heights of the windows A to D in the page's figures of the pilot: [(letter, px)], of the first that has them."""
    page = bench.FOLDER / f"{of.path.stem}-bands.html"
    check_equal(bench.pilotbench("report", "--html", page, of.path).code, 0, "exit status of report")
    figure = next(text for text in re.findall(r"<svg\b.*?</svg>", page.read_text(), re.DOTALL) if "around that edge" in text)
    found = re.findall(r'<rect [^>]*height="([\d.]+)"[^>]*class="[^"]*panel[^"]*"|<rect [^>]*class="[^"]*panel[^"]*"[^>]*height="([\d.]+)"', figure)
    return [float(a or b) for a, b in found]


def test_figures_show_the_windows_of_the_run():
    mine = bench.write("windows.yaml", "pilotbench_limits: 1\nstandard: narrow windows\nrows:\n"
                       "  - {id: cp.window.b, min: 8.5 V, max: 9.5 V, clause: c, source: s, confidence: V}\n"
                       "  - {id: cp.window.c, min: 5.5 V, max: 6.5 V, clause: c, source: s, confidence: V}\n")
    dut = bench.dut("windows-late", args=["--defect", "contactor_close_late"])
    public, narrow = bench.run("S1", dut=dut), bench.run("S1", dut=dut, extra=["--limits", str(PUBLIC), "--limits", str(mine)])
    check_equal(json.loads(public.header()["cp_windows"])["b"], [8000000, 10000000], "window B of the public set in the record", "uV")
    check_equal(json.loads(narrow.header()["cp_windows"])["b"], [8500000, 9500000], "window B of the lab's file in the record", "uV")
    wide, small = bands(public), bands(narrow)
    check_equal((len(wide), len(small)), (4, 4), "windows in the figures")
    check(all(abs(height - wide[0]) < 0.01 for height in wide), f"public windows of {wide} px: all of 2 V")
    for i, share in enumerate((1, 0.5, 0.5, 1)):
        check(abs(small[i] - share * wide[i]) < 0.02 * wide[i], f"window {'ABCD'[i]}: {small[i]} px, expected {share} of {wide[i]} px")


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
