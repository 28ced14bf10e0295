/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writers of a run's outcome: one model in (judge/summary.h), one function a format. They judge nothing and open no
 * record. */
#ifndef PB_REPORTS_REPORT_H
#define PB_REPORTS_REPORT_H

#include "base/status.h"
#include "judge/summary.h"

#include <stdbool.h>
#include <stdio.h>

struct pb_report_options {
    int width;      /* columns; 60 to 240 are used, what is outside is taken as the nearer end */
    bool is_colour; /* verdicts in colour (ANSI); only for terminals */
    bool is_utf8;   /* false: what is not ASCII is shown as '?' */
};
/* The table for people: a head with the verdict, what of it rests on unverified limits and how the steps are known; a
 * heading a case, a line a step, a line a check, what was expected and seen where a check did not pass. Control
 * characters in texts are shown as '?'. The last line is pb_summary_line(). Errors: PB_ERR_IO. */
PB_MUST_CHECK enum pb_status pb_report_text(FILE *file, const struct pb_summary *summary,
                                            const struct pb_report_options *options, struct pb_error *error);

/* What a report says about a run beside its outcome. */
struct pb_report_fact {
    const char *name, *value; /* value NULL: not known, left out */
};
struct pb_report_facts {
    const char *started_utc;             /* "2026-11-21T05:30:00.123Z"; NULL: not known */
    const struct pb_report_fact *others; /* run id, seed, bench, DUT ...: properties of every suite */
    size_t other_count;
};
/* A JUnit file: a test suite a case, a test case a check. fail is a <failure>; error is <error type="error">; inconc,
 * also of what was never reached, is <error type="inconclusive">; a step that was not run is <skipped>. A case whose
 * own verdict is worse than its checks' has a test case "(case)" for it; so has one of which nothing was judged
 * (skipped). Times are bench time. Characters that XML 1.0 does not allow become U+FFFD. The file appears whole or not
 * at all. Errors: PB_ERR_IO, PB_ERR_MEMORY. */
PB_MUST_CHECK enum pb_status pb_report_junit(const char *path, const struct pb_summary *summary,
                                             const struct pb_report_facts *facts, struct pb_error *error);

/* One self-contained HTML page, without scripts: verdict, failures with their waveforms, cases with sequence diagram, timing chart and table,
 * what was not judged and why. Reads the record for figures and verifies it. facts->others that are not of the record's header are shown
 * as they are ("run_file"). The file appears whole or not at all. Errors: PB_ERR_IO, PB_ERR_MEMORY, of the record's file. */
PB_MUST_CHECK enum pb_status pb_report_html(const char *path, struct pb_reader *reader,
                                            const struct pb_summary *summary, const struct pb_report_facts *facts,
                                            struct pb_error *error);

#endif
