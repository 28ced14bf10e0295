/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The node equation. On one line of the load's curve all is linear: a conductance to PE, a current into the node, one time
 * constant. The curve is convex, so the lines meet in the order of their slopes, and the current is continuous there. */
#include "pilot_emulator/node.h"

#include <math.h>
#include <stddef.h>

#define MIN_OHMS 1e-3
#define MIN_FARADS 1e-12
#define MIN_DIODE_VOLTS 0.1
#define LEAK_OHMS 1e5
#define NEWTON_STEPS 40
#define MOST_DOWN 40    /* half octaves from the level */
#define LEAST_AMPS 1e-6 /* the lowest tangent lies below */
#define MOST_AMPS 50e-3 /* the highest does not: 12 V on state D */
#define CROSSING_STEPS 60
#define CROSSING_TAUS 1e-10 /* a crossing is found within this part of a time constant */

static double siemens_of(double ohms) { return 1.0 / (ohms > MIN_OHMS ? ohms : MIN_OHMS); }

/* The diode's IS. */
static double saturation_amps(const struct pb_cp_load *load) {
    double volts = load->diode_volts > MIN_DIODE_VOLTS ? load->diode_volts : MIN_DIODE_VOLTS;
    double junction_volts = volts - PB_CP_DIODE_SERIES_OHMS * PB_CP_DIODE_TEST_AMPS;
    return PB_CP_DIODE_TEST_AMPS / expm1(junction_volts / PB_CP_DIODE_N_VT_VOLTS);
}

/* The current from a source behind a resistance through the junction. Newton's method on the junction's voltage w:
 * w + R IS (exp(w / N VT) - 1) = V is convex and rising, so that from the right of the root it never oversteps. */
static double diode_amps(double volts, double ohms, double is_amps) {
    const double n_vt = PB_CP_DIODE_N_VT_VOLTS, drop_volts = ohms * is_amps;
    double w = volts > 0.0 ? fmin(volts, n_vt * log1p(volts / drop_volts)) : volts;
    for (int i = 0; i < NEWTON_STEPS; i++) {
        double forward = drop_volts * exp(w / n_vt);
        double step = (w + forward - drop_volts - volts) / (1.0 + forward / n_vt);
        w -= step;
        if (fabs(step) < 1e-15) break;
    }
    return (volts - w) / ohms;
}

/* What the rest of the circuit is to the load. */
struct source {
    double volts, ohms;
};

static struct source source_of(const struct pb_cp_drive *drive, const struct pb_cp_load *load) {
    double source = siemens_of(drive->is_hi_z ? LEAK_OHMS : drive->source_ohms);
    double total = source + siemens_of(load->short_ohms);
    return (struct source){drive->is_hi_z ? 0.0 : drive->open_volts * source / total, 1.0 / total};
}

static double settled_amps(const struct source *source, const struct pb_cp_load *load) {
    double load_ohms = load->ohms > MIN_OHMS ? load->ohms : MIN_OHMS;
    if (isinf(load_ohms)) return 0.0;
    if (!load->has_diode) return source->volts / (source->ohms + load_ohms);
    return diode_amps(source->volts, source->ohms + load_ohms + PB_CP_DIODE_SERIES_OHMS, saturation_amps(load));
}

double pb_cp_node_settled(const struct pb_cp_drive *drive, const struct pb_cp_load *load) {
    struct source source = source_of(drive, load);
    return source.volts - source.ohms * settled_amps(&source, load);
}

/* Adds a line that lies right of the last one; its start is where they meet. */
static void add_line(struct pb_cp_node *node, double siemens, double amps) {
    struct pb_cp_line *last = node->lines ? &node->line[node->lines - 1] : NULL;
    double from_volts = last ? (last->amps - amps) / (siemens - last->siemens) : -INFINITY;
    if (last && !(from_volts > last->from_volts && isfinite(from_volts))) return;
    if (last) last->to_volts = from_volts;
    node->line[node->lines++] = (struct pb_cp_line){from_volts, INFINITY, siemens, amps};
}

static void add_tangent(struct pb_cp_node *node, double ohms, double is_amps, double at_amps) {
    double volts = at_amps * ohms + PB_CP_DIODE_N_VT_VOLTS * log1p(at_amps / is_amps);
    double siemens = 1.0 / (ohms + PB_CP_DIODE_N_VT_VOLTS / (at_amps + is_amps));
    add_line(node, siemens, at_amps - siemens * volts);
}

static void add_diode(struct pb_cp_node *node, const struct pb_cp_load *load, double level_amps) {
    double is_amps = saturation_amps(load);
    double ohms = (load->ohms > MIN_OHMS ? load->ohms : MIN_OHMS) + PB_CP_DIODE_SERIES_OHMS;
    double kept_amps = level_amps > LEAST_AMPS ? level_amps : PB_CP_DIODE_TEST_AMPS;
    double down = fmin(ceil(2.0 * log2(kept_amps / LEAST_AMPS)), MOST_DOWN);
    add_line(node, 0.0, -is_amps); /* blocked */
    for (int half_octave = -(int)down; node->lines < PB_CP_LINES_MAX; half_octave++) {
        double amps = kept_amps * exp2(0.5 * half_octave); /* exact at the level */
        add_tangent(node, ohms, is_amps, amps);
        if (half_octave >= 0 && amps >= MOST_AMPS) break;
    }
}

void pb_cp_node_init(struct pb_cp_node *node, const struct pb_cp_drive *drive, const struct pb_cp_load *load) {
    node->source_siemens = siemens_of(drive->is_hi_z ? LEAK_OHMS : drive->source_ohms);
    node->drive_siemens = drive->is_hi_z ? 0.0 : node->source_siemens;
    node->short_siemens = siemens_of(load->short_ohms);
    node->farads = load->farads > MIN_FARADS ? load->farads : MIN_FARADS;
    node->lines = 0;
    struct source source = source_of(drive, load);
    if (load->has_diode && !isinf(load->ohms)) add_diode(node, load, settled_amps(&source, load));
    else add_line(node, siemens_of(load->ohms), 0.0);
}

double pb_cp_piece_at(const struct pb_cp_piece *piece, double seconds) {
    double decay = piece->deviation_volts != 0.0 ? piece->deviation_volts * exp(-seconds / piece->tau_seconds) : 0.0;
    return piece->level_volts + (piece->slope_volts_per_s != 0.0 ? piece->slope_volts_per_s * seconds : 0.0) + decay;
}

/* The state of pb_cp_path_solve(). */
struct walk {
    const struct pb_cp_node *node;
    int line;
    double seconds, volts;
    double open_volts, ramp_volts_per_s, end_seconds; /* of the generator's stretch */
    int direction; /* in which the node has been seen to go on this stretch; it turns at most once, to the ramp's */
};

static struct pb_cp_piece piece_here(const struct walk *walk) {
    const struct pb_cp_node *node = walk->node;
    const struct pb_cp_line *line = &node->line[walk->line];
    double total = node->source_siemens + node->short_siemens + line->siemens;
    struct pb_cp_piece piece = {.tau_seconds = node->farads / total, .start_seconds = walk->seconds};
    piece.slope_volts_per_s = walk->ramp_volts_per_s * node->drive_siemens / total;
    piece.level_volts =
        (walk->open_volts * node->drive_siemens - line->amps) / total - piece.slope_volts_per_s * piece.tau_seconds;
    piece.deviation_volts = walk->volts - piece.level_volts;
    return piece;
}

/* When v reaches a voltage that lies between v(low) and v(high), v being monotone there: Newton's method, halving where it
 * leaves the bracket. */
static double crossing_between(const struct pb_cp_piece *piece, double volts, double low, double high) {
    bool is_rise = pb_cp_piece_at(piece, high) > pb_cp_piece_at(piece, low);
    double at = 0.5 * (low + high), enough = CROSSING_TAUS * piece->tau_seconds;
    for (int i = 0; i < CROSSING_STEPS && high - low > enough; i++) {
        double decay = piece->deviation_volts * exp(-at / piece->tau_seconds);
        double off = piece->level_volts + piece->slope_volts_per_s * at + decay - volts;
        if ((off > 0.0) == is_rise) high = at;
        else low = at;
        double next = at - off / (piece->slope_volts_per_s - decay / piece->tau_seconds);
        if (fabs(next - at) < enough) break;
        at = next > low && next < high ? next : 0.5 * (low + high);
    }
    return at;
}

static double bound_of(const struct walk *walk, int direction) {
    const struct pb_cp_line *line = &walk->node->line[walk->line];
    return direction > 0 ? line->to_volts : line->from_volts;
}

static double exit_when_flat(struct walk *walk, const struct pb_cp_piece *piece) {
    if (walk->direction == 0) walk->direction = piece->deviation_volts < 0.0 ? 1 : -1;
    double to_go = bound_of(walk, walk->direction) - piece->level_volts;
    if (!(to_go * walk->direction < 0.0)) return INFINITY;
    double ratio = piece->deviation_volts / to_go;
    return ratio > 1.0 ? piece->tau_seconds * log(ratio) : 0.0;
}

static double exit_between(const struct walk *walk, const struct pb_cp_piece *piece, double low, double high) {
    double bound = bound_of(walk, walk->direction);
    bool is_past = (pb_cp_piece_at(piece, high) - bound) * walk->direction > 0.0;
    return is_past ? crossing_between(piece, bound, low, high) : INFINITY;
}

static double exit_on_ramp(struct walk *walk, const struct pb_cp_piece *piece, double most_seconds) {
    int with = piece->slope_volts_per_s > 0.0 ? 1 : -1;
    double ratio = piece->deviation_volts / (piece->tau_seconds * piece->slope_volts_per_s), turn = 0.0;
    if (ratio > 1.0 && walk->direction != with) { /* goes the other way first */
        turn = fmin(piece->tau_seconds * log(ratio), most_seconds);
        walk->direction = -with;
        double exit = exit_between(walk, piece, 0.0, turn);
        if (exit < turn) return exit;
        if (turn >= most_seconds) return INFINITY;
    }
    walk->direction = with;
    return exit_between(walk, piece, turn, most_seconds);
}

/* The next piece, and the walk at its end. */
static struct pb_cp_piece step(struct walk *walk, bool is_last) {
    struct pb_cp_piece piece = piece_here(walk);
    double most_seconds = walk->end_seconds - walk->seconds, exit = INFINITY;
    bool is_flat = !(piece.slope_volts_per_s > 0.0 || piece.slope_volts_per_s < 0.0);
    if (!is_last) exit = is_flat ? exit_when_flat(walk, &piece) : exit_on_ramp(walk, &piece, most_seconds);
    bool is_exit = exit < most_seconds;
    piece.seconds = is_exit ? exit : most_seconds;
    walk->seconds += piece.seconds;
    if (is_exit) {
        walk->open_volts += walk->ramp_volts_per_s * piece.seconds;
        walk->volts = bound_of(walk, walk->direction);
        walk->line += walk->direction;
    } else {
        walk->volts = isinf(piece.seconds) ? piece.level_volts : pb_cp_piece_at(&piece, piece.seconds);
    }
    return piece;
}

void pb_cp_path_solve(struct pb_cp_path *path, const struct pb_cp_node *node, double start_volts, double open_volts,
                      double target_volts, double ramp_seconds) {
    bool is_ramp = ramp_seconds > 0.0 && (target_volts > open_volts || target_volts < open_volts);
    struct walk walk = {.node = node,
                        .volts = start_volts,
                        .open_volts = is_ramp ? open_volts : target_volts,
                        .ramp_volts_per_s = is_ramp ? (target_volts - open_volts) / ramp_seconds : 0.0,
                        .end_seconds = is_ramp ? ramp_seconds : INFINITY};
    while (walk.line + 1 < node->lines && start_volts > node->line[walk.line].to_volts) walk.line++;
    path->pieces = 0;
    do {
        if (is_ramp && walk.seconds >= ramp_seconds) {
            is_ramp = false;
            walk.open_volts = target_volts;
            walk.ramp_volts_per_s = 0.0;
            walk.end_seconds = INFINITY;
            walk.direction = 0;
        }
        /* The last two slots are for the rest of a ramp and the end: more exits than that would be rounding. */
        path->piece[path->pieces] = step(&walk, path->pieces >= PB_CP_PIECES_MAX - 2);
        path->pieces++;
    } while (path->pieces < PB_CP_PIECES_MAX && !isinf(walk.seconds));
}

double pb_cp_path_at(const struct pb_cp_path *path, double seconds) {
    int i = 0;
    while (i + 1 < path->pieces && seconds >= path->piece[i + 1].start_seconds) i++;
    return pb_cp_piece_at(&path->piece[i], seconds - path->piece[i].start_seconds);
}

double pb_cp_node_after(const struct pb_cp_drive *drive, const struct pb_cp_load *load, double start_volts,
                        double seconds) {
    struct pb_cp_node node;
    struct pb_cp_path path;
    pb_cp_node_init(&node, drive, load);
    double open_volts = drive->is_hi_z ? 0.0 : drive->open_volts;
    pb_cp_path_solve(&path, &node, start_volts, open_volts, open_volts, 0.0);
    return pb_cp_path_at(&path, seconds);
}
