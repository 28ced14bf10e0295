#!/bin/sh
# run_bench.sh BUILD BOARD EXIT_STATUS VERDICT [OPTION VALUE]... : in the machine of vm.py, runs the first half of S1 on the bench of bench.yaml against
# bench_partner with these options. The run must end with EXIT_STATUS and its last line must hold VERDICT.
build=$1 board=$2 expected=$3 verdict=$4
shift 4
here=$(dirname "$0")
export PB_DATA="$here/../.."
[ -e /sys/module/pb_bench_board ] || insmod "$board" || exit 9
comedi_config /dev/comedi1 pb_bench_board || exit 9
"$build/tests/bench_partner" "$@" /dev/comedi1 1502 "$build/pilotbench" run "$here/bench_s1_half.lua" --bench "$here/bench.yaml" \
    --dut "$here/bench_dut.yaml" --out "$TMPDIR/run.pbrun" >said 2>&1
status=$?
rm -f "$TMPDIR"/run.pbrun*
cat said
comedi_config -r /dev/comedi1
[ $status = "$expected" ] || { echo "exit status $status, expected $expected"; exit 1; }
grep -q -- "$verdict" said || { echo "expected $verdict"; exit 1; }
