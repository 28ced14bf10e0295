#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# test_manuals.sh PILOTBENCH SOURCES [--update]: what the program prints of itself is what is committed, and .luacheckrc knows
# its words. --update writes the files anew.
set -u
program=$1 sources=$2 failed=0
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

# NAME: what two files hold must be equal.
compare() {
    if diff -u "$2" "$3"; then echo "[       OK ] $1"; else
        failed=1
        echo "[  FAILED  ] $1"
    fi
}

for pair in words:docs/vocabulary.md stubs:test_suites/_api.lua files:docs/files.md messages:docs/messages.md schema:docs/messages.schema.json; do
    "$program" list "--${pair%%:*}" >"$scratch/${pair%%:*}" || failed=1
    [ "${3-}" = --update ] && cp "$scratch/${pair%%:*}" "$sources/${pair#*:}"
    compare "${pair%%:*}_are_those_of_${pair##*/}" "$sources/${pair#*:}" "$scratch/${pair%%:*}"
done

# The words of `local NAME = { "a", "b" }` in .luacheckrc, sorted.
luacheck_list() { sed -n "/^local $1 = {/,/}/p" "$sources/.luacheckrc" | grep -o '"[a-z_]*"' | tr -d '"' | sort; }
luacheck_list vocabulary >"$scratch/known"
sed -nE 's/^(function )?([a-z_]+).*/\2/p' "$scratch/stubs" | sort -u >"$scratch/printed"
compare "luacheck_knows_the_words" "$scratch/known" "$scratch/printed"
luacheck_list sandbox >"$scratch/known"
sed -n '/^## What there is of Lua/,$p' "$scratch/words" | sed -n 's/^- //p' | tr -d '`,' | tr ' ' '\n' | sed 's/\..*//' | sort -u >"$scratch/printed"
compare "luacheck_knows_what_there_is_of_lua" "$scratch/known" "$scratch/printed"
exit "$failed"
