# SPDX-License-Identifier: GPL-3.0-or-later
"""The same seed gives the same record, bit for bit; the header alone differs. Killed runs are judged again to equal bits."""
import random
import time

import bench
from bench import check, check_equal

SEEDS = range(1, 51 if bench.IS_SOAK else 6)
KILLS = 100 if bench.IS_SOAK else 8


def captures(of):
    with bench.connect(of.path) as database:
        return database.execute("SELECT * FROM capture ORDER BY seq").fetchall()


def check_equal_chains(one, other, who):
    rows = [run.rows() for run in (one, other)]
    check_equal(len(rows[0]), len(rows[1]), f"{who}: log rows", "rows")
    for left, right in zip(*rows):
        if not check(left == right, f"{who}: row {left.seq} is {left[:-1]} in one run and {right[:-1]} in the other"):
            break
    check_equal(rows[0][-1].hash.hex(), rows[1][-1].hash.hex(), f"{who}: head of the chain")
    check(captures(one) == captures(other), f"{who}: samples differ")


def test_the_same_seed_gives_the_same_chain_and_another_seed_another():
    heads = set()
    for seed in SEEDS:
        one, other = bench.run(seed=seed), bench.run(seed=seed)
        check_equal_chains(one, other, f"seed {seed}")
        heads.add(one.rows()[-1].hash)
    check_equal(len(heads), len(SEEDS), "different heads", f"of {len(SEEDS)} seeds")


def test_the_header_differs_without_changing_the_chain():
    one, other = bench.run(seed=7), bench.run(seed=7)
    left, right = one.header(), other.header()
    check_equal(set(left), set(right), "keys of the header")
    differing = {key for key in left if left[key] != right[key]}
    check_equal(differing, {"pid", "started_utc", "digest"}, "keys whose values differ")
    check_equal_chains(one, other, "seed 7")


def test_a_failing_run_and_one_with_a_dead_dut_are_repeated_bit_for_bit():
    statements = [bench.dut("late", args=["--defect", "contactor_open_late"])]
    if bench.STRANGER.exists():
        statements.append(bench.dut("dying", program=bench.STRANGER, args=["die"]))
    for statement in statements:
        check_equal_chains(bench.run(dut=statement), bench.run(dut=statement), statement.name)


def test_a_killed_run_is_the_beginning_of_the_whole_one():
    """SIGKILL of the harness at random moments; what is left verifies, is judged again to equal bits, and lacks only its end."""
    options = {"bench": bench.bench("throughout", sample_throughout="true"), "extra": ["--window", "30 s"], "seed": 3}
    begun = time.monotonic()
    whole = bench.run(**options)
    took_s = time.monotonic() - begun
    rows = whole.rows()
    moments = random.Random(3)
    killed = []
    for _ in range(KILLS):
        of = bench.Run("S1", "S1-diode", **options)
        of.wait_for_log("started pid=")
        time.sleep(moments.uniform(0, took_s))
        of.process.kill()
        of.wait()
        if of.code != 0 and of.rows()[-1].kind != "close":  # else it was faster than this time
            killed.append(of)
    check(len(killed) > KILLS / 4, f"{len(killed)} of {KILLS} runs were killed before their end")
    for number, of in enumerate(killed):
        check(of.wait_for_end_of_world(), f"kill {number}: the world does not end")
        kept = of.rows()
        check(0 < len(kept) < len(rows), f"kill {number}: {len(kept)} rows of {len(rows)} were kept")
        check(kept == rows[:len(kept)], f"kill {number}: the {len(kept)} rows that were kept are not the first of the whole run")
        printed = [line.split()[1] for line in of.out.splitlines() if line.split()[:1] and line.split()[0] in bench.VERDICTS]
        recorded = [row[0] for row in of.verdicts()]
        check(printed == recorded[:len(printed)], f"kill {number}: printed {printed[-3:]}, recorded {recorded[-3:]}")
        bench.check_record(of, is_closed=False)
        if len(recorded) < len(of.rows("check")):
            judged = bench.pilotbench("rejudge", of.path)
            check("verdict pass" not in judged.out, f"kill {number}: fewer judged than planned, yet {judged.out.strip()}")
        bench.check_safe(of)


def many_verdicts(count):
    """Judged steps that all fall into one instant: their verdicts share commits."""
    steps = "".join(f'  step {{ id = "{i}", actor = pev, evidence = "added", text = "nothing", sees = contactor.not_closed_before(6), of = evse }},\n'
                    for i in range(1, count + 1))
    return bench.write("many.lua", f"""use_case "many" {{ title = "Verdicts of one instant", source = "none: a test",
  needs = {{ "cp", "contactor" }},
{steps}}}
""")


def test_no_verdict_is_printed_before_it_is_durable_where_many_fall_into_one_instant():
    """SIGKILL as soon as something was printed, or some steps later."""
    suite, moments, killed, shown = str(many_verdicts(2000)), random.Random(4), [], 0
    for _ in range(2 * KILLS):
        of = bench.Run(suite)
        end = time.monotonic() + bench.HANG_S
        least = moments.choice((1, 10000, 30000, 60000))
        while of.said[0].stat().st_size < least and of.process.poll() is None and time.monotonic() < end:
            pass  # a sleep would be longer than what it waits for
        of.process.kill()
        of.wait()
        killed.append(of)
    for number, of in enumerate(killed):
        check(of.wait_for_end_of_world(), f"kill {number}: the world does not end")
        printed = [line.split()[1] for line in of.out[:of.out.rfind("\n") + 1].splitlines() if line.split()[:1] and line.split()[0] in bench.VERDICTS]
        if not printed or of.rows()[-1].kind == "close":
            continue
        recorded = [row[0] for row in of.verdicts()]
        check(printed == recorded[:len(printed)], f"kill {number}: {len(printed)} printed, to {printed[-1:]}; {len(recorded)} recorded, to {recorded[-1:]}")
        shown += 1
    check(shown > 0, f"none of {2 * KILLS} runs was killed between its first verdict and its end")


bench.main(globals())
