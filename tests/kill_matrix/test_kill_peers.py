# SPDX-License-Identifier: GPL-3.0-or-later
"""The kill matrix of messages: every defect of stub-esci and stub-utility is found, first by the check that docs/kill-matrix-peers.md names, and
each message check of the casts {esci} and {utility} is the first to fail for a defect or has a reason in peers.json.

    test_kill_peers.py             the tests
    test_kill_peers.py --markdown  writes docs/kill-matrix-peers.md
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
PAGE = bench.SOURCE / "docs" / "kill-matrix-peers.md"
EXPECTED = json.loads((HERE / "peers.json").read_text(encoding="utf-8"))
PEERS = ["esci", "utility"]
CASES = ["S1", "Stranger", str(bench.SOURCE / "test_suites/messages/Robust.lua"), "Portal", "Portal-third-party", "HealthCheck", "PowerFeed"]
# Beside each defect as it stands: every message that is passed on or is a flow's, lost by itself.
VALUES = {"esci": [f"loses={number}" for number in (4, 5, 6, 7, 8, 9, 10, 12, 17)] +
          [f"flow_row_lost={row}" for row in range(2, 12)], "utility": [f"flow_row_lost={row}" for row in range(2, 22)] + ["subscribes_abroad=2"]}
SEEDS = range(1, 11 if bench.IS_SOAK else 3)
PAGE_SEEDS = 2  # the page shows what these find, whatever more is run


@functools.cache
def defects(peer):
    """Name: meaning."""
    text = subprocess.run([bench.BUILD / f"stub-{peer}", "--list-defects"], capture_output=True, text=True, check=True).stdout
    return {re.split("[=:]", line)[0]: line.split(": ", 1)[1] for line in text.splitlines()}


def first_failures(peer, defect, seed):
    """({case: (check, verdict, reason)}, planned checks, exit status)"""
    with bench.Run.making:
        of = bench.Run(*CASES, seed=seed, dut=bench.peer_dut(peer, ("--defect", defect) if defect else ()), extra=["--quiet"])
    of.wait()
    first = bench.first_failures(of)
    planned = [row.name for row in of.rows("check")]
    with bench.Run.making:
        of.forget()
    return first, planned, of.code


@functools.cache
def found():
    """{(peer, defect or None): [first_failures of each seed]}"""
    jobs = [(peer, defect, seed) for peer in PEERS for defect in [None, *defects(peer), *VALUES[peer]] for seed in SEEDS]
    table = {}
    for (peer, defect, _), result in zip(jobs, bench.each(first_failures, jobs)):
        table.setdefault((peer, defect), []).append(result)
    return table


def killers(peer, seeds=None):
    """{check: {defects for which it is first}}, of so many seeds"""
    table = {}
    for (of, defect), results in found().items():
        if of == peer and defect:
            for first, _, _ in results[:seeds]:
                for name, _, _ in first.values():
                    table.setdefault(name, set()).add(defect)
    return table


def test_healthy_peers_pass():
    for peer in PEERS:
        for first, planned, code in found()[peer, None]:
            check_equal((first, code), ({}, bench.EXIT_PASS), f"{peer}: what did not pass, exit status")
            check(len(planned) > 10, f"{peer}: {len(planned)} checks")


def test_each_defect_fails_with_every_seed():
    for (peer, defect), results in found().items():
        if defect is None: continue
        names = [sorted(name for name, _, _ in first.values()) for first, _, _ in results]
        if defect in EXPECTED["kill_nothing"][peer]:
            check_equal(names, [[]] * len(results), f"{peer} {defect}: stands under kill_nothing; checks that failed")
            continue
        check(all(names), f"{peer} {defect}: found by nothing ({names})")
        for first, _, code in results:
            check_equal({verdict for _, verdict, _ in first.values()}, {"fail"}, f"{peer} {defect}: verdicts of {first}")
            check_equal(code, bench.EXIT_FAIL, f"{peer} {defect}: exit status")


def test_each_check_is_first_to_fail_for_some_defect_or_says_why_not():
    for peer in PEERS:
        planned = {name for _, names, _ in found()[peer, None] for name in names}
        without = planned - set(killers(peer))
        check_equal(without, set(EXPECTED["not_proved"][peer]), f"{peer}: checks that are first to fail for no defect")


def test_peers_json_names_only_what_there_is():
    for peer in PEERS:
        for name, why in EXPECTED["kill_nothing"][peer].items():
            check(name in defects(peer) and why, f"{peer}: {name} is no defect, or has no reason")


def page():
    lines = ["# The kill matrix of messages", "", "Written by `python3 tests/kill_matrix/test_kill_peers.py --markdown`; do not edit.", ""]
    lines += EXPECTED["rule"]
    for peer in PEERS:
        table = killers(peer, PAGE_SEEDS)
        planned = found()[peer, None][0][1]
        lines += ["", f"## stub-{peer}", "", f"{len(planned)} checks, {len(set(planned) & set(table))} of them proved able to fail; "
                  f"{len(defects(peer))} defects, {len(defects(peer)) - len(EXPECTED['kill_nothing'][peer])} found.", "",
                  "| check | first to fail for |", "|---|---|"]
        lines += [f"| {name} | {', '.join(f'`{one}`' for one in sorted(table[name]))} |" if name in table else
                  f"| {name} | none: {EXPECTED['not_proved'][peer].get(name, 'NOT PROVED')} |" for name in planned]
        lines += ["", "| defect that nothing finds | is | why not |", "|---|---|---|"]
        lines += [f"| `{name}` | {defects(peer)[name]} | {why} |" for name, why in EXPECTED["kill_nothing"][peer].items()]
    return "\n".join(lines) + "\n"


def test_the_page_in_docs_is_what_was_found():
    check_equal(PAGE.read_text(encoding="utf-8") if PAGE.exists() else "", page(), "docs/kill-matrix-peers.md (written by --markdown)")


if __name__ == "__main__":
    if sys.argv[1:] == ["--markdown"]:
        PAGE.write_text(page(), encoding="utf-8")
    else:
        bench.main(globals())
