#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# run_tests.sh FOLDER [ctest option...]: runs the tests built in FOLDER. The last line is 'N passed, N failed', with
# ', N skipped' when there are any; the results stay in FOLDER/tests.xml.
set -eu
cd "$(dirname "$0")/.."
results=$PWD/$1/tests.xml
folder=$1
shift
rm -f "$results"
status=0
# All of what a test prints is kept, because the summary counts its cases.
ctest --test-dir "$folder" -j2 --output-on-failure --no-tests=error --test-output-size-passed 16777216 \
    --test-output-size-failed 16777216 --output-junit "$results" "$@" || status=1
python3 tools/test_summary.py "$results" || status=1
exit "$status"
