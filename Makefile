# SPDX-License-Identifier: GPL-3.0-or-later
# Thin on purpose: CMake builds, the scripts in tools/ do the rest. Each target works on a fresh Debian 12.
.POSIX:
.PHONY: run test soak bench check check-quick pictures

PROGRAMS = pilotbench pilotbench-world stub-evse

# The main job: every way of connecting at every place, against the stub firmware on the virtual bench.
run:
	@tools/setup.sh build
	@tools/build.sh build --target $(PROGRAMS)
	@mkdir -p runs
	@build/pilotbench run S1 S2 S3 L1 L2-A L2-B L3 L4 --quiet --bench fixtures/benches/virtual.yaml --dut fixtures/duts/stub-evse.yaml --html runs/last.html

# Every test; the last line is 'N passed, N failed'.
test:
	@tools/setup.sh build test
	@tools/build.sh build -DPB_TESTS=ON -DPB_WERROR=ON
	@tools/run_tests.sh build

# The long counts; the result stands in docs/soak.md.
soak:
	@tools/setup.sh build test
	@tools/soak.sh

# Figures against references: build/bench.json.
bench:
	@tools/setup.sh build test bench
	@tools/bench.sh

# Format, linters, both compilers, sanitizers.
check:
	@tools/setup.sh build test check
	@tools/check.sh

# The part of it that takes seconds.
check-quick:
	@tools/setup.sh check
	@tools/check.sh quick

# Pictures of the dashboard's scenes, sizes and themes: build/looks/dashboard-*.png.
pictures:
	@tools/setup.sh build test
	@tools/build.sh build -DPB_TESTS=ON --target pilotbench-dashboard make_snapshot
	@tools/pictures.sh build
