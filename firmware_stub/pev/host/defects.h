/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can be wrong with the vehicle: rows that change numbers of struct board_setup. The core and the board know nothing of them. */
#ifndef PEV_DEFECTS_H
#define PEV_DEFECTS_H

#include "firmware_stub/device/defects.h"

extern const struct defect_list pev_defects;

#endif
