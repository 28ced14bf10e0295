/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walks cases and steps. What a step means was settled in the plan; what an expectation means stands in expect.c's table. A check that fails and
 * blocks ends the case: the rest is inconc "not reached". */
#include "harness/engine/engine_private.h"

#include "base/text.h"
#include "base/wall.h"
#include "harness/engine/device_clock.h"
#include "harness/engine/messages.h"
#include "harness/engine/prompt.h"
#include "judge/fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const pb_span last_messages = {
    INT64_C(5000000000)}; /* after the last step, for what is said twice or too late */

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
    says.from = pb_message_party(PB_PARTY_BIT(step.actor), step.actor);
    says.to = pb_message_party(PB_PARTY_BIT(step.to), step.to);
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
    return pb_engine__add(engine, &row, error);
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

/* "cannot ..." is an answer too: then the case shows nothing, and ends. */
static enum pb_status ask_person(struct pb_engine *engine, const struct pb_write *write, struct pb_error *error) {
    const char *text = pb_prompt_text(write->role, write->value);
    pb_instant began = pb_stage_now(engine->stage);
    struct pb_row row = {.at = began,
                         .kind = PB_ROW_ACTION,
                         .case_no = engine->current->case_no,
                         .name = "operator",
                         .a = write->value,
                         .text = text};
    enum pb_status status = pb_engine__add(engine, &row, error);
    if (status == PB_OK) status = pb_writer_commit(engine->setup->writer, error);
    if (status == PB_OK) status = pb_engine__tell(engine, error);
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
    if (!engine->prompt.is_answered || strncmp(engine->prompt.answer, "cannot", 6) == 0) {
        engine->prompt.is_refused = true;
        snprintf(engine->missing, sizeof engine->missing, "operator: %.80s (%.100s)",
                 engine->prompt.is_answered ? engine->prompt.answer : "nobody answered in time", text);
        return PB_OK;
    }
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
            if (engine->prompt.is_refused) break;
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
                               .version = pb_extractor_version(check->extractor),
                               .plan_row = engine->plan_row,
                               .first_row = engine->first_row,
                               .step_no = step->is_rest ? 0 : step->step_no,
                               .from = engine->said_at};
    bool is_mutated = engine->setup->mutations || engine->setup->plan->mutations_count;
    if (is_mutated && !step->is_rest) recipe.most = check->limit.max;
    pb_instant until = pb_after(recipe.from, step->is_rest ? last_messages : pb_engine__observation(&check->limit));
    bool is_awaited = false;
    enum pb_verdict verdict;
    snprintf(recipe.name, sizeof recipe.name, "%s", step->id);
    bool is_whole = step->is_rest || is_forbidden(step);
    enum pb_status status = is_whole ? pb_stage_run_until(engine->stage, until, error) : PB_OK;
    for (size_t heard = SIZE_MAX; status == PB_OK && heard != pb_stage_heard(engine->stage);) {
        heard = pb_stage_heard(engine->stage);
        status = pb_writer_flush(engine->setup->writer, error);
        recipe.end_row = pb_writer_rows(engine->setup->writer) + 1;
        if (status == PB_OK) status = pb_choreography_look(engine->reader, &recipe, &is_awaited, error);
        if (status == PB_OK && is_awaited) status = pb_stage_await_message(engine->stage, heard, until, error);
    }
    return status == PB_OK ? pb_engine__judge(engine, check, &recipe, &verdict, error) : status;
}

/* What may come at any time, and as often as it likes, is only known when all has come. */
static bool is_any_time(const struct pb_step *step) { return strcmp(step->often, "any") == 0; }

/* The step's message at its place; at the case's end those of any time, then what no step expects. */
static enum pb_status judge_messages(struct pb_engine *engine, const struct pb_step *step, struct pb_error *error) {
    const struct pb_step *steps = &engine->setup->plan->steps[engine->current->first_step];
    enum pb_status status = PB_OK;
    if (is_any_time(step)) return PB_OK;
    for (size_t i = 0; status == PB_OK && step->is_rest && i < engine->current->step_count; i++)
        if (steps[i].message_check && is_any_time(&steps[i])) status = judge_message(engine, &steps[i], error);
    return status == PB_OK ? judge_message(engine, step, error) : status;
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
    status = pb_engine__add(engine, &row, error);
    pb_stage_set_place(engine->stage, engine->current->case_no, step->step_no);
    pb_stage_set_cord(engine->stage, step->cord);
    pb_show_step(engine->show, engine->current, step, row.at, true);
    engine->step_began = pb_stage_now(engine->stage);
    engine->step_u = PB_SPAN_ZERO;
    bool is_ours = !is_device(engine, step->actor);
    if (status == PB_OK) status = begin(engine, step, error);
    if (engine->prompt.is_refused) {
        *ret_blocked = true;
        return status;
    }
    engine->said_at = engine->step_began;
    if (status == PB_OK && step->mutates) status = mutate(engine, PB_MUTATE_STEP, step->mutates, step->step_no, error);
    if (status == PB_OK && step->inject_count) status = inject(engine, step, false, error);
    if (status == PB_OK && is_ours && step->says) status = send_message(engine, step, error);
    if (status == PB_OK && !is_ours && step->pattern)
        status = pb_stage_message(engine->stage, step, PB_SAID_REFERENCE, PB_MESSAGE_LINK_COUNT, error);
    if (status == PB_OK && step->message_check) status = judge_messages(engine, step, error);
    if (status == PB_OK && step->mode == PB_STEP_JUDGED)
        status = pb_engine__meet_all(engine, step, step->sees, step->sees_count, ret_blocked, error);
    if (status == PB_OK && !*ret_blocked) status = play_evse(engine, step, error);
    if (status == PB_OK && !*ret_blocked) status = linger(engine, step, error);
    if (status == PB_OK && step->mode == PB_STEP_JUDGED)
        status = pb_engine__meet_all(engine, step, step->holds, step->holds_count, ret_blocked, error);
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
        enum pb_status status =
            pb_engine__conclude(engine, &plan->checks[i], NULL, 0, PB_VERDICT_INCONC, reason, error);
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
    enum pb_status status = pb_engine__add(engine, &row, error);
    if (status == PB_OK) status = pb_writer_sync(engine->setup->writer, error);
    return status == PB_OK ? pb_engine__tell(engine, error) : status;
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
    if (!pb_is_pair(engine->setup->dut->actors) || !engine->stage || !engine->checks.has_fail) return PB_OK;
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
                    pb_verdict_worst(engine->checks.worst, is_interrupted ? PB_VERDICT_INCONC : PB_VERDICT_ERROR),
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
    enum pb_verdict verdict = engine->checks.worst;
    if (engine->missing[0]) verdict = pb_verdict_worst(verdict, PB_VERDICT_INCONC);
    return end_case(engine, in, verdict, engine->missing[0] ? engine->missing : engine->clock_note, error);
}

/* "...; before that: ..." */
static void append_cause(struct pb_error *error, const struct pb_error *cause) {
    char both[sizeof error->text];
    snprintf(both, sizeof both, "%.150s; before that: %.40s%s%.120s", error->text, cause->where,
             cause->where[0] ? ": " : "", cause->text);
    pb_text_drop_partial(both);
    strcpy(error->text, both);
}

static enum pb_status run_case(struct pb_engine *engine, const struct pb_case *in, struct pb_error *error) {
    struct pb_error safe_error, row_error;
    engine->current = in;
    engine->checks = (struct pb_fold){0};
    engine->missing[0] = 0;
    engine->prompt.is_refused = false;
    engine->clock_note[0] = 0;
    engine->plan_row = plan_row_of(engine->setup->plan, in);
    engine->first_row = pb_writer_rows(engine->setup->writer) + 1;
    enum pb_status status = pb_stage_catch_up(engine->stage, error);
    engine->case_began = engine->connected = pb_stage_now(engine->stage);
    memset(engine->level_range, 0, sizeof engine->level_range);
    for (size_t cord = 0; cord < PB_BENCH_CORDS_MAX; cord++) engine->opened[cord] = engine->case_began;
    if (status == PB_OK && in->reason[0]) return end_case(engine, in, PB_VERDICT_NONE, in->reason, error);
    pb_stage_set_place(engine->stage, in->case_no, 0);
    if (status == PB_OK) status = pb_stage_note_standing(engine->stage, error);
    if (status == PB_OK) status = pb_stage_restore(engine->stage, error);
    if (status == PB_OK) status = mutate(engine, PB_MUTATE_CASE, in->mutates, in->case_no, error);
    if (status == PB_OK) status = walk(engine, in, error);
    if (status == PB_OK) status = end_messages(engine, error);
    enum pb_status safe = pb_stage_make_safe(engine->stage, &safe_error);
    if (safe != PB_OK) { /* whatever ended the case, this is worse */
        if (status != PB_OK) append_cause(&safe_error, error);
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
    if (pb_engine__add(engine, &row, &ignored) != PB_OK || pb_writer_commit(engine->setup->writer, &ignored) != PB_OK) {
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
            status = in->reason[0] ? end_case(engine, in, PB_VERDICT_NONE, in->reason, error)
                                   : end_case(engine, in, PB_VERDICT_INCONC, reason, error);
        if (status != PB_OK) return status;
    }
    return PB_OK;
}

static void turned(void *user) {
    const struct pb_engine *engine = user;
    pb_show_turn(engine->show, engine->stage);
}

static enum pb_status turning(void *user, struct pb_error *error) {
    struct pb_engine *engine = user;
    enum pb_status status = pb_engine__tell(engine, error);
    if (engine->setup->turning) engine->setup->turning(engine->setup->user);
    return status;
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
                                   .turning = turning,
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
        engine->checks = (struct pb_fold){0};
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
