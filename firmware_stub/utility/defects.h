/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UTILITY_DEFECTS_H
#define UTILITY_DEFECTS_H

#include "firmware_stub/device/defects.h"

extern const struct defect_list utility_defects;

#endif
