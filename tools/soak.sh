#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The tests labelled soak with their long counts (they look for PB_SOAK). Writes docs/soak.md, failures included.
set -eu
cd "$(dirname "$0")/.."
folder=build-soak
tools/build.sh "$folder" -DPB_TESTS=ON -DPB_WERROR=ON -DPB_SOAK=ON
commit=$(git rev-parse --short=12 HEAD 2>/dev/null || echo "(no git)")
[ -z "$(git status --porcelain --untracked-files=no 2>/dev/null)" ] || commit="$commit with uncommitted changes"
status=0
PB_SOAK=1 tools/run_tests.sh "$folder" -L soak || status=1
{
    printf '# Soak\n\nThe last `make soak`: the tests with the label soak, with their long counts. Written by tools/soak.sh.\n\n'
    printf -- '- date: %s\n- commit: %s\n- cores: %s\n\n' "$(date -u +%Y-%m-%dT%H:%MZ)" "$commit" "$(nproc)"
    python3 tools/test_summary.py --markdown "$folder/tests.xml" || true
} >docs/soak.md.new
mv docs/soak.md.new docs/soak.md
echo "written: docs/soak.md"
tail -n 1 docs/soak.md
exit "$status"
