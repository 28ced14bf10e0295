#!/bin/sh
# run_bench.sh BUILD EXIT_STATUS VERDICT [OPTION VALUE]... : in the machine of vm.py, where pb_bench_board is /dev/comedi1, runs the first half of S1 on the
# bench of bench.yaml against bench_partner with these options. The run must end with EXIT_STATUS and its last line must hold VERDICT.
build=$1 expected=$2 verdict=$3
shift 3
here=$(dirname "$0")
export PB_DATA="$here/../.."
"$build/tests/bench_partner" "$@" /dev/comedi1 1502 "$build/pilotbench" run "$here/bench_s1_half.lua" --bench "$here/bench.yaml" \
    --dut "$here/bench_dut.yaml" --out "$TMPDIR/run.pbrun" >said 2>&1
status=$?
rm -f "$TMPDIR"/run.pbrun*
cat said
[ $status = "$expected" ] || { echo "exit status $status, expected $expected"; exit 1; }
grep -q -- "$verdict" said || { echo "expected $verdict"; exit 1; }
