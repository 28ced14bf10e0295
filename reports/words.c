/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words and texts that more than one format needs. */
#include "reports/words.h"

#include <stdio.h>
#include <string.h>

const char *pb_evidence_word(const char *evidence) {
    enum pb_step_evidence known = pb_step_evidence_find(evidence);
    if (known != PB_STEP_EVIDENCE_OTHER) return pb_step_evidence_name(known);
    return *evidence ? evidence : "-";
}

bool pb_evidence_is_marked(const char *evidence) {
    static const bool is_marked[PB_STEP_EVIDENCE_COUNT] = {
        [PB_STEP_EVIDENCE_INFERRED] = true, [PB_STEP_EVIDENCE_REMEMBERED] = true, [PB_STEP_EVIDENCE_ADDED] = true};
    return is_marked[pb_step_evidence_find(evidence)];
}

const char *pb_case_mark(const struct pb_summary_case *of) { return of->is_reconstructed ? "RECONSTRUCTED: " : ""; }

static const char *without_prefix(const char *text, const char *prefix) {
    size_t length = strlen(prefix);
    return length && strncmp(text, prefix, length) == 0 && text[length] == '/' && text[length + 1] ? text + length + 1
                                                                                                   : text;
}

const char *pb_check_short_name(const struct pb_summary_check *check, const struct pb_summary_step *step,
                                const struct pb_summary_case *of) {
    return without_prefix(without_prefix(check->check.id, of->id), step->id);
}

enum pb_verdict pb_check_shown_verdict(const struct pb_summary_check *check) {
    return check->verdict == PB_VERDICT_NONE ? PB_VERDICT_INCONC : check->verdict;
}

const char *pb_check_shown_reason(const struct pb_summary_check *check) {
    if (check->reason[0]) return check->reason;
    return check->verdict == PB_VERDICT_NONE ? "not reached" : "no reason was recorded";
}

void pb_check_describe_reading(const struct pb_summary_check *check, const char *plus_minus, char *ret_text,
                               size_t size) {
    static const char *const words[] = {[PB_OUTCOME_ABSENT] = "absent",
                                        [PB_OUTCOME_UNREADABLE] = "unreadable",
                                        [PB_OUTCOME_LOST] = "lost",
                                        [PB_OUTCOME_UNFIT] = "not as expected"};
    if (check->has_reading && check->reading.outcome == PB_OUTCOME_VALUE)
        pb_quantity_describe(&check->reading.quantity, plus_minus, ret_text, size);
    else snprintf(ret_text, size, "%s", check->has_reading ? words[check->reading.outcome] : "no reading");
}

enum pb_verdict pb_case_own_verdict(const struct pb_summary *summary, const struct pb_summary_case *of) {
    enum pb_verdict worst = PB_VERDICT_NONE;
    for (size_t i = of->first_step; i < of->first_step + of->step_count; i++)
        for (size_t k = 0; k < summary->steps[i].check_count; k++)
            worst =
                pb_verdict_worst(worst, pb_check_shown_verdict(&summary->checks[summary->steps[i].first_check + k]));
    return of->verdict > PB_VERDICT_PASS && of->verdict > worst ? of->verdict : PB_VERDICT_NONE;
}
