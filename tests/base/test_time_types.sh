#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The compiler refuses to mix instants, spans and bare integers. Each snippet must fail, and for that reason; the first
# one, which mixes nothing, must compile, or the rest would prove nothing.
# Usage: test_time_types.sh COMPILER SOURCE_DIR
compiler=$1
source_dir=$2
passed=0
failed=0

compile() {
    printf '#include "base/instant.h"\nint64_t f(pb_instant at, pb_instant other, pb_span span);\nint64_t f(pb_instant at, pb_instant other, pb_span span) {\n    (void)at; (void)other; (void)span;\n    %s\n}\n' "$1" |
        LC_ALL=C "$compiler" -std=c11 -fsyntax-only -I "$source_dir" -x c - 2>&1
}

report() {
    if [ "$1" = ok ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
    echo "$1: $2"
}

accepts() {
    if output=$(compile "$2"); then report ok "$1"; else report "NOT ACCEPTED" "$1: $output"; fi
}

refuses() {
    if output=$(compile "$2"); then
        report "NOT REFUSED" "$1: $2"
    elif echo "$output" | grep -q 'error: \(invalid operands\|incompatible type\|passing\|initializing\|invalid initializer\|used type\|returning\|assigning\)'; then
        report ok "$1"
    else
        report "REFUSED FOR ANOTHER REASON" "$1: $output"
    fi
}

accepts "instant after a span"       'return pb_between(pb_after(at, span), other).ns;'
accepts "span of milliseconds"       'return pb_after(at, pb_ms(3)).ns;'
refuses "instant + instant"          'pb_instant x = at + other; return x.ns;'
refuses "instant - instant"          'pb_span x = at - other; return x.ns;'
refuses "instant < instant"          'return at < other;'
refuses "span + span"                'pb_span x = span + span; return x.ns;'
refuses "instant as a span"          'return pb_after(at, other).ns;'
refuses "span as an instant"         'return pb_after(span, span).ns;'
refuses "span compared with instant" 'return pb_is_before(at, span);'
refuses "span set to an instant"     'span = at; return span.ns;'
refuses "bare integer as a span"     'return pb_after(at, 3000000).ns;'
refuses "bare integer as an instant" 'return pb_is_before(at, 3000000);'
refuses "instant from an integer"    'pb_instant x = 5; return x.ns;'
refuses "instant as an integer"      'int64_t x = at; return x;'
refuses "instant + integer"          'return (at + 5).ns;'

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
