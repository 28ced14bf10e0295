/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dashboard/scope.h"

const pb_span pb_scope_span = {5000000};
const pb_span pb_scope_before = {500000};

static void take_volts(struct pb_scope *scope, const struct pb_snapshot_body *body) {
    const double scale = (double)body->trace_uv_num / (double)body->trace_uv_den * 1e-6;
    const double offset = (double)body->trace_uv_offset * 1e-6;
    for (uint32_t i = 0; i < body->trace_count; i++)
        scope->volts[i] = (float)(offset + scale * body->trace[(body->trace_start + i) % PB_SNAPSHOT_TRACE]);
}

/* Where the newest rise through 0 V lies that has `before` samples on its left and `after` on its right, in samples and parts of
 * one; -1: there is none. It must come from below -1 V, so that noise about 0 V is no edge. */
static double find_trigger(const float *volts, int count, double before, double after) {
    int rise = -1;
    for (int i = count - 1; i > 0; i--) {
        if (rise >= 0 && volts[i - 1] < -1.0F)
            return rise - 1 + (double)(volts[rise - 1] / (volts[rise - 1] - volts[rise]));
        if (rise >= 0 && volts[i - 1] >= 0) rise = -1;
        if (rise < 0 && volts[i - 1] < 0 && volts[i] >= 0 && i + after < count && i - 1 >= before) rise = i;
    }
    return -1;
}

static float value_at(const float *volts, int count, double at) {
    const int i = (int)at;
    if (i >= count - 1) return volts[count - 1];
    return volts[i] + (volts[i + 1] - volts[i]) * (float)(at - i);
}

/* Lowest and highest of the line through the samples from `from` to `to`. */
static void fill_column(struct pb_scope *scope, int column, int count, double from, double to) {
    float low = value_at(scope->volts, count, from), high = low;
    const float last = value_at(scope->volts, count, to);
    for (int i = (int)from + 1; i <= (int)to && i < count; i++) {
        if (scope->volts[i] < low) low = scope->volts[i];
        if (scope->volts[i] > high) high = scope->volts[i];
    }
    scope->low_volts[column] = last < low ? last : low;
    scope->high_volts[column] = last > high ? last : high;
}

void pb_scope_make(struct pb_scope *scope, const struct pb_snapshot_body *body, int columns) {
    const int count = (int)body->trace_count;
    scope->is_triggered = false;
    scope->span = pb_scope_span;
    scope->column_count = columns < 1 ? 1 : columns > PB_SCOPE_COLUMNS ? PB_SCOPE_COLUMNS : columns;
    scope->first_drawn = scope->drawn_count = 0;
    if (count < 2) return;
    take_volts(scope, body);
    const double rate = (double)body->trace_period_den / (double)body->trace_period_num_ns; /* samples a ns */
    const double shown = (double)scope->span.ns * rate, before = (double)pb_scope_before.ns * rate;
    const double trigger = find_trigger(scope->volts, count, before, shown - before);
    scope->is_triggered = trigger >= 0;
    const double left = scope->is_triggered ? trigger - before : count - 1 - shown;
    const double step = shown / scope->column_count;
    for (int column = 0; column < scope->column_count; column++) {
        const double from = left + column * step, to = from + step;
        if (to <= 0 || from >= count - 1) continue;
        if (scope->drawn_count++ == 0) scope->first_drawn = column;
        fill_column(scope, column, count, from < 0 ? 0 : from, to);
    }
}
