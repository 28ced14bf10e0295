# SPDX-License-Identifier: GPL-3.0-or-later
"""One choreography, cast by the device: a gateway, a utility, an EVSE with its gateway. Each passes S1 with many seeds, and says what it is."""
import json
import random

import bench
from bench import check, check_equal

CASTS = {"evse-metered": "evse,eumd", "esci": "esci", "utility": "utility", "evse-esci": "evse,esci,eumd"}
SEEDS = 200 if bench.IS_SOAK else 20
DIAGNOSTICS = ["Diagnostics", "Diagnostics-reasons", "Diagnostics-pilot", "Diagnostics-port"]
USE_CASES = ["E", "U1", "U2", "U3", "U4", "U5", "S1", "S2", "S3", "L1", "L2-A", "L2-B", "L3", "L4", "L4-pay", "PR-charge", *DIAGNOSTICS]
# The bench plays no home utility beside a utility under test.
NO_HOME = "the bench cannot play a home utility"
# In these a gateway, or a utility, has nothing to say.
NOT_ITS = "not applicable: nothing that it judges is this device's"
NOT_RUN = {"esci": {"Diagnostics-port": NOT_ITS}, "utility": {"L3": NO_HOME, "Diagnostics-reasons": NOT_ITS, "Diagnostics-port": NOT_ITS}, "evse-esci": {}}
# What charges without a session of messages: a gateway with a meter may take it for the last session's.
WITHOUT_SESSION = ["S1-pulled", "S1-short", "S1-earth", "S1-leakage"]
SELF_TEST = "self-test of the bench: the device is our own stub"


def one(base, seed):
    with bench.Run.making:
        of = bench.Run("S1", seed=seed, dut=bench.peer_dut(base), extra=["--quiet"])
    return of.wait()


def test_each_cast_passes_with_every_seed():
    jobs = [(base, seed) for base in CASTS for seed in range(1, SEEDS + 1)]
    for (base, seed), of in zip(jobs, bench.each(one, jobs)):
        others = [row for row in of.verdicts() if row[1] != "pass"]
        check_equal((of.code, others, of.err), (bench.EXIT_PASS, [], ""), f"{base}, seed {seed}: exit status, what did not pass, standard error")


def test_each_use_case_passes_with_each_healthy_peer_or_says_why_it_is_not_run():
    for base, left_out in NOT_RUN.items():
        of = bench.Run(*USE_CASES, dut=bench.peer_dut(base), extra=["--quiet"]).wait()
        others = {name: verdict for name, verdict, _ in of.verdicts() if verdict != "pass"}
        check_equal((of.code, others, of.err), (bench.EXIT_PASS, {}, ""), f"{base}: exit status, checks that did not pass, standard error")
        reasons = {row.name: json.loads(row.text).get("reason") for row in of.rows("case")}
        check_equal(list(reasons), USE_CASES, f"{base}: cases of the run")
        check_equal([name for name, why in reasons.items() if why], list(left_out), f"{base}: cases that are not run, with a reason")
        for name, why in left_out.items(): bench.check_contains(reasons[name] or "", why, f"{base} {name}: why it is not run")
        judged = {row.name.split("/")[0] for row in of.rows("verdict") if row.check_no and not row.name.endswith("/messages/unexpected")}
        check_equal([name for name in USE_CASES if not reasons[name] and name not in judged], [], f"{base}: cases in which it says nothing that is judged")


def test_a_case_leaves_the_device_as_any_other_needs_it():
    for base in ("evse-esci", "esci"):
        for seed in range(1, 11 if bench.IS_SOAK else 3):
            names = [*USE_CASES, *(WITHOUT_SESSION if base == "evse-esci" else [])]
            random.Random(seed).shuffle(names)
            of = bench.Run(*names, seed=seed, dut=bench.peer_dut(base), extra=["--quiet"]).wait()
            others = [row for row in of.verdicts() if row[1] != "pass"]
            check_equal((of.code, others), (bench.EXIT_PASS, []), f"{base}: exit status, what did not pass in the order {' '.join(names)}")


def test_the_same_steps_are_judged_played_or_inside_by_the_cast():
    modes = {}
    for base, actors in CASTS.items():
        of = one(base, 1)
        check_equal(of.header().get("dut_actors"), actors, f"{base}: actors")
        modes[base] = {row.name: row.a for row in of.rows("step")}
    judged, played, inside = 0, 1, 2
    for step, expected in {"7": (played, played, played, played), "7r": (played, judged, played, judged), "8": (played, judged, played, judged),
                           "10": (played, played, judged, played), "11": (played, judged, judged, played),
                           "15m": (judged, played, played, inside), "15": (played, judged, played, judged),
                           "16": (played, played, judged, played), "messages": (judged, judged, judged, judged)}.items():
        check_equal(tuple(modes[base].get(step) for base in CASTS), expected, f"step {step} as {list(CASTS)}")


def test_what_is_said_to_a_gateway_and_by_it_stands_in_the_record_as_the_catalogue_has_it():
    of = one("esci", 1)
    rows = of.rows("message")
    sent = [row for row in rows if row.c == 1]
    heard = [row for row in rows if row.c == 2]
    check(len(sent) > 15 and len(heard) > 15, f"{len(sent)} sent, {len(heard)} heard")
    for row in sent + heard:
        envelope = json.loads(row.text)
        check_equal(sorted(envelope), ["at_ns", "fields", "from", "id", "to", "type", "v"], f"members of {row.text}")
        check_equal((envelope["type"], envelope["v"]), (row.name, 1), f"type and version of row {row.seq}")
        check_equal(json.dumps(envelope, sort_keys=True, separators=(",", ":"), ensure_ascii=False), row.text, f"row {row.seq} is canonical")
    for link in (0, 1):
        ids = [json.loads(row.text)["id"] for row in sent if row.d == link and json.loads(row.text)["from"] == ("utility" if link else "pev")]
        check_equal(ids, list(range(1, len(ids) + 1)), f"ids of one sender on link {link}")


def test_the_report_says_that_a_peer_of_ours_tests_the_bench():
    for base, is_ours in (("esci", True), ("utility", True), ("evse-esci", True), ("evse-metered", False)):
        of = one(base, 1)
        check_equal(of.header().get("self_test"), SELF_TEST if is_ours else None, f"{base}: head of the record")
        done = bench.pilotbench("report", of.path)
        check_equal(SELF_TEST in done.out, is_ours, f"{base}: the report says so")
        html, junit = bench.FOLDER / f"{base}.html", bench.FOLDER / f"{base}.xml"
        bench.pilotbench("report", of.path, "--html", html, "--junit", junit)
        head = html.read_text(encoding="utf-8").split("<header", 1)[1].split("</header>", 1)[0]
        check_equal(SELF_TEST in head, is_ours, f"{base}: the page's head says so, before its first case")
        check_equal(f'<property name="self_test" value="{SELF_TEST}"/>' in junit.read_text(encoding="utf-8"), is_ours, f"{base}: the JUnit file says so")


bench.main(globals())
