/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "harness/engine/show.h"

#include "base/text.h"
#include "base/wall.h"
#include "harness/snapshot/snapshot.h"
#include "pilot_emulator/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct pb_show {
    struct pb_snapshot *snapshot;
    const struct pb_plan *plan;
    const struct pb_duty_law *law;
    size_t events_taken;
    char path[];
};

/* Copies what fits, whole characters. */
static void copy_text(char *ret_text, size_t size, const char *text) {
    size_t length = strnlen(text, size - 1);
    memcpy(ret_text, text, length);
    ret_text[length] = 0;
    pb_text_drop_partial(ret_text);
}

static void describe_limit(const struct pb_limit *limit, char *ret_text, size_t size) {
    char low[28], high[28];
    pb_quantity_format(limit->min, limit->unit, 6, low, sizeof low);
    pb_quantity_format(limit->max, limit->unit, 6, high, sizeof high);
    if (limit->min == INT64_MIN) snprintf(ret_text, size, "at most %s", high);
    else if (limit->max == INT64_MAX) snprintf(ret_text, size, "at least %s", low);
    else if (limit->min == limit->max) snprintf(ret_text, size, "exactly %s", high);
    else snprintf(ret_text, size, "%s to %s", low, high);
}

static void fill_plan(struct pb_snapshot_body *body, const struct pb_plan *plan) {
    for (size_t c = 0; c < plan->case_count && c < PB_SNAPSHOT_CASES; c++)
        copy_text(body->case_ids[c], sizeof body->case_ids[c], plan->cases[c].id);
    for (size_t c = 0; c < plan->case_count; c++)
        for (size_t i = 0; i < plan->cases[c].step_count && body->step_count < PB_SNAPSHOT_STEPS; i++) {
            const struct pb_step *step = &plan->steps[plan->cases[c].first_step + i];
            struct pb_snapshot_step *shown = &body->steps[body->step_count++];
            copy_text(shown->id, sizeof shown->id, step->id);
            copy_text(shown->actor, sizeof shown->actor, pb_actor_name(step->actor));
            copy_text(shown->text, sizeof shown->text, step->text);
            shown->case_no = plan->cases[c].case_no;
            shown->mode = (int32_t)step->mode;
        }
    for (size_t i = 0; i < plan->check_count && body->check_count < PB_SNAPSHOT_CHECKS; i++) {
        const struct pb_check *check = &plan->checks[i];
        struct pb_snapshot_check *shown = &body->checks[body->check_count++];
        copy_text(shown->id, sizeof shown->id, check->id);
        copy_text(shown->text, sizeof shown->text, check->text);
        describe_limit(&check->limit, shown->limit, sizeof shown->limit);
        shown->step = check->step_no - 1;
        shown->is_unverified = pb_confidence_is_unverified(check->limit.confidence);
    }
    body->planned = (int32_t)plan->check_count;
    body->cases = (int32_t)plan->case_count;
}

static void fill_windows(struct pb_snapshot_body *body, const struct pb_cp_windows *windows) {
    const int64_t rows[][2] = {{windows->a.min_uv, windows->a.max_uv}, {windows->b.min_uv, windows->b.max_uv},
                               {windows->c.min_uv, windows->c.max_uv}, {windows->d.min_uv, windows->d.max_uv},
                               {windows->e.min_uv, windows->e.max_uv}, {windows->f.min_uv, windows->f.max_uv}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        body->windows[i].min_uv = rows[i][0];
        body->windows[i].max_uv = rows[i][1];
    }
}

enum pb_status pb_show_open(const char *path, const struct pb_plan *plan, const struct pb_duty_law *law,
                            const struct pb_cp_windows *windows, const struct pb_show_names *names, int64_t speed_milli,
                            struct pb_show **ret_show, struct pb_error *error) {
    struct pb_show *show = calloc(1, sizeof *show + strlen(path) + 1);
    if (!show) return pb_fail(error, PB_ERR_MEMORY, 0, path, "no memory");
    strcpy(show->path, path);
    show->plan = plan;
    show->law = law;
    enum pb_status status = pb_snapshot_create(path, &show->snapshot, error);
    if (status != PB_OK) {
        free(show);
        return status;
    }
    pb_snapshot_begin(show->snapshot);
    struct pb_snapshot_body *body = &show->snapshot->body;
    copy_text(body->run, sizeof body->run, names->run);
    copy_text(body->dut, sizeof body->dut, names->dut);
    copy_text(body->bench, sizeof body->bench, names->bench);
    copy_text(body->version, sizeof body->version, names->version);
    body->pid = (int32_t)getpid();
    body->speed_milli = speed_milli;
    body->current_step = -1;
    body->deadline_ns = INT64_MAX;
    body->wall_ns = pb_wall_now().ns;
    fill_plan(body, plan);
    fill_windows(body, windows);
    pb_snapshot_end(show->snapshot);
    *ret_show = show;
    return PB_OK;
}

static void copy_trace(struct pb_snapshot_body *body, const struct pb_stage_picture *picture) {
    int64_t count = picture->next_index - picture->valid_from;
    body->is_modelled = count == 0;
    if (count == 0) return; /* the last trace stays in view */
    if (count > PB_SNAPSHOT_TRACE) count = PB_SNAPSHOT_TRACE;
    body->trace_first_index = picture->next_index - count;
    body->trace_count = (uint32_t)count;
    body->trace_start = 0;
    for (int64_t i = 0; i < count; i++)
        body->trace[i] = picture->ring[(body->trace_first_index + i) & picture->ring_mask];
    body->trace_period_num_ns = picture->sampling->period_num_ns;
    body->trace_period_den = picture->sampling->period_den;
    body->trace_uv_num = picture->sampling->uv_num;
    body->trace_uv_den = picture->sampling->uv_den;
    body->trace_uv_offset = picture->sampling->uv_offset;
}

static void copy_events(struct pb_show *show, struct pb_snapshot_body *body, const struct pb_stage *stage) {
    struct pb_event event;
    for (; pb_stage_event(stage, show->events_taken, &event); show->events_taken++) {
        struct pb_snapshot_event *shown = &body->events[body->event_count++ % PB_SNAPSHOT_EVENTS];
        shown->at_ns = event.at.ns;
        shown->value = event.value;
        copy_text(shown->name, sizeof shown->name, pb_event_names[event.name]);
        shown->cord = body->cords > 1 && pb_event_is_of_cord((enum pb_event_name)event.name) ? event.cord + 1 : 0;
        shown->text[0] = 0;
        if (event.name == PB_EVENT_ALC && event.cord == 0) body->offered_ma = event.value;
        if (event.name == PB_EVENT_CP_STATE)
            copy_text(shown->text, sizeof shown->text, pb_cp_state_name((enum pb_cp_state)event.value));
    }
}

void pb_show_turn(struct pb_show *show, const struct pb_stage *stage) {
    struct pb_stage_picture picture;
    if (!show) return;
    pb_stage_picture(stage, &picture);
    pb_snapshot_begin(show->snapshot);
    struct pb_snapshot_body *body = &show->snapshot->body;
    body->now_ns = pb_stage_now(stage).ns;
    body->wall_ns = pb_wall_now().ns;
    body->deadline_ns = picture.deadline.ns;
    copy_text(body->waiting_for, sizeof body->waiting_for, picture.waiting_for);
    body->cords = (int32_t)picture.cords;
    body->cp_state = (int32_t)picture.cp_state;
    body->poles = (int32_t)picture.poles;
    body->poles_closed = (int32_t)picture.poles_closed;
    body->current_ma = picture.current_ma;
    body->energy_wh = picture.energy_wh;
    copy_trace(body, &picture);
    copy_events(show, body, stage);
    pb_snapshot_end(show->snapshot);
}

void pb_show_step(struct pb_show *show, const struct pb_case *in, const struct pb_step *step, pb_instant now,
                  bool is_begin) {
    if (!show) return;
    pb_snapshot_begin(show->snapshot);
    struct pb_snapshot_body *body = &show->snapshot->body;
    copy_text(body->case_id, sizeof body->case_id, in->id);
    copy_text(body->case_title, sizeof body->case_title, in->title);
    if (step->step_no <= body->step_count) {
        struct pb_snapshot_step *shown = &body->steps[step->step_no - 1];
        if (is_begin) body->current_step = step->step_no - 1;
        if (is_begin) shown->is_begun = 1, shown->began_ns = now.ns;
        else shown->is_ended = 1, shown->ended_ns = now.ns;
    }
    pb_snapshot_end(show->snapshot);
}

/* Newest readings of the pilot stand beside the scope. */
static void copy_reading(struct pb_snapshot_body *body, const struct pb_duty_law *law, enum pb_extractor extractor,
                         const struct pb_quantity *quantity) {
    switch (extractor) {
    case PB_EXTRACT_PILOT_HIGH: body->high_uv = quantity->value, body->u_level_uv = quantity->u; break;
    case PB_EXTRACT_PILOT_LOW: body->low_uv = quantity->value, body->u_level_uv = quantity->u; break;
    case PB_EXTRACT_PILOT_DUTY:
        body->duty_ppm = quantity->value, body->u_duty_ppm = quantity->u;
        pb_duty_read(law, quantity->value, &body->offered_ma);
        break;
    case PB_EXTRACT_PILOT_FREQUENCY: body->frequency_uhz = quantity->value, body->u_frequency_uhz = quantity->u; break;
    default: break;
    }
}

void pb_show_verdict(struct pb_show *show, const struct pb_check *check, const struct pb_reading *reading,
                     enum pb_verdict verdict, const char *reason) {
    if (!show) return;
    pb_snapshot_begin(show->snapshot);
    struct pb_snapshot_body *body = &show->snapshot->body;
    int32_t *tally[PB_VERDICT_COUNT] = {NULL, &body->passed, &body->inconc, &body->failed, &body->error};
    body->judged += reading != NULL;
    if (tally[verdict]) ++*tally[verdict];
    if (check->check_no <= body->check_count) {
        struct pb_snapshot_check *shown = &body->checks[check->check_no - 1];
        shown->verdict = (int32_t)verdict;
        copy_text(shown->reason, sizeof shown->reason, reason);
        if (reading && reading->outcome == PB_OUTCOME_VALUE)
            pb_quantity_format(reading->quantity.value, reading->quantity.unit, 5, shown->value, sizeof shown->value);
    }
    if (check->step_no <= body->step_count) {
        struct pb_snapshot_step *shown = &body->steps[check->step_no - 1];
        shown->verdict = (int32_t)pb_verdict_worst((enum pb_verdict)shown->verdict, verdict);
    }
    bool is_of_first = show->plan->steps[check->step_no - 1].cord == 0; /* whose pilot the scope shows */
    if (reading && reading->outcome == PB_OUTCOME_VALUE && is_of_first)
        copy_reading(body, show->law, check->extractor, &reading->quantity);
    pb_snapshot_end(show->snapshot);
}

void pb_show_message(struct pb_show *show, pb_instant at, const char *name) {
    if (!show) return;
    pb_snapshot_begin(show->snapshot);
    struct pb_snapshot_body *body = &show->snapshot->body;
    struct pb_snapshot_event *shown = &body->events[body->event_count++ % PB_SNAPSHOT_EVENTS];
    shown->at_ns = at.ns;
    shown->value = 0;
    copy_text(shown->name, sizeof shown->name, pb_event_names[PB_EVENT_MESSAGE]);
    copy_text(shown->text, sizeof shown->text, name);
    pb_snapshot_end(show->snapshot);
}

void pb_show_close(struct pb_show *show, int exit_status) {
    if (!show) return;
    pb_snapshot_begin(show->snapshot);
    show->snapshot->body.is_over = 1;
    show->snapshot->body.exit_status = exit_status;
    show->snapshot->body.wall_ns = pb_wall_now().ns;
    show->snapshot->body.deadline_ns = INT64_MAX;
    pb_snapshot_end(show->snapshot);
    pb_snapshot_destroy(show->snapshot, show->path);
    free(show);
}
