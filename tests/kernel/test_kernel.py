#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""kernel_comedi: boots Debian's kernel once (vm.py) and runs every test program that needs it. Each job's output is passed on, so that the
summary counts its cases. Exit status 77, with the reason, only where QEMU or the kernel package cannot be had."""
import os
import pathlib
import sys

import vm

BUILD = pathlib.Path(os.environ["PB_BUILD"])
# A job: a name, a command for a shell in the machine, seconds after which it is killed there.
JOBS = [
    vm.Job("comedi_board", f"{BUILD}/tests/test_comedi_board", 120),
    vm.Job("conformance", f"{BUILD}/tests/test_conformance comedi", 60),
    vm.Job("serial_line", f"{BUILD}/tests/test_serial_line", 30),
    vm.Job("scan", f"{BUILD}/pilotbench scan >found; cat found; grep -q '^  /dev/comedi2: comedi driver comedi_test' found && "
           "grep -q \"^  /dev/ttyS1: .*link: 'serial:/dev/ttyS1'\" found && grep -q 'counter PWM: not proven without hardware' found", 20),
]
# Those on bench.yaml: options of bench_partner, the exit status and a part of what the run must say.
ON_THE_BENCH = [
    ("bench_s1", "", 0, "verdict: pass"),
    ("bench_s1_late", "--close-after 3200", 1, "^fail   S1-half/13/closes"),
]
BOOT_S = 60


def bench_jobs(machine):
    module = f"insmod {machine.board} && comedi_config /dev/comedi1 pb_bench_board"
    here = pathlib.Path(__file__).parent
    jobs = [vm.Job("bench_board", f"{module} && {BUILD}/tests/test_bench_board", 60)]
    for name, options, status, said in ON_THE_BENCH:
        jobs.append(vm.Job(name, f"{here}/run_bench.sh {BUILD} {status} '{said}' {options}", 40))
    return jobs


def main():
    try:
        machine = vm.prepare(BUILD)
    except vm.CannotRun as reason:
        print(f"no virtual machine here: {reason}")
        return 77
    jobs = JOBS + bench_jobs(machine) if machine.board else JOBS
    if not machine.board:
        print(f"not tried: what needs the board's module, which cannot be built: {machine.no_board}")
        print("".join(f"[  SKIPPED ] {name}\n" for name in ["bench_board"] + [job[0] for job in ON_THE_BENCH]))
    try:
        results = vm.run(machine, jobs, BOOT_S + sum(job.seconds for job in jobs))
    except vm.Broken as fault:
        print(fault)
        return 1
    failed = 0
    for result in results:
        print(f"--- {result.name}: exit status {result.status}\n{result.output}")
        failed += result.status != 0
    print(f"{len(results) - failed} of {len(results)} programs passed in Linux {machine.release}")
    return 1 if failed else 0


sys.exit(main())
