/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The node equation. With the diode's state held, all is linear: a conductance to PE, a current into the node, one time
 * constant. The diode's current is continuous at its threshold, so the two linear halves meet there. */
#include "pilot_emulator/node.h"

#include <math.h>
#include <stddef.h>

#define MIN_OHMS 1e-3
#define MIN_FARADS 1e-12
#define LEAK_OHMS 1e5

static double siemens_of(double ohms) { return 1.0 / (ohms > MIN_OHMS ? ohms : MIN_OHMS); }

/* What the node would settle to, with the load conducting or not. */
struct law {
    double level_volts, level_per_open_volt, tau_seconds;
};

static struct law law_of(const struct pb_cp_drive *drive, const struct pb_cp_load *load, bool is_conducting) {
    double source = siemens_of(drive->is_hi_z ? LEAK_OHMS : drive->source_ohms);
    double open_volts = drive->is_hi_z ? 0.0 : drive->open_volts;
    double load_siemens = is_conducting ? siemens_of(load->ohms) : 0.0;
    double offset_volts = load->has_diode ? load->diode_volts : 0.0;
    double total = source + load_siemens + siemens_of(load->short_ohms);
    double farads = load->farads > MIN_FARADS ? load->farads : MIN_FARADS;
    return (struct law){(open_volts * source + offset_volts * load_siemens) / total,
                        drive->is_hi_z ? 0.0 : source / total, farads / total};
}

double pb_cp_node_settled(const struct pb_cp_drive *drive, const struct pb_cp_load *load) {
    double blocked_volts = law_of(drive, load, false).level_volts;
    bool is_conducting = !load->has_diode || blocked_volts > load->diode_volts;
    return is_conducting ? law_of(drive, load, true).level_volts : blocked_volts;
}

double pb_cp_piece_at(const struct pb_cp_piece *piece, double seconds) {
    double decay = piece->deviation_volts != 0.0 ? piece->deviation_volts * exp(-seconds / piece->tau_seconds) : 0.0;
    return piece->level_volts + piece->slope_volts_per_s * seconds + decay;
}

static bool is_past(const struct pb_cp_piece *piece, double threshold_volts, double seconds) {
    double volts = pb_cp_piece_at(piece, seconds);
    return piece->is_conducting ? volts < threshold_volts : volts > threshold_volts;
}

/* v is convex or concave: it turns at most once, here; 0 when it does not. */
static double turning_point(const struct pb_cp_piece *piece) {
    double ratio = piece->deviation_volts / (piece->tau_seconds * piece->slope_volts_per_s);
    return ratio > 1.0 ? piece->tau_seconds * log(ratio) : 0.0;
}

static double crossing_between(const struct pb_cp_piece *piece, double threshold_volts, double low, double high) {
    for (int i = 0; i < 60 && high - low > 1e-14; i++) {
        double middle = 0.5 * (low + high);
        if (is_past(piece, threshold_volts, middle)) high = middle;
        else low = middle;
    }
    return high;
}

static double crossing_on_ramp(const struct pb_cp_piece *piece, double threshold_volts, double max_seconds) {
    double turn = turning_point(piece);
    if (turn > 0.0 && turn < max_seconds && is_past(piece, threshold_volts, turn))
        return crossing_between(piece, threshold_volts, 0.0, turn);
    if (is_past(piece, threshold_volts, max_seconds)) return crossing_between(piece, threshold_volts, 0.0, max_seconds);
    return INFINITY;
}

static double crossing_when_flat(const struct pb_cp_piece *piece, double threshold_volts) {
    double to_go = threshold_volts - piece->level_volts;
    bool is_reached = piece->is_conducting ? to_go > 0.0 : to_go < 0.0;
    if (!is_reached) return INFINITY;
    double ratio = piece->deviation_volts / to_go;
    return ratio > 1.0 ? piece->tau_seconds * log(ratio) : 0.0;
}

struct pb_cp_piece pb_cp_piece_from(const struct pb_cp_drive *drive, const struct pb_cp_load *load, double start_volts,
                                    double ramp_volts_per_s, double max_seconds, const struct pb_cp_piece *before) {
    struct pb_cp_piece piece = {.seconds = max_seconds, .is_conducting = true};
    if (load->has_diode) {
        if (before && before->is_switched) piece.is_conducting = !before->is_conducting;
        else piece.is_conducting = start_volts > load->diode_volts;
    }
    struct law law = law_of(drive, load, piece.is_conducting);
    piece.tau_seconds = law.tau_seconds;
    piece.slope_volts_per_s = ramp_volts_per_s * law.level_per_open_volt;
    piece.level_volts = law.level_volts - piece.slope_volts_per_s * law.tau_seconds;
    piece.deviation_volts = start_volts - piece.level_volts;
    if (!load->has_diode) return piece;
    bool is_flat = !(piece.slope_volts_per_s > 0.0 || piece.slope_volts_per_s < 0.0);
    double crossing = is_flat ? crossing_when_flat(&piece, load->diode_volts)
                              : crossing_on_ramp(&piece, load->diode_volts, max_seconds);
    piece.is_switched = crossing < max_seconds;
    if (piece.is_switched) piece.seconds = crossing;
    return piece;
}

double pb_cp_node_after(const struct pb_cp_drive *drive, const struct pb_cp_load *load, double start_volts,
                        double seconds) {
    struct pb_cp_piece piece = pb_cp_piece_from(drive, load, start_volts, 0.0, seconds, NULL);
    if (!piece.is_switched) return pb_cp_piece_at(&piece, seconds);
    /* With a steady generator the diode switches at most once. */
    double rest_seconds = seconds - piece.seconds;
    piece = pb_cp_piece_from(drive, load, load->diode_volts, 0.0, rest_seconds, &piece);
    return pb_cp_piece_at(&piece, rest_seconds);
}

/* Table A.8 of IEC 61851-1 as rows: from min_ppm (inclusive) to max_ppm, mA = (duty - zero_ppm) * num / den. */
static const struct {
    long min_ppm, max_ppm, zero_ppm, num, den;
} duty_rows[] = {
    {100000, 850000, 0, 6, 100},
    {850000, 960000, 640000, 1, 4},
};

long pb_cp_ma_of_duty(long duty_ppm) {
    if (duty_ppm >= 80000 && duty_ppm < 100000) return 6000;
    if (duty_ppm > 960000 && duty_ppm <= 970000) return 80000;
    for (size_t i = 0; i < sizeof duty_rows / sizeof duty_rows[0]; i++)
        if (duty_ppm >= duty_rows[i].min_ppm && duty_ppm <= duty_rows[i].max_ppm)
            return ((duty_ppm - duty_rows[i].zero_ppm) * duty_rows[i].num + duty_rows[i].den / 2) / duty_rows[i].den;
    return 0;
}

long pb_cp_duty_of_ma(long ma) {
    static const struct { long min_ma, max_ma; } ranges[] = {{6000, 51000}, {52500, 80000}};
    for (size_t i = 0; i < sizeof duty_rows / sizeof duty_rows[0]; i++)
        if (ma >= ranges[i].min_ma && ma <= ranges[i].max_ma)
            return duty_rows[i].zero_ppm + (ma * duty_rows[i].den + duty_rows[i].num / 2) / duty_rows[i].num;
    return 0;
}
