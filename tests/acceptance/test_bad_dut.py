# SPDX-License-Identifier: GPL-3.0-or-later
"""A DUT that breaks the wire protocol, hangs or dies is the bench's error, with a reason, in bounded time and with safe outputs."""
import os

import bench
from bench import check, check_contains, check_equal

# mode of tests/world/test_dut.c: what the reason must hold
BREACHES = {
    "garbage": "unknown type", "wrong_version": "version is 9", "wrong_actor": "actor is 2", "past": "expected at or after", "future": "RUN_UNTIL",
    "two_times": "like the outputs before", "no_done": "no DONE within 300 ms", "hang": "no DONE within 300 ms", "spin": "no DONE within 300 ms",
    "deaf": "within 300 ms", "partial_record": "10 bytes of the next", "die": "died of signal 9", "segv": "died of signal 11",
    "exit": "exited with status 42", "close": "closed the wire", "seq_hole": "seq is", "unknown_type": "type is 77", "wrong_direction": "type is 18",
    "bad_cord": "cord is 1", "reserved_set": "reserved byte", "reserved_head": "reserved byte", "flood": "more than 4096 records",
    "done_beyond": "RUN_UNTIL", "done_short": "RUN_UNTIL", "done_twice": "DONE", "bad_pwm": "frequency_uhz is 0", "bad_coil": "index is 7",
    "bad_length": "length is 41", "long_message": "longer than 65536 bytes", "ready_twice": "second READY", "livelock": "more than 4096 turns",
    "broken_promise": "expected at or after",
}


def impatient():
    return bench.bench("impatient", answer_within="300 ms")


def check_bench_error(of, part, who):
    bench.check_code(of, bench.EXIT_ERROR)
    bench.check_last_line(of, verdict="error", failed=0)
    check_contains(of.err + "\n" + "\n".join(of.out.splitlines()[-10:]), part, f"{who}: last lines")
    cases = of.case_verdicts()
    check_equal([row[1] for row in cases[:1]], ["error"], f"{who}: verdict of the first case")
    check_contains(cases[0][2] if cases else "", part, f"{who}: reason of the first case")
    check_equal([row for row in of.verdicts() if row[1] == "fail"], [], f"{who}: checks that failed")
    check(any(row[1] == "inconc" and row[2].startswith("not reached") for row in of.verdicts()), f"{who}: no check is inconc 'not reached'")
    bench.check_record(of)


def test_every_breach_of_the_protocol_is_a_bench_error_with_its_reason():
    if not bench.STRANGER.exists():
        raise bench.Skip(f"{bench.STRANGER} is not built")
    for number, (mode, part) in enumerate(BREACHES.items()):
        of = bench.run(seed=number + 1, bench=impatient(), dut=bench.dut(f"dut-{mode}", program=bench.STRANGER, args=[mode]))
        check_bench_error(of, part, mode)
        bench.check_safe(of)


def test_a_program_that_cannot_be_a_dut_is_a_bench_error_with_its_reason():
    for who, text, part in (("exits at once", "#!/bin/sh\nexit 0\n", "exited with status 0"), ("no interpreter", "#!/nonexistent/sh\n", "No such file")):
        program = bench.write("program", text)
        os.chmod(program, 0o755)
        of = bench.run(bench=impatient(), dut=bench.dut("dut-cannot", program=program))
        check_bench_error(of, part, who)
        bench.check_safe(of)


def test_a_program_that_is_not_there_is_a_wrong_input_with_its_place():
    text = bench.write("text", "echo no\n")
    os.chmod(text, 0o644)
    for who, program in (("missing", "/nonexistent/dut"), ("not on the path", "no-such-program-anywhere"), ("not executable", text),
                         ("a folder", bench.FOLDER)):
        of = bench.run(dut=bench.dut("dut-cannot", program=program))
        bench.check_code(of, bench.EXIT_INPUT)
        check_contains(of.err, "dut-cannot.yaml:4:", f"{who}: place of the mistake")
        check_contains(of.err, f"found no program '{program}'", who)
        check(not of.path.exists(), f"{who}: a run file was made")


def test_a_world_that_is_not_there_is_told():
    of = bench.run(bench=bench.bench("no-world", world="/nonexistent/world"))
    check(of.code in (bench.EXIT_INPUT, bench.EXIT_ERROR), f"exit status {of.code}, expected 2 or 4")
    check_contains(of.err, "/nonexistent/world", "standard error")
    of = bench.run(bench=bench.bench("wrong-world", world="/bin/true"))
    bench.check_code(of, bench.EXIT_ERROR)
    check_contains(of.err, "world", "standard error")


bench.main(globals())
