#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The judge, built by each compiler at several levels of optimisation, gives equal bits for the committed run.
# Usage: test_compilers.sh SOURCE_FOLDER (exit status 77: skipped, the reason is printed)
set -eu
source_folder=$1
data=$source_folder/tests/judge/data/golden.pbrun
for compiler in gcc clang; do
    command -v $compiler >/dev/null || { echo "skipped: $compiler is not installed"; exit 77; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$source_folder"
packages="jansson sqlite3 libzstd libsodium"
sources="base/status.c base/text.c base/quantity.c judge/*.c record/*.c record/read/*.c
    pilot_emulator/state.c pilot_emulator/tracker.c pilot_emulator/meter.c pilot_emulator/scan.c pilot_emulator/periods.c
    pilot_emulator/figures.c pilot_emulator/places.c pilot_emulator/resistance.c messages/catalogue.c messages/codec.c messages/match.c tests/judge/judge_dump.c"
# No -lm: the judge must link without it.
build() {
    # shellcheck disable=SC2046,SC2086
    "$@" -std=c11 -D_GNU_SOURCE -ffp-contract=off -I. $sources -o "$folder/dump" $(pkg-config --cflags --libs $packages)
    "$folder/dump" "$data" >"$folder/new"
    [ -f "$folder/first" ] || cp "$folder/new" "$folder/first"
    diff "$folder/first" "$folder/new" || { echo "failed: $* gives other bits"; exit 1; }
    echo "$*: $(tail -n 1 "$folder/new")"
}
build gcc -O0
build gcc -O3 -march=native
build clang -O0
build clang -O2 -march=native
