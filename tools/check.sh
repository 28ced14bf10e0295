#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Everything that make test does not look at. Each step runs whatever the ones before it said; the last line counts steps.
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

format() { sources '*.[ch]' | xargs -0 clang-format --dry-run -Werror; }
lua() { sources '*.lua' | xargs -0 --no-run-if-empty luacheck --quiet; }
shell() { for script in tools/*.sh; do sh -n "$script" || return 1; done; bash -n .ci/run; }
gcc_build() { CC=gcc tools/build.sh build-gcc -DPB_TESTS=ON -DPB_WERROR=ON; }
clang_build() { CC=clang tools/build.sh build-clang -DPB_TESTS=ON -DPB_WERROR=ON; }
tidy() { run-clang-tidy -quiet -p build-clang -j2 >build-clang/tidy.log 2>&1 || { grep -E 'error:|warning:' build-clang/tidy.log | sort -u; return 1; }; }
sanitizers() {
    CC=clang tools/build.sh build-asan -DPB_TESTS=ON -DPB_WERROR=ON -DPB_SANITIZE=address,undefined && tools/run_tests.sh build-asan
}

step "format" format
step "Lua" lua
step "shell" shell
step "gcc, warnings are errors" gcc_build
step "clang, warnings are errors" clang_build
step "clang-tidy" tidy
step "tests under ASAN and UBSAN" sanitizers
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
