/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "harness/engine/expect.h"

#include "pilot_emulator/state.h"

const char *const pb_event_names[PB_EVENT_NAME_COUNT] = {"cp.state",    "contactor",   "contactor.0", "contactor.1",
                                                         "contactor.2", "contactor.3", "current",     "coil",
                                                         "lock",        "ccid_test",   "message",     "estop"};

const struct pb_expect_row pb_expect_rows[PB_EXPECT_KIND_COUNT] = {
    [PB_EXPECT_LEVEL] = {PB_EVENT_CP_STATE,
                         PB_ANCHOR_STEP,
                         {{"reaches_%c", "the pilot reaches state %c", PB_EXTRACT_SPAN_TO_FIRST, NULL, true},
                          {"level_%c", "high level in state %c", PB_EXTRACT_PILOT_HIGH, "cp.level.%c", false}},
                         2},
    [PB_EXPECT_PWM] = {PB_EVENT_CP_STATE,
                       PB_ANCHOR_ENTER,
                       {{"pwm_starts", "PWM starts after the vehicle was connected", PB_EXTRACT_SPAN_TO_FIRST, NULL,
                         true},
                        {"frequency", "frequency of the PWM", PB_EXTRACT_PILOT_FREQUENCY, "cp.frequency", false},
                        {"duty", "duty announces the rated current", PB_EXTRACT_PILOT_DUTY, NULL, false},
                        {"low_level", "low level of the PWM", PB_EXTRACT_PILOT_LOW, "cp.level.low", false}},
                       4},
    [PB_EXPECT_NO_PWM_BEFORE] = {PB_EVENT_CP_STATE,
                                 PB_ANCHOR_CASE,
                                 {{"no_pwm_before_%c", "no PWM before state %c", PB_EXTRACT_COUNT_EVENTS, NULL, false}},
                                 1},
    [PB_EXPECT_NOT_CLOSED_BEFORE] = {PB_EVENT_CONTACTOR,
                                     PB_ANCHOR_CASE,
                                     {{"not_closed_before_%c", "no pole conducts before state %c",
                                       PB_EXTRACT_COUNT_EVENTS, NULL, false}},
                                     1},
    [PB_EXPECT_CLOSES] = {PB_EVENT_CONTACTOR,
                          PB_ANCHOR_ENTER,
                          {{"closes", "every pole conducts after state %c is reached", PB_EXTRACT_SPAN_TO_FIRST,
                            "time.close", true}},
                          1},
    [PB_EXPECT_OPENS] = {PB_EVENT_CONTACTOR,
                         PB_ANCHOR_LEAVE,
                         {{"opens", "the last pole opens after state %c is left", PB_EXTRACT_SPAN_TO_FIRST, "time.open",
                           true}},
                         1},
    [PB_EXPECT_STATE] = {PB_EVENT_CP_STATE,
                         PB_ANCHOR_STEP,
                         {{"state", "the pilot comes to the expected state", PB_EXTRACT_SPAN_TO_FIRST, NULL, true}},
                         1},
    [PB_EXPECT_STAYS_OPEN] = {PB_EVENT_CONTACTOR,
                              PB_ANCHOR_STEP,
                              {{"stays_open", "no pole conducts", PB_EXTRACT_COUNT_EVENTS, NULL, false}},
                              1},
    [PB_EXPECT_OPENS_AFTER] = {PB_EVENT_CONTACTOR,
                               PB_ANCHOR_STEP,
                               {{"opens", "the last pole opens", PB_EXTRACT_SPAN_TO_FIRST, NULL, true}},
                               1},
    [PB_EXPECT_SOURCE_RESISTANCE] = {PB_EVENT_CP_STATE,
                                     PB_ANCHOR_NONE,
                                     {{"source_resistance", "source resistance of the pilot's driver",
                                       PB_EXTRACT_SOURCE_RESISTANCE, "cp.source_resistance", false}},
                                     1},
    [PB_EXPECT_MESSAGE] = {PB_EVENT_MESSAGE,
                           PB_ANCHOR_STEP,
                           {{"message", "the message comes", PB_EXTRACT_SPAN_TO_FIRST, NULL, true}},
                           1},
    [PB_EXPECT_STAYS_CLOSED] = {PB_EVENT_CONTACTOR,
                                PB_ANCHOR_HELD,
                                {{"stays_closed", "every pole goes on conducting", PB_EXTRACT_COUNT_EVENTS, NULL,
                                  false}},
                                1},
    [PB_EXPECT_STAYS_STEADY] = {PB_EVENT_CP_STATE,
                                PB_ANCHOR_HELD,
                                {{"pilot_steady", "the pilot's state does not change", PB_EXTRACT_COUNT_EVENTS, NULL,
                                  false}},
                                1},
};

uint64_t pb_state_mask(char letter) {
    uint64_t mask = 0;
    for (int state = 0; state < PB_CP_STATE_COUNT; state++)
        if (pb_cp_state_letter((enum pb_cp_state)state) == letter) mask |= UINT64_C(1) << state;
    return mask;
}

static uint64_t pwm_mask(void) {
    uint64_t mask = 0;
    for (int state = 0; state < PB_CP_STATE_COUNT; state++)
        if (pb_cp_state_has_pwm((enum pb_cp_state)state)) mask |= UINT64_C(1) << state;
    return mask;
}

uint64_t pb_expect_mask(const struct pb_expectation *expectation, size_t poles) {
    switch (expectation->kind) {
    case PB_EXPECT_LEVEL: return pb_state_mask((char)expectation->value);
    case PB_EXPECT_PWM:
    case PB_EXPECT_NO_PWM_BEFORE: return pwm_mask();
    case PB_EXPECT_STATE: return UINT64_C(1) << expectation->value;
    case PB_EXPECT_CLOSES: return UINT64_C(1) << poles;
    case PB_EXPECT_OPENS:
    case PB_EXPECT_OPENS_AFTER: return 1;
    case PB_EXPECT_STAYS_CLOSED: return (UINT64_C(1) << poles) - 1;
    case PB_EXPECT_MESSAGE:
    case PB_EXPECT_STAYS_STEADY: return 0;                             /* any value */
    default: return ((UINT64_C(1) << (poles + 1)) - 1) & ~UINT64_C(1); /* any pole conducts */
    }
}
