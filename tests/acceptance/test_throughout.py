# SPDX-License-Identifier: GPL-3.0-or-later
"""Ten minutes of charge sampled throughout give the verdicts of ten minutes of which the quiet part is modelled; no thread, ever."""
import pathlib
import time

import bench
from bench import check, check_equal

WINDOW = ["--window", "10 min"]


def children(pid):
    """pid: name, of the processes whose parent it is."""
    found = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            name, rest = stat.read_text().rsplit(")", 1)
        except OSError:  # it has ended meanwhile
            continue
        if int(rest.split()[1]) == pid:
            found[int(stat.parent.name)] = name.split("(", 1)[1]
    return found


def threads(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("Threads:")))


def check_one_thread_each(of):
    """Guardian and world are the harness's children, the DUT is the world's."""
    if not check(of.wait_for_log("bench set mains=1"), f"{of.command}: ended before the mains were on"):
        return
    family = {of.process.pid: "harness", **children(of.process.pid)}
    for pid in list(family)[1:]:
        family.update(children(pid))
    names = sorted(name for name in family.values())
    check_equal(names, ["harness", "pb-guardian", "pilotbench-worl", "stub-evse"], "processes, as the kernel calls them")
    seen = 0
    end = time.monotonic() + 0.5
    while time.monotonic() < end and of.process.poll() is None:
        for pid, name in family.items():
            check_equal(threads(pid), 1, f"{name}: threads", "threads")
        seen += 1
        time.sleep(0.02)
    check(seen >= 3, f"looked {seen} times, expected 3 or more")


def test_sampled_throughout_gives_the_same_verdicts_without_a_thread():
    throughout = bench.Run("S1", "S1-diode", bench=bench.bench("throughout", sample_throughout="true"), extra=WINDOW)
    check_one_thread_each(throughout)
    throughout.wait()
    modelled = bench.run(extra=WINDOW)
    for of in (throughout, modelled):
        bench.check_code(of, bench.EXIT_PASS)
        bench.check_last_line(of, verdict="pass")
    check_equal([row[:2] for row in throughout.verdicts()], [row[:2] for row in modelled.verdicts()], "verdicts, sampled throughout and modelled")
    check_equal(len(throughout.rows("modelled")), 0, "modelled stretches when sampled throughout")
    check(len(modelled.rows("modelled")) > 0, "a run that is not sampled throughout has modelled stretches")
    for of in (throughout, modelled):
        charged = max(row.at_ns for row in of.rows()) / 1e9
        check(charged > 600, f"{charged:.1f} s of bench time, expected more than 600 s")


def test_a_defect_is_found_as_well_when_sampled_throughout():
    options = {"dut": bench.dut("late", args=["--defect", "contactor_close_late"]), "extra": ["--window", "1 min"]}
    throughout = bench.run(bench=bench.bench("throughout", sample_throughout="true"), **options)
    modelled = bench.run(**options)
    check_equal([row[:2] for row in throughout.verdicts()], [row[:2] for row in modelled.verdicts()], "verdicts, sampled throughout and modelled")
    bench.check_code(throughout, bench.EXIT_FAIL)


bench.main(globals())
