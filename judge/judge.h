/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Judging: a pure function of the record. A recipe says how a reading is taken from recorded rows and samples; a limit
 * and a decision rule make a verdict of it. The live run and rejudge call the same functions on the same rows; no Lua,
 * no clock, no libm.
 *
 * Extractors (the table in extract.c). Those of the pilot and the source resistance have three versions: 1 measures by
 * pb_cp_meter (which times no edge), 2 and 3 by pb_cp_analyser (pilot_emulator/periods.h). A recipe keeps its version for ever:
 *   pilot_high, pilot_low     level of a plateau, uV              channel, sample range
 *   pilot_frequency           uHz                                 channel, sample range
 *   pilot_duty                ppm                                 channel, sample range
 *   pilot_rise, pilot_fall    ns, 10 to 90 %, the front end's own time taken out; UNREADABLE, with why, where front end
 *                             and sample period are not a third of `most`, the limit, ns: channel, sample range
 *   span_to_first             ns from `from` to the first event that matches (after `from`, at or before `until`);
 *                             U is the linear sum of both dates' U
 *   count                     events that match in [from, until)
 *   message                   ns from `from` until the message of a step came, 0 if before; UNFIT when it is not as the
 *                             step's pattern (judge/choreography.h). Plan from row `plan_row`, messages from row
 *                             `first_row` and before row `end_row`. UNREADABLE instead of ABSENT, UNFIT or a
                             value above `most` (where given) after a message to the device was mutated (there)
 *   other_messages            0; UNFIT when the device said what no step of the case expects; as above, without a step
 *   current_max               mA, the greatest value of event `name` in [from, until), with the one that stood at
 *                             `from`; U is `value_u`
 *   current_sum_max           mA, the greatest sum of what the events `name` and "cord[2].`name`" say at one instant of
 *                             [from, until), from 0 at row `first_row` on; U is `value_u`
 *   current_settles           ns from `from` until the event's value is in [least, most] to stay there until `until`,
 *                             0 if it was so already; ABSENT when it is not so at `until`. Once (most is 0): until the
 *                             first value of at least `least`. No event before: 0 mA
 *   level_at_12v              uV: the level under a load (first, count) as it would be if the open level (first2, count2)
 *                             were 12 V, behind a diode of `diode_uv`. What is left are the ratios of the resistors
 *   source_resistance         mohm, of the pilot's driver: from the open level (first, count) and the level under a
 *                             known load (first2, count2)
 * An event matches when its name is `event` and, if a value mask is given, bit `value now` (0..63) of the mask is set.
 * span_to_first may take the event's other date (row column c) instead of its own, see use_other_date. Its own date
 * must then lie at or before `until` too: what is dated later may not have been seen yet when a live run judges. The
 * other date may be up to 10 s later than its own. */
#ifndef PB_JUDGE_JUDGE_H
#define PB_JUDGE_JUDGE_H

#include "base/instant.h"
#include "base/quantity.h"
#include "base/status.h"
#include "judge/verdict.h"
#include "record/read/reader.h"
#include "record/row.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pb_extractor {
    PB_EXTRACT_PILOT_HIGH,
    PB_EXTRACT_PILOT_LOW,
    PB_EXTRACT_PILOT_FREQUENCY,
    PB_EXTRACT_PILOT_DUTY,
    PB_EXTRACT_SPAN_TO_FIRST,
    PB_EXTRACT_COUNT_EVENTS,
    PB_EXTRACT_SOURCE_RESISTANCE,
    PB_EXTRACT_MESSAGE,
    PB_EXTRACT_OTHER_MESSAGES,
    PB_EXTRACT_CURRENT_MAX,
    PB_EXTRACT_CURRENT_SETTLES,
    PB_EXTRACT_LEVEL_AT_12V,
    PB_EXTRACT_CAPACITANCE,
    PB_EXTRACT_TOLD_ENERGY,
    PB_EXTRACT_DWELL_SHORTEST,
    PB_EXTRACT_DWELL_LONGEST,
    PB_EXTRACT_PILOT_RISE,
    PB_EXTRACT_PILOT_FALL,
    PB_EXTRACT_CURRENT_SUM_MAX,
    PB_EXTRACTOR_COUNT
};
const char *pb_extractor_name(enum pb_extractor extractor); /* "pilot_high" */
enum pb_extractor pb_extractor_find(const char *name);      /* PB_EXTRACTOR_COUNT if none */
int pb_extractor_version(enum pb_extractor extractor);      /* the newest: what new recipes name */
enum pb_unit pb_extractor_unit(enum pb_extractor extractor);

/* How a reading is taken. Members that an extractor does not use are zero. Stored as the reading row's text. */
struct pb_recipe {
    enum pb_extractor extractor;
    int version;
    char name[32];                                        /* channel (samples) or event name */
    int64_t first, count;                                 /* sample range */
    int64_t first2, count2;                               /* second sample range */
    int64_t load_mohm, u_load_mohm, diode_uv, u_diode_uv; /* the known load behind its diode, expanded uncertainties */
    pb_instant from;                                      /* start of time range */
    int64_t from_u_ns;                                    /* its expanded uncertainty */
    pb_instant until;
    uint64_t mask;                                 /* of values now; 0: any */
    int64_t plan_row, first_row, end_row, step_no; /* of a case: its CASE row, its messages, one of its steps or 0 */
    uint64_t mask_high;                            /* of values from 64 on */
    uint64_t mask_before;                          /* of the state that a stay came from */
    int64_t own_ff, u_own_ff;                      /* the bench's own capacitance, expanded uncertainty */
    int64_t supply_uv;                             /* nominal supply of the bench's count of energy */
    int64_t least, most, value_u; /* of an event's value: bounds, and its expanded uncertainty; most: an edge's limit */
    bool use_other_date;          /* the matching event's column c instead of its `at` */
};

enum pb_outcome {
    PB_OUTCOME_VALUE,      /* quantity is valid */
    PB_OUTCOME_ABSENT,     /* nothing matched in the time range: the thing did not happen */
    PB_OUTCOME_UNREADABLE, /* cannot be said from these samples (not settled, saturated, no periods) */
    PB_OUTCOME_LOST,       /* the record does not hold what the recipe names */
    PB_OUTCOME_UNFIT,      /* it came, and is not as expected */
    PB_OUTCOME_COUNT
};
struct pb_reading {
    enum pb_outcome outcome;
    struct pb_quantity quantity;
    char reason[160]; /* for outcomes other than VALUE */
};
/* An event's value is one of the recipe's. */
bool pb_recipe_has(const struct pb_recipe *recipe, int64_t value);
/* Errors are of the record's file only; everything else is an outcome. */
PB_MUST_CHECK enum pb_status pb_judge_read(struct pb_reader *reader, const struct pb_recipe *recipe,
                                           struct pb_reading *ret_reading, struct pb_error *error);

enum pb_rule { PB_RULE_SIMPLE, PB_RULE_GUARDED, PB_RULE_NON_BINARY, PB_RULE_COUNT };
const char *pb_rule_name(enum pb_rule rule); /* "simple acceptance (ILAC-G8, w = 0)" */
/* What its statements risk: "false pass up to 50 %, false fail up to 50 %". For a normal distribution of errors with U
 * at k = 2, and a value that lies as badly as it can beside one limit (ILAC-G8:09/2019 Table 1 for w = 0 and w = U). */
const char *pb_rule_risk(enum pb_rule rule);

enum pb_confidence {
    PB_CONFIDENCE_V,
    PB_CONFIDENCE_V2,
    PB_CONFIDENCE_C,
    PB_CONFIDENCE_K,
    PB_CONFIDENCE_U,
    PB_CONFIDENCE_DUT, /* the limit is the DUT statement's own (IXIT) */
    PB_CONFIDENCE_COUNT
};
const char *pb_confidence_name(enum pb_confidence confidence);
/* K and U rows must be shown as unverified wherever they decide. */
bool pb_confidence_is_unverified(enum pb_confidence confidence);

/* A row of a limits file, or of the DUT statement. INT64_MIN / INT64_MAX: no bound on that side. */
struct pb_limit {
    char id[48]; /* "cp.level.a" */
    int64_t min, max;
    int64_t u_max; /* largest U of a reading that may be decided by it; 0: none is stated */
    enum pb_unit unit;
    enum pb_confidence confidence;
    char clause[96], source[96];
};

/* Whose part of a pair, EVSE and vehicle, a check is about. */
enum { PB_BINDS_EVSE = 1, PB_BINDS_PEV = 2 };

/* A planned check. Stored as a CHECK row. */
struct pb_check {
    int32_t check_no, case_no, step_no;
    char id[96];    /* "S1/5/duty" */
    char text[160]; /* what is expected, for people */
    enum pb_extractor extractor;
    struct pb_limit limit;
    enum pb_rule rule;
    bool is_advisory; /* rests on an inferred step alone: at worst inconc */
    bool is_strict;   /* an unverified limit decides nothing: inconc instead of pass or fail */
    unsigned binds;   /* of a pair under test: PB_BINDS_... whose doing it is; 0: the device is no pair */
};
/* The u_max of a limit that states none: a quarter of its tolerance, at least one step. The tolerance is half the width
 * of a range, and the bound's own size where there is one bound. */
int64_t pb_limit_usual_u_max(const struct pb_limit *limit);

/* "4.012 s +- 20 us", rounded for people to the second digit of U; without U when exact. */
void pb_quantity_describe(const struct pb_quantity *quantity, const char *plus_minus, char *ret_text, size_t size);
/* "at most 3 s", "25.7 % to 27.7 %", "exactly 0". */
void pb_limit_describe(const struct pb_limit *limit, char *ret_text, size_t size);

/* Enough for any reason, and for the text of any check or reading row. */
enum { PB_REASON_SIZE = 240, PB_ROW_TEXT_SIZE = 4096 };

/* Verdict of a reading, with its reason in one sentence that names seen, expected, by how much
 * ("4.012 s +- 20 us, limit at most 3 s, 1.012 s too late"). ABSENT, UNFIT: fail; UNREADABLE: inconc; LOST: error; VALUE by
 * the rule (ILAC-G8:09/2019):
 *   simple      inside or on the limit passes, outside fails (risk of a false pass up to 50 %)
 *   guarded     passes when inside by U or more (risk up to 2.5 %), fails outside, inconc between
 *   non-binary  inside by U or more passes, inside by less is inconc "conditional pass", outside by up to U is inconc
 *               "conditional fail", outside by more fails
 * A reading whose U is larger than the limit's u_max is inconc, wherever it lies. A strict check's pass or fail by an
 * unverified limit becomes inconc, an advisory check's fail too, and the reason says so. A limit of another unit than
 * the reading's is an error. */
enum pb_verdict pb_judge_decide(const struct pb_check *check, const struct pb_reading *reading, char *ret_reason,
                                size_t size);

/* Rows and structs. Texts are sorted compact JSON, zeros and empty texts left out; the row points into ret_text and
 * into the struct (name). The caller sets the reading row's `at`. A verdict row (written by the engine) holds its
 * reason as plain text. CHECK row's d: bit 0 advisory, bit 1 strict, bits 2 and 3 what it binds. Errors: PB_ERR_INPUT for a row or struct that does not hold what
 * it must (also a text that is not UTF-8), PB_ERR_RANGE when ret_text is too small (PB_ROW_TEXT_SIZE never is). */
PB_MUST_CHECK enum pb_status pb_check_to_row(const struct pb_check *check, struct pb_row *ret_row, char *ret_text,
                                             size_t size);
PB_MUST_CHECK enum pb_status pb_check_from_row(const struct pb_row *row, struct pb_check *ret_check,
                                               struct pb_error *error);
PB_MUST_CHECK enum pb_status pb_reading_to_row(const struct pb_check *check, const struct pb_recipe *recipe,
                                               const struct pb_reading *reading, struct pb_row *ret_row, char *ret_text,
                                               size_t size);
/* at is the caller's. reading_seq: the reading's row, 0: it rests on none. Texts stay the check's and the caller's. */
struct pb_row pb_verdict_row(const struct pb_check *check, enum pb_verdict verdict, int64_t reading_seq,
                             const char *reason);
PB_MUST_CHECK enum pb_status pb_recipe_from_row(const struct pb_row *row, struct pb_recipe *ret_recipe,
                                                struct pb_error *error);

/* Judges a closed or killed run again: every reading taken anew from the record, every verdict decided anew. `differ`
 * is called for each that is not equal, bit for bit (check is NULL for a case's verdict). A check's verdict without a
 * reading (not reached, the engine's error) stands. A case's verdict is folded anew from its checks; one that the
 * engine gave instead (error or inconc, and not equal to the fold of what is stored) stands and is folded in. Errors:
 * of the file; PB_ERR_INPUT for rows that cannot be of one run. */
struct pb_rejudge_result {
    int64_t readings, verdicts, differences;
    enum pb_verdict verdict;
};
typedef void pb_rejudge_fn(void *user, const struct pb_check *check, const char *what, const char *stored,
                           const char *anew);
PB_MUST_CHECK enum pb_status pb_rejudge(struct pb_reader *reader, pb_rejudge_fn *differ, void *user,
                                        struct pb_rejudge_result *ret_result, struct pb_error *error);

#endif
