#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# build.sh FOLDER [-DOPTION...] [--target NAME...]: configures FOLDER and builds it. CC chooses the compiler, once a folder.
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
# The options come first; what follows --target is for the build.
options=
while [ $# -gt 0 ] && [ "$1" != --target ]; do
    options="$options $1"
    shift
done
mkdir -p "$folder"
# shellcheck disable=SC2086 # our own options, without blanks
cmake -S . -B "$folder" -G Ninja $options >"$folder/configure.log" 2>&1 || { cat "$folder/configure.log" >&2; exit 1; }
NINJA_STATUS="[%f/%t] " cmake --build "$folder" "$@"
