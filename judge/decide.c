/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decision rules of ILAC-G8:09/2019, and the sentence that goes with a verdict. Values, limits and U are integers in
 * steps of one unit, compared as they are; only the sentence rounds. */
#include "base/text.h"
#include "judge/judge.h"

#include <stdio.h>
#include <string.h>

/* Where a value lies: margin to the nearer bound, negative outside; INT64_MAX without any bound. */
struct place {
    int64_t margin;
    bool is_low_side; /* the nearer bound is min */
};

static int64_t difference(int64_t a, int64_t b) {
    int64_t result;
    if (__builtin_sub_overflow(a, b, &result)) return a > b ? INT64_MAX : INT64_MIN;
    return result;
}

static struct place place_of(const struct pb_limit *limit, int64_t value) {
    int64_t above_min = limit->min == INT64_MIN ? INT64_MAX : difference(value, limit->min);
    int64_t below_max = limit->max == INT64_MAX ? INT64_MAX : difference(limit->max, value);
    if (above_min < below_max) return (struct place){above_min, true};
    return (struct place){below_max, false};
}

/* What each rule says: inside by U or more, inside by less, outside by up to U, outside by more. */
enum band { BAND_CLEARLY_INSIDE, BAND_JUST_INSIDE, BAND_JUST_OUTSIDE, BAND_CLEARLY_OUTSIDE, BAND_COUNT };

static const struct {
    enum pb_verdict verdict;
    const char *before, *after;
} answers[PB_RULE_COUNT][BAND_COUNT] = {
    [PB_RULE_SIMPLE] = {{PB_VERDICT_PASS, "", ""},
                        {PB_VERDICT_PASS, "", ""},
                        {PB_VERDICT_FAIL, "", ""},
                        {PB_VERDICT_FAIL, "", ""}},
    [PB_RULE_GUARDED] = {{PB_VERDICT_PASS, "", ""},
                         {PB_VERDICT_INCONC, "", ", which is less than U (guard band w = U)"},
                         {PB_VERDICT_FAIL, "", ""},
                         {PB_VERDICT_FAIL, "", ""}},
    [PB_RULE_NON_BINARY] = {{PB_VERDICT_PASS, "", ""},
                            {PB_VERDICT_INCONC, "conditional pass: ", ", which is less than U"},
                            {PB_VERDICT_INCONC, "conditional fail: ", ", which is within U"},
                            {PB_VERDICT_FAIL, "", ""}},
};

static enum band band_of(int64_t margin, int64_t u) {
    if (margin >= 0) return margin >= u ? BAND_CLEARLY_INSIDE : BAND_JUST_INSIDE;
    return margin >= -u ? BAND_JUST_OUTSIDE : BAND_CLEARLY_OUTSIDE;
}

static int decimal_digits(int64_t value) {
    int digits = 1;
    for (; value / 10 != 0; value /= 10) digits++;
    return digits;
}

/* Digits that show a value down to the second digit of its U; all of them for an exact value. */
static int digits_shown(int64_t value, int64_t u) {
    if (u == 0) return 15;
    int digits = decimal_digits(value) - decimal_digits(u) + 2;
    return digits < 3 ? 3 : digits > 15 ? 15 : digits;
}

void pb_quantity_describe(const struct pb_quantity *quantity, const char *plus_minus, char *ret_text, size_t size) {
    char value[48], u[48];
    pb_quantity_format(quantity->value, quantity->unit, digits_shown(quantity->value, quantity->u), value,
                       sizeof value);
    if (quantity->u == 0) {
        snprintf(ret_text, size, "%s", value);
        return;
    }
    pb_quantity_format(quantity->u, quantity->unit, 2, u, sizeof u);
    snprintf(ret_text, size, "%s %s %s", value, plus_minus, u);
}

void pb_limit_describe(const struct pb_limit *limit, char *ret_text, size_t size) {
    char min[48], max[48];
    bool has_min = limit->min != INT64_MIN, has_max = limit->max != INT64_MAX;
    if (has_min) pb_quantity_format(limit->min, limit->unit, 15, min, sizeof min);
    if (has_max) pb_quantity_format(limit->max, limit->unit, 15, max, sizeof max);
    if (has_min && has_max && limit->min == limit->max) snprintf(ret_text, size, "exactly %s", min);
    else if (has_min && has_max) snprintf(ret_text, size, "%s to %s", min, max);
    else if (has_max) snprintf(ret_text, size, "at most %s", max);
    else if (has_min) snprintf(ret_text, size, "at least %s", min);
    else snprintf(ret_text, size, "any value");
}

static const char *off_word(enum pb_unit unit, bool is_low_side) {
    if (unit == PB_UNIT_SECOND) return is_low_side ? "too early" : "too late";
    if (unit == PB_UNIT_NONE) return is_low_side ? "too few" : "too many";
    return is_low_side ? "too low" : "too high";
}

static void describe_margin(const struct place *place, enum pb_unit unit, char *ret_text, size_t size) {
    char by[48];
    if (place->margin == INT64_MAX) snprintf(ret_text, size, "inside");
    else if (place->margin == 0) snprintf(ret_text, size, "on the limit");
    else if (place->margin > 0)
        snprintf(ret_text, size, "inside by %s", pb_quantity_format(place->margin, unit, 4, by, sizeof by));
    else
        snprintf(ret_text, size, "%s %s", pb_quantity_format(difference(0, place->margin), unit, 4, by, sizeof by),
                 off_word(unit, place->is_low_side));
}

/* A reading that says too little is not compared at all: a lucky value would prove as little as an unlucky one. */
static bool is_too_uncertain(const struct pb_check *check, const struct pb_quantity *seen, char *ret_reason,
                             size_t size) {
    if (check->limit.u_max <= 0 || seen->u <= check->limit.u_max) return false;
    char value[112], limit[112], u[48], u_max[48];
    pb_quantity_describe(seen, "+-", value, sizeof value);
    pb_limit_describe(&check->limit, limit, sizeof limit);
    snprintf(ret_reason, size, "too uncertain: %s, U = %s is larger than u_max = %s of limit %s", value,
             pb_quantity_format(seen->u, seen->unit, 4, u, sizeof u),
             pb_quantity_format(check->limit.u_max, seen->unit, 4, u_max, sizeof u_max), limit);
    return true;
}

static enum pb_verdict decide_value(const struct pb_check *check, const struct pb_quantity *seen, char *ret_reason,
                                    size_t size) {
    if (seen->unit != check->limit.unit || (unsigned)check->rule >= PB_RULE_COUNT) {
        snprintf(ret_reason, size, "the check cannot be decided: reading in \"%s\", limit in \"%s\", rule %d",
                 pb_unit_symbol(seen->unit), pb_unit_symbol(check->limit.unit), (int)check->rule);
        return PB_VERDICT_ERROR;
    }
    if (is_too_uncertain(check, seen, ret_reason, size)) return PB_VERDICT_INCONC;
    struct place place = place_of(&check->limit, seen->value);
    enum band band = band_of(place.margin, seen->u);
    char value[112], limit[112], margin[80];
    pb_quantity_describe(seen, "+-", value, sizeof value);
    pb_limit_describe(&check->limit, limit, sizeof limit);
    describe_margin(&place, seen->unit, margin, sizeof margin);
    snprintf(ret_reason, size, "%s%s, limit %s, %s%s", answers[check->rule][band].before, value, limit, margin,
             answers[check->rule][band].after);
    return answers[check->rule][band].verdict;
}

static enum pb_verdict decide_without_value(const struct pb_check *check, const struct pb_reading *reading,
                                            char *ret_reason, size_t size) {
    static const struct {
        enum pb_verdict verdict;
        const char *words;
    } of_outcome[] = {
        [PB_OUTCOME_ABSENT] = {PB_VERDICT_FAIL, "did not happen"},
        [PB_OUTCOME_UNREADABLE] = {PB_VERDICT_INCONC, "cannot be said"},
        [PB_OUTCOME_LOST] = {PB_VERDICT_ERROR, "not in the record"},
        [PB_OUTCOME_UNFIT] = {PB_VERDICT_FAIL, "is not as expected"},
    };
    char limit[112];
    pb_limit_describe(&check->limit, limit, sizeof limit);
    snprintf(ret_reason, size, "%s: %s, limit %s", of_outcome[reading->outcome].words, reading->reason, limit);
    return of_outcome[reading->outcome].verdict;
}

int64_t pb_limit_usual_u_max(const struct pb_limit *limit) {
    bool has_min = limit->min != INT64_MIN, has_max = limit->max != INT64_MAX;
    if (!has_min && !has_max) return 0;
    int64_t bound = has_max ? limit->max : limit->min;
    int64_t quarter =
        has_min && has_max ? difference(limit->max, limit->min) / 8 : (bound < 0 ? -(bound / 4) : bound / 4);
    return quarter > 0 ? quarter : 1;
}

enum pb_verdict pb_judge_decide(const struct pb_check *check, const struct pb_reading *reading, char *ret_reason,
                                size_t size) {
    char reason[2 * PB_REASON_SIZE];
    enum pb_verdict verdict = reading->outcome == PB_OUTCOME_VALUE
                                  ? decide_value(check, &reading->quantity, reason, sizeof reason)
                                  : decide_without_value(check, reading, reason, sizeof reason);
    bool is_decided = verdict == PB_VERDICT_PASS || verdict == PB_VERDICT_FAIL;
    if (is_decided && check->is_strict && pb_confidence_is_unverified(check->limit.confidence)) {
        snprintf(ret_reason, size, "would %s, but the limit is unverified (%s) and limits are strict: %s",
                 pb_verdict_name(verdict), pb_confidence_name(check->limit.confidence), reason);
        verdict = PB_VERDICT_INCONC;
    } else if (verdict == PB_VERDICT_FAIL && check->is_advisory) {
        snprintf(ret_reason, size, "advisory, rests on an inferred step alone: %s", reason);
        verdict = PB_VERDICT_INCONC;
    } else snprintf(ret_reason, size, "%s", reason);
    pb_text_drop_partial(ret_reason);
    return verdict;
}
