/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/reports/sample_summary.h"

#include <stdio.h>
#include <string.h>

#define MS 1000000LL

static const struct pb_summary_case cases[] = {
    {.case_no = 1,
     .id = "S1",
     .title = "Customer connects vehicle to premise using a cordset EVSE",
     .source = "Vehicle Use Case Task Force S1",
     .verdict = PB_VERDICT_ERROR,
     .first_step = 0,
     .step_count = 8,
     .began = {0},
     .ended = {50406000000000}},
    {.case_no = 2,
     .id = "L2-B",
     .title = "Customer connects PEV at another home inside the territory, customer pays",
     .source = "Vehicle Use Case Task Force L2",
     .verdict = PB_VERDICT_ERROR,
     .reason = "slave evse died of signal 9",
     .first_step = 8,
     .step_count = 1,
     .began = {50407000000000},
     .ended = {50408000000000}},
};
static const struct pb_summary_step steps[] = {
    {.case_no = 1,
     .step_no = 1,
     .id = "1",
     .actor = "customer",
     .text = "connects the cordset to the energy portal",
     .evidence = "F",
     .seed = "000",
     .mode = PB_STEP_JUDGED,
     .first_check = 0,
     .check_count = 1,
     .began = {0},
     .took = {812 * MS}},
    {.case_no = 1,
     .step_no = 2,
     .id = "2",
     .actor = "customer",
     .text = "connects the cordset to the PEV",
     .evidence = "F",
     .seed = "000",
     .mode = PB_STEP_JUDGED,
     .first_check = 1,
     .check_count = 1,
     .began = {1000 * MS},
     .took = {21 * MS}},
    {.case_no = 1,
     .step_no = 3,
     .id = "3",
     .actor = "pev",
     .text = "wakes up",
     .evidence = "F",
     .seed = "000",
     .mode = PB_STEP_PLAYED,
     .began = {1021 * MS}},
    {.case_no = 1,
     .step_no = 4,
     .id = "4",
     .actor = "evse",
     .text = "watches the pilot drop from 12 V to 9 V",
     .evidence = "F",
     .seed = "000",
     .mode = PB_STEP_NOT_OBSERVABLE,
     .reason = "happens inside the EVSE",
     .began = {INT64_MAX}},
    {.case_no = 1,
     .step_no = 5,
     .id = "5",
     .actor = "evse",
     .text = "starts the available-line-current generator",
     .evidence = "F",
     .seed = "000",
     .mode = PB_STEP_JUDGED,
     .first_check = 2,
     .check_count = 3,
     .began = {1100 * MS},
     .took = {500 * MS}},
    {.case_no = 1,
     .step_no = 6,
     .id = "13b",
     .actor = "evse",
     .text = "opens the contactor when the vehicle leaves state C",
     .evidence = "I",
     .mode = PB_STEP_JUDGED,
     .first_check = 5,
     .check_count = 1,
     .began = {50400000000000},
     .took = {4012 * MS}},
    {.case_no = 1,
     .step_no = 7,
     .id = "14",
     .actor = "eumd",
     .text = "records charging information and energy per session",
     .evidence = "C",
     .mode = PB_STEP_NOT_RUN,
     .reason = "the bench has no eumd",
     .began = {INT64_MAX}},
    {.case_no = 1,
     .step_no = 8,
     .id = "A1",
     .actor = "evse",
     .text = "ends the PWM after unplug",
     .evidence = "added",
     .mode = PB_STEP_JUDGED,
     .first_check = 6,
     .check_count = 2,
     .began = {INT64_MAX}},
    {.case_no = 2,
     .step_no = 9,
     .id = "1a",
     .actor = "energy portal",
     .text = "delivers power",
     .evidence = "F",
     .mode = PB_STEP_PLAYED,
     .began = {50407000000000},
     .took = {125000 * MS}},
};
#define LIMIT(name, low, high, of_unit, of_clause, of_confidence)                                                      \
    .limit = {.id = name,                                                                                              \
              .min = low,                                                                                              \
              .max = high,                                                                                             \
              .unit = PB_UNIT_##of_unit,                                                                               \
              .clause = of_clause,                                                                                     \
              .confidence = PB_CONFIDENCE_##of_confidence,                                                             \
              .source = "public bring-up guide"}
#define VALUE(v, half, of_unit) .has_reading = true, .reading = {PB_OUTCOME_VALUE, {v, half, PB_UNIT_##of_unit}, ""}

static const struct pb_summary_check checks[] = {
    {.check = {1, 1, 1, "S1/1/level", "12 V on the pilot", PB_EXTRACT_PILOT_HIGH,
               LIMIT("cp.level.a", 11400000, 12600000, VOLT, "J1772 state A; IEC 61851-1 Table A.2", V2)},
     .verdict = PB_VERDICT_PASS,
     .reason = "12.011 V +- 21 mV, limit 11.4 V to 12.6 V, inside by 589 mV",
     VALUE(12011000, 21000, VOLT),
     .judged_at = {812 * MS}},
    {.check = {2, 1, 2, "S1/2/level", "9 V within 200 ms", PB_EXTRACT_SPAN_TO_FIRST,
               LIMIT("time.plug_to_b", INT64_MIN, 200 * MS, SECOND,
                     "pilot divider follows the plug at once; bench practice", K)},
     .verdict = PB_VERDICT_PASS,
     .reason = "20.413 ms +- 22 us, limit at most 200 ms, inside by 179.6 ms",
     VALUE(20413000, 22000, SECOND),
     .judged_at = {1021 * MS}},
    {.check = {3, 1, 5, "S1/5/duty", "the duty for 16 A", PB_EXTRACT_PILOT_DUTY,
               LIMIT("cp.duty", 261670, 271670, PERCENT, "J1772 duty of the generator", DUT)},
     .verdict = PB_VERDICT_FAIL,
     .reason = "21.67 % +- 0.05 %, limit 26.167 % to 27.167 %, 4.497 % too low",
     VALUE(216700, 500, PERCENT),
     .judged_at = {1600 * MS}},
    {.check = {4, 1, 5, "S1/5/frequency", "1 kHz", PB_EXTRACT_PILOT_FREQUENCY,
               LIMIT("cp.frequency", 980000000, 1020000000, HERTZ, "J1772 oscillator frequency, 1 kHz +-2 %", V2),
               .rule = PB_RULE_GUARDED},
     .verdict = PB_VERDICT_PASS,
     .reason = "1.0004 kHz",
     VALUE(1000400000, 100000, HERTZ),
     .judged_at = {1600 * MS}},
    {.check = {5, 1, 5, "S1/5/none_before", "no PWM before 9 V", PB_EXTRACT_COUNT_EVENTS,
               LIMIT("pwm.before", INT64_MIN, 0, NONE, "J1772 state A has no oscillator", V)},
     .verdict = PB_VERDICT_PASS,
     .reason = "0, limit at most 0, on the limit",
     VALUE(0, 0, NONE),
     .judged_at = {1600 * MS}},
    {.check = {6, 1, 6, "S1/13b/open", "the contactor opens within 100 ms", PB_EXTRACT_SPAN_TO_FIRST,
               LIMIT("time.open", INT64_MIN, 100 * MS, SECOND, "IEC 61851-1 Table A.6 sequence 8.1", V2),
               .is_advisory = true},
     .verdict = PB_VERDICT_INCONC,
     .reason =
         "advisory, rests on an inferred step alone: did not happen: no matching event \"contactor\" within 4 s, limit at most 100 ms",
     .has_reading = true,
     .reading = {PB_OUTCOME_ABSENT, {0, 0, PB_UNIT_SECOND}, "no matching event \"contactor\" within 4 s"},
     .judged_at = {50404000000000}},
    {.check = {7, 1, 8, "S1/A1/pwm_off", "PWM ends within 2 s", PB_EXTRACT_SPAN_TO_FIRST,
               LIMIT("time.a2_to_a1", INT64_MIN, 2000 * MS, SECOND, "J1772 A2 to A1 after unplug", U)},
     .judged_at = {INT64_MAX}},
    {.check = {8, 1, 8, "S1/A1/level", "12 V on the pilot", PB_EXTRACT_PILOT_HIGH,
               LIMIT("cp.level.a", 11400000, 12600000, VOLT, "J1772 state A; IEC 61851-1 Table A.2", V2)},
     .verdict = PB_VERDICT_ERROR,
     .reason = "not in the record: sample 912 of cp.sense was not kept, limit 11.4 V to 12.6 V",
     .has_reading = true,
     .reading = {PB_OUTCOME_LOST, {0, 0, PB_UNIT_VOLT}, "sample 912 of cp.sense was not kept"},
     .judged_at = {50406000000000}},
};

static struct pb_summary_case made_cases[2];
static struct pb_summary_step made_steps[9];
static struct pb_summary_check made_checks[8];
static struct pb_summary made;

struct pb_summary *sample_summary(void) {
    memcpy(made_cases, cases, sizeof cases);
    memcpy(made_steps, steps, sizeof steps);
    memcpy(made_checks, checks, sizeof checks);
    made = (struct pb_summary){.cases = made_cases,
                               .steps = made_steps,
                               .checks = made_checks,
                               .case_count = 2,
                               .step_count = 9,
                               .check_count = 8,
                               .counts = {.cases = 2,
                                          .judged = 7,
                                          .passed = 4,
                                          .failed = 1,
                                          .inconc = 2,
                                          .error = 1,
                                          .played = 2,
                                          .not_observable = 1,
                                          .not_run = 1,
                                          .unverified = 1},
                               .verdict = PB_VERDICT_FAIL,
                               .is_closed = true};
    return &made;
}

#define FILL(member, text) snprintf(member, sizeof member, "%s", text)

struct pb_summary *hostile_summary(const char *text) {
    sample_summary();
    made.case_count = made.step_count = made.check_count = 1;
    made.counts = (struct pb_summary_counts){.cases = 1, .judged = 1, .failed = 1};
    made_cases[0].step_count = made_steps[0].check_count = 1;
    made_cases[0].verdict = PB_VERDICT_FAIL;
    made_checks[0].verdict = PB_VERDICT_FAIL;
    FILL(made_cases[0].id, text);
    FILL(made_cases[0].title, text);
    FILL(made_cases[0].source, text);
    FILL(made_steps[0].id, text);
    FILL(made_steps[0].actor, text);
    FILL(made_steps[0].text, text);
    FILL(made_steps[0].reason, text);
    FILL(made_steps[0].evidence, text);
    FILL(made_checks[0].check.id, text);
    FILL(made_checks[0].check.text, text);
    FILL(made_checks[0].reason, text);
    FILL(made_checks[0].check.limit.id, text);
    FILL(made_checks[0].check.limit.clause, text);
    FILL(made_checks[0].check.limit.source, text);
    return &made;
}
