/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From an expectation to its verdict: waits for what it counts from, makes the recipe of its reading, has it read and decided, and writes the rows. What an
 * expectation means stands in expect.c's table. */
#include "harness/engine/engine_private.h"

#include "harness/engine/announce.h"
#include "pilot_emulator/periods.h"

#include <stdio.h>

static const int64_t reference_diode_uv =
    700000; /* the limits of level_at_12v count in what a diode may differ from it */

/* ---- rows ---- */

enum pb_status pb_engine__add(struct pb_engine *engine, const struct pb_row *row, struct pb_error *error) {
    return pb_writer_add(engine->setup->writer, row, NULL, error);
}

enum pb_status pb_engine__conclude(struct pb_engine *engine, const struct pb_check *check,
                                   const struct pb_reading *reading, int64_t reading_seq, enum pb_verdict verdict,
                                   const char *reason, struct pb_error *error) {
    struct pb_row row = pb_verdict_row(check, verdict, reading_seq, reason);
    row.at = engine->stage ? pb_stage_now(engine->stage) : PB_INSTANT_ZERO;
    enum pb_status status = pb_engine__add(engine, &row, error);
    if (status != PB_OK) return status;
    engine->judged[check->check_no - 1] = 1;
    pb_fold_check(&engine->checks, verdict);
    struct pb_untold *untold = &engine->untold[engine->untold_count++];
    untold->check = check;
    untold->verdict = verdict;
    untold->has_reading = reading != NULL;
    if (reading) untold->reading = *reading;
    snprintf(untold->reason, sizeof untold->reason, "%s", reason);
    return engine->untold_count == PB_UNTOLD_MAX ? pb_engine__tell(engine, error) : PB_OK;
}

static void tell(const struct pb_engine *engine, const struct pb_untold *of) {
    const struct pb_reading *reading = of->has_reading ? &of->reading : NULL;
    pb_show_verdict(engine->show, of->check, reading, of->verdict, of->reason);
    if (engine->setup->progress)
        engine->setup->progress(engine->setup->user, of->check, reading, of->verdict, of->reason);
}

enum pb_status pb_engine__tell(struct pb_engine *engine, struct pb_error *error) {
    if (engine->untold_count == 0) return PB_OK;
    enum pb_status status = pb_writer_commit(engine->setup->writer, error);
    if (status != PB_OK) return status;
    for (size_t i = 0; i < engine->untold_count; i++) tell(engine, &engine->untold[i]);
    engine->untold_count = 0;
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
enum pb_status pb_engine__judge(struct pb_engine *engine, const struct pb_check *check, const struct pb_recipe *recipe,
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
    return pb_engine__conclude(engine, check, &reading, seq, verdict, reason, error);
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
    case PB_ANCHOR_HELD:
        return expectation->kind == PB_EXPECT_STAYS_OPENED ? engine->opened[pb_stage_cord(engine->stage)]
                                                           : engine->held_from;
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
pb_span pb_engine__observation(const struct pb_limit *limit) {
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

static void note_opening(struct pb_engine *engine, const struct pb_expectation *expectation, pb_instant at) {
    if (expectation->kind != PB_EXPECT_OPENS && expectation->kind != PB_EXPECT_OPENS_AFTER) return;
    engine->opened[pb_stage_cord(engine->stage)] =
        pb_after(at, pb_ns(engine->setup->bench->measuring.contact_settle_ns));
}

static void name_message(const struct pb_expectation *expectation, struct pb_recipe *recipe) {
    size_t number = pb_catalogue_find(expectation->name);
    *(number < 64 ? &recipe->mask : &recipe->mask_high) = UINT64_C(1) << number % 64;
}

static pb_values values_of(const struct pb_recipe *recipe) { return (pb_values)recipe->mask_high << 64 | recipe->mask; }

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
    if (expectation->kind == PB_EXPECT_MESSAGE) name_message(expectation, &recipe);
    pb_instant earliest = is_change_of_this_step(engine, expectation) ? before_step(engine) : engine->case_began;
    if (!found || pb_is_before(recipe.from, earliest)) {
        *ret_verdict = PB_VERDICT_INCONC;
        return pb_engine__conclude(engine, check, NULL, 0, PB_VERDICT_INCONC,
                                   "the state that the time counts from did not come", error);
    }
    recipe.until = pb_after(recipe.from, pb_engine__observation(&check->limit));
    status = pb_stage_wait(engine->stage, row->event, values_of(&recipe), recipe.use_other_date,
                           pb_after(recipe.from, pb_ns(-recipe.from_u_ns)), recipe.until, &found, ret_event, error);
    if (status == PB_OK && found) note_opening(engine, expectation, ret_event->at);
    return status == PB_OK ? pb_engine__judge(engine, check, &recipe, ret_verdict, error) : status;
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
        return pb_engine__conclude(engine, check, NULL, 0, PB_VERDICT_INCONC,
                                   "the step left no time to see it in (the schedule was pressed too far)", error);
    }
    enum pb_status status = pb_stage_run_until(engine->stage, recipe.until, error);
    bool can_stand = row->event == PB_EVENT_CONTACTOR || expectation->kind == PB_EXPECT_STAYS_UNLOADED;
    if (status == PB_OK && can_stand) recipe.from = include_standing(engine, row->event, recipe.from, recipe.mask);
    return status == PB_OK ? pb_engine__judge(engine, check, &recipe, ret_verdict, error) : status;
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
        return pb_engine__conclude(engine, check, NULL, 0, PB_VERDICT_INCONC,
                                   "the state that it is read in did not come", error);
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
    return pb_engine__judge(engine, check, &recipe, ret_verdict, error);
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
    return status == PB_OK ? pb_engine__judge(engine, check, &recipe, ret_verdict, error) : status;
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
    return pb_engine__judge(engine, check, &recipe, ret_verdict, error);
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
    return status == PB_OK ? pb_engine__judge(engine, check, &recipe, ret_verdict, error) : status;
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
    if (found && pb_is_before(recipe.from, recipe.until))
        return pb_engine__judge(engine, check, &recipe, ret_verdict, error);
    *ret_verdict = PB_VERDICT_INCONC;
    return pb_engine__conclude(engine, check, NULL, 0, PB_VERDICT_INCONC,
                               "the time in which it would show did not come", error);
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
    recipe.until = pb_after(recipe.from, pb_engine__observation(&check->limit));
    if (expectation->kind == PB_EXPECT_CURRENT_STARTS) {
        recipe.least = expectation->value;
        status = await_current(engine, recipe.least, recipe.until, error);
        recipe.until = pb_after(pb_stage_now(engine->stage), pb_ms(20)); /* an event is dated up to its U later */
    } else recipe.most = expectation->value;
    if (status == PB_OK) status = pb_stage_run_until(engine->stage, recipe.until, error);
    return status == PB_OK ? pb_engine__judge(engine, check, &recipe, ret_verdict, error) : status;
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
    return status == PB_OK ? pb_engine__judge(engine, check, &recipe, ret_verdict, error) : status;
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
    return pb_engine__judge(engine, check, &recipe, ret_verdict, error);
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
    pb_instant end = pb_after(recipe.from, pb_engine__observation(&check->limit));
    while (status == PB_OK && !is_announced(engine, &recipe) && pb_is_before(pb_stage_now(engine->stage), end))
        status =
            pb_stage_run_until(engine->stage, pb_earlier(end, pb_after(pb_stage_now(engine->stage), pb_ms(20))), error);
    recipe.until = pb_after(pb_stage_now(engine->stage), pb_ms(20));
    if (status == PB_OK) status = pb_stage_run_until(engine->stage, recipe.until, error);
    return status == PB_OK ? pb_engine__judge(engine, check, &recipe, ret_verdict, error) : status;
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
        pb_span span = pb_engine__observation(&engine->setup->plan->limits[expectation->within - 1]);
        status = pb_stage_wait(engine->stage, PB_EVENT_ALC, PB_VALUES_ANY, false, engine->case_began,
                               pb_after(engine->step_began, span), &found, &event, error);
    }
    recipe.until = pb_stage_now(engine->stage);
    if (status == PB_OK) status = pb_stage_run_until(engine->stage, recipe.until, error);
    return status == PB_OK ? pb_engine__judge(engine, check, &recipe, ret_verdict, error) : status;
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
        return pb_engine__conclude(engine, check, NULL, 0, PB_VERDICT_INCONC,
                                   "no other cord was told a lower current before", error);
    }
    recipe.from = event.at;
    recipe.from_u_ns = event.u_ns;
    recipe.until = pb_after(recipe.from, pb_ns(pb_mul_saturating(check->limit.min, 4)));
    recipe.until = pb_later(recipe.until, pb_stage_now(engine->stage));
    enum pb_status status =
        pb_stage_wait(engine->stage, PB_EVENT_CONTACTOR, recipe.mask, false,
                      pb_after(recipe.from, pb_ns(-recipe.from_u_ns)), recipe.until, &found, &event, error);
    return status == PB_OK ? pb_engine__judge(engine, check, &recipe, ret_verdict, error) : status;
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
enum pb_status pb_engine__meet_all(struct pb_engine *engine, const struct pb_step *step,
                                   const struct pb_expectation *expectations, size_t count, bool *ret_blocked,
                                   struct pb_error *error) {
    enum pb_status status = PB_OK;
    for (size_t i = 0; status == PB_OK && !*ret_blocked && i < count; i++)
        status = meet(engine, step, &expectations[i], ret_blocked, error);
    return status;
}
