/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The figures. Each takes a plain struct that report and dashboard fill in their own way, and makes a scene; texts are
 * copied. All instants are of the bench clock. */
#ifndef PB_FIGURES_FIGURES_H
#define PB_FIGURES_FIGURES_H

#include "base/instant.h"
#include "base/quantity.h"
#include "judge/summary.h"
#include "pilot_emulator/duty.h"
#include "reports/figures/axis.h"
#include "reports/figures/scene.h"

/* --- sequence diagram: who did what, step by step ------------------------------------------------------------------------ */

struct pb_sequence_actor {
    const char *name;
    bool is_dut;
};
struct pb_sequence_message {
    const char *name;
    int from, to; /* actors */
};
struct pb_sequence_check {
    const char *name;
    enum pb_verdict verdict;
};
struct pb_sequence_step {
    const char *number, *text, *when; /* when: "1.259 s", "" for not reached */
    int actor, to;                    /* to: -1 for nobody */
    enum pb_step_mode mode;
    bool is_marked;  /* inferred or added: no source text says it */
    bool is_reached; /* false: drawn faint */
    const struct pb_sequence_message *messages;
    size_t message_count;
    const struct pb_sequence_check *checks;
    size_t check_count;
};
struct pb_sequence {
    const char *title;
    const struct pb_sequence_actor *actors;
    size_t actor_count;
    const struct pb_sequence_step *steps;
    size_t step_count;
};
void pb_figure_sequence(struct pb_scene *scene, const struct pb_sequence *sequence);

/* --- timing chart -------------------------------------------------------------------------------------------------------- */

struct pb_change {
    pb_instant at;
    int64_t value;
};
enum pb_track_kind {
    PB_TRACK_STATE, /* value: enum pb_cp_state; drawn in lanes A..F */
    PB_TRACK_LEVEL, /* value: 0 or more than 0 */
    PB_TRACK_AMOUNT /* value in steps of unit */
};
struct pb_track {
    const char *name;
    enum pb_track_kind kind;
    enum pb_unit unit;
    const struct pb_change *changes; /* in order of time; before the first nothing is known */
    size_t change_count;
};
struct pb_moment {
    pb_instant at;
    const char *label, *tooltip;
    enum pb_verdict verdict; /* NONE: no verdict */
};
/* A stretch of time to be seen behind the tracks: what a limit allows. */
struct pb_stretch {
    pb_instant from, to;
    enum pb_tone tone;
    const char *label;
};
struct pb_timing {
    const char *title;
    const struct pb_track *tracks;
    size_t track_count;
    const struct pb_moment *steps; /* along the axis */
    size_t step_count;
    const struct pb_moment *messages;
    size_t message_count;
    const struct pb_moment *marks; /* through all tracks: verdicts, the edge that decides */
    size_t mark_count;
    const struct pb_stretch *stretches;
    size_t stretch_count;
    pb_instant zero; /* labels count from here */
    const struct pb_axis *axis;
};
void pb_figure_timing(struct pb_scene *scene, const struct pb_timing *timing);

/* --- limit bar ----------------------------------------------------------------------------------------------------------- */

struct pb_limit_bar {
    const char *title; /* the check; also what a reader hears */
    int64_t min, max;  /* INT64_MIN, INT64_MAX: open */
    enum pb_unit unit;
    enum pb_rule rule; /* guard band w = U unless simple */
    bool has_value;
    int64_t value, u;
    enum pb_verdict verdict;
    bool is_large; /* with figures along the scale */
};
void pb_figure_limit_bar(struct pb_scene *scene, const struct pb_limit_bar *bar);

/* --- waveform ------------------------------------------------------------------------------------------------------------ */

/* Lowest and highest sample of each px column, in uV; a column without samples has low > high. */
struct pb_wave_column {
    int32_t low_uv, high_uv;
};
struct pb_wave_window {
    const char *label; /* "B", "limit" */
    int64_t min_uv, max_uv;
    enum pb_tone tone;
};
struct pb_wave_mark {
    pb_instant at;
    const char *label;
    enum pb_tone tone;
};
struct pb_waveform {
    const char *title;
    const struct pb_wave_column *columns;
    size_t column_count; /* px */
    pb_instant from, to; /* of the first column's left, the last one's right edge */
    const struct pb_wave_window *windows;
    size_t window_count;
    const struct pb_stretch *stretches; /* of time, behind the wave */
    size_t stretch_count;
    const struct pb_wave_mark *marks;
    size_t mark_count;
    pb_instant zero;           /* labels count from here */
    int64_t least_uv, most_uv; /* the scale; both 0: -14 V to 14 V. What is beyond runs along the edge */
};
void pb_figure_waveform(struct pb_scene *scene, const struct pb_waveform *waveform);

/* --- current against duty ------------------------------------------------------------------------------------------------ */

struct pb_duty_point {
    int64_t duty_ppm, ma, u_ma, limit_ma;
    bool is_s2_open; /* it had to be: no current is the point's */
    enum pb_verdict verdict;
    const char *tooltip;
};
struct pb_duty_chart {
    const char *title;
    const struct pb_duty_row
        *rows; /* what a duty allows, in order of their duties; none: the points' limits are shown */
    size_t row_count;
    int64_t tolerance_ppm; /* of the generator */
    const struct pb_duty_point *points;
    size_t point_count;
};
void pb_figure_duty_chart(struct pb_scene *scene, const struct pb_duty_chart *chart);

/* --- texts that figures and reports share -------------------------------------------------------------------------------- */

/* "812.3 ms", from two minutes on "14h05m22s". */
void pb_span_describe(pb_span span, char *ret_text, size_t size);

#endif
