/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words and texts that more than one format needs. Inside reports/ only. */
#ifndef PB_REPORTS_WORDS_H
#define PB_REPORTS_WORDS_H

#include "judge/summary.h"

/* The word of a step's evidence tag (judge/summary.h); what is none of them as it stands, "-" for nothing. */
const char *pb_evidence_word(const char *evidence);
/* No source text says what the step says (inferred, remembered, added). */
bool pb_evidence_is_marked(const char *evidence);
/* "RECONSTRUCTED: " before the title of a case of whose steps no text was read, else "". */
const char *pb_case_mark(const struct pb_summary_case *of);
/* The check's id without the case's and the step's id before it. */
const char *pb_check_short_name(const struct pb_summary_check *check, const struct pb_summary_step *step,
                                const struct pb_summary_case *of);
/* What is shown for a check: planned but never judged is inconc. */
enum pb_verdict pb_check_shown_verdict(const struct pb_summary_check *check);
const char *pb_check_shown_reason(const struct pb_summary_check *check);
/* "26.63 % +- 0.05 %", "absent", "not reached". */
void pb_check_describe_reading(const struct pb_summary_check *check, const char *plus_minus, char *ret_text,
                               size_t size);
/* The verdict (inconc, fail or error) that a case has from elsewhere than its checks; NONE when they explain it. */
enum pb_verdict pb_case_own_verdict(const struct pb_summary *summary, const struct pb_summary_case *of);

#endif
