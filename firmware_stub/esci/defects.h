/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ESCI_DEFECTS_H
#define ESCI_DEFECTS_H

#include "firmware_stub/device/defects.h"

extern const struct defect_list gateway_defects;

#endif
