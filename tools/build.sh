#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# build.sh FOLDER [-DOPTION...] [--target NAME...] [-- NINJA_OPTION...]: configures FOLDER and builds it. CC chooses the compiler, once a folder.
# A first build without PB_TESTS leaves the tests out, so that it needs no test packages.
set -eu
cd "$(dirname "$0")/.."
folder=$1
shift
if [ ! -f "$folder/CMakeCache.txt" ]; then
    case " $* " in
    *" -DPB_TESTS="*) ;;
    *) set -- -DPB_TESTS=OFF "$@" ;;
    esac
fi
options=
while [ $# -gt 0 ]; do
    case $1 in
    -D*) options="$options $1" ;;
    *) break ;;
    esac
    shift
done
mkdir -p "$folder"
# shellcheck disable=SC2086 # our own options, without blanks
cmake -S . -B "$folder" -G Ninja $options >"$folder/configure.log" 2>&1 || { cat "$folder/configure.log" >&2; exit 1; }
NINJA_STATUS="[%f/%t] " cmake --build "$folder" "$@"
