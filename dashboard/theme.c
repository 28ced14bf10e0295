/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dashboard/theme.h"

#include <string.h>

static const uint32_t inks[PB_INK_COUNT][PB_THEME_COUNT] = {
#define X(name, dark, light) {dark, light},
    PB_INK_MAP(X)
#undef X
};
static const char *const names[PB_THEME_COUNT] = {"dark", "light"};

uint32_t pb_theme_rgb(enum pb_theme theme, enum pb_ink ink) { return inks[ink][theme]; }

bool pb_theme_find(const char *name, enum pb_theme *ret_theme) {
    for (int i = 0; i < PB_THEME_COUNT; i++)
        if (strcmp(names[i], name) == 0) {
            *ret_theme = (enum pb_theme)i;
            return true;
        }
    return false;
}
