/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows. Sources of the real ones: field.md section B. */
#include "firmware_stub/evse/host/defects.h"

#include <stdlib.h>
#include <string.h>

#define CORE(member) offsetof(struct board_setup, core.member)
#define BOARD(member) offsetof(struct board_setup, board.member)

const struct defect defects[] = {
    {"duty_low_3a", "offers a current that is too low by this", "mA", 3000, 0, 80000, 1,
     {{CORE(current_offset_ma), 0, -1}}},
    {"contactor_open_late", "the coil is released this late", "ms", 250, 1, 60000, 1, {{BOARD(coil_release_ms), 0, 1}}},
    {"no_diode_check", "does not look at the pilot's low level", "", 0, 0, 0, 1, {{CORE(diode_states), 0, 0}}},
    {"contactor_close_late", "closes this long after state C", "ms", 4000, 1, 600000, 1, {{CORE(close_ms), 0, 1}}},
};
const size_t defect_count = sizeof defects / sizeof defects[0];

_Static_assert(sizeof(int32_t) == sizeof((struct evse_parameters *)0)->close_ms, "any member takes a 32-bit number");

static const struct defect *defect_find(const char *name, size_t length) {
    for (size_t i = 0; i < defect_count; i++)
        if (strlen(defects[i].name) == length && strncmp(defects[i].name, name, length) == 0) return &defects[i];
    return NULL;
}

const char *defect_apply(struct board_setup *setup, const char *name_and_value) {
    size_t length = strcspn(name_and_value, "=");
    const struct defect *defect = defect_find(name_and_value, length);
    if (!defect) return "no such defect (see --list-defects)";
    long value = defect->value;
    if (name_and_value[length] == '=') {
        char *end;
        if (!*defect->unit) return "this defect takes no value";
        value = strtol(name_and_value + length + 1, &end, 10);
        if (end == name_and_value + length + 1 || *end) return "the value must be a whole number";
        if (value < defect->min || value > defect->max) return "the value is out of range (see --list-defects)";
    }
    for (int i = 0; i < defect->setting_count; i++) {
        const struct defect_setting *setting = &defect->settings[i];
        int32_t number = setting->fixed + setting->factor * (int32_t)value;
        memcpy((char *)setup + setting->member, &number, sizeof number);
    }
    return NULL;
}
