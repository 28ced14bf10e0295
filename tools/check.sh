#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Everything that make test does not look at (`quick`: what takes seconds; CI's part, whose time is bounded). Each step
# runs whatever the ones before it said; the last line counts steps.
set -u
cd "$(dirname "$0")/.." || exit 1
passed=0 failed=0

step() {
    name=$1
    shift
    echo "check: $name"
    if "$@"; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        echo "check: $name: FAILED"
    fi
}

sources() { find . \( -path './build*' -o -path ./.git -o -path ./runs \) -prune -o -name "$1" -type f -print0; }

format() {
    files=$(sources '*.[ch]' | xargs -0 -I{} sh -c 'clang-format --dry-run -Werror "$1" 2>/dev/null || echo "$1"' - {})
    [ -z "$files" ] || { printf '%s\n' "$files" "to put it right: clang-format -i FILE"; return 1; }
}
lua() { sources '*.lua' | xargs -0 --no-run-if-empty luacheck --quiet; }
shell() { for script in tools/*.sh; do sh -n "$script" || return 1; done; bash -n .ci/run; }
build_all() { tools/build.sh "$@" -DPB_TESTS=ON -DPB_WERROR=ON -- -k 0; }
gcc_build() { CC=gcc build_all build-gcc; }
clang_build() { CC=clang build_all build-clang; }
tidy() {
    run-clang-tidy -quiet -p build-clang -j2 >build-clang/tidy.log 2>&1 && return
    grep -E 'error:|warning:' build-clang/tidy.log | sed 's/\x1b\[[0-9;]*m//g' | sort -u
    return 1
}
sanitizers() {
    result=0
    CC=clang build_all build-asan -DPB_SANITIZE=address,undefined || result=1
    # Not these: looks_report looks at a page in a browser, the next two build everything anew without the sanitizers, and
    # use_cases_kill is as long as all others together: kill_matrix and use_cases_sessions run the same programs.
    tools/run_tests.sh build-asan -E '^(looks_report|acceptance_bits|test_judge_compilers|use_cases_kill)$' || result=1
    return $result
}
# What has threads, or shares memory with another process (TSAN sees one process only).
threaded_tests="test_modbus test_scpi test_snapshot test_guardian test_channel"
threaded_programs="pilotbench pilotbench-world stub-evse stub-esci stub-utility" # as wall_links runs them
# shellcheck disable=SC2086 # names
threads() {
    CC=clang tools/build.sh build-tsan -DPB_TESTS=ON -DPB_WERROR=ON -DPB_SANITIZE=thread --target $threaded_tests $threaded_programs || return 1
    tools/run_tests.sh build-tsan -R "^(wall_links|$(echo $threaded_tests | tr ' ' '|'))\$"
}

step "format" format
step "Lua" lua
step "shell" shell
[ "${1:-}" = quick ] && { echo "$passed passed, $failed failed"; [ "$failed" -eq 0 ]; exit; }
step "gcc, warnings are errors" gcc_build
step "clang, warnings are errors" clang_build
step "clang-tidy" tidy
step "tests under ASAN and UBSAN" sanitizers
step "threads under TSAN" threads
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
