#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds and measures; tools/bench writes build/bench.json.
set -eu
cd "$(dirname "$0")/.."
if [ ! -x tools/bench ]; then
    echo "bench: tools/bench is not built yet: nothing was measured" >&2
    exit 1
fi
tools/build.sh build
exec tools/bench
