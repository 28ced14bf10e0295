/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of the control-pilot states. */
#include "pilot_emulator/state.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *name;
    char letter;
    bool has_pwm;
} states[PB_CP_STATE_COUNT] = {
    [PB_CP_NONE] = {"none", 0, false}, [PB_CP_A1] = {"A1", 'A', false}, [PB_CP_A2] = {"A2", 'A', true},
    [PB_CP_B1] = {"B1", 'B', false},   [PB_CP_B2] = {"B2", 'B', true},  [PB_CP_C1] = {"C1", 'C', false},
    [PB_CP_C2] = {"C2", 'C', true},    [PB_CP_D1] = {"D1", 'D', false}, [PB_CP_D2] = {"D2", 'D', true},
    [PB_CP_E] = {"E", 'E', false},     [PB_CP_F] = {"F", 'F', false},   [PB_CP_INVALID] = {"invalid", 0, false},
};

static bool is_known(enum pb_cp_state state) { return (unsigned)state < PB_CP_STATE_COUNT; }

const char *pb_cp_state_name(enum pb_cp_state state) { return is_known(state) ? states[state].name : "?"; }

enum pb_cp_state pb_cp_state_find(const char *name) {
    for (size_t i = 0; i < PB_CP_STATE_COUNT; i++)
        if (strcmp(states[i].name, name) == 0) return (enum pb_cp_state)i;
    return PB_CP_STATE_COUNT;
}

char pb_cp_state_letter(enum pb_cp_state state) { return is_known(state) ? states[state].letter : (char)0; }

bool pb_cp_state_has_pwm(enum pb_cp_state state) { return is_known(state) && states[state].has_pwm; }
