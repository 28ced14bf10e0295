/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of verdicts, rules and their risks, confidences and step modes, and how verdicts fold. */
#include "judge/fold.h"
#include "judge/summary.h"

const char *pb_verdict_name(enum pb_verdict verdict) {
    static const char *const names[PB_VERDICT_COUNT] = {"none", "pass", "inconc", "fail", "error"};
    return (unsigned)verdict < PB_VERDICT_COUNT ? names[verdict] : "?";
}

const char *pb_rule_name(enum pb_rule rule) {
    static const char *const names[PB_RULE_COUNT] = {
        "simple acceptance (ILAC-G8, w = 0)",
        "guarded acceptance (ILAC-G8, w = U)",
        "non-binary (ILAC-G8, w = U)",
    };
    return (unsigned)rule < PB_RULE_COUNT ? names[rule] : "?";
}

const char *pb_rule_risk(enum pb_rule rule) {
    static const char *const risks[PB_RULE_COUNT] = {
        "false pass up to 50 %, false fail up to 50 %",
        "false pass up to 2.5 %, false fail up to 50 %",
        "false pass up to 2.5 %, false fail up to 2.5 %; conditional (inconc) up to 50 %",
    };
    return (unsigned)rule < PB_RULE_COUNT ? risks[rule] : "?";
}

const char *pb_confidence_name(enum pb_confidence confidence) {
    static const char *const names[PB_CONFIDENCE_COUNT] = {"V", "V2", "C", "K", "U", "DUT"};
    return (unsigned)confidence < PB_CONFIDENCE_COUNT ? names[confidence] : "?";
}

bool pb_confidence_is_unverified(enum pb_confidence confidence) {
    return confidence == PB_CONFIDENCE_K || confidence == PB_CONFIDENCE_U;
}

const char *pb_step_mode_name(enum pb_step_mode mode) {
    static const char *const names[PB_STEP_MODE_COUNT] = {"judged", "played", "not observable", "not run"};
    return (unsigned)mode < PB_STEP_MODE_COUNT ? names[mode] : "?";
}

static const char *const evidence_names[PB_STEP_EVIDENCE_COUNT] = {"found",      "carried", "inferred",
                                                                   "remembered", "added",   "other"};
const char *pb_step_evidence_name(enum pb_step_evidence evidence) {
    return (unsigned)evidence < PB_STEP_EVIDENCE_COUNT ? evidence_names[evidence] : "?";
}

enum pb_step_evidence pb_step_evidence_find(const char *word) {
    int i = 0;
    while (i < PB_STEP_EVIDENCE_OTHER && (word[0] | 0x20) != evidence_names[i][0]) i++;
    return (enum pb_step_evidence)i;
}

void pb_fold_check(struct pb_fold *fold, enum pb_verdict verdict) {
    pb_fold_case(fold, verdict == PB_VERDICT_NONE ? PB_VERDICT_INCONC : verdict);
}

void pb_fold_case(struct pb_fold *fold, enum pb_verdict verdict) {
    fold->worst = pb_verdict_worst(fold->worst, verdict);
    fold->has_fail = fold->has_fail || verdict == PB_VERDICT_FAIL;
}

enum pb_verdict pb_fold_of_run(const struct pb_fold *fold, int64_t judged_count) {
    if (fold->has_fail) return PB_VERDICT_FAIL;
    return fold->worst <= PB_VERDICT_PASS && judged_count == 0 ? PB_VERDICT_INCONC : fold->worst;
}
