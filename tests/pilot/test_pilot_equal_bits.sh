#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Each program given prints a digest of what the tracker and the meter make of the same samples; all must print the same.
count=0
for program in "$@"; do
    digest=$("$program") || { echo "$program failed"; exit 1; }
    count=$((count + 1))
    echo "$digest $(basename "$program")"
    [ -n "$first" ] || first=$digest
    [ "$digest" = "$first" ] || { echo "differs from $first"; exit 1; }
done
[ "$count" -ge 3 ] || { echo "only $count programs to compare"; exit 1; }
echo "$count passed, 0 failed"
