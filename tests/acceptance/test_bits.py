# SPDX-License-Identifier: GPL-3.0-or-later
"""A run made by one compiler's build is judged by another's to the same bits, and made again by it to the same chain."""
import os
import shutil
import subprocess

import bench
from bench import check_equal

RUNS = 50 if bench.IS_SOAK else 10


def other_build():
    """pilotbench built by the other compiler with -O3, beside the build under test. Only what changed is built again."""
    ours = os.environ.get("PB_COMPILER", "GNU").lower()
    compiler = "gcc" if "clang" in ours else "clang"
    if not shutil.which(compiler):
        raise bench.Skip(f"no {compiler} on this machine")
    if not shutil.which("cmake"):
        raise bench.Skip("no cmake on this machine")
    folder = bench.BUILD / "tests" / f"by-{compiler}"
    generator = ["-G", "Ninja"] if shutil.which("ninja") else []
    for command in (["cmake", "-S", bench.SOURCE, "-B", folder, *generator, f"-DCMAKE_C_COMPILER={compiler}", "-DCMAKE_BUILD_TYPE=Other",
                     "-DCMAKE_C_FLAGS_OTHER=-O3", "-DPB_TESTS=OFF"],
                    ["cmake", "--build", folder, "--target", "pilotbench", "-j2"]):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{compiler} cannot build it:\n{done.stdout[-3000:]}")
    return folder / "pilotbench"


def test_two_compilers_judge_and_make_equal_bits():
    other = other_build()
    world = bench.bench("one-world", world=bench.BUILD / "pilotbench-world")
    for seed in range(1, RUNS + 1):
        name = ["", "duty_low_3a", "contactor_open_late", "no_diode_check"][seed % 4]
        statement = bench.dut(f"stub-{name or 'healthy'}", args=["--defect", name] if name else [])
        ours = bench.run(seed=seed, dut=statement, bench=world)
        theirs = bench.run(seed=seed, dut=statement, bench=world, program=other)
        bench.check_record(ours, programs=(bench.PROGRAM, other))
        bench.check_record(theirs, programs=(bench.PROGRAM, other))
        check_equal(theirs.rows()[-1].hash.hex(), ours.rows()[-1].hash.hex(), f"seed {seed}: head of the chain made by the other compiler's build")
        check_equal(theirs.line, ours.line, f"seed {seed}: last line")


bench.main(globals())
