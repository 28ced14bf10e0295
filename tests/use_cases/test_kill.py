# SPDX-License-Identifier: GPL-3.0-or-later
"""The judge is judged in every use case: each check of each case is the first to fail there for at least one defect of a stub: of stub-evse,
with and without a meter, of stub-esci and of stub-utility. A check that rests on an inferred step alone (advisory) can only become inconc: its
kill is to be the first that does not pass. What was found is fixtures/kill-matrix.csv, which `pilotbench list --matrix` reads; a peer's
defects stand there behind its name.

    test_kill.py           compares
    test_kill.py --update  writes the file anew

tests/kill_matrix says for S1 which defect is named for which check, and why; here all cases run, each defect once (seed 1): in one run, or in those cases where it can bite. No check is exempt. What a check cannot say because another
one has failed is passed over (bench.first_failures).
"""
import functools
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "acceptance"))
import bench  # noqa: E402
from bench import check, check_equal  # noqa: E402

TABLE = bench.SOURCE / "fixtures" / "kill-matrix.csv"
EXPECTED = json.loads((HERE.parent / "kill_matrix" / "expected.json").read_text(encoding="utf-8"))
# Beside those: lets go after 90 s, 90 min and 200 min of charging in all, in the second part of a session that others than S1 divide; and where there is one interval alone.
# And edges too slow for the generator, and for the states.
EDGES = ["slow_rise", "slow_fall", "slow_rise=20000", "slow_fall=24000"]
LATER = ["opens_while_charging=90000", "opens_while_charging=5400000", "opens_while_charging=12000000", "report_twice=1"]
# Found by tests/kill_matrix/test_kill_cords.py, on a bench with two cords.
CORDS = json.loads((HERE.parent / "kill_matrix" / "cords.json").read_text(encoding="utf-8"))["first_for"]
# Every 2 min, not every 10 s: sessions of 14 h would have 5,000 events each.
SELDOM = {"pwm_dropouts": "pwm_dropouts=120000"}
OF_EVSE = sorted({SELDOM.get(name, name) for row in EXPECTED["checks"].values() for name in row["first_for"]} | set(LATER) | set(EDGES))
BENCH = bench.SOURCE / "fixtures/benches/virtual-scope.yaml"  # which times the generator's edges too
# The meter's own defects show only where it is part of the device.
OF_METER = ["late_report_of_energy", "never_reports", "report_twice", "report_twice=1", "reports_once"]
# Beside each of a peer's defects as it stands: every message that it says, in a session or in a flow beside it, lost by itself.
LOST = {"esci": [f"loses={number}" for number in (3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15, 16, 17, 18)] +
        [f"flow_row_lost={row}" for row in range(2, 12)],
        "utility": [f"loses={number}" for number in (11, 12, 13, 14, 15, 16, 17, 18)] + [f"flow_row_lost={row}" for row in range(2, 22)] +
        ["subscribes_abroad=2"]}
# A peer's cases here: what else is said to it has a test of its own.
PEERS = ("stub-esci", "stub-utility")
OF_PEERS = {path.stem for folder in ("use_cases", "faults") for path in (bench.SOURCE / "test_suites" / folder).glob("*.lua")}
# What a defect of the flows beside a session spoils is in these files' cases alone.
OF_FLOWS = {"Portal", "HealthCheck", "PowerFeed"}
FLOW_DEFECTS = ("flow_row_lost", "flow_late", "flow_twice", "flow_otherwise", "slot_ignored", "subscribes_abroad")
# Cases that say the same message several times: each of their messages is lost by itself, so that not only the first of them can fail.
LOST_ONE_BY_ONE = {"stub-esci": ["E", "Diagnostics-reasons"], "stub-utility": ["E", "PR-charge"]}
# Of these the last message is said once more: any earlier one would be taken for the next.
LAST_REPEATED = {"stub-esci": ["Diagnostics-reasons"]}
BY_NUMBER = {"loses_one", "repeats_one"}  # defects that name a message by its number: run as said above


def list_of_defects(peer):
    text = subprocess.run([bench.BUILD / f"stub-{peer}", "--list-defects"], capture_output=True, text=True, check=True).stdout
    names = [line.split(":", 1)[0].split("=")[0] for line in text.splitlines()]
    return [None, *(name for name in names if name not in BY_NUMBER), *LOST[peer]]


@functools.cache
def defects(base):
    if base in PEERS: return list_of_defects(base.removeprefix("stub-"))
    return [None] + [name for name in OF_EVSE if (base == "stub-evse-metered") == (name in OF_METER)]


HEARD = 2  # enum pb_said of a message row
BASES = ["stub-evse", "stub-evse-metered", "stub-esci", "stub-utility"]


def statement(base, defect):
    args = ("--defect", defect) if defect else ()
    return bench.peer_dut(base.removeprefix("stub-"), args) if base in PEERS else bench.fixture_dut(base, args)


@functools.cache
def cases(base):
    text = bench.pilotbench("list", "--dut", bench.SOURCE / f"fixtures/duts/{base}.yaml").out.splitlines()
    names = [line.split()[0] for line, counts in zip(text[::2], text[1::2]) if " 0 judged" not in counts]
    return tuple(name for name in names if base not in PEERS or name.split("-")[0] in OF_PEERS)


@functools.cache
def killed(base, defect, names):
    """({case: (first check that did not pass, its verdict, why)}, checks that were planned, those of them that are advisory, messages of the device)"""
    with bench.Run.making:
        of = bench.Run(*names, dut=statement(base, defect), bench=BENCH, extra=["--quiet"])
    of.wait()
    first = bench.first_failures(of)
    planned = {row.name for row in of.rows("check")}
    advisory = {row.name for row in of.rows("check") if row.d & 1}
    said = sum(row.c == HEARD for row in of.rows("message"))
    with bench.Run.making:
        of.forget()
    return first, planned, advisory, said


def names_for(base, defect):
    names = cases(base)
    is_of_flows = base in PEERS and defect and defect.split("=")[0] in FLOW_DEFECTS
    return tuple(name for name in names if name.split("-")[0] in OF_FLOWS) if is_of_flows else names


def numbered_jobs():
    jobs = []
    for base, names in LOST_ONE_BY_ONE.items():
        for name in names:
            said = killed(base, None, (name,))[3]
            check(said > 5, f"{base} {name}: {said} messages to be lost")
            jobs += [(base, f"loses_one={number}", (name,)) for number in range(1, said + 1)]
    return jobs + [(base, f"repeats_one={killed(base, None, (name,))[3]}", (name,)) for base, names in LAST_REPEATED.items() for name in names]


def is_kill(name, verdict, reason, advisory):
    """An advisory check that was reached and did not pass is inconc, and says what it saw."""
    return verdict == ("inconc" if name in advisory else "fail") and (name not in advisory or reason.startswith("advisory,"))


@functools.cache
def found():
    """({check: [defects]}, every check that is planned, those that are advisory)"""
    jobs = [(base, defect, names_for(base, defect)) for base in BASES for defect in defects(base)] + numbered_jobs()
    table, planned, advisory = {}, set(), set()
    for (base, defect, _), (first, all_, some, _) in zip(jobs, bench.each(killed, jobs)):
        planned |= all_
        advisory |= some
        if defect is None: check_equal(first, {}, f"{base}: what does not pass with a healthy stub")
        name_of = f"{base}:{defect}" if base in PEERS else defect
        for name, verdict, reason in first.values():
            if is_kill(name, verdict, reason, some): table.setdefault(name, set()).add(name_of)
    return {name: sorted(names) for name, names in table.items()}, planned, advisory


def written():
    table = dict(found()[0], **{name: sorted(defects) for name, (defects, _) in CORDS.items()})
    return "check,defects\n" + "".join(f"{name},{' '.join(table[name])}\n" for name in sorted(table))


def test_each_check_of_each_case_is_first_to_fail_for_some_defect():
    table, planned, advisory = found()
    check(len(planned) > 1100, f"{len(planned)} checks in the cases of {len(BASES)} devices")
    check_equal(sorted(planned - set(table)), [], f"which of {len(planned)} checks are first to fail for no defect")
    print(f"    {len(planned & set(table))} of {len(planned)} checks killed; {len(advisory & set(table))} of the {len(advisory)} advisory ones")


def test_advisory_checks_are_killed_by_what_makes_them_inconc_first():
    table, _, advisory = found()
    check(len(advisory) >= 10, f"{len(advisory)} advisory checks")
    for name in sorted(advisory):
        check(table.get(name), f"{name}: no defect makes it the first that does not pass")


def test_the_table_in_fixtures_is_what_was_found():
    check_equal(TABLE.read_text(encoding="utf-8") if TABLE.exists() else "", written(), "fixtures/kill-matrix.csv (written by --update)")


if __name__ == "__main__":
    if sys.argv[1:] == ["--update"]:
        TABLE.write_text(written(), encoding="utf-8")
        sys.argv.pop()
    bench.main(globals())
