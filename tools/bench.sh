#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds and measures; tools/bench.py writes build/bench.json. Arguments are handed on to it.
set -eu
cd "$(dirname "$0")/.."
tools/build.sh build -DPB_TESTS=ON --target pilotbench pilotbench-world stub-evse bench_record bench_kill bench_modbus bench_reaction bench_messages bench_synth bench_analyser bench_comedi_stream
tools/build.sh build --target bench_dashboard || true # where SDL2 is installed; the table says so where not
exec python3 tools/bench.py "$@"
