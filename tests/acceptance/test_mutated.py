# SPDX-License-Identifier: GPL-3.0-or-later
"""500 messages (PB_SOAK=1: 10,000) that are mutated by seed on their way to a running gateway, a utility, an EVSE with its gateway: every run ends with a
verdict in bounded time, a healthy device never fails, a defective one never passes, and what passes is there in the record, by other eyes than ours."""
import functools
import json

import bench
from bench import check, check_equal

MESSAGES = 10000 if bench.IS_SOAK else 500
CASTS = ["esci", "utility", "evse-esci"]
ROBUST = str(bench.SOURCE / "test_suites/messages/Robust.lua")
CASES = ["S1", "Stranger", ROBUST]
RULES = {"light": "drop=1%, delay=1% by=2s, double=1%, reorder=1%, flip=1%, truncate=1%, oversize=1%, replay=1%, wrong_identity=1%",
         "heavy": "drop=4%, delay=5% by=20s, double=5%, reorder=5%, flip=6%, truncate=5%, oversize=3%, replay=5%, wrong_identity=6%"}
SENT, HEARD, TOUCHED, MUTATED = 1, 2, 6, 7
UNHARMED = {"delay", "double", "reorder", "replay"}
# Each is found in every run when nothing is mutated (docs/kill-matrix-peers.md).
DEFECTS = {"esci": ["wrong_vin_echoed", "passes_nothing", "loses=5", "no_confirmation", "double_confirmation", "grant_above_request"],
           "utility": ["wrong_vin_echoed", "never_verifies", "no_confirmation", "grant_above_request", "record_energy_short", "wrong_premise"]}
BATCH = 6


@functools.cache
def healthy_end_ns(base):
    of = bench.run(*CASES, dut=bench.peer_dut(base), extra=["--quiet"])
    bench.check_code(of, bench.EXIT_PASS)
    return of.rows("close")[0].at_ns


def heard_as_expected(pattern, rows, said):
    """Whether one of the case's heard messages is what the pattern of a step says, as far as constants and what was sent tell."""
    for row in rows:
        envelope = json.loads(row.text)
        if not isinstance(envelope, dict) or (row.name, envelope["from"], envelope["to"]) != (pattern["type"], pattern["from"], pattern["to"]):
            continue
        fields, fits = envelope["fields"], True
        for one in pattern["conditions"]:
            field, a = one["field"], one.get("a")
            if one["relation"] != "equal to" or one.get("tolerance"): continue
            if isinstance(a, dict) and "sent" in a: a = (said or {}).get(a["sent"])
            if isinstance(a, str) and isinstance(fields.get(field), str): fits = fits and fields[field] == a
        if fits: return True
    return False


def check_passes(of, rows):
    """Every check of a message that passed has its message."""
    steps = {row.step_no: json.loads(row.text) for row in rows if row.kind == "step"}
    planned = {row.check_no: row for row in rows if row.kind == "check"}
    messages = [row for row in rows if row.kind == "message"]
    count = 0
    for row in rows:
        if row.kind != "verdict" or not row.check_no or bench.VERDICTS[row.a] != "pass": continue
        of_check = planned[row.check_no]
        if json.loads(of_check.text)["extractor"] != "message": continue
        pattern = steps[of_check.step_no]["pattern"]
        if pattern["often"] not in ("once", "at least once"): continue
        said = [json.loads(one.text).get("fields") for one in messages if one.step_no == of_check.step_no and one.c in (SENT, 4, TOUCHED)]
        heard = [one for one in messages if one.case_no == of_check.case_no and one.c == HEARD and one.seq < row.seq]
        check(heard_as_expected(pattern, heard, said[-1] if said else None), f"{of.command}: {row.name} passed, and no such message was heard")
        count += 1
    return count


def check_mutations(of, rows):
    """What was meant, and what went out; how many."""
    touched = [row for row in rows if row.kind == "message" and row.c == TOUCHED]
    for row in touched:
        after = next(one for one in rows if one.seq == row.seq + 1)
        if not check_equal((after.kind, after.c, after.name), ("message", MUTATED, row.name), f"{of.command}: after row {row.seq}"): continue
        made = json.loads(after.text)
        is_same = made.get("bytes") == row.text and "size" not in made
        if "bytes" in made: check_equal(is_same, made["mutation"] in UNHARMED, f"{of.command}: row {after.seq}, {made['mutation']}: bytes as meant")
    return len(touched)


def one(base, rules, seed, defect):
    """(mutated messages, checks whose pass was looked at)"""
    with bench.Run.making:
        of = bench.Run(*CASES, seed=seed, dut=bench.peer_dut(base, ("--defect", defect) if defect else ()),
                       extra=["--quiet", "--mutate", RULES[rules]])
    of.wait()
    rows = of.rows()
    wrong = [(row.name, bench.VERDICTS[row.a], row.text) for row in rows if row.kind == "verdict" and bench.VERDICTS[row.a] in ("fail", "error")]
    check(bool(of.verdict), f"{of.command}: ended with {of.line!r} ({of.err.strip()[-300:]!r}), expected a verdict")
    if defect:
        check(of.code in (bench.EXIT_FAIL, bench.EXIT_INCONC), f"{of.command}: exit status {of.code}, expected fail or inconc")
    else:
        check_equal((of.code in (bench.EXIT_PASS, bench.EXIT_INCONC), wrong), (True, []), f"{of.command}: exit status {of.code}, fails and errors")
    late_s = (rows[-1].at_ns - healthy_end_ns(base)) / 1e9
    check(late_s < 600, f"{of.command}: ended {late_s:.1f} s of bench time after a run without mutations, expected less than 600 s")
    count, looked_at = check_mutations(of, rows), check_passes(of, rows)
    bench.check_record(of)
    with bench.Run.making:
        of.forget()
    return count, looked_at


def test_mutated_messages_by_seed_bring_nothing_down_and_make_nothing_pass():
    for base in CASTS: healthy_end_ns(base)
    total = looked_at = 0
    by_cast = dict.fromkeys(CASTS, 0)
    seed = 1
    while total < MESSAGES:
        jobs = [(base, "heavy" if number % 2 else "light", number, None) for number in range(seed, seed + BATCH) for base in CASTS]
        for (base, *_), (count, looked) in zip(jobs, bench.each(one, jobs)):
            by_cast[base] += count
            total += count
            looked_at += looked
        seed += BATCH
        if not check(total > 10 * seed, f"{total} messages were mutated in {seed - 1} seeds, expected more"): break
    check(min(by_cast.values()) > MESSAGES // 10, f"mutated messages of each cast: {by_cast}, expected some of each")
    check(looked_at > MESSAGES // 5, f"{looked_at} passes looked at")
    print(f"    {total} mutated messages in {(seed - 1) * len(CASTS)} runs ({by_cast}), {looked_at} passes looked at")


def test_a_defective_peer_never_passes_when_messages_are_mutated():
    jobs = [(base, "light", seed, defect) for base, names in DEFECTS.items() for defect in names for seed in range(1, 11 if bench.IS_SOAK else 3)]
    counts = [count for count, _ in bench.each(one, jobs)]
    check(sum(counts) > len(counts), f"{sum(counts)} mutated messages in {len(counts)} runs, expected more than one a run")


def test_equal_seeds_mutate_alike_and_others_otherwise():
    made = {}
    for seed in (7, 7, 8):
        of = bench.run("S1", seed=seed, dut=bench.peer_dut("esci"), extra=["--quiet", "--mutate", RULES["heavy"]])
        made.setdefault(seed, []).append([(row.seq, row.hash) for row in of.rows() if row.kind == "message"])
    check_equal(made[7][0], made[7][1], "messages of two runs with seed 7")
    check(made[7][0] != made[8][0], "seeds 7 and 8 have equal messages")


def test_only_and_share_are_heeded():
    of = bench.run("S1", dut=bench.peer_dut("utility"), extra=["--quiet", "--mutate", "drop=100% only=price_information"])
    rows = of.rows("message")
    check_equal([row.name for row in rows if row.c == TOUCHED], ["price_information"], "messages that were touched")
    failed = [row for row in of.verdicts() if row[1] != "pass"]
    check_equal([row[:2] for row in failed], [("S1/12c/hourly_prices", "inconc")], "what did not pass")
    bench.check_contains(failed[0][2], "a message to the device was mutated before (drop of price_information)", "reason")
    done = bench.pilotbench("report", of.path)
    bench.check_contains(done.out, "messages to the device were mutated: drop 100 % of price_information", "head of the table")
    bench.check_contains(done.out, "mutated drop of price_information", "the step's line")


bench.main(globals())
