/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "harness/engine/expect.h"

#include "pilot_emulator/state.h"

const char *const pb_event_names[PB_EVENT_NAME_COUNT] = {
    "cp.state", "contactor", "contactor.0", "contactor.1", "contactor.2", "contactor.3", "current",
    "coil",     "lock",      "ccid_test",   "message",     "estop",       "cp.alc"};

/* What a second cord has of its own. */
static const char *const second_names[PB_EVENT_NAME_COUNT] = {[PB_EVENT_CP_STATE] = "cord[2].cp.state",
                                                              [PB_EVENT_CONTACTOR] = "cord[2].contactor",
                                                              [PB_EVENT_POLE_0] = "cord[2].contactor.0",
                                                              [PB_EVENT_POLE_0 + 1] = "cord[2].contactor.1",
                                                              [PB_EVENT_POLE_0 + 2] = "cord[2].contactor.2",
                                                              [PB_EVENT_POLE_0 + 3] = "cord[2].contactor.3",
                                                              [PB_EVENT_CURRENT] = "cord[2].current",
                                                              [PB_EVENT_COIL] = "cord[2].coil",
                                                              [PB_EVENT_LOCK] = "cord[2].lock",
                                                              [PB_EVENT_ALC] = "cord[2].cp.alc"};

bool pb_event_is_of_cord(enum pb_event_name name) { return second_names[name] != NULL; }

const char *pb_event_record_name(enum pb_event_name name, unsigned cord) {
    return cord && second_names[name] ? second_names[name] : pb_event_names[name];
}

/* Who of the two shows it, where both are the step's. */
#define OF_EVSE PB_ACTOR_BIT(PB_ACTOR_PEV)
#define OF_PEV (PB_ACTOR_BIT(PB_ACTOR_EVSE) | PB_ACTOR_BIT(PB_ACTOR_EUMD))

const struct pb_expect_row pb_expect_rows[PB_EXPECT_KIND_COUNT] = {
    [PB_EXPECT_LEVEL] = {PB_EVENT_CP_STATE,
                         PB_ANCHOR_STEP,
                         OF_EVSE,
                         {{"reaches_%c", "the pilot reaches state %c", PB_EXTRACT_SPAN_TO_FIRST, NULL, true,
                           PB_CHECK_UNLESS_LOADED, true},
                          {"level_%c", "high level in state %c", PB_EXTRACT_PILOT_HIGH, "cp.level.%c", false,
                           PB_CHECK_OF_ANY, true}},
                         2},
    [PB_EXPECT_PWM] =
        {PB_EVENT_CP_STATE,
         PB_ANCHOR_ENTER,
         OF_EVSE,
         {{"pwm_starts", "PWM starts after the vehicle was connected", PB_EXTRACT_SPAN_TO_FIRST, NULL, true,
           PB_CHECK_OF_ANY, false},
          {"frequency", "frequency of the PWM", PB_EXTRACT_PILOT_FREQUENCY, "cp.frequency", false, PB_CHECK_OF_ANY,
           false},
          {"duty", "duty announces the rated current", PB_EXTRACT_PILOT_DUTY, NULL, false, PB_CHECK_OF_ANY, false},
          {"low_level", "low level of the PWM", PB_EXTRACT_PILOT_LOW, "cp.level.low", false, PB_CHECK_OF_ANY, true}},
         4},
    [PB_EXPECT_NO_PWM_BEFORE] = {PB_EVENT_CP_STATE,
                                 PB_ANCHOR_CASE,
                                 OF_EVSE,
                                 {{"no_pwm_before_%c", "no PWM before state %c", PB_EXTRACT_COUNT_EVENTS, NULL, false,
                                   PB_CHECK_OF_ANY, false}},
                                 1},
    [PB_EXPECT_NOT_CLOSED_BEFORE] = {PB_EVENT_CONTACTOR,
                                     PB_ANCHOR_CASE,
                                     OF_EVSE,
                                     {{"not_closed_before_%c", "no pole conducts before state %c",
                                       PB_EXTRACT_COUNT_EVENTS, NULL, false, PB_CHECK_OF_ANY, false}},
                                     1},
    [PB_EXPECT_CLOSES] = {PB_EVENT_CONTACTOR,
                          PB_ANCHOR_ENTER,
                          OF_EVSE,
                          {{"closes", "every pole conducts after state %c is reached", PB_EXTRACT_SPAN_TO_FIRST,
                            "time.close", true, PB_CHECK_OF_ANY, false}},
                          1},
    [PB_EXPECT_OPENS] = {PB_EVENT_CONTACTOR,
                         PB_ANCHOR_LEAVE,
                         OF_EVSE,
                         {{"opens", "the last pole opens after state %c is left", PB_EXTRACT_SPAN_TO_FIRST, "time.open",
                           true, PB_CHECK_OF_ANY, false}},
                         1},
    [PB_EXPECT_STATE] = {PB_EVENT_CP_STATE,
                         PB_ANCHOR_STEP,
                         OF_EVSE,
                         {{"state", "the pilot comes to the expected state", PB_EXTRACT_SPAN_TO_FIRST, NULL, true,
                           PB_CHECK_OF_ANY, false}},
                         1},
    [PB_EXPECT_STAYS_OPEN] = {PB_EVENT_CONTACTOR,
                              PB_ANCHOR_STEP,
                              OF_EVSE,
                              {{"stays_open", "no pole conducts", PB_EXTRACT_COUNT_EVENTS, NULL, false, PB_CHECK_OF_ANY,
                                false}},
                              1},
    [PB_EXPECT_OPENS_AFTER] = {PB_EVENT_CONTACTOR,
                               PB_ANCHOR_STEP,
                               OF_EVSE,
                               {{"opens", "the last pole opens", PB_EXTRACT_SPAN_TO_FIRST, NULL, true, PB_CHECK_OF_ANY,
                                 false}},
                               1},
    [PB_EXPECT_SOURCE_RESISTANCE] = {PB_EVENT_CP_STATE,
                                     PB_ANCHOR_NONE,
                                     OF_EVSE,
                                     {{"source_resistance", "source resistance of the pilot's driver",
                                       PB_EXTRACT_SOURCE_RESISTANCE, "cp.source_resistance", false,
                                       PB_CHECK_NOT_OF_PAIR, false}},
                                     1},
    [PB_EXPECT_RISE_TIME] = {PB_EVENT_CP_STATE,
                             PB_ANCHOR_NONE,
                             OF_EVSE,
                             {{"rise_%c", "rise time of the PWM in state %c, 10 to 90 %", PB_EXTRACT_PILOT_RISE,
                               "cp.rise.%c", false, PB_CHECK_OF_ANY, false}},
                             1},
    [PB_EXPECT_FALL_TIME] = {PB_EVENT_CP_STATE,
                             PB_ANCHOR_NONE,
                             OF_EVSE,
                             {{"fall_%c", "fall time of the PWM in state %c, 90 to 10 %", PB_EXTRACT_PILOT_FALL,
                               "cp.fall.%c", false, PB_CHECK_OF_ANY, false}},
                             1},
    [PB_EXPECT_MESSAGE] = {PB_EVENT_MESSAGE,
                           PB_ANCHOR_STEP,
                           0,
                           {{"message", "the message comes", PB_EXTRACT_SPAN_TO_FIRST, NULL, true, PB_CHECK_OF_ANY,
                             false}},
                           1},
    [PB_EXPECT_STAYS_CLOSED] = {PB_EVENT_CONTACTOR,
                                PB_ANCHOR_HELD,
                                OF_EVSE,
                                {{"stays_closed", "every pole goes on conducting", PB_EXTRACT_COUNT_EVENTS, NULL, false,
                                  PB_CHECK_OF_ANY, false}},
                                1},
    [PB_EXPECT_STAYS_OPENED] = {PB_EVENT_CONTACTOR,
                                PB_ANCHOR_HELD,
                                OF_EVSE,
                                {{"stays_open", "no pole conducts again", PB_EXTRACT_COUNT_EVENTS, NULL, false,
                                  PB_CHECK_OF_ANY, false}},
                                1},
    [PB_EXPECT_STAYS_STEADY] = {PB_EVENT_CP_STATE,
                                PB_ANCHOR_HELD,
                                0,
                                {{"pilot_steady", "the pilot's state does not change", PB_EXTRACT_COUNT_EVENTS, NULL,
                                  false, PB_CHECK_OF_ANY, false}},
                                1},
    [PB_EXPECT_LOADS] = {PB_EVENT_CP_STATE,
                         PB_ANCHOR_STEP,
                         OF_PEV,
                         {{"vehicle_%c", "the vehicle brings the pilot to state %c", PB_EXTRACT_SPAN_TO_FIRST, NULL,
                           true, PB_CHECK_OF_ANY, false},
                          {"vehicle_level_%c", "high level in state %c, by the vehicle's resistors and diode",
                           PB_EXTRACT_PILOT_HIGH, "ev.level.%c", false, PB_CHECK_NOT_OF_PAIR, false},
                          {"fits_%c", "high level in state %c as it were at 12 V open: source, resistors and diode fit",
                           PB_EXTRACT_LEVEL_AT_12V, "pair.level.%c", false, PB_CHECK_OF_PAIR, true},
                          {"low_%c", "low level of the PWM in state %c", PB_EXTRACT_PILOT_LOW, "cp.level.low", false,
                           PB_CHECK_OF_PAIR_IN_C, true}},
                         4},
    [PB_EXPECT_STAYS_UNLOADED] = {PB_EVENT_CP_STATE,
                                  PB_ANCHOR_HELD,
                                  OF_PEV,
                                  {{"not_%c", "the vehicle does not ask for energy", PB_EXTRACT_COUNT_EVENTS, NULL,
                                    true, PB_CHECK_OF_ANY, false}},
                                  1},
    [PB_EXPECT_CURRENT_AT_MOST] = {PB_EVENT_CURRENT,
                                   PB_ANCHOR_HELD,
                                   OF_PEV,
                                   {{"current", "the vehicle draws no more than it may", PB_EXTRACT_CURRENT_MAX,
                                     "ev.current.over", false, PB_CHECK_OF_ANY, false}},
                                   1},
    [PB_EXPECT_CURRENT_FOLLOWS] = {PB_EVENT_CURRENT,
                                   PB_ANCHOR_STEP,
                                   OF_PEV,
                                   {{"follows", "the vehicle draws no more than it may from then on",
                                     PB_EXTRACT_CURRENT_SETTLES, "time.ev_follow", false, PB_CHECK_OF_ANY, false}},
                                   1},
    [PB_EXPECT_CURRENT_STOPS] = {PB_EVENT_CURRENT,
                                 PB_ANCHOR_STEP,
                                 OF_PEV,
                                 {{"stops", "the vehicle draws less than 1 A from then on", PB_EXTRACT_CURRENT_SETTLES,
                                   "time.ev_stop", true, PB_CHECK_OF_ANY, false}},
                                 1},
    [PB_EXPECT_CURRENT_STARTS] = {PB_EVENT_CURRENT,
                                  PB_ANCHOR_STEP,
                                  OF_PEV,
                                  {{"starts", "the vehicle draws", PB_EXTRACT_CURRENT_SETTLES, NULL, true,
                                    PB_CHECK_OF_ANY, false}},
                                  1},
    [PB_EXPECT_CURRENT_SHED] = {PB_EVENT_CURRENT,
                                PB_ANCHOR_LEAVE,
                                OF_PEV,
                                {{"shed", "the load is off before S2 opens", PB_EXTRACT_CURRENT_MAX, "ev.current.at_s2",
                                  false, PB_CHECK_OF_ANY, false}},
                                1},
    [PB_EXPECT_CAPACITANCE] = {PB_EVENT_CP_STATE,
                               PB_ANCHOR_NONE,
                               OF_PEV,
                               {{"capacitance", "the vehicle's capacitance from pilot to earth", PB_EXTRACT_CAPACITANCE,
                                 "cp.capacitance.vehicle", false, PB_CHECK_OF_ANY, false}},
                               1},
    [PB_EXPECT_TELLS_ENERGY] = {PB_EVENT_CURRENT,
                                PB_ANCHOR_STEP,
                                OF_PEV,
                                {{"energy", "the energy that the vehicle tells, of what the bench has counted",
                                  PB_EXTRACT_TOLD_ENERGY, "ev.energy", false, PB_CHECK_OF_ANY, false}},
                                1},
    [PB_EXPECT_TOGGLES] = {PB_EVENT_CP_STATE,
                           PB_ANCHOR_HELD,
                           OF_PEV,
                           {{"toggles", "how often the vehicle goes to state C", PB_EXTRACT_COUNT_EVENTS,
                             "ev.bcb.count", true, PB_CHECK_OF_ANY, false},
                            {"shortest_c", "the shortest stay in state C", PB_EXTRACT_DWELL_SHORTEST, "ev.bcb.shortest",
                             false, PB_CHECK_OF_ANY, false},
                            {"longest_c", "the longest stay in state C", PB_EXTRACT_DWELL_LONGEST, "ev.bcb.longest",
                             false, PB_CHECK_OF_ANY, false}},
                           3},
    [PB_EXPECT_ANNOUNCES] = {PB_EVENT_ALC,
                             PB_ANCHOR_STEP,
                             OF_EVSE,
                             {{"announces", "the pilot comes to announce that current", PB_EXTRACT_CURRENT_SETTLES,
                               NULL, true, PB_CHECK_OF_ANY, false}},
                             1},
    [PB_EXPECT_SUM_ANNOUNCED] = {PB_EVENT_ALC,
                                 PB_ANCHOR_CASE,
                                 OF_EVSE,
                                 {{"sum", "all cords together announce no more than the supply gives",
                                   PB_EXTRACT_CURRENT_SUM_MAX, NULL, false, PB_CHECK_OF_ANY, false}},
                                 1},
    [PB_EXPECT_FOLLOWED] = {PB_EVENT_CONTACTOR,
                            PB_ANCHOR_CASE,
                            OF_EVSE,
                            {{"follow_time", "the other vehicle had its time to follow before this contactor closes",
                              PB_EXTRACT_SPAN_TO_FIRST, NULL, false, PB_CHECK_OF_ANY, false}},
                            1},
};

static bool is_loaded_by_vehicle(const struct pb_step *step, int64_t letter) {
    for (size_t i = 0; i < step->sees_count; i++)
        if (step->sees[i].kind == PB_EXPECT_LOADS && step->sees[i].value == letter) return true;
    return false;
}

bool pb_expect_is_planned(const struct pb_step *step, const struct pb_expectation *expectation, size_t k,
                          unsigned dut_actors) {
    bool is_pair = pb_is_pair(dut_actors);
    switch (pb_expect_rows[expectation->kind].checks[k].cast) {
    case PB_CHECK_NOT_OF_PAIR: return !is_pair;
    case PB_CHECK_OF_PAIR: return is_pair;
    case PB_CHECK_OF_PAIR_IN_C: return is_pair && expectation->value == 'C';
    case PB_CHECK_UNLESS_LOADED: return !is_pair || !is_loaded_by_vehicle(step, expectation->value);
    default: return true;
    }
}

unsigned pb_expect_binds(const struct pb_step *step, const struct pb_expectation *expectation, size_t k,
                         unsigned dut_actors) {
    const struct pb_expect_row *row = &pb_expect_rows[expectation->kind];
    unsigned shown = step->of & dut_actors & ~row->hidden_by;
    if (!pb_is_pair(dut_actors)) return 0;
    if (row->checks[k].is_of_both && expectation->value != 'A') return PB_BINDS_EVSE | PB_BINDS_PEV;
    return (shown & OF_PEV ? PB_BINDS_EVSE : 0u) | (shown & OF_EVSE ? PB_BINDS_PEV : 0u);
}

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
    case PB_EXPECT_FOLLOWED:
    case PB_EXPECT_CLOSES: return UINT64_C(1) << poles;
    case PB_EXPECT_OPENS:
    case PB_EXPECT_OPENS_AFTER: return 1;
    case PB_EXPECT_STAYS_CLOSED: return (UINT64_C(1) << poles) - 1;
    case PB_EXPECT_LOADS: return pb_state_mask((char)expectation->value);
    case PB_EXPECT_TOGGLES:
    case PB_EXPECT_STAYS_UNLOADED: return pb_state_mask('C') | pb_state_mask('D');
    case PB_EXPECT_MESSAGE:
    case PB_EXPECT_STAYS_STEADY: return 0;                             /* any value */
    default: return ((UINT64_C(1) << (poles + 1)) - 1) & ~UINT64_C(1); /* any pole conducts */
    }
}
