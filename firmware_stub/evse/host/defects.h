/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can be wrong with the EVSE: rows that change numbers of struct board_setup. The core and the board know nothing of them. Most are defects of
 * real products. */
#ifndef EVSE_DEFECTS_H
#define EVSE_DEFECTS_H

#include "firmware_stub/device/defects.h"

extern const struct defect_list evse_defects;

#endif
