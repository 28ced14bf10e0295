# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTML report of real runs, read as XML by a parser that is not ours. How it looks is tests/looks' affair."""
import pathlib
import re
import shutil
import signal
import sqlite3
import sys
import xml.etree.ElementTree as ET

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "looks"))
import pages  # noqa: E402  (the folder must be known first)
from bench import EXIT_INPUT, FOLDER, Run, SOURCE, check, check_contains, check_equal, main, pilotbench  # noqa: E402

XHTML, SVG = "{http://www.w3.org/1999/xhtml}", "{http://www.w3.org/2000/svg}"
MEGABYTE = 1_000_000


def page_of(run, name):
    path = FOLDER / f"{name}.html"
    done = pages.report(run if isinstance(run, pathlib.Path) else run.path, path)
    check_equal(done.code, 0, f"exit status of report --html ({done.err.strip()})")
    return path


def read(path):
    return ET.parse(path).getroot()  # raises where it is not well-formed


def text_of(element):
    return re.sub(r"\s+", " ", "".join(element.itertext()))


def with_class(root, element, name):
    return [e for e in root.iter(XHTML + element) if name in e.get("class", "").split()]


def made():
    if not made.runs:
        made.runs = {"pass": Run("S1", "S1-diode").wait(), "fails": Run("S1", "S1-diode", dut=pages.with_defects(*pages.DEFECTS)).wait()}
    return made.runs


made.runs = {}


def test_the_page_holds_every_step_check_and_verdict():
    for name, of in made().items():
        root = read(page_of(of, name))
        tables = with_class(root, "table", "steps")
        case_ids = [row.name for row in of.rows("case")]
        check_equal(len(tables), len(case_ids), f"{name}: tables of steps")
        verdicts = {check_id: verdict for check_id, verdict, _ in of.verdicts()}
        steps = {row.step_no: row for row in of.rows("step")}
        for case_no, table in enumerate(tables, 1):
            shown = [text_of(tr[0]).rstrip("*") for tr in with_class(table, "tr", "step")]
            check_equal(shown, [row.name for row in steps.values() if row.case_no == case_no], f"{name}: numbers of steps")
            lines = with_class(table, "tr", "check")
            planned = [row for row in of.rows("check") if row.case_no == case_no]
            check_equal(len(lines), len(planned), f"{name}: lines of checks")
            for line, row in zip(lines, planned):
                check(row.name.endswith("/" + text_of(line[0])), f"{name}: line {text_of(line[0])!r} stands where {row.name} is expected")
                check_equal(text_of(line[4]), verdicts[row.name], f"{name}: verdict shown of {row.name}")


def test_figures_hold_real_text_and_have_names():
    root = read(page_of(made()["fails"], "fails"))
    pictures = [svg for svg in root.iter(SVG + "svg") if svg.get("role") == "img"]
    check(len(pictures) > 20, f"{len(pictures)} figures, expected more than 20")
    for svg in pictures:
        title = svg.find(SVG + "title")
        check(title is not None and title.text, f"a figure without a title: {ET.tostring(svg)[:200]}")
        check(svg.get("aria-labelledby", "").split()[0] == title.get("id"), f"figure {title.text}: its name is {svg.get('aria-labelledby')!r}")
    sequence = [svg for svg in pictures if svg[0].text == "Sequence diagram of S1"][0]
    texts = [t.text for t in sequence.iter(SVG + "text")]
    for expected in ["9a", "12", "14p*", "unplug*", "EVSE", "under test", "energy_request", "schedule_available", "duty"]:
        check(expected in texts, f"no text {expected!r} in the sequence diagram")
    timing = [svg for svg in pictures if svg[0].text == "Timing chart of S1"][0]
    texts = [t.text for t in timing.iter(SVG + "text")]
    for expected in ["pilot", "PWM", "pole 1", "current", "C2", "13", "200 ms", "7h07m57s"]:
        check(expected in texts, f"no text {expected!r} in the timing chart: {texts}")


def test_the_timing_chart_has_the_tracks_of_each_cord():
    fixtures = SOURCE / "fixtures"
    of = Run("S2-cords", bench=fixtures / "benches/virtual-two-cords.yaml", dut=fixtures / "duts/stub-evse-two-cords.yaml").wait()
    timing = [svg for svg in read(page_of(of, "cords")).iter(SVG + "svg") if text_of(svg).startswith("Timing chart of S2-cords")][0]
    texts = [t.text for t in timing.iter(SVG + "text")]
    rows = texts.count("pilot")
    check(rows > 0, f"no text 'pilot' in the timing chart: {texts}")
    for track in ["pilot", "PWM", "pole 1", "pole 2", "current"]:
        check_equal((texts.count(track), texts.count(f"{track} [2]")), (rows, rows), f"rows of {track} of the first cord and of the second")


def test_a_sweep_of_duties_has_its_chart_from_the_record_alone():
    fixtures = SOURCE / "fixtures"
    of = Run("vehicle-sweep", bench=fixtures / "benches/virtual-evse.yaml", dut=fixtures / "duts/stub-pev.yaml").wait()
    check_equal(of.code, 0, f"exit status ({of.err.strip()[-300:]})")
    marks = [row.name for row in of.rows("check") if row.name.endswith(("/current", "/not_c"))]
    old = FOLDER / "old.pbrun"  # as a version that wrote no law into the header would have left it
    shutil.copy(of.path, old)
    with sqlite3.connect(old) as database:
        database.execute("DELETE FROM header WHERE key IN ('current_of_duty', 'duty_tolerance_ppm')")
    for path, legend in (of.path, "reserved"), (old, "limit"):
        charts = [svg for svg in read(page_of(path, f"sweep-{legend}")).iter(SVG + "svg") if "Current against duty in vehicle-sweep" in text_of(svg)]
        if not check_equal(len(charts), 1, f"{legend}: charts of current against duty"): continue
        check(legend in [text_of(t) for t in charts[0].iter(SVG + "text")], f"{legend}: the legend says so")
        tips = [text_of(t) for group in charts[0].iter(SVG + "g") for t in group.findall(SVG + "title")]
        check_equal(len(tips), len(marks), f"{legend}: marks with what they stand for")
        check(any(tip.startswith("85 %") and "52.5 A" in tip for tip in tips), f"{legend}: 85 % may be read as 52.5 A: {tips[-12:]}")
    page = page_of(made()["pass"], "no-sweep").read_text(encoding="utf-8")
    check("Current against duty" not in page, "a run of S1 has no chart of duties")


def test_the_page_needs_nothing_else():
    for name, of in made().items():
        path = page_of(of, name)
        root = read(path)
        for element in root.iter():
            for key in ("src", "href"):
                value = element.get(key)
                check(value is None or value.startswith("#"), f"{name}: {element.tag} points to {value!r}")
        check_equal(len(list(root.iter(XHTML + "script"))), 0, f"{name}: scripts")
        check("url(" not in path.read_text() and "@import" not in path.read_text(), f"{name}: a style sheet loads something")
        check(path.stat().st_size < MEGABYTE, f"{name}: {path.stat().st_size} bytes, expected less than {MEGABYTE}")


def test_ids_are_unique_and_links_lead_somewhere():
    root = read(page_of(made()["fails"], "fails"))
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    check_equal(len(ids), len(set(ids)), "ids that are unique")
    for element in root.iter():
        if element.get("href"):
            check(element.get("href")[1:] in ids, f"nothing has the id that {element.get('href')} leads to")
    levels = [int(e.tag[-1]) for e in root.iter() if re.fullmatch(re.escape(XHTML) + "h[1-6]", str(e.tag))]
    check_equal(levels[0], 1, "level of the first heading")
    check(all(b <= a + 1 for a, b in zip(levels, levels[1:])), f"heading levels leave one out: {levels}")
    for th in root.iter(XHTML + "th"):
        check(th.get("scope") in ("col", "row", "rowgroup"), f"heading {text_of(th)!r} of a table has no scope")


def test_the_verdict_stands_first_and_failures_before_the_rest():
    root = read(page_of(made()["fails"], "fails"))
    verdict = text_of(with_class(root, "div", "verdict")[0])
    for expected in ["fail", "17 of 31 checks passed, 9 failed, 5 inconclusive", "on unverified limits"]:
        check_contains(verdict, expected, "the verdict")
    failed = [check_id for check_id, name, _ in made()["fails"].verdicts() if name == "fail"]
    articles = with_class(root, "article", "failure")
    check_equal([text_of(a[0]).removeprefix("fail") for a in articles[:len(failed)]], failed, "failures, in order")
    for article in articles[:len(failed)]:
        terms = [text_of(dt) for dt in article.iter(XHTML + "dt")]
        for expected in ["Expected", "Seen", "By how much", "Clause", "Source", "Step"]:
            check(expected in terms, f"{text_of(article[0])}: no {expected!r} among {terms}")
        check(len([svg for svg in article.iter(SVG + "svg") if svg.get("role") == "img"]) >= 2, f"{text_of(article[0])}: no bar, or no wave")
    check_contains(text_of(root), "S1/14b/closes", "what was not judged")
    check_contains(text_of(root), "relate only to the item tested", "the page")
    check_contains(text_of(root), "End of report", "the page")


def test_hostile_texts_stay_texts():
    path = pages.make_hostile(made()["fails"], FOLDER / "hostile.copy")
    page = page_of(path, "hostile")
    root = read(page)
    check_equal(len(list(root.iter(XHTML + "script"))), 0, "scripts")
    check_equal(len(list(root.iter(XHTML + "img"))), 0, "pictures")
    text = text_of(root)
    for expected in [pages.LONG, pages.TEXTS[1], "<script>document.title='owned'</script>", "\u05e9\u05dc\u05d5\u05dd 12 V & \"9 V\" ]]> --> &amp; '"]:
        check_contains(text, expected, "the page's text")
    check(not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text), "a control or override character is in the page")
    check_contains(text_of(with_class(root, "div", "verdict")[0]), "The record is not what was written", "the verdict of a changed record")


def test_a_killed_run_is_reported_as_such():
    of = Run("S1", extra=["--speed", "1"])
    of.wait_for_log("mains")
    of.process.send_signal(signal.SIGKILL)
    of.wait()
    check(of.wait_for_end_of_world(), "the world has not ended")
    root = read(page_of(of, "killed"))
    check_contains(text_of(with_class(root, "div", "verdict")[0]), "The run was not closed", "the verdict of a killed run")
    check_contains(text_of(root), "not reached", "the page of a killed run")


def test_a_report_appears_whole_or_not_at_all():
    of = made()["pass"]
    done = pages.report(of.path, FOLDER / "no" / "such.html")
    check_equal(done.code, EXIT_INPUT, "exit status of report into a folder that is not there")
    done = pilotbench("report", of.path, "--html", "/dev/full")
    check_equal(done.code, EXIT_INPUT, "exit status of report onto a device that is full")
    check(pathlib.Path("/dev/full").is_char_device(), "/dev/full is no device any more: a report has replaced it")
    check(not pathlib.Path("/dev/full.part").exists(), "/dev/full.part is left")
    check_contains(pilotbench("report", of.path, "--html", "/dev/stdout").out, "<!DOCTYPE html>", "what report --html /dev/stdout prints")
    check_equal([p.name for p in FOLDER.glob("*.part")], [], "parts left behind")
    done = pilotbench("run", "S1", "--out", FOLDER / "never.pbrun", "--html", FOLDER / "no" / "such.html")
    check_equal(done.code, EXIT_INPUT, "exit status of run --html into a folder that is not there")
    check(not (FOLDER / "never.pbrun").exists(), "a run was made whose report cannot be written")


def test_run_and_report_write_the_same_and_twice_the_same():
    html, junit = FOLDER / "from_run.html", FOLDER / "from_run.xml"
    of = Run("S1-diode", extra=["--html", str(html), "--junit", str(junit)]).wait()
    check_equal(page_of(of, "again").read_bytes() == html.read_bytes(), True, "report's page is the run's")
    done = pilotbench("report", of.path, "--junit", FOLDER / "again.xml", "--text")
    check_equal((FOLDER / "again.xml").read_bytes() == junit.read_bytes(), True, "report's JUnit file is the run's")
    check(done.out and done.out in of.out, "report's table is the run's")


if __name__ == "__main__":
    main(globals())
