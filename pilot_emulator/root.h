/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Integer square root, rounded up: uncertainties must not depend on a libm. Internal to pilot_emulator. */
#ifndef PB_PILOT_ROOT_H
#define PB_PILOT_ROOT_H

#include <stdint.h>

static inline uint64_t pb_root_up(unsigned __int128 square) {
    uint64_t root = 0;
    for (int bit = 62; bit >= 0; bit--) {
        uint64_t trial = root | ((uint64_t)1 << bit);
        if ((unsigned __int128)trial * trial <= square) root = trial;
    }
    return (unsigned __int128)root * root < square ? root + 1 : root;
}

#endif
