/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two passes: what vehicles may draw, then what they are granted. Times are the board's milliseconds and may wrap. */
#include "firmware_stub/evse/core/sharing.h"

#include <string.h>

#define PPM 1000000u

const struct evse_sharing_parameters evse_sharing_parameters_standard = {
    .supply_ma = 32000,
    .share_ppm = {PPM / 2, PPM / 2},
    .bound_ma = 0,
    .idle_ma = 0,
    .follow_ms = 5000,
    .is_restored = 1,
    .is_kept_in_b = 1,
};

void evse_sharing_begin(struct evse_sharing *sharing, const struct evse_sharing_parameters *parameters,
                        uint32_t cord_count) {
    memset(sharing, 0, sizeof *sharing);
    sharing->parameters = parameters;
    sharing->cord_count = cord_count;
}

static bool is_past(uint32_t at_ms, uint32_t now_ms) { return (int32_t)(now_ms - at_ms) >= 0; }

/* A vehicle that was told less goes on drawing what it was told before, until it has followed or is gone. */
static void follow(struct evse_sharing *sharing, uint32_t number, uint32_t now_ms,
                   const struct evse_sharing_view *view) {
    bool was_following = sharing->cords[number].is_following;
    uint32_t *drawn_ma = &sharing->cords[number].drawn_ma;
    bool is_over = was_following && is_past(sharing->cords[number].follows_at_ms, now_ms);
    if (view->announced_ma >= *drawn_ma || !view->is_in_use || is_over) {
        *drawn_ma = view->announced_ma;
        sharing->cords[number].is_following = false;
    } else if (!was_following) {
        sharing->cords[number].is_following = true;
        sharing->cords[number].follows_at_ms = now_ms + sharing->parameters->follow_ms;
    }
}

static bool counts(struct evse_sharing *sharing, uint32_t number, const struct evse_sharing_view *view) {
    bool *has_charged = &sharing->cords[number].has_charged;
    *has_charged = view->is_in_use && (*has_charged || view->is_charging);
    bool is_done = *has_charged && !view->is_charging && !sharing->parameters->is_kept_in_b;
    sharing->cords[number].is_counted = view->is_in_use && !is_done;
    return sharing->cords[number].is_counted;
}

static uint32_t users(struct evse_sharing *sharing, const struct evse_sharing_view *views) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < sharing->cord_count; i++) count += counts(sharing, i, &views[i]);
    if (count != 1) sharing->was_shared = count > 1;
    return sharing->was_shared && !sharing->parameters->is_restored ? 2 : count;
}

static uint32_t share_of(const struct evse_sharing *sharing, uint32_t number, uint32_t user_count,
                         const struct evse_sharing_view *view) {
    const struct evse_sharing_parameters *parameters = sharing->parameters;
    if (!view->is_in_use) return parameters->idle_ma;
    if (user_count < 2) return parameters->supply_ma;
    return (uint32_t)((uint64_t)parameters->supply_ma * parameters->share_ppm[number] / PPM);
}

/* All vehicles that count, but this one, may draw so much at most. */
static uint64_t drawn_by_others(const struct evse_sharing *sharing, uint32_t number) {
    uint64_t sum_ma = 0;
    for (uint32_t i = 0; i < sharing->cord_count; i++) {
        uint32_t drawn_ma = sharing->cords[i].drawn_ma, granted_ma = sharing->cords[i].granted_ma;
        if (i != number && sharing->cords[i].is_counted) sum_ma += drawn_ma > granted_ma ? drawn_ma : granted_ma;
    }
    return sum_ma;
}

static bool lower(struct evse_sharing *sharing, uint32_t number, uint32_t share_ma) {
    if (share_ma >= sharing->cords[number].granted_ma) return false;
    sharing->cords[number].granted_ma = share_ma;
    return true;
}

static bool raise(struct evse_sharing *sharing, uint32_t number, uint32_t share_ma) {
    const struct evse_sharing_parameters *parameters = sharing->parameters;
    uint32_t bound_ma = parameters->bound_ma ? parameters->bound_ma : parameters->supply_ma;
    if (share_ma <= sharing->cords[number].granted_ma) return false;
    if (bound_ma != UINT32_MAX && drawn_by_others(sharing, number) + share_ma > bound_ma) return false;
    sharing->cords[number].granted_ma = share_ma;
    return true;
}

bool evse_sharing_update(struct evse_sharing *sharing, uint32_t now_ms, const struct evse_sharing_view *views) {
    bool has_changed = false;
    uint32_t user_count = users(sharing, views);
    for (uint32_t i = 0; i < sharing->cord_count; i++) follow(sharing, i, now_ms, &views[i]);
    for (uint32_t i = 0; i < sharing->cord_count; i++)
        has_changed |= lower(sharing, i, share_of(sharing, i, user_count, &views[i]));
    for (uint32_t i = 0; i < sharing->cord_count; i++)
        has_changed |= raise(sharing, i, share_of(sharing, i, user_count, &views[i]));
    return has_changed;
}

bool evse_sharing_next_ms(const struct evse_sharing *sharing, uint32_t *ret_at_ms) {
    bool is_due = false;
    for (uint32_t i = 0; i < sharing->cord_count; i++) {
        uint32_t at_ms = sharing->cords[i].follows_at_ms;
        if (!sharing->cords[i].is_following || (is_due && (int32_t)(at_ms - *ret_at_ms) >= 0)) continue;
        *ret_at_ms = at_ms;
        is_due = true;
    }
    return is_due;
}
