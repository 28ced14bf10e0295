# SPDX-License-Identifier: GPL-3.0-or-later
"""What README.md prints works as printed: the first own test, the verbs' help, the files and links that it names."""
import re
import shlex

import bench
from bench import check, check_contains, check_equal

README = (bench.SOURCE / "README.md").read_text(encoding="utf-8")


def test_the_first_own_test_passes_as_printed():
    own = re.search(r"```lua\n(.*?)```", README, re.S).group(1)
    command = shlex.split(re.search(r"run `(build/pilotbench run mine\.lua[^`]*)`", README).group(1))
    words = [str(bench.SOURCE / word) if word.startswith("fixtures/") else word for word in command[2:]]
    words[words.index("mine.lua")] = str(bench.write("mine.lua", own))
    for seed in range(1, 21):
        of = bench.run(*words, seed=seed)
        bench.check_code(of, bench.EXIT_PASS)
        bench.check_last_line(of, verdict="pass", inconc=0)


def test_the_first_own_test_finds_a_wrong_duty_and_a_second_connection_without_pwm():
    own = str(bench.write("mine.lua", re.search(r"```lua\n(.*?)```", README, re.S).group(1)))
    of = bench.run(own, dut=bench.fixture_dut(args=("--defect", "duty_low_3a")))
    check_equal([row[0] for row in of.verdicts() if row[1] == "fail"], ["mine/2/duty"], "checks that failed")
    of = bench.run(own, dut=bench.fixture_dut(args=("--defect", "no_pwm")))
    check_equal([row[0] for row in of.verdicts() if row[1] == "fail"], ["mine/2/pwm_starts"], "checks that failed")


def test_pwm_counts_from_the_connection_that_its_own_step_made():
    """Not from the one before, whose PWM came in time."""
    step = 'step { id = "%s", actor = customer, evidence = "added", text = "t", %s },\n'
    pwm = "pilot.pwm { duty = duty_for(ics.rated_current) }"
    text = 'use_case "twice" { title = "t", needs = { "cp", "mains", "coupler" },\n'
    text += step % ("1", "does = mains.on(), sees = pilot.level(12), of = evse, within = ixit.power_up")
    text += step % ("2", f"does = coupler.insert(), sees = {pwm}, of = evse, within = s(5)")
    text += step % ("3", 'does = coupler.remove(), sees = pilot.state "A1", of = evse, within = s(3), lasts = s(10)')
    text += step % ("4", f"does = coupler.insert(), sees = {pwm}, of = evse, within = s(5)") + "}\n"
    of = bench.run(str(bench.write("twice.lua", text)))
    bench.check_last_line(of, verdict="pass", judged=11)
    recipes = [row.text for row in of.rows("reading") if row.name.endswith("/pwm_starts")]
    starts = [int(re.search(r'"from":(\d+)', recipe).group(1)) for recipe in recipes]
    check(starts[1] - starts[0] > 10_000_000_000, f"both PWM checks count from {starts} ns")


def test_the_main_job_ends_as_the_readme_shows():
    job = re.search(r"build/pilotbench (run .*)", (bench.SOURCE / "Makefile").read_text(encoding="utf-8")).group(1)
    cases = shlex.split(job)[1:shlex.split(job).index("--quiet")]
    shown = [line[4:] for line in re.search(r"\n    case verdict.*?\n    verdict: [^\n]*", README, re.S).group(0).splitlines() if line.startswith("    ")]
    of = bench.run(*cases, dut=bench.SOURCE / "fixtures" / "duts" / "stub-evse.yaml")
    said = of.out.splitlines()
    first = said.index(shown[0]) if shown[0] in said else len(said)
    check_equal(said[first:first + len(shown) - 1], shown[:-1], "the table of cases")
    check_equal(said[-1], shown[-1], "the last line")


def test_every_verb_has_its_help():
    shown = bench.pilotbench("--help")
    verbs = re.findall(r"^  (\w+) ", shown.out, re.M)
    check(len(verbs) >= 6, f"verbs of --help: {verbs}")
    for verb in verbs:
        done = bench.pilotbench(verb, "--help")
        check_equal((done.code, done.err), (0, ""), f"{verb} --help: exit status and standard error")
        check_contains(done.out, f"Usage: pilotbench {verb}", f"{verb} --help")


def test_links_of_the_documents_lead_somewhere():
    pages = [bench.SOURCE / "README.md", *sorted((bench.SOURCE / "docs").rglob("*.md"))]
    for page in pages:
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                check((page.parent / target).exists(), f"{page.name} links to {target}, which is not there")
    check(len(pages) > 3, f"{len(pages)} pages")


bench.main(globals())
