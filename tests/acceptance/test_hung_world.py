# SPDX-License-Identifier: GPL-3.0-or-later
"""A world that stands still (SIGSTOP) is a bench error with its table, in bounded time; the harness neither hangs nor is taken for hung."""
import os
import re
import signal

import bench
from bench import check, check_contains, check_equal


def test_a_world_that_stands_still_is_a_bench_error():
    of = bench.Run(bench.charge(360000), bench=bench.bench("standstill", sample_throughout="true"))
    check(of.wait_for_log("bench set s2=1"), "ended before the vehicle asked for energy")
    world = int((bench.pathlib.Path(f"/proc/{of.process.pid}/task/{of.process.pid}/children")).read_text().split()[0])
    check_contains(bench.pathlib.Path(f"/proc/{world}/cmdline").read_text(), "pilotbench-world", "the harness's first child")
    os.kill(world, signal.SIGSTOP)
    of.wait()
    bench.check_code(of, bench.EXIT_ERROR)
    bench.check_last_line(of, verdict="error", failed=0)
    check_contains(of.err, "the world gave no answer within", "standard error")
    check_equal(of.rows()[-1].kind, "close", "last row of the record")
    check(not os.path.exists(f"/proc/{world}") or re.search(r"^State:\s+Z", bench.pathlib.Path(f"/proc/{world}/status").read_text(), re.M),
          f"world {world} still stands there")
    bench.check_record(of)


bench.main(globals())
