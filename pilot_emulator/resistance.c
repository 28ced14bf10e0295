/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pilot_emulator/resistance.h"

#include "pilot_emulator/root.h"

#define LEAST_OVER_UV 100000     /* less across the load is no measurement */
#define DIODE_MAX_UV 100000000   /* a run file may hold anything */
#define LEVEL_MAX_UV 10000000000 /* likewise */
#define MOST_MOHM 1e12

enum { SHARES = 4 };

static bool is_sane(const struct pb_cp_two_levels *l) {
    return l->diode_uv >= 0 && l->diode_uv < DIODE_MAX_UV && l->load_mohm > 0 && l->open_uv < LEVEL_MAX_UV &&
           l->loaded_uv > -LEVEL_MAX_UV && l->loaded_uv - l->diode_uv >= LEAST_OVER_UV && l->open_uv > l->loaded_uv;
}

/* Each share is an uncertainty times its sensitivity. Squares are added: the two levels are correlated by the calibration
 * that they share, and what they share moves R1 in opposite directions by the one and by the other. */
static double root_of_squares(const double shares[SHARES]) {
    double sum = 0.0;
    for (int i = 0; i < SHARES; i++) sum += shares[i] * shares[i];
    return (double)pb_root_up((unsigned __int128)sum);
}

bool pb_cp_source_resistance(const struct pb_cp_two_levels *levels, int version, int64_t *ret_mohm,
                             int64_t *ret_u_mohm) {
    const struct pb_cp_two_levels *l = levels;
    if (!is_sane(l)) return false;
    double load_mohm = (double)l->load_mohm, over = (double)(l->loaded_uv - l->diode_uv),
           drop = (double)(l->open_uv - l->loaded_uv), source_mohm = load_mohm * drop / over;
    const double shares[SHARES] = {
        source_mohm * (double)l->u_load_mohm / load_mohm, load_mohm / over * (double)l->u_open_uv,
        load_mohm * (over + drop) / (over * over) * (double)l->u_loaded_uv, source_mohm / over * (double)l->u_diode_uv};
    double linear = shares[0] + shares[1] + shares[2] + shares[3];
    if (!(source_mohm <= MOST_MOHM && linear <= MOST_MOHM)) return false;
    *ret_mohm = (int64_t)(source_mohm + 0.5);
    *ret_u_mohm = (int64_t)((version < 3 ? linear : root_of_squares(shares)) + 0.5);
    return true;
}
