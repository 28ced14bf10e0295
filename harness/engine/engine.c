/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walks cases and steps. What a step means was settled in the plan; what an expectation means stands in expect.c's table. A check that fails and
 * blocks ends the case: the rest is inconc "not reached". */
#include "harness/engine/engine.h"

#include "base/wall.h"
#include "harness/engine/announce.h"
#include "harness/engine/device_clock.h"
#include "harness/engine/messages.h"
#include "harness/engine/prompt.h"
#include "harness/engine/show.h"
#include "harness/engine/stage.h"
#include "judge/fault.h"
#include "pilot_emulator/periods.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const pb_span last_messages = {
    INT64_C(5000000000)}; /* after the last step, for what is said twice or too late */

static const int64_t reference_diode_uv =
    700000; /* the limits of level_at_12v count in what a diode may differ from it */

struct pb_engine {
    const struct pb_engine_setup *setup;
    struct pb_stage *stage;
    struct pb_reader *reader;
    struct pb_control *control;
    struct pb_show *show;
    uint64_t random;
    pb_instant case_began, step_began, held_from, said_at;
    pb_span step_u;       /* how much earlier the step may have begun: a person's doing */
    pb_instant connected; /* when the coupler was inserted: the schedule's zero */
    char clock_note[160]; /* of the case: where the device's own clock stood then; "": it has none, or was set */
    struct {
        int64_t first, count;
    } level_range[PB_BENCH_CORDS_MAX][128]; /* samples of the last level reading, by cord and letter */
    uint8_t *judged;                        /* by check: has its verdict row */
    enum pb_verdict case_verdict;
    int64_t plan_row, first_row; /* of the case: where its plan stands, and its first row after that */
    const struct pb_case *current;
    char missing[200]; /* why the case does not show what it is for; "": it does */
    struct {
        bool is_open, is_answered;
        char answer[120];
    } prompt;
};

/* ---- rows ---- */

static enum pb_status add(struct pb_engine *engine, const struct pb_row *row, struct pb_error *error) {
    return pb_writer_add(engine->setup->writer, row, NULL, error);
}

static enum pb_status conclude(struct pb_engine *engine, const struct pb_check *check, const struct pb_reading *reading,
                               int64_t reading_seq, enum pb_verdict verdict, const char *reason,
                               struct pb_error *error) {
    struct pb_row row = {.at = engine->stage ? pb_stage_now(engine->stage) : PB_INSTANT_ZERO,
                         .kind = PB_ROW_VERDICT,
                         .case_no = check->case_no,
                         .step_no = check->step_no,
                         .check_no = check->check_no,
                         .name = check->id,
                         .a = verdict,
                         .b = reading_seq,
                         .text = reason};
    enum pb_status status = add(engine, &row, error);
    if (status == PB_OK) status = pb_writer_commit(engine->setup->writer, error);
    if (status != PB_OK) return status;
    engine->judged[check->check_no - 1] = 1;
    engine->case_verdict = pb_verdict_worst(engine->case_verdict, verdict);
    pb_show_verdict(engine->show, check, reading, verdict, reason);
    if (engine->setup->progress) engine->setup->progress(engine->setup->user, check, reading, verdict, reason);
    return PB_OK;
}

/* Whether a case goes on depends on what happened, not on how well its limit is known. */
static enum pb_verdict verdict_by_the_figure(const struct pb_check *check, const struct pb_reading *reading) {
    char reason[PB_REASON_SIZE];
    struct pb_check lenient = *check;
    lenient.is_strict = false;
    return pb_judge_decide(&lenient, reading, reason, sizeof reason);
}

/* Reading, reading row, verdict, verdict row; *ret_verdict says whether the case can go on. */
static enum pb_status judge(struct pb_engine *engine, const struct pb_check *check, const struct pb_recipe *recipe,
                            enum pb_verdict *ret_verdict, struct pb_error *error) {
    struct pb_reading reading;
    struct pb_row row;
    char text[1024], reason[240];
    int64_t seq;
    enum pb_status status = pb_writer_flush(engine->setup->writer, error);
    if (status == PB_OK) status = pb_judge_read(engine->reader, recipe, &reading, error);
    if (status != PB_OK) return status;
    if (pb_reading_to_row(check, recipe, &reading, &row, text, sizeof text) != PB_OK)
        return pb_fail(error, PB_ERR_RANGE, 0, check->id, "the recipe does not fit its row");
    row.at = pb_stage_now(engine->stage);
    status = pb_writer_add(engine->setup->writer, &row, &seq, error);
    if (status != PB_OK) return status;
    enum pb_verdict verdict = pb_judge_decide(check, &reading, reason, sizeof reason);
    *ret_verdict = check->is_strict ? verdict_by_the_figure(check, &reading) : verdict;
    return conclude(engine, check, &reading, seq, verdict, reason, error);
}

/* ---- expectations ---- */

/* No reaction to the step is dated at or before this. */
static pb_instant before_step(const struct pb_engine *engine) {
    return pb_after(engine->step_began, pb_ns(-pb_add_saturating(engine->step_u.ns, 1)));
}

static pb_instant anchor(const struct pb_engine *engine, const struct pb_expectation *expectation, bool *ret_found,
                         int64_t *ret_u_ns) {
    struct pb_event event;
    char letter = (char)expectation->value;
    *ret_found = true;
    *ret_u_ns = 0;
    enum pb_anchor kind = pb_expect_rows[expectation->kind].anchor;
    if (expectation->kind == PB_EXPECT_MESSAGE && letter) kind = PB_ANCHOR_LEAVE;
    switch (kind) {
    case PB_ANCHOR_CASE: return engine->case_began;
    case PB_ANCHOR_HELD: return engine->held_from;
    case PB_ANCHOR_ENTER:
        if (expectation->kind == PB_EXPECT_PWM) letter = 'B';
        *ret_found = pb_stage_entered(engine->stage, letter, &event);
        break;
    case PB_ANCHOR_LEAVE: *ret_found = pb_stage_left(engine->stage, letter, &event); break;
    default: *ret_u_ns = engine->step_u.ns; return engine->step_began;
    }
    if (!*ret_found) return PB_INSTANT_NEVER;
    *ret_u_ns = event.u_ns;
    /* PWM that ran before the vehicle came: the very event that brought the state is the one looked for, and a span begins before what it leads to. */
    bool is_there = expectation->kind == PB_EXPECT_PWM && (pb_expect_mask(expectation, 0) >> event.value & 1);
    return is_there ? pb_after(event.at, pb_ns(-1)) : event.at;
}

/* Observed for longer than allowed, so that a late reaction is measured, not only missed. */
static pb_span observation(const struct pb_limit *limit) {
    pb_span twice = pb_ns(pb_mul_saturating(limit->max, 2)), more = pb_span_sum(pb_ns(limit->max), pb_s(1));
    return pb_is_shorter(twice, more) ? more : twice;
}

/* PWM of a vehicle that an earlier step connected. */
static bool is_connected_before(const struct pb_engine *engine, const struct pb_expectation *expectation) {
    struct pb_event event;
    return expectation->kind == PB_EXPECT_PWM &&
           pb_stage_stood(engine->stage, PB_EVENT_CP_STATE, pb_after(engine->step_began, pb_ns(-engine->step_u.ns)),
                          &event) &&
           (pb_state_mask('B') >> event.value & 1);
}

/* Whether the time counts from a change of the pilot that this step has just caused. An earlier change to the same state must not be taken for it. */
static bool is_change_of_this_step(const struct pb_engine *engine, const struct pb_expectation *expectation) {
    const struct pb_expect_row *row = &pb_expect_rows[expectation->kind];
    if (row->anchor != PB_ANCHOR_LEAVE && row->anchor != PB_ANCHOR_ENTER) return false;
    return row->event == PB_EVENT_CONTACTOR || !is_connected_before(engine, expectation);
}

/* The pilot gets its own time to make that change, and the tracker to tell it. */
static enum pb_status await_anchor(struct pb_engine *engine, const struct pb_expectation *expectation,
                                   struct pb_error *error) {
    struct pb_event event;
    bool found;
    if (!is_change_of_this_step(engine, expectation)) return PB_OK;
    bool is_leave = pb_expect_rows[expectation->kind].anchor == PB_ANCHOR_LEAVE;
    uint64_t mask = pb_state_mask(expectation->kind == PB_EXPECT_PWM ? 'B' : (char)expectation->value);
    pb_instant just_before = before_step(engine);
    return pb_stage_wait(engine->stage, PB_EVENT_CP_STATE, is_leave ? ~mask : mask, false, just_before,
                         pb_after(engine->step_began, pb_ms(200)), &found, &event, error);
}

/* The event that a recipe is about. */
static void name_event(const struct pb_engine *engine, enum pb_event_name name, struct pb_recipe *recipe) {
    snprintf(recipe->name, sizeof recipe->name, "%s", pb_event_record_name(name, pb_stage_cord(engine->stage)));
}

static enum pb_status read_span(struct pb_engine *engine, const struct pb_expectation *expectation,
                                const struct pb_check *check, struct pb_event *ret_event, enum pb_verdict *ret_verdict,
                                struct pb_error *error) {
    const struct pb_expect_row *row = &pb_expect_rows[expectation->kind];
    struct pb_recipe recipe = {.extractor = PB_EXTRACT_SPAN_TO_FIRST,
                               .version = pb_extractor_version(PB_EXTRACT_SPAN_TO_FIRST),
                               .use_other_date = row->event == PB_EVENT_CP_STATE,
                               .mask = pb_expect_mask(expectation, pb_stage_poles(engine->stage))};
    bool found;
    name_event(engine, row->event, &recipe);
    enum pb_status status = await_anchor(engine, expectation, error);
    if (status != PB_OK) return status;
    recipe.from = anchor(engine, expectation, &found, &recipe.from_u_ns);
    if (expectation->kind == PB_EXPECT_MESSAGE) recipe.mask = UINT64_C(1) << pb_message_number(expectation->name);
    pb_instant earliest = is_change_of_this_step(engine, expectation) ? before_step(engine) : engine->case_began;
    if (!found || pb_is_before(recipe.from, earliest)) {
        *ret_verdict = PB_VERDICT_INCONC;
        return conclude(engine, check, NULL, 0, PB_VERDICT_INCONC, "the state that the time counts from did not come",
                        error);
    }
    recipe.until = pb_after(recipe.from, observation(&check->limit));
    status = pb_stage_wait(engine->stage, row->event, recipe.mask, recipe.use_other_date,
                           pb_after(recipe.from, pb_ns(-recipe.from_u_ns)), recipe.until, &found, ret_event, error);
    return status == PB_OK ? judge(engine, check, &recipe, ret_verdict, error) : status;
}

/* What must not happen may stand already when the time begins, and then need not happen again: the event that brought it counts too. */
static pb_instant include_standing(const struct pb_engine *engine, enum pb_event_name name, pb_instant from,
                                   uint64_t mask) {
    struct pb_event event;
    bool stands = pb_stage_stood(engine->stage, name, from, &event) && (mask >> event.value & 1);
    return stands ? pb_after(event.at, pb_ns(-1)) : from;
}

static enum pb_status read_count(struct pb_engine *engine, const struct pb_expectation *expectation,
                                 const struct pb_check *check, enum pb_verdict *ret_verdict, struct pb_error *error) {
    const struct pb_expect_row *row = &pb_expect_rows[expectation->kind];
    struct pb_recipe recipe = {.extractor = PB_EXTRACT_COUNT_EVENTS,
                               .version = pb_extractor_version(PB_EXTRACT_COUNT_EVENTS),
                               .mask = pb_expect_mask(expectation, pb_stage_poles(engine->stage))};
    struct pb_event entered;
    bool found;
    name_event(engine, row->event, &recipe);
    recipe.from = anchor(engine, expectation, &found, &recipe.from_u_ns);
    if (expectation->kind == PB_EXPECT_STAYS_OPEN) recipe.until = pb_after(recipe.from, pb_ns(expectation->value));
    else if (row->anchor == PB_ANCHOR_HELD) recipe.until = pb_stage_now(engine->stage);
    else
        recipe.until = pb_stage_first_entered(engine->stage, (char)expectation->value, &entered)
                           ? entered.at
                           : pb_stage_now(engine->stage);
    if (row->anchor == PB_ANCHOR_HELD && !pb_is_before(recipe.from, recipe.until)) {
        *ret_verdict = PB_VERDICT_INCONC;
        return conclude(engine, check, NULL, 0, PB_VERDICT_INCONC,
                        "the step left no time to see it in (the schedule was pressed too far)", error);
    }
    enum pb_status status = pb_stage_run_until(engine->stage, recipe.until, error);
    bool can_stand = row->event == PB_EVENT_CONTACTOR || expectation->kind == PB_EXPECT_STAYS_UNLOADED;
    if (status == PB_OK && can_stand) recipe.from = include_standing(engine, row->event, recipe.from, recipe.mask);
    return status == PB_OK ? judge(engine, check, &recipe, ret_verdict, error) : status;
}

/* The samples that a recipe is about. */
static void name_pilot(const struct pb_engine *engine, struct pb_recipe *recipe) {
    char name[PB_ROLE_NAME_SIZE];
    snprintf(recipe->name, sizeof recipe->name, "%.31s",
             pb_bench_cord_role(pb_stage_cord(engine->stage), "cp.sense", name));
}

/* Where no check of the expectation has waited for the state (in a pair the vehicle's has), it is the one that stands. */
static bool find_event(const struct pb_engine *engine, const struct pb_expectation *expectation,
                       const struct pb_event *awaited, struct pb_event *ret_event) {
    *ret_event = *awaited;
    return awaited->other.ns > 0 || pb_stage_entered(engine->stage, (char)expectation->value, ret_event);
}

/* A reading over samples that begin where the awaited event has settled. */
static enum pb_status read_samples(struct pb_engine *engine, const struct pb_expectation *expectation,
                                   const struct pb_check *check, const struct pb_event *awaited,
                                   enum pb_verdict *ret_verdict, struct pb_error *error) {
    const struct pb_bench_measuring *measuring = &engine->setup->bench->measuring;
    struct pb_event event;
    struct pb_recipe recipe = {.extractor = check->extractor, .version = pb_extractor_version(check->extractor)};
    name_pilot(engine, &recipe);
    if (!find_event(engine, expectation, awaited, &event)) {
        *ret_verdict = PB_VERDICT_INCONC;
        return conclude(engine, check, NULL, 0, PB_VERDICT_INCONC, "the state that it is read in did not come", error);
    }
    pb_instant from = pb_after(event.other, pb_ns(measuring->settle_ns)), now = pb_stage_now(engine->stage);
    if (pb_is_before(event.other, engine->step_began)) from = pb_later(from, now); /* what stands is read now */
    enum pb_status status =
        pb_stage_capture(engine->stage, from, pb_ns(measuring->window_ns), &recipe.first, &recipe.count, error);
    if (status != PB_OK) return status;
    if (check->extractor == PB_EXTRACT_LEVEL_AT_12V) {
        recipe.first2 = engine->level_range[pb_stage_cord(engine->stage)]['A'].first;
        recipe.count2 = engine->level_range[pb_stage_cord(engine->stage)]['A'].count;
        recipe.diode_uv = reference_diode_uv;
    }
    if (expectation->kind == PB_EXPECT_LEVEL) {
        unsigned cord = pb_stage_cord(engine->stage);
        engine->level_range[cord][expectation->value & 127].first = recipe.first;
        engine->level_range[cord][expectation->value & 127].count = recipe.count;
    }
    return judge(engine, check, &recipe, ret_verdict, error);
}

static bool is_timed_by_sense(const struct pb_engine *engine, const struct pb_check *check) {
    int side = check->extractor == PB_EXTRACT_PILOT_RISE ? PB_CP_HIGH : PB_CP_LOW;
    const struct pb_sampling *sampling = pb_stage_sampling(engine->stage);
    if (!sampling) return false;
    struct pb_cp_analyser_setup setup = {.sampling = *sampling};
    setup.edge_limit_ns[side] = check->limit.max;
    return pb_cp_edge_is_measurable(&setup, side);
}

/* Edges of the PWM that runs now. By cp.sense where that is fast enough for the limit, else by the oscilloscope; a bench that has none
 * shows what it has, and the judge says that it is not enough. */
static enum pb_status read_edge(struct pb_engine *engine, const struct pb_check *check, enum pb_verdict *ret_verdict,
                                struct pb_error *error) {
    const struct pb_bench_measuring *measuring = &engine->setup->bench->measuring;
    struct pb_recipe recipe = {
        .extractor = check->extractor, .version = pb_extractor_version(check->extractor), .most = check->limit.max};
    bool is_by_scope = pb_stage_has_scope(engine->stage) && !is_timed_by_sense(engine, check);
    pb_instant from = pb_later(pb_stage_now(engine->stage), pb_after(engine->step_began, pb_ns(measuring->settle_ns)));
    if (is_by_scope) snprintf(recipe.name, sizeof recipe.name, "scope");
    else name_pilot(engine, &recipe);
    enum pb_status status = is_by_scope ? pb_stage_run_until(engine->stage, from, error) : PB_OK;
    if (status == PB_OK)
        status = is_by_scope ? pb_stage_capture_scope(engine->stage, pb_ns(measuring->scope_block_ns), &recipe.first,
                                                      &recipe.count, error)
                             : pb_stage_capture(engine->stage, from, pb_ns(measuring->window_ns), &recipe.first,
                                                &recipe.count, error);
    return status == PB_OK ? judge(engine, check, &recipe, ret_verdict, error) : status;
}

/* From the levels that were read in A (open) and B (the bench's calibrated R2 behind its diode). */
static enum pb_status read_source_resistance(struct pb_engine *engine, const struct pb_check *check,
                                             enum pb_verdict *ret_verdict, struct pb_error *error) {
    const struct pb_bench_measuring *measuring = &engine->setup->bench->measuring;
    unsigned cord = pb_stage_cord(engine->stage);
    struct pb_recipe recipe = {.extractor = check->extractor,
                               .version = pb_extractor_version(check->extractor),
                               .first = engine->level_range[cord]['A'].first,
                               .count = engine->level_range[cord]['A'].count,
                               .first2 = engine->level_range[cord]['B'].first,
                               .count2 = engine->level_range[cord]['B'].count,
                               .load_mohm = measuring->r2_mohm,
                               .u_load_mohm = measuring->u_r2_mohm,
                               .diode_uv = measuring->diode_uv,
                               .u_diode_uv = measuring->u_diode_uv};
    name_pilot(engine, &recipe);
    return judge(engine, check, &recipe, ret_verdict, error);
}

/* PWM runs: the edges of the next window. */
static enum pb_status read_capacitance(struct pb_engine *engine, const struct pb_check *check,
                                       enum pb_verdict *ret_verdict, struct pb_error *error) {
    const struct pb_bench_measuring *measuring = &engine->setup->bench->measuring;
    struct pb_recipe recipe = {.extractor = check->extractor,
                               .version = pb_extractor_version(check->extractor),
                               .load_mohm = measuring->source_mohm,
                               .u_load_mohm = measuring->u_source_mohm,
                               .own_ff = measuring->own_ff,
                               .u_own_ff = measuring->u_own_ff};
    name_pilot(engine, &recipe);
    enum pb_status status = pb_stage_capture(engine->stage, pb_stage_now(engine->stage), pb_ns(measuring->window_ns),
                                             &recipe.first, &recipe.count, error);
    return status == PB_OK ? judge(engine, check, &recipe, ret_verdict, error) : status;
}

/* ---- current ---- */

static struct pb_recipe recipe_of_current(const struct pb_engine *engine, const struct pb_check *check) {
    struct pb_recipe recipe = {.extractor = check->extractor,
                               .version = pb_extractor_version(check->extractor),
                               .first_row = engine->first_row,
                               .value_u = engine->setup->bench->measuring.u_current_ma};
    name_event(engine, PB_EVENT_CURRENT, &recipe);
    return recipe;
}

/* Over the rest of the step, or from S2's opening until now. */
static enum pb_status read_current_max(struct pb_engine *engine, const struct pb_expectation *expectation,
                                       const struct pb_check *check, enum pb_verdict *ret_verdict,
                                       struct pb_error *error) {
    struct pb_recipe recipe = recipe_of_current(engine, check);
    bool found;
    recipe.from = anchor(engine, expectation, &found, &recipe.from_u_ns);
    recipe.until = pb_stage_now(engine->stage);
    if (found && pb_is_before(recipe.from, recipe.until)) return judge(engine, check, &recipe, ret_verdict, error);
    *ret_verdict = PB_VERDICT_INCONC;
    return conclude(engine, check, NULL, 0, PB_VERDICT_INCONC, "the time in which it would show did not come", error);
}

/* Lets time pass until so much is drawn, at most until then; in pieces, so that what follows is not missed. */
static enum pb_status await_current(struct pb_engine *engine, int64_t least_ma, pb_instant until,
                                    struct pb_error *error) {
    for (;;) {
        pb_instant now = pb_stage_now(engine->stage);
        if (pb_stage_value(engine->stage, PB_EVENT_CURRENT) >= least_ma || !pb_is_before(now, until)) return PB_OK;
        enum pb_status status = pb_stage_run_until(engine->stage, pb_earlier(until, pb_after(now, pb_ms(20))), error);
        if (status != PB_OK) return status;
    }
}

/* Until a current has come, or to the end of the observation: what has gone down must stay down. */
static enum pb_status read_settling(struct pb_engine *engine, const struct pb_expectation *expectation,
                                    const struct pb_check *check, enum pb_verdict *ret_verdict,
                                    struct pb_error *error) {
    struct pb_recipe recipe = recipe_of_current(engine, check);
    enum pb_status status = PB_OK;
    recipe.value_u = 0;
    recipe.from = engine->step_began;
    recipe.from_u_ns = engine->step_u.ns;
    recipe.until = pb_after(recipe.from, observation(&check->limit));
    if (expectation->kind == PB_EXPECT_CURRENT_STARTS) {
        recipe.least = expectation->value;
        status = await_current(engine, recipe.least, recipe.until, error);
        recipe.until = pb_after(pb_stage_now(engine->stage), pb_ms(20)); /* an event is dated up to its U later */
    } else recipe.most = expectation->value;
    if (status == PB_OK) status = pb_stage_run_until(engine->stage, recipe.until, error);
    return status == PB_OK ? judge(engine, check, &recipe, ret_verdict, error) : status;
}

/* The vehicle has a second to answer. */
static enum pb_status read_told_energy(struct pb_engine *engine, const struct pb_check *check,
                                       enum pb_verdict *ret_verdict, struct pb_error *error) {
    struct pb_recipe recipe = recipe_of_current(engine, check);
    snprintf(recipe.name, sizeof recipe.name, "dut.console");
    recipe.from = engine->step_began;
    recipe.until = pb_after(recipe.from, pb_s(1));
    recipe.supply_uv = engine->setup->bench->measuring.supply_uv;
    enum pb_status status = pb_stage_run_until(engine->stage, recipe.until, error);
    return status == PB_OK ? judge(engine, check, &recipe, ret_verdict, error) : status;
}

/* Stays in C that came from B, over the rest of the step. */
static enum pb_status read_dwell(struct pb_engine *engine, const struct pb_expectation *expectation,
                                 const struct pb_check *check, enum pb_verdict *ret_verdict, struct pb_error *error) {
    struct pb_recipe recipe = {.extractor = check->extractor,
                               .version = pb_extractor_version(check->extractor),
                               .from = engine->held_from,
                               .until = pb_stage_now(engine->stage),
                               .mask = pb_expect_mask(expectation, 0),
                               .mask_before = pb_state_mask('B')};
    name_event(engine, PB_EVENT_CP_STATE, &recipe);
    return judge(engine, check, &recipe, ret_verdict, error);
}

/* ---- a station of several cords ---- */

/* What a date of an announcement leaves open. */
static int64_t announced_u_ma(const struct pb_engine *engine, int64_t ma) {
    return pb_announce_give(engine->setup->law, ma, PB_ANNOUNCE_STEP_PPM);
}

static bool is_announced(const struct pb_engine *engine, const struct pb_recipe *recipe) {
    int64_t ma = pb_stage_value(engine->stage, PB_EVENT_ALC);
    return ma >= recipe->least && ma <= recipe->most;
}

/* Until it is announced, or to the end of the observation. */
static enum pb_status read_announced(struct pb_engine *engine, const struct pb_expectation *expectation,
                                     const struct pb_check *check, enum pb_verdict *ret_verdict,
                                     struct pb_error *error) {
    struct pb_recipe recipe = recipe_of_current(engine, check);
    enum pb_status status = PB_OK;
    name_event(engine, PB_EVENT_ALC, &recipe);
    recipe.value_u = 0;
    recipe.from = engine->step_began;
    recipe.from_u_ns = engine->step_u.ns;
    recipe.least = expectation->value - expectation->give_ma;
    recipe.most = expectation->value + expectation->give_ma;
    pb_instant end = pb_after(recipe.from, observation(&check->limit));
    while (status == PB_OK && !is_announced(engine, &recipe) && pb_is_before(pb_stage_now(engine->stage), end))
        status =
            pb_stage_run_until(engine->stage, pb_earlier(end, pb_after(pb_stage_now(engine->stage), pb_ms(20))), error);
    recipe.until = pb_after(pb_stage_now(engine->stage), pb_ms(20));
    if (status == PB_OK) status = pb_stage_run_until(engine->stage, recipe.until, error);
    return status == PB_OK ? judge(engine, check, &recipe, ret_verdict, error) : status;
}

static enum pb_status read_sum(struct pb_engine *engine, const struct pb_expectation *expectation,
                               const struct pb_check *check, enum pb_verdict *ret_verdict, struct pb_error *error) {
    struct pb_recipe recipe = recipe_of_current(engine, check);
    struct pb_event event;
    enum pb_status status = PB_OK;
    bool found;
    snprintf(recipe.name, sizeof recipe.name, "%s", pb_event_names[PB_EVENT_ALC]);
    recipe.value_u = announced_u_ma(engine, expectation->value);
    recipe.from = engine->case_began;
    if (expectation->within) {
        pb_span span = observation(&engine->setup->plan->limits[expectation->within - 1]);
        status = pb_stage_wait(engine->stage, PB_EVENT_ALC, UINT64_MAX, false, engine->case_began,
                               pb_after(engine->step_began, span), &found, &event, error);
    }
    recipe.until = pb_stage_now(engine->stage);
    if (status == PB_OK) status = pb_stage_run_until(engine->stage, recipe.until, error);
    return status == PB_OK ? judge(engine, check, &recipe, ret_verdict, error) : status;
}

/* From when another cord was last told less to when this one's contactor has closed. */
static enum pb_status read_followed(struct pb_engine *engine, const struct pb_expectation *expectation,
                                    const struct pb_check *check, enum pb_verdict *ret_verdict,
                                    struct pb_error *error) {
    struct pb_recipe recipe = {.extractor = check->extractor,
                               .version = pb_extractor_version(check->extractor),
                               .mask = pb_expect_mask(expectation, pb_stage_poles(engine->stage))};
    struct pb_event event;
    bool found;
    name_event(engine, PB_EVENT_CONTACTOR, &recipe);
    if (!pb_stage_reduced(engine->stage, pb_stage_cord(engine->stage) == 0, &event)) {
        *ret_verdict = PB_VERDICT_INCONC;
        return conclude(engine, check, NULL, 0, PB_VERDICT_INCONC, "no other cord was told a lower current before",
                        error);
    }
    recipe.from = event.at;
    recipe.from_u_ns = event.u_ns;
    recipe.until = pb_after(recipe.from, pb_ns(pb_mul_saturating(check->limit.min, 4)));
    recipe.until = pb_later(recipe.until, pb_stage_now(engine->stage));
    enum pb_status status =
        pb_stage_wait(engine->stage, PB_EVENT_CONTACTOR, recipe.mask, false,
                      pb_after(recipe.from, pb_ns(-recipe.from_u_ns)), recipe.until, &found, &event, error);
    return status == PB_OK ? judge(engine, check, &recipe, ret_verdict, error) : status;
}

typedef enum pb_status read_fn(struct pb_engine *engine, const struct pb_expectation *expectation,
                               const struct pb_check *check, enum pb_verdict *ret_verdict, struct pb_error *error);
/* Kinds whose reading is not settled by their extractor. */
static read_fn *const readers[PB_EXPECT_KIND_COUNT] = {
    [PB_EXPECT_ANNOUNCES] = read_announced, [PB_EXPECT_SUM_ANNOUNCED] = read_sum, [PB_EXPECT_FOLLOWED] = read_followed};

static enum pb_status read_one(struct pb_engine *engine, const struct pb_expectation *expectation,
                               const struct pb_check *check, struct pb_event *event, enum pb_verdict *ret_verdict,
                               struct pb_error *error) {
    if (readers[expectation->kind]) return readers[expectation->kind](engine, expectation, check, ret_verdict, error);
    switch (check->extractor) {
    case PB_EXTRACT_SPAN_TO_FIRST: return read_span(engine, expectation, check, event, ret_verdict, error);
    case PB_EXTRACT_COUNT_EVENTS: return read_count(engine, expectation, check, ret_verdict, error);
    case PB_EXTRACT_CURRENT_MAX: return read_current_max(engine, expectation, check, ret_verdict, error);
    case PB_EXTRACT_CURRENT_SETTLES: return read_settling(engine, expectation, check, ret_verdict, error);
    case PB_EXTRACT_CAPACITANCE: return read_capacitance(engine, check, ret_verdict, error);
    case PB_EXTRACT_TOLD_ENERGY: return read_told_energy(engine, check, ret_verdict, error);
    case PB_EXTRACT_DWELL_SHORTEST:
    case PB_EXTRACT_DWELL_LONGEST: return read_dwell(engine, expectation, check, ret_verdict, error);
    case PB_EXTRACT_PILOT_RISE:
    case PB_EXTRACT_PILOT_FALL: return read_edge(engine, check, ret_verdict, error);
    case PB_EXTRACT_SOURCE_RESISTANCE: return read_source_resistance(engine, check, ret_verdict, error);
    default: return read_samples(engine, expectation, check, event, ret_verdict, error);
    }
}

/* *ret_blocked: the rest of the case cannot be reached. */
static enum pb_status meet(struct pb_engine *engine, const struct pb_step *step,
                           const struct pb_expectation *expectation, bool *ret_blocked, struct pb_error *error) {
    const struct pb_expect_row *row = &pb_expect_rows[expectation->kind];
    const struct pb_check *next = &engine->setup->plan->checks[expectation->first_check - 1];
    struct pb_event event = {0};
    for (size_t i = 0; expectation->first_check && i < row->check_count; i++) {
        if (!pb_expect_is_planned(step, expectation, i, engine->setup->dut->actors)) continue;
        const struct pb_check *check = next++;
        enum pb_verdict verdict = PB_VERDICT_NONE;
        enum pb_status status = read_one(engine, expectation, check, &event, &verdict, error);
        if (status != PB_OK) return status;
        if (row->checks[i].blocks && verdict != PB_VERDICT_PASS) {
            *ret_blocked = true;
            return PB_OK;
        }
    }
    return PB_OK;
}

/* ---- steps ---- */

/* splitmix64: the run's own draws (pauses); the same seed gives the same run. */
static uint64_t draw(struct pb_engine *engine) {
    uint64_t z = engine->random += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static enum pb_status let_pass(struct pb_engine *engine, int64_t min_ns, int64_t max_ns, struct pb_error *error) {
    pb_span span = pb_ns(min_ns + (int64_t)(draw(engine) % (uint64_t)(max_ns - min_ns + 1)));
    return pb_stage_run_until(engine->stage, pb_after(pb_stage_now(engine->stage), span), error);
}

/* The emulated vehicle reads the duty and plans to draw the lowest of ALC, charger size and what was granted. */
static enum pb_status take_rate(struct pb_engine *engine, const struct pb_action *action, struct pb_error *error) {
    struct pb_cp_measurement seen;
    char text[200];
    enum pb_status status = pb_stage_measure(engine->stage, pb_ms(20), &seen, error);
    if (status != PB_OK) return status;
    int64_t alc_ma = 0;
    if (seen.periods) pb_duty_read(engine->setup->law, seen.duty_ppm, &alc_ma);
    int64_t rate_ma = engine->setup->bench->measuring.charger_ma;
    if (alc_ma < rate_ma) rate_ma = alc_ma;
    if (action->most_ma && action->most_ma < rate_ma) rate_ma = action->most_ma;
    snprintf(text, sizeof text, "%s: duty %lld ppm, ALC %lld mA, charger %lld mA", action->text,
             (long long)seen.duty_ppm, (long long)alc_ma, (long long)engine->setup->bench->measuring.charger_ma);
    return pb_stage_write(engine->stage, "load", rate_ma, text, error);
}

static bool is_device(const struct pb_engine *engine, enum pb_actor actor) {
    return (PB_ACTOR_BIT(actor) & engine->setup->dut->actors) != 0;
}

/* ---- the device's clock ---- */

/* By the message, or by a line on its console. */
static enum pb_status set_clock(struct pb_engine *engine, pb_span of_day, struct pb_error *error) {
    const struct pb_dut *dut = engine->setup->dut;
    char text[128], time[PB_CLOCK_TEXT];
    pb_clock_line(dut->ixit.set_clock, of_day, text, sizeof text);
    if (strcmp(dut->ixit.set_clock, PB_DUT_CLOCK_MESSAGE) != 0)
        return pb_stage_console(engine->stage, is_device(engine, PB_ACTOR_EVSE) ? PB_ACTOR_EVSE : PB_ACTOR_PEV, text,
                                error);
    bool is_gateway = (dut->actors & PB_ACTOR_BIT(PB_ACTOR_ESCI)) != 0;
    struct pb_saying says = {.message.name = PB_DUT_CLOCK_MESSAGE};
    struct pb_step step = {.actor = PB_ACTOR_UTILITY,
                           .to = is_gateway ? PB_ACTOR_ESCI : PB_ACTOR_PEV,
                           .via = PB_ACTOR_COUNT,
                           .says = &says};
    pb_clock_text(of_day, time);
    snprintf(says.message.fields, sizeof says.message.fields, "{\"time\":\"%s\"}", time);
    struct pb_route route = pb_message_route(dut->actors, step.actor, step.to, step.via);
    return pb_stage_message(engine->stage, &step, PB_SAID_SENT, route.link, error);
}

/* The coupler goes in: from here the schedule's times count. The device's clock is set to them, or what lies between is recorded. */
static enum pb_status begin_schedule(struct pb_engine *engine, struct pb_error *error) {
    const struct pb_case *in = engine->current;
    const struct pb_dut *dut = engine->setup->dut;
    char utc[32];
    engine->connected = pb_stage_now(engine->stage);
    if (!in->has_schedule) return PB_OK;
    if (dut->ixit.set_clock[0]) return set_clock(engine, in->connects, error);
    if (!dut->ics.own_clock) return PB_OK;
    pb_wall_utc(utc, sizeof utc);
    bool is_wall = engine->setup->bench->clock == PB_CLOCK_WALL;
    pb_span device = pb_clock_of_device(engine->connected, is_wall ? utc : NULL, pb_ns(dut->ixit.clock_ahead_ns));
    pb_clock_describe(in->connects, device, engine->clock_note, sizeof engine->clock_note);
    struct pb_row row = {.at = engine->connected,
                         .kind = PB_ROW_ACTION,
                         .case_no = in->case_no,
                         .name = "clock",
                         .a = pb_clock_offset(in->connects, device).ns,
                         .b = PB_UNIT_SECOND,
                         .text = engine->clock_note};
    return add(engine, &row, error);
}

/* ---- a person ---- */

static bool is_answered(void *user) {
    struct pb_engine *engine = user;
    char text[sizeof engine->prompt.answer];
    if (!engine->prompt.is_answered && engine->setup->ask &&
        engine->setup->ask(engine->setup->user, NULL, text, sizeof text)) {
        engine->prompt.is_answered = true;
        memcpy(engine->prompt.answer, text, sizeof text);
    }
    return engine->prompt.is_answered;
}

/* "cannot ..." is an answer too: then the case shows nothing. */
static enum pb_status ask_person(struct pb_engine *engine, const struct pb_write *write, struct pb_error *error) {
    const char *text = pb_prompt_text(write->role, write->value);
    pb_instant began = pb_stage_now(engine->stage);
    struct pb_row row = {.at = began,
                         .kind = PB_ROW_ACTION,
                         .case_no = engine->current->case_no,
                         .name = "operator",
                         .a = write->value,
                         .text = text};
    enum pb_status status = add(engine, &row, error);
    if (status == PB_OK) status = pb_writer_commit(engine->setup->writer, error);
    if (status != PB_OK) return status;
    engine->prompt.is_open = true;
    engine->prompt.is_answered = false;
    if (engine->setup->ask) (void)engine->setup->ask(engine->setup->user, text, NULL, 0);
    char shown[100];
    snprintf(shown, sizeof shown, "you (Enter: done): %s", text);
    status = pb_stage_hold(engine->stage, pb_after(began, pb_ns(engine->setup->bench->measuring.operator_ns)), shown,
                           is_answered, engine, error);
    engine->prompt.is_open = false;
    if (status != PB_OK) return status;
    if (!engine->prompt.is_answered)
        return pb_fail(error, PB_ERR_INTERRUPTED, 0, "operator", "nobody answered in time: %s", text);
    if (strncmp(engine->prompt.answer, "cannot", 6) == 0)
        return pb_fail(error, PB_ERR_INTERRUPTED, 0, "operator", "%s (%s)", engine->prompt.answer, text);
    bool is_connection = strcmp(write->role, "coupler") == 0 && write->value;
    if (is_connection) status = begin_schedule(engine, error);
    if (status != PB_OK) return status;
    engine->step_began = pb_stage_now(engine->stage);
    engine->step_u = pb_between(began, engine->step_began); /* the person acted at some moment between */
    return PB_OK;
}

static enum pb_status act(struct pb_engine *engine, const struct pb_action *does, struct pb_error *error) {
    enum pb_status status = PB_OK;
    if (does->deed == PB_DEED_TAKE_RATE) return take_rate(engine, does, error);
    if (does->deed == PB_DEED_CONSOLE) return pb_stage_console(engine->stage, PB_ACTOR_EVSE, does->text, error);
    for (size_t i = 0; status == PB_OK && i < does->write_count; i++) {
        const struct pb_write *write = &does->writes[i];
        char name[PB_ROLE_NAME_SIZE];
        const struct pb_write of_cord = {pb_bench_cord_role(pb_stage_cord(engine->stage), write->role, name),
                                         write->value};
        if (pb_prompt_is_needed(engine->setup->bench, of_cord.role)) {
            status = ask_person(engine, &of_cord, error);
            continue;
        }
        if (strcmp(write->role, "coupler") == 0 && write->value) status = begin_schedule(engine, error);
        if (status != PB_OK) return status;
        status = pb_stage_write(engine->stage, write->role, write->value, does->text, error);
    }
    return status;
}

/* The step's deed by the bench, or a person's wish to the vehicle under test: after a pause, from whose end the step's times count. */
static enum pb_status begin(struct pb_engine *engine, const struct pb_step *step, struct pb_error *error) {
    const struct pb_bench_measuring *measuring = &engine->setup->bench->measuring;
    bool is_played = !is_device(engine, step->actor) && step->does.deed != PB_DEED_NONE;
    bool is_told = step->pev_told[0] && is_device(engine, PB_ACTOR_PEV);
    if (!is_played && !is_told) return PB_OK;
    enum pb_status status = let_pass(engine, measuring->think_min_ns, measuring->think_max_ns, error);
    engine->step_began = pb_stage_now(engine->stage);
    engine->step_u = PB_SPAN_ZERO;
    if (status == PB_OK && is_told && !engine->setup->dut->ics.console_stop)
        return pb_fail(error, PB_ERR_UNSUPPORTED, 0, engine->setup->dut->name,
                       "the vehicle cannot be told when to charge (ICS console_stop)");
    if (status == PB_OK && is_told) status = pb_stage_console(engine->stage, PB_ACTOR_PEV, step->pev_told, error);
    return status == PB_OK && is_played ? act(engine, &step->does, error) : status;
}

/* Where the bench has a generator of its own for the pilot, it is the EVSE that is not under test. */
static enum pb_status play_evse(struct pb_engine *engine, const struct pb_step *step, struct pb_error *error) {
    const struct pb_bench *bench = engine->setup->bench;
    bool is_bench_s = !is_device(engine, PB_ACTOR_EVSE) && pb_bench_role(bench, "cp.source") < bench->role_count;
    return is_bench_s && step->evse_does.deed != PB_DEED_NONE ? act(engine, &step->evse_does, error) : PB_OK;
}

/* ---- messages ---- */

struct last_said {
    int32_t step_no;
    char *text; /* owned */
};

static enum pb_status keep_said(void *user, const struct pb_row *row) {
    struct last_said *said = user;
    if (row->step_no != said->step_no || (row->c != PB_SAID_SENT && row->c != PB_SAID_TOUCHED)) return PB_OK;
    free(said->text);
    said->text = strdup(row->text);
    return PB_OK;
}

/* What a step of the case said to the device last; *ret_text NULL: nothing. The caller frees it. */
static enum pb_status find_said(struct pb_engine *engine, const char *id, char **ret_text, struct pb_error *error) {
    struct last_said said = {0};
    for (size_t i = 0; i < engine->current->step_count; i++) {
        const struct pb_step *step = &engine->setup->plan->steps[engine->current->first_step + i];
        if (strcmp(step->id, id) == 0) said.step_no = step->step_no;
    }
    enum pb_status status = pb_writer_flush(engine->setup->writer, error);
    if (status == PB_OK)
        status = pb_reader_each_row(engine->reader, engine->first_row, 1u << PB_ROW_MESSAGE, keep_said, &said, error);
    *ret_text = said.text;
    return status;
}

/* The step's injections in its place (or not): said now, or armed. */
static enum pb_status inject(struct pb_engine *engine, const struct pb_step *step, bool is_in_place,
                             struct pb_error *error) {
    enum pb_status status = PB_OK;
    for (size_t i = 0; status == PB_OK && i < step->inject_count; i++) {
        const struct pb_inject *one = &engine->setup->plan->injects[step->injects[i] - 1];
        char *said = NULL;
        if ((one->when == PB_INJECT_IN_PLACE) != is_in_place) continue;
        if (one->what == PB_INJECT_REPLAY) status = find_said(engine, one->replay, &said, error);
        if (status == PB_OK && one->what == PB_INJECT_REPLAY && !said)
            snprintf(engine->missing, sizeof engine->missing, "step %s did not inject %s: that step said nothing",
                     step->id, one->text);
        else if (status == PB_OK) status = pb_stage_inject(engine->stage, step, one, said, error);
        free(said);
    }
    return status;
}

static bool is_replaced(const struct pb_engine *engine, const struct pb_step *step) {
    for (size_t i = 0; i < step->inject_count; i++)
        if (engine->setup->plan->injects[step->injects[i] - 1].when == PB_INJECT_IN_PLACE) return true;
    return false;
}

/* A message between actors of the bench, or from one of them to the DUT: between 20 and 200 ms after the step's begin. */
static enum pb_status send_message(struct pb_engine *engine, const struct pb_step *step, struct pb_error *error) {
    struct pb_route route = pb_message_route(engine->setup->dut->actors, step->actor, step->to, step->via);
    bool is_other = route.is_sent && is_replaced(engine, step);
    enum pb_status status = let_pass(engine, 20000000, 200000000, error);
    if (status == PB_OK && is_other)
        status = pb_stage_message(engine->stage, step, PB_SAID_REFERENCE, PB_MESSAGE_LINK_COUNT, error);
    else if (status == PB_OK)
        status =
            pb_stage_message(engine->stage, step, route.is_sent ? PB_SAID_SENT : PB_SAID_PLAYED, route.link, error);
    if (status == PB_OK && is_other) status = inject(engine, step, true, error);
    if (status == PB_OK) pb_show_message(engine->show, pb_stage_now(engine->stage), step->says->message.name);
    engine->said_at = pb_stage_now(engine->stage);
    return status;
}

/* What is done to messages in a case or a step, by the run's seed and their place in it. */
static enum pb_status mutate(struct pb_engine *engine, enum pb_mutate_scope scope, int32_t number, int32_t place,
                             struct pb_error *error) {
    const struct pb_mutations *mutations = number ? &engine->setup->plan->mutations[number - 1] : NULL;
    uint64_t seed = engine->setup->seed ^ UINT64_C(0x6d757461746573) ^ (uint64_t)place << 40 ^ (uint64_t)scope << 32;
    return pb_stage_mutate(engine->stage, scope, mutations, seed, error);
}

/* A pattern that forbids is only known to hold when its time is over. */
static bool is_forbidden(const struct pb_step *step) { return strcmp(step->often, "never") == 0; }

/* Waits for the step's message, and judges it by all that were heard so far in the case. */
static enum pb_status judge_message(struct pb_engine *engine, const struct pb_step *step, struct pb_error *error) {
    const struct pb_check *check = &engine->setup->plan->checks[step->message_check - 1];
    struct pb_recipe recipe = {.extractor = check->extractor,
                               .version = 1,
                               .plan_row = engine->plan_row,
                               .first_row = engine->first_row,
                               .step_no = step->is_rest ? 0 : step->step_no,
                               .from = engine->said_at};
    bool is_mutated = engine->setup->mutations || engine->setup->plan->mutations_count;
    if (is_mutated && !step->is_rest) recipe.most = check->limit.max;
    pb_instant until = pb_after(recipe.from, step->is_rest ? last_messages : observation(&check->limit));
    struct pb_reading reading;
    enum pb_verdict verdict;
    snprintf(recipe.name, sizeof recipe.name, "%s", step->id);
    bool is_whole = step->is_rest || is_forbidden(step);
    enum pb_status status = is_whole ? pb_stage_run_until(engine->stage, until, error) : PB_OK;
    for (size_t heard = SIZE_MAX; status == PB_OK && heard != pb_stage_heard(engine->stage);) {
        heard = pb_stage_heard(engine->stage);
        status = pb_writer_flush(engine->setup->writer, error);
        recipe.end_row = pb_writer_rows(engine->setup->writer) + 1;
        if (status == PB_OK) status = pb_judge_read(engine->reader, &recipe, &reading, error);
        if (status == PB_OK && reading.is_awaited) status = pb_stage_await_message(engine->stage, heard, until, error);
    }
    return status == PB_OK ? judge(engine, check, &recipe, &verdict, error) : status;
}

static enum pb_status meet_all(struct pb_engine *engine, const struct pb_step *step,
                               const struct pb_expectation *expectations, size_t count, bool *ret_blocked,
                               struct pb_error *error) {
    enum pb_status status = PB_OK;
    for (size_t i = 0; status == PB_OK && !*ret_blocked && i < count; i++)
        status = meet(engine, step, &expectations[i], ret_blocked, error);
    return status;
}

/* Stays in the step as long as it says. */
static enum pb_status linger(struct pb_engine *engine, const struct pb_step *step, struct pb_error *error) {
    pb_instant until = pb_stage_now(engine->stage);
    if (step->lasts.ns > 0) until = pb_after(until, step->lasts);
    if (step->has_end) until = pb_later(until, pb_after(engine->connected, step->ends));
    engine->held_from = pb_earlier(
        until, pb_after(pb_stage_now(engine->stage), pb_ns(engine->setup->bench->measuring.contact_settle_ns)));
    return pb_stage_run_until(engine->stage, until, error);
}

static enum pb_status run_step(struct pb_engine *engine, const struct pb_step *step, bool *ret_blocked,
                               struct pb_error *error) {
    enum pb_status status = PB_OK;
    if (step->mode == PB_STEP_NOT_RUN) return PB_OK;
    if (step->has_start) status = pb_stage_run_until(engine->stage, pb_after(engine->connected, step->starts), error);
    if (status != PB_OK) return status;
    struct pb_row row = {.at = pb_stage_now(engine->stage),
                         .kind = PB_ROW_ACTION,
                         .case_no = engine->current->case_no,
                         .step_no = step->step_no,
                         .name = "step",
                         .a = step->mode,
                         .text = step->id};
    status = add(engine, &row, error);
    pb_stage_set_place(engine->stage, engine->current->case_no, step->step_no);
    pb_stage_set_cord(engine->stage, step->cord);
    pb_show_step(engine->show, engine->current, step, row.at, true);
    engine->step_began = pb_stage_now(engine->stage);
    engine->step_u = PB_SPAN_ZERO;
    bool is_ours = !is_device(engine, step->actor);
    if (status == PB_OK) status = begin(engine, step, error);
    engine->said_at = engine->step_began;
    if (status == PB_OK && step->mutates) status = mutate(engine, PB_MUTATE_STEP, step->mutates, step->step_no, error);
    if (status == PB_OK && step->inject_count) status = inject(engine, step, false, error);
    if (status == PB_OK && is_ours && step->says) status = send_message(engine, step, error);
    if (status == PB_OK && !is_ours && step->pattern)
        status = pb_stage_message(engine->stage, step, PB_SAID_REFERENCE, PB_MESSAGE_LINK_COUNT, error);
    if (status == PB_OK && step->message_check) status = judge_message(engine, step, error);
    if (status == PB_OK && step->mode == PB_STEP_JUDGED)
        status = meet_all(engine, step, step->sees, step->sees_count, ret_blocked, error);
    if (status == PB_OK && !*ret_blocked) status = play_evse(engine, step, error);
    if (status == PB_OK && !*ret_blocked) status = linger(engine, step, error);
    if (status == PB_OK && step->mode == PB_STEP_JUDGED)
        status = meet_all(engine, step, step->holds, step->holds_count, ret_blocked, error);
    if (status == PB_OK && step->mutates) status = mutate(engine, PB_MUTATE_STEP, 0, 0, error);
    pb_show_step(engine->show, engine->current, step, pb_stage_now(engine->stage), false);
    return status;
}

/* ---- cases ---- */

/* Checks of the case that have no verdict yet: inconc, with the reason. */
static enum pb_status give_up(struct pb_engine *engine, const struct pb_case *in, const char *reason,
                              struct pb_error *error) {
    const struct pb_plan *plan = engine->setup->plan;
    for (size_t i = 0; i < plan->check_count; i++) {
        if (plan->checks[i].case_no != in->case_no || engine->judged[i]) continue;
        enum pb_status status = conclude(engine, &plan->checks[i], NULL, 0, PB_VERDICT_INCONC, reason, error);
        if (status != PB_OK) return status;
    }
    return PB_OK;
}

static enum pb_status end_case(struct pb_engine *engine, const struct pb_case *in, enum pb_verdict verdict,
                               const char *reason, struct pb_error *error) {
    struct pb_row row = {.at = engine->stage ? pb_stage_now(engine->stage) : PB_INSTANT_ZERO,
                         .kind = PB_ROW_VERDICT,
                         .case_no = in->case_no,
                         .name = in->id,
                         .a = verdict,
                         .text = reason};
    enum pb_status status = add(engine, &row, error);
    return status == PB_OK ? pb_writer_sync(engine->setup->writer, error) : status;
}

struct finding {
    const struct pb_engine *engine;
    struct pb_error *error;
};

static enum pb_status add_fault(void *user, const struct pb_fault *fault) {
    const struct finding *finding = user;
    const struct pb_row row = {.at = pb_stage_now(finding->engine->stage),
                               .kind = PB_ROW_FAULT,
                               .case_no = fault->check->case_no,
                               .step_no = fault->check->step_no,
                               .check_no = fault->check->check_no,
                               .name = fault->check->id,
                               .a = fault->side,
                               .text = fault->why};
    return pb_writer_add(finding->engine->setup->writer, &row, NULL, finding->error);
}

/* Of a pair: whose fault each failed check of the case is, now that all levels of it are known. */
static enum pb_status find_faults(struct pb_engine *engine, const struct pb_case *in, struct pb_error *error) {
    struct finding finding = {engine, error};
    if (!pb_is_pair(engine->setup->dut->actors) || !engine->stage) return PB_OK;
    enum pb_status status = pb_writer_flush(engine->setup->writer, error);
    return status == PB_OK ? pb_fault_judge(engine->reader, engine->plan_row, in->case_no, add_fault, &finding, error)
                           : status;
}

/* Verdict of a case that a bench error or an interruption ended. */
static enum pb_status fail_case(struct pb_engine *engine, const struct pb_case *in, const struct pb_error *why,
                                struct pb_error *error) {
    char reason[600];
    bool is_interrupted = why->status == PB_ERR_INTERRUPTED;
    snprintf(reason, sizeof reason, "%s%s%s", why->where, why->where[0] ? ": " : "", why->text);
    enum pb_status status = give_up(
        engine, in, is_interrupted ? "not reached: the run was interrupted" : "not reached: the bench failed", error);
    if (status == PB_OK) status = find_faults(engine, in, error);
    if (status != PB_OK) return status;
    return end_case(engine, in,
                    pb_verdict_worst(engine->case_verdict, is_interrupted ? PB_VERDICT_INCONC : PB_VERDICT_ERROR),
                    reason, error);
}

static enum pb_status walk(struct pb_engine *engine, const struct pb_case *in, struct pb_error *error) {
    bool blocked = false;
    enum pb_status status = PB_OK;
    for (size_t i = 0; status == PB_OK && i < in->step_count && !blocked; i++)
        status = run_step(engine, &engine->setup->plan->steps[in->first_step + i], &blocked, error);
    pb_stage_set_place(engine->stage, in->case_no, 0);
    if (status == PB_OK) status = give_up(engine, in, "not reached", error);
    return status;
}

/* The plan is the record's begin: a row a case, a step, a check. */
static int64_t plan_row_of(const struct pb_plan *plan, const struct pb_case *in) {
    int64_t row = 1 + (int64_t)in->first_step + (in - plan->cases);
    for (size_t i = 0; i < plan->check_count && plan->checks[i].case_no < in->case_no; i++) row++;
    return row;
}

/* Nothing of the case's messages reaches into the next one. */
static enum pb_status end_messages(struct pb_engine *engine, struct pb_error *error) {
    char missing[sizeof engine->missing];
    enum pb_status status = mutate(engine, PB_MUTATE_STEP, 0, 0, error);
    if (status == PB_OK) status = mutate(engine, PB_MUTATE_CASE, 0, 0, error);
    if (status == PB_OK) status = pb_stage_end_messages(engine->stage, missing, sizeof missing, error);
    if (status == PB_OK && missing[0] && !engine->missing[0]) strcpy(engine->missing, missing);
    return status;
}

/* A case that did not inject what it is for has shown nothing by passing. */
static enum pb_status conclude_case(struct pb_engine *engine, const struct pb_case *in, struct pb_error *error) {
    enum pb_verdict verdict = engine->case_verdict;
    if (engine->missing[0]) verdict = pb_verdict_worst(verdict, PB_VERDICT_INCONC);
    return end_case(engine, in, verdict, engine->missing[0] ? engine->missing : engine->clock_note, error);
}

static enum pb_status run_case(struct pb_engine *engine, const struct pb_case *in, struct pb_error *error) {
    struct pb_error safe_error, row_error;
    engine->current = in;
    engine->case_verdict = PB_VERDICT_NONE;
    engine->missing[0] = 0;
    engine->clock_note[0] = 0;
    engine->plan_row = plan_row_of(engine->setup->plan, in);
    engine->first_row = pb_writer_rows(engine->setup->writer) + 1;
    enum pb_status status = pb_stage_catch_up(engine->stage, error);
    engine->case_began = engine->connected = pb_stage_now(engine->stage);
    memset(engine->level_range, 0, sizeof engine->level_range);
    if (status == PB_OK && in->reason[0]) return end_case(engine, in, PB_VERDICT_NONE, in->reason, error);
    pb_stage_set_place(engine->stage, in->case_no, 0);
    if (status == PB_OK) status = pb_stage_note_standing(engine->stage, error);
    if (status == PB_OK) status = pb_stage_restore(engine->stage, error);
    if (status == PB_OK) status = mutate(engine, PB_MUTATE_CASE, in->mutates, in->case_no, error);
    if (status == PB_OK) status = walk(engine, in, error);
    if (status == PB_OK) status = end_messages(engine, error);
    enum pb_status safe = pb_stage_make_safe(engine->stage, &safe_error);
    if (status == PB_OK && safe != PB_OK) {
        status = safe;
        *error = safe_error;
    }
    if (status == PB_OK)
        status = pb_stage_run_until(engine->stage, pb_after(pb_stage_now(engine->stage), pb_ms(500)), error);
    if (status == PB_OK) status = find_faults(engine, in, error);
    if (status == PB_OK) return conclude_case(engine, in, error);
    struct pb_error why = *error;
    enum pb_status recorded = fail_case(engine, in, &why, &row_error);
    if (recorded != PB_OK) *error = row_error;
    return recorded == PB_OK ? status : recorded;
}

/* ---- the run ---- */

static void answer(struct pb_engine *engine, const char *text) {
    engine->prompt.is_answered = true;
    snprintf(engine->prompt.answer, sizeof engine->prompt.answer, "%s", text);
}

static enum pb_status carry_out(void *user, const struct pb_request *request, char *ret_answer, size_t size) {
    struct pb_engine *engine = user;
    struct pb_error ignored;
    struct pb_row row = {.at = pb_stage_now(engine->stage),
                         .kind = PB_ROW_REQUEST,
                         .case_no = engine->current ? engine->current->case_no : 0,
                         .name = pb_verb_name(request->verb),
                         .text = request->text};
    ret_answer[0] = 0;
    if (request->verb == PB_VERB_ANSWER && !engine->prompt.is_open) {
        snprintf(ret_answer, size, "no prompt is open");
        return PB_ERR_NOT_FOUND;
    }
    if (request->verb == PB_VERB_STATUS) {
        snprintf(ret_answer, size, "case %s, %.3f s of bench time", engine->current ? engine->current->id : "none",
                 (double)pb_stage_now(engine->stage).ns / 1e9);
        return PB_OK;
    }
    if (add(engine, &row, &ignored) != PB_OK || pb_writer_commit(engine->setup->writer, &ignored) != PB_OK) {
        snprintf(ret_answer, size, "the record cannot be written");
        return PB_ERR_IO;
    }
    if (request->verb == PB_VERB_ANSWER) answer(engine, request->text);
    if (request->verb == PB_VERB_ABORT) pb_stage_abort(engine->stage, "somebody asked it to end");
    snprintf(ret_answer, size, "taken");
    return PB_OK;
}

/* Cases that no turn came to. */
static enum pb_status skip_rest(struct pb_engine *engine, size_t from, const char *reason, struct pb_error *error) {
    for (size_t c = from; c < engine->setup->plan->case_count; c++) {
        const struct pb_case *in = &engine->setup->plan->cases[c];
        enum pb_status status = give_up(engine, in, reason, error);
        if (status == PB_OK)
            status = end_case(engine, in, in->reason[0] ? PB_VERDICT_NONE : PB_VERDICT_INCONC, reason, error);
        if (status != PB_OK) return status;
    }
    return PB_OK;
}

static void turned(void *user) {
    const struct pb_engine *engine = user;
    pb_show_turn(engine->show, engine->stage);
}

static enum pb_status open_stage(struct pb_engine *engine, struct pb_error *error) {
    const struct pb_engine_setup *setup = engine->setup;
    enum pb_status status = setup->control_path ? pb_control_open(setup->control_path, &engine->control, error) : PB_OK;
    struct pb_stage_setup stage = {.bench = setup->bench,
                                   .dut = setup->dut,
                                   .windows = setup->windows,
                                   .law = setup->law,
                                   .writer = setup->writer,
                                   .seed = setup->seed,
                                   .log_path = setup->log_path,
                                   .control = engine->control,
                                   .carry_out = carry_out,
                                   .user = engine,
                                   .stop = setup->stop,
                                   .turned = setup->snapshot_path ? turned : NULL,
                                   .speed_milli = setup->speed_milli};
    const struct pb_show_names names = {setup->run_name, setup->dut->name, setup->bench->name, setup->version};
    if (status == PB_OK && setup->snapshot_path)
        status = pb_show_open(setup->snapshot_path, setup->plan, setup->law, setup->windows, &names, setup->speed_milli,
                              &engine->show, error);
    if (status == PB_OK) status = pb_stage_open(&stage, &engine->stage, error);
    if (status == PB_OK) status = pb_stage_mutate(engine->stage, PB_MUTATE_RUN, setup->mutations, setup->seed, error);
    return status == PB_OK ? pb_stage_await_links(engine->stage, error) : status;
}

static enum pb_status run_all(struct pb_engine *engine, struct pb_error *error) {
    enum pb_status status = open_stage(engine, error);
    struct pb_error row_error;
    size_t c = 0;
    if (status != PB_OK &&
        engine->setup->plan->case_count) { /* the bench could not even be opened: that is the first case's error */
        struct pb_error why = *error;
        engine->case_verdict = PB_VERDICT_NONE;
        if (fail_case(engine, &engine->setup->plan->cases[c++], &why, &row_error) != PB_OK) return status;
    }
    while (status == PB_OK && c < engine->setup->plan->case_count)
        status = run_case(engine, &engine->setup->plan->cases[c++], error);
    if (status != PB_OK && skip_rest(engine, c, "not reached: the run ended before", &row_error) != PB_OK)
        *error = row_error;
    return status;
}

enum pb_status pb_engine_run(const struct pb_engine_setup *setup, pb_instant *ret_ended, struct pb_error *error) {
    struct pb_engine engine = {.setup = setup, .random = setup->seed ^ 0x70696c6f74};
    engine.judged = calloc(setup->plan->check_count + 1, 1);
    if (!engine.judged) return pb_fail(error, PB_ERR_MEMORY, 0, "engine", "no memory");
    enum pb_status status = pb_plan_record(setup->plan, setup->writer, error);
    if (status == PB_OK) status = pb_writer_commit(setup->writer, error);
    if (status == PB_OK) status = pb_reader_attach(pb_writer_handle(setup->writer), &engine.reader, error);
    if (status == PB_OK) status = run_all(&engine, error);
    *ret_ended = engine.stage ? pb_stage_now(engine.stage) : PB_INSTANT_ZERO;
    pb_stage_close(engine.stage);
    pb_show_close(engine.show, status == PB_OK ? 0 : 4);
    pb_control_close(engine.control);
    pb_reader_close(engine.reader);
    free(engine.judged);
    return status;
}
