/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The control-pilot node as arithmetic: a generator behind its source resistance, capacitances lumped at the
 * EVSE's output, and the vehicle's load (R2, R3 behind S2, through a diode), or a short. Pure functions, SI
 * doubles; the world and the synthesis use them. Never used by the judge. Formulas: node equation of the resistive
 * divider with a diode of constant drop (control_pilot.md 1.3); the exponential diode comes with the measurement
 * issue. */
#ifndef PB_PILOT_NODE_H
#define PB_PILOT_NODE_H

#include <stdbool.h>

struct pb_cp_drive {    /* what the EVSE side does */
    double open_volts;  /* generator voltage, before the source resistance */
    double source_ohms; /* R1 */
    bool is_hi_z;       /* nothing drives the node */
};
struct pb_cp_load {     /* what hangs on it */
    double ohms;        /* R2 || R3, behind the diode; INFINITY: open */
    bool has_diode;     /* false: diode shorted, load conducts both ways */
    double diode_volts; /* forward drop */
    double short_ohms;  /* CP to PE directly; INFINITY: none */
    double farads;      /* all capacitances, lumped */
};

/* Limits of the model: resistances below 1 mohm count as 1 mohm, a capacitance below 1 pF as 1 pF. With is_hi_z
 * the node is left to its leak, 100 kohm to PE (the bench's own divider), so that it falls to 0 V in the end. */

/* One stretch in which nothing switches: v(t) = level + slope * t + deviation * exp(-t / tau), t from the
 * stretch's start. */
struct pb_cp_piece {
    double level_volts, slope_volts_per_s, deviation_volts, tau_seconds;
    double seconds;     /* until the diode switches or the time asked for ends */
    bool is_conducting; /* the diode, or the load without one */
    bool is_switched;   /* ends because the diode switches; the next piece starts with is_conducting the other way */
};
/* The piece that starts at start_volts with the generator moving from drive->open_volts by ramp_volts_per_s, at
 * most max_seconds long (INFINITY is allowed). before: the piece whose end this continues, or NULL at a change of
 * drive or load. */
struct pb_cp_piece pb_cp_piece_from(const struct pb_cp_drive *drive, const struct pb_cp_load *load, double start_volts,
                                    double ramp_volts_per_s, double max_seconds, const struct pb_cp_piece *before);
double pb_cp_piece_at(const struct pb_cp_piece *piece, double seconds);

/* The settled voltage of the node. */
double pb_cp_node_settled(const struct pb_cp_drive *drive, const struct pb_cp_load *load);
/* The voltage `seconds` after it was `start_volts`, drive and load constant: exponential pieces, split where the
 * diode begins or ends to conduct. Exact for this model (no step size). */
double pb_cp_node_after(const struct pb_cp_drive *drive, const struct pb_cp_load *load, double start_volts,
                        double seconds);

/* Duty law of IEC 61851-1 / SAE J1772 as the bench needs it (control_pilot.md 3.1). Duty in ppm, current in mA. 8
 * to 10 % is 6 A and 96 to 97 % is 80 A (IEC 61851-1 Table A.8). Returns 0 for duties with no current (below 8 %,
 * 3-7 % digital, above 97 %). */
long pb_cp_ma_of_duty(long duty_ppm);
/* 6 A to 80 A; 0 where the law has no code (below 6 A, 51 < I < 52.5 A, above 80 A). 51 A and 52.5 A are both 85
 * %, which pb_cp_ma_of_duty() reads as 51 A. Rounded to the nearest ppm. */
long pb_cp_duty_of_ma(long ma);

#endif
