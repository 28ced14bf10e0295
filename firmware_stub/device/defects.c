/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware_stub/device/defects.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct defect *find(const struct defect_list *list, const char *name, size_t length) {
    for (size_t i = 0; i < list->count; i++)
        if (strlen(list->rows[i].name) == length && strncmp(list->rows[i].name, name, length) == 0)
            return &list->rows[i];
    return NULL;
}

const char *defect_apply(const struct defect_list *list, void *setup, const char *name_and_value) {
    size_t length = strcspn(name_and_value, "=");
    const struct defect *defect = find(list, name_and_value, length);
    if (!defect) return "no such defect (see --list-defects)";
    long value = defect->value;
    if (name_and_value[length] == '=') {
        const char *text = name_and_value + length + 1;
        char *end;
        if (!*defect->unit) return "this defect takes no value";
        value = strtol(text, &end, 10);
        if (end == text || *end) return "the value must be a whole number";
        if (value < defect->min || value > defect->max) return "the value is out of range (see --list-defects)";
    }
    for (int i = 0; i < defect->setting_count; i++) {
        const struct defect_setting *setting = &defect->settings[i];
        int32_t number = setting->fixed + setting->factor * (int32_t)value;
        memcpy((char *)setup + setting->member, &number, sizeof number);
    }
    return NULL;
}

void defects_print(const struct defect_list *list) {
    for (size_t i = 0; i < list->count; i++) {
        const struct defect *defect = &list->rows[i];
        if (*defect->unit)
            printf("%s=%d %s (%d to %d): %s\n", defect->name, defect->value, defect->unit, defect->min, defect->max,
                   defect->text);
        else printf("%s: %s\n", defect->name, defect->text);
    }
}
