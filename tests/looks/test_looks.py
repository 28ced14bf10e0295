# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as a reader sees it, in Chromium at 390, 800 and 1600 px, light and dark: pictures in PB_BUILD/looks, no violation that axe-core
finds, nothing wider than the page, nothing cut in a figure. What is not installed is skipped, with the reason."""
import json
import os
import shutil
import subprocess

import chromium
import pages
from bench import BUILD, FOLDER, SOURCE, Run, Skip, check, check_equal, main

WIDTHS, SCHEMES = [390, 800, 1600], ["light", "dark"]
LOOKS = BUILD / "looks"
AXE = "axe-core@4.14.1"

MEASURE = """(() => {
  const cut = [], over = [];
  for (const svg of document.querySelectorAll('svg[role=img]')) {
    const box = svg.viewBox.baseVal, texts = [...svg.querySelectorAll('text')].map(t => [t.textContent, t.getBBox()]);
    for (const [text, b] of texts)
      if (b.x < -1 || b.y < -3 || b.x + b.width > box.width + 1 || b.y + b.height > box.height + 3) cut.push(text);
    for (let i = 0; i < texts.length && i < 400; i++)
      for (let k = i + 1; k < texts.length && k < 400; k++) {
        const a = texts[i][1], b = texts[k][1];
        const w = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x), h = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
        if (w > 3 && h > 5) over.push(texts[i][0] + ' | ' + texts[k][0]);
      }
  }
  const page = document.documentElement;
  return {cut, over, wider: page.scrollWidth - page.clientWidth, title: document.title, scripts: document.scripts.length};
})()"""


def made():
    """{name: page}, made once."""
    if not made.pages:
        LOOKS.mkdir(parents=True, exist_ok=True)
        runs = {"pass": Run("S1", "S1-diode"), "fails": Run("S1", "S1-diode", dut=pages.with_defects(*pages.DEFECTS)),
                "late": Run("S1", dut=pages.with_defects("contactor_close_late", name="late"), extra=["--rule", "guarded"])}
        fixtures = SOURCE / "fixtures"
        runs["duty"] = Run("vehicle-sweep", bench=fixtures / "benches/virtual-evse.yaml", dut=fixtures / "duts/stub-pev.yaml")
        for name, of in runs.items():
            of.wait()
            made.pages[name] = of.path
        made.pages["hostile"] = pages.make_hostile(runs["fails"], FOLDER / "hostile.copy")
        for name, path in list(made.pages.items()):
            made.pages[name] = LOOKS / f"report-{name}.html"
            done = pages.report(path, made.pages[name])
            check_equal(done.code, 0, f"exit status of report {path} ({done.err.strip()})")
    return made.pages


made.pages = {}


def need_chromium():
    if not chromium.find():
        raise Skip("no Chromium here (Debian package chromium)")


def axe():
    """The source of axe-core, fetched into the build folder once."""
    path = LOOKS / "node_modules" / "axe-core" / "axe.min.js"
    if not path.exists():
        if not shutil.which("npm"):
            raise Skip("no npm here")
        LOOKS.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(["npm", "install", "--no-package-lock", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(LOOKS), AXE],
                              capture_output=True, text=True, timeout=240, check=False)
        if not path.exists():
            raise Skip(f"npm could not fetch {AXE}: {(done.stderr or done.stdout).strip()[-200:]}")
    return path.read_text()


def each_view():
    for name, path in made().items():
        for width in WIDTHS:
            for scheme in SCHEMES:
                yield name, path, width, scheme


def test_nothing_is_cut_or_wider_than_the_page():
    need_chromium()
    with chromium.Chromium() as browser:
        for name, path, width, scheme in each_view():
            where = f"report-{name} at {width} px, {scheme}"
            browser.open(path, width, scheme)
            browser.picture(LOOKS / f"report-{name}-{width}-{scheme}.png")
            seen = browser.run(MEASURE)
            check(seen["wider"] <= 0, f"{where}: the page is {seen['wider']} px wider than the window")
            check_equal(seen["cut"], [], f"{where}: texts that leave their figure")
            check_equal(seen["over"], [], f"{where}: texts of a figure that lie on one another")
            check_equal(seen["scripts"], 0, f"{where}: scripts")
            check("owned" not in seen["title"], f"{where}: a script of the hostile text has run")


def test_figures_hold_their_texts_in_the_widest_usual_face():
    need_chromium()
    with chromium.Chromium() as browser:
        for name, path in made().items():
            browser.open(path, 1600, "light")
            browser.run("document.documentElement.style.setProperty('--sans', \"'DejaVu Sans', Verdana\"); 0")
            seen = browser.run(MEASURE)
            check_equal(seen["cut"] + seen["over"], [], f"report-{name} in DejaVu Sans: texts that leave their figure or lie on one another")


def test_axe_finds_nothing():
    need_chromium()
    source = axe()
    with chromium.Chromium() as browser:
        for name, path, width, scheme in each_view():
            if width == 1600:  # colours and structure are those of 800 px
                continue
            browser.open(path, width, scheme)
            browser.run(source + "; 0")
            found = json.loads(browser.run("axe.run(document, {resultTypes: ['violations']}).then(r => JSON.stringify(r.violations.map("
                                           "v => [v.id, v.nodes.length, v.nodes[0].html.slice(0, 160), v.nodes[0].failureSummary.slice(0, 240)])))"))
            check_equal(found, [], f"report-{name} at {width} px, {scheme}: violations that axe-core finds")


def test_print_is_as_wide_as_the_paper():
    need_chromium()
    with chromium.Chromium() as browser:
        for name, path in made().items():
            browser.open(path, 700, "dark", media="print")
            seen = browser.run(MEASURE)
            check(seen["wider"] <= 0, f"report-{name} printed at 700 px: {seen['wider']} px wider than the paper")
            colour = browser.run("getComputedStyle(document.body).backgroundColor")
            check_equal(colour, "rgb(255, 255, 255)", f"report-{name} printed on a dark desktop: colour of the paper")
            browser.picture(LOOKS / f"report-{name}-print.png")


if __name__ == "__main__":
    os.environ.setdefault("TZ", "UTC")
    main(globals())
