/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The control-pilot node as arithmetic: a generator behind its source resistance, capacitances lumped at the
 * EVSE's output, and the vehicle's load (R2, R3 behind S2, through a diode), or a short. Pure functions, SI
 * doubles; the world and the synthesis use them. Never used by the judge. tests/pilot/test_pilot_ngspice.c compares
 * with ngspice. */
#ifndef PB_PILOT_NODE_H
#define PB_PILOT_NODE_H

#include <stdbool.h>

/* The vehicle's diode: Shockley junction behind a series resistance,
 *   v = N VT ln(1 + i / IS) + RS i,  N VT = 1.752 x 25.865 mV (27 C), RS = 0.568 ohm,
 * N and RS of the 1N4148 as its makers publish them. IS is what makes the drop at 3 mA the calibrated one: 2.52 nA, the
 * 1N4148's own, for 0.6356 V. Static: junction capacitance (4 pF) and stored charge (transit time 20 ns) are left out. */
#define PB_CP_DIODE_N_VT_VOLTS 0.04531535
#define PB_CP_DIODE_SERIES_OHMS 0.568
#define PB_CP_DIODE_TEST_AMPS 3e-3

struct pb_cp_drive {    /* what the EVSE side does */
    double open_volts;  /* generator voltage, before the source resistance */
    double source_ohms; /* R1 */
    bool is_hi_z;       /* nothing drives the node */
};
struct pb_cp_load {     /* what hangs on it */
    double ohms;        /* R2 || R3, behind the diode; INFINITY: open */
    bool has_diode;     /* false: none, or shorted: the load conducts both ways */
    double diode_volts; /* forward drop at 3 mA; at least 0.1 V */
    double short_ohms;  /* CP to PE directly; INFINITY: none */
    double farads;      /* all capacitances, lumped */
};

/* Limits of the model: resistances below 1 mohm count as 1 mohm, a capacitance below 1 pF as 1 pF. With is_hi_z
 * the node is left to its leak, 100 kohm to PE (the bench's own divider), so that it falls to 0 V in the end. */

/* The settled voltage of the node, by Newton's method in at most 40 steps (6 are usual), to rounding. */
double pb_cp_node_settled(const struct pb_cp_drive *drive, const struct pb_cp_load *load);

/* The load's current over the node's voltage, as a chain of tangents of the diode's curve at currents a factor of sqrt(2) apart, one of
 * them at the settled level, so that levels are those of pb_cp_node_settled(). On the way there the chain is within
 * 1 mV of the curve, seen at the node. */
#define PB_CP_LINES_MAX 48
struct pb_cp_line {
    double from_volts, to_volts;
    double siemens, amps; /* current = amps + siemens * v */
};
struct pb_cp_node { /* solved once for a drive and a load */
    double source_siemens, drive_siemens, short_siemens, farads;
    int lines;
    struct pb_cp_line line[PB_CP_LINES_MAX];
};
/* drive->open_volts: the highest that the generator will have. */
void pb_cp_node_init(struct pb_cp_node *node, const struct pb_cp_drive *drive, const struct pb_cp_load *load);

/* One stretch on one line: v = level + slope * t + deviation * exp(-t / tau), t from its start. */
struct pb_cp_piece {
    double level_volts, slope_volts_per_s, deviation_volts, tau_seconds;
    double start_seconds; /* from the path's start */
    double seconds;       /* INFINITY: the last */
};
double pb_cp_piece_at(const struct pb_cp_piece *piece, double seconds);

/* The node's way from a voltage, while the generator goes straight from open_volts to target_volts and stays there:
 * closed form, no step size. */
#define PB_CP_PIECES_MAX 96
struct pb_cp_path {
    int pieces;
    struct pb_cp_piece piece[PB_CP_PIECES_MAX];
};
void pb_cp_path_solve(struct pb_cp_path *path, const struct pb_cp_node *node, double start_volts, double open_volts,
                      double target_volts, double ramp_seconds);
double pb_cp_path_at(const struct pb_cp_path *path, double seconds);

/* The voltage `seconds` after it was `start_volts`, drive and load constant. */
double pb_cp_node_after(const struct pb_cp_drive *drive, const struct pb_cp_load *load, double start_volts,
                        double seconds);

#endif
