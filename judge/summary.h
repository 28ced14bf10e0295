/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run came to, read from its record: the one model that every report, the last line and the exit status are
 * drawn from. */
#ifndef PB_JUDGE_SUMMARY_H
#define PB_JUDGE_SUMMARY_H

#include "judge/fault.h"

enum pb_step_mode { PB_STEP_JUDGED, PB_STEP_PLAYED, PB_STEP_NOT_OBSERVABLE, PB_STEP_NOT_RUN, PB_STEP_MODE_COUNT };
const char *pb_step_mode_name(enum pb_step_mode mode); /* "not observable" */

struct pb_summary_check {
    struct pb_check check;
    enum pb_verdict verdict; /* NONE: planned but never judged; shown and counted as inconc "not reached" */
    char reason[240];
    bool has_reading;
    struct pb_reading reading;
    int64_t reading_seq; /* its row, which has the recipe: pb_summary_recipe() */
    pb_instant judged_at;
    enum pb_side side; /* at fault, of a failed check of a pair; NONE: the device is no pair */
    char *fault;       /* why that side, the summary's; NULL: no side is */
};
/* What is done to the messages of a step. */
struct pb_summary_notes {
    char injects[400]; /* what it injects to the device; "": nothing */
    char mutates[200]; /* what its own rules do to messages */
    char mutated[160]; /* what was done to messages in it: "flip of vin, drop of energy_request" */
};
struct pb_summary_step {
    int32_t case_no, step_no;
    char id[24], actor[24], to[24], text[200], evidence[16], seed[8];
    enum pb_step_mode mode;
    char reason[160];                /* why not run / not observable */
    struct pb_summary_notes *notes;  /* the summary's; NULL: nothing was injected or mutated */
    size_t first_check, check_count; /* into checks */
    pb_instant began;                /* its first action or event; NEVER: not reached */
    pb_span took;
};
struct pb_summary_case {
    int32_t case_no;
    char id[48], title[200], source[160];
    bool is_reconstructed; /* no text of its steps was read */
    enum pb_verdict verdict;
    char reason[240];
    size_t first_step, step_count;
    pb_instant began, ended;
    enum pb_side side; /* of its failed checks together */
};
/* How a step is known: read in the source, carried over from a sibling use case, ... */
enum pb_step_evidence {
    PB_STEP_EVIDENCE_FOUND,
    PB_STEP_EVIDENCE_CARRIED,
    PB_STEP_EVIDENCE_INFERRED,
    PB_STEP_EVIDENCE_REMEMBERED,
    PB_STEP_EVIDENCE_ADDED,
    PB_STEP_EVIDENCE_OTHER,
    PB_STEP_EVIDENCE_COUNT
};
const char *pb_step_evidence_name(enum pb_step_evidence evidence); /* "found" */
/* By its word or the letter that it begins with; OTHER for any else. */
enum pb_step_evidence pb_step_evidence_find(const char *word);

struct pb_summary_counts {
    int64_t cases, judged, passed, failed, inconc, error, played, not_observable, not_run, unverified;
    int64_t steps[PB_STEP_MODE_COUNT][PB_STEP_EVIDENCE_COUNT];
};
struct pb_summary {
    struct pb_summary_case *cases;
    struct pb_summary_step *steps;
    struct pb_summary_check *checks;
    size_t case_count, step_count, check_count;
    struct pb_summary_counts counts;
    enum pb_verdict verdict;
    enum pb_side side; /* of all its failed checks together */
    bool is_closed;    /* false: killed run */
    pb_instant ended;
};
/* Owned by the caller; pb_summary_finish frees. */
PB_MUST_CHECK enum pb_status pb_summary_read(struct pb_reader *reader, struct pb_summary *ret_summary,
                                             struct pb_error *error);
void pb_summary_finish(struct pb_summary *summary);
/* How the check's reading was made, read anew from its row. Errors: PB_ERR_INPUT, PB_ERR_IO; PB_ERR_NOT_FOUND: it has none. */
PB_MUST_CHECK enum pb_status pb_summary_recipe(struct pb_reader *reader, const struct pb_summary_check *check,
                                               struct pb_recipe *ret_recipe, struct pb_error *error);
/* Counts and verdict of one more run, for a total of several (begun as {0}); it has no cases, steps or checks of its own. */
void pb_summary_add(struct pb_summary *total, const struct pb_summary *summary);
/* A case's verdict is the worst of its checks' and of what the engine gave it, NONE when nothing of it was judged; the
 * run's is the worst of its cases', but fail whenever anything failed, so that the word and the exit status agree, and
 * inconc when nothing was judged.
 * counts: judged are the checks with a verdict that rests on a reading; passed + failed
 * + inconc + error are all that were planned; unverified are the judged ones whose limit is K or U; played,
 * not_observable and not_run are steps. A check with several verdicts (it was repeated) has the worst of them. */
/* 1 any fail; else 4 error; else 3 inconc (also: fewer judged than planned, nothing judged); else 0. */
int pb_summary_exit_status(const struct pb_summary *summary);
/* "pass (4 on unverified limits)"; the verdict alone where none is. */
void pb_summary_verdict_describe(enum pb_verdict verdict, int64_t unverified, char *ret_text, size_t size);
/* Judged checks of a case that rest on unverified limits. */
int64_t pb_summary_unverified_in(const struct pb_summary *summary, const struct pb_summary_case *of);
/* "found 8, inferred 3": steps of one mode by evidence; "" for none. */
void pb_summary_evidence_describe(const struct pb_summary_counts *counts, enum pb_step_mode mode, char *ret_text,
                                  size_t size);
/* "verdict: pass cases=2 judged=12 passed=12 failed=0 inconc=0 error=0 played=5 not_observable=1 not_run=0", and
 * " unverified=n" behind it when n judged checks rest on unverified limits, " at_fault=evse" (pev, either, both) where a pair failed. */
void pb_summary_line(const struct pb_summary *summary, char *ret_text, size_t size);

#endif
