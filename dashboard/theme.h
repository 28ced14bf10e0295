/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two themes as one table of inks. A verdict is never told by its ink alone: each has a sign and a word as well. */
#ifndef PB_DASHBOARD_THEME_H
#define PB_DASHBOARD_THEME_H

#include <stdbool.h>
#include <stdint.h>

/* X(name, dark, light), 0xrrggbb. Text inks have a contrast of at least 4.5 on every ground that they are used on. */
#define PB_INK_MAP(X)                                                                                                  \
    X(GROUND, 0x0f1418, 0xffffff)   /* of everything */                                                                \
    X(RAISED, 0x182026, 0xeef1f4)   /* head, chosen rows */                                                            \
    X(RULE, 0x2b363f, 0xd3d9df)     /* lines between views */                                                          \
    X(GRID, 0x1f282f, 0xe6eaee)     /* of the scope */                                                                 \
    X(BAND, 0x17262f, 0xe3edf4)     /* a state's window */                                                             \
    X(BAND_NOW, 0x1d3f4c, 0xbfe0ee) /* the window of the present state */                                              \
    X(TEXT, 0xe8edf1, 0x14191d)                                                                                        \
    X(MUTED, 0x98a6b1, 0x54616c)                                                                                       \
    X(TRACE, 0xffc83d, 0x0b57a4)                                                                                       \
    X(ACCENT, 0x4cc2e8, 0x00688b) /* what happens now */                                                               \
    X(PASS, 0x4ccb84, 0x0b7a3c)                                                                                        \
    X(INCONC, 0xf2b03a, 0x8f5a00)                                                                                      \
    X(FAIL, 0xff6d6d, 0xc01722)                                                                                        \
    X(ERROR, 0xd79bff, 0x7b2bb5)                                                                                       \
    X(ON_PASS, 0x06210f, 0xffffff) /* text on a ground of that ink */                                                  \
    X(ON_INCONC, 0x2a1c00, 0xffffff)                                                                                   \
    X(ON_FAIL, 0x2d0606, 0xffffff)                                                                                     \
    X(ON_ERROR, 0x22063a, 0xffffff)                                                                                    \
    X(ON_ACCENT, 0x04222c, 0xffffff)

enum pb_ink {
#define X(name, dark, light) PB_INK_##name,
    PB_INK_MAP(X)
#undef X
        PB_INK_COUNT
};
enum pb_theme { PB_THEME_DARK, PB_THEME_LIGHT, PB_THEME_COUNT };

uint32_t pb_theme_rgb(enum pb_theme theme, enum pb_ink ink);
/* "dark"; false: there is no such theme. */
bool pb_theme_find(const char *name, enum pb_theme *ret_theme);

/* How a verdict or another state of a step looks. */
struct pb_sign {
    const char *mark; /* one character, of a shape of its own */
    const char *word;
    enum pb_ink ink, on; /* `on`: for text on a ground of `ink` */
};

#endif
