/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a step as written to what it means for this DUT: judged, played, not observable, and its checks. */
#include "harness/engine/plan_private.h"

#include "base/text.h"
#include "harness/engine/expect.h"
#include "harness/engine/messages.h"
#include "harness/engine/prompt.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void pb_plan_finish(struct pb_plan *plan) {
    for (size_t i = 0; i < plan->step_count; i++) {
        free(plan->steps[i].pattern);
        free(plan->steps[i].says);
    }
    free(plan->cases);
    free(plan->steps);
    free(plan->checks);
    free(plan->limits);
    free(plan->injects);
    free(plan->mutations);
    *plan = (struct pb_plan){0};
}

/* Makes room for one more element. */
static bool grow(void **array, size_t count, size_t *room, size_t size) {
    if (count < *room) return true;
    size_t wanted = *room ? *room * 2 : 16;
    void *bigger = realloc(*array, wanted * size);
    if (!bigger) return false;
    *array = bigger;
    *room = wanted;
    return true;
}

enum pb_status pb_plan_add_case(struct pb_plan *plan, const struct pb_case *from, struct pb_error *error) {
    if (!grow((void **)&plan->cases, plan->case_count, &plan->case_room, sizeof *plan->cases))
        return pb_fail(error, PB_ERR_MEMORY, 0, from->id, "no memory");
    struct pb_case *to = &plan->cases[plan->case_count++];
    *to = *from;
    to->case_no = (int32_t)plan->case_count;
    to->first_step = plan->step_count;
    to->step_count = 0;
    return PB_OK;
}

static bool is_equal(const struct pb_limit *a, const struct pb_limit *b) {
    return a->min == b->min && a->max == b->max && a->unit == b->unit && a->confidence == b->confidence &&
           a->u_max == b->u_max && strcmp(a->id, b->id) == 0 && strcmp(a->clause, b->clause) == 0 &&
           strcmp(a->source, b->source) == 0;
}

enum pb_status pb_plan_add_limit(struct pb_plan *plan, const struct pb_limit *limit, int32_t *ret_number,
                                 struct pb_error *error) {
    size_t i = 0;
    while (i < plan->limit_count && !is_equal(&plan->limits[i], limit)) i++;
    if (i == plan->limit_count) {
        if (!grow((void **)&plan->limits, plan->limit_count, &plan->limit_room, sizeof *plan->limits))
            return pb_fail(error, PB_ERR_MEMORY, 0, limit->id, "no memory");
        plan->limits[plan->limit_count++] = *limit;
    }
    *ret_number = (int32_t)i + 1;
    return PB_OK;
}

enum pb_status pb_plan_add_inject(struct pb_plan *plan, const struct pb_inject *inject, int32_t *ret_number,
                                  struct pb_error *error) {
    if (!grow((void **)&plan->injects, plan->inject_count, &plan->inject_room, sizeof *plan->injects))
        return pb_fail(error, PB_ERR_MEMORY, 0, "inject", "no memory");
    plan->injects[plan->inject_count++] = *inject;
    *ret_number = (int32_t)plan->inject_count;
    return PB_OK;
}

enum pb_status pb_plan_add_mutations(struct pb_plan *plan, const struct pb_mutations *mutations, int32_t *ret_number,
                                     struct pb_error *error) {
    if (!grow((void **)&plan->mutations, plan->mutations_count, &plan->mutations_room, sizeof *plan->mutations))
        return pb_fail(error, PB_ERR_MEMORY, 0, "mutate", "no memory");
    plan->mutations[plan->mutations_count++] = *mutations;
    *ret_number = (int32_t)plan->mutations_count;
    return PB_OK;
}

bool pb_plan_is_injected(const struct pb_step *step, const struct pb_dut *dut) {
    return step->inject_count && step->to < PB_ACTOR_COUNT &&
           pb_message_route(dut->actors, step->actor, step->to, step->via).is_sent;
}

/* "level_%c" with its letter, small where it is part of a name. */
static void with_letter(char *ret_text, size_t size, const char *format, char letter) {
    size_t used = 0;
    for (; *format && used + 1 < size; format++) {
        if (format[0] == '%' && format[1] == 'c') {
            ret_text[used++] = letter;
            format++;
        } else {
            ret_text[used++] = *format;
        }
    }
    ret_text[used] = 0;
}

/* The limit of a duty check: the nominal duty and the generator's tolerance. */
static enum pb_status duty_limit(const struct pb_expectation *expectation, const struct pb_limits *limits,
                                 struct pb_limit *ret_limit, struct pb_error *error) {
    const struct pb_limit *tolerance = pb_limits_find(limits, "cp.duty.tolerance");
    if (!tolerance || tolerance->unit != PB_UNIT_PERCENT || tolerance->max == INT64_MAX)
        return pb_fail(error, PB_ERR_INPUT, 0, limits->name,
                       "found no row cp.duty.tolerance with a max in %%, expected it");
    *ret_limit = *tolerance;
    ret_limit->min = expectation->value - tolerance->max;
    ret_limit->max = expectation->value + tolerance->max;
    return PB_OK;
}

/* A current that a duty allows, and what the row adds to it. */
static enum pb_status current_limit(const struct pb_expectation *expectation, const char *id,
                                    const struct pb_limits *limits, struct pb_limit *ret_limit,
                                    struct pb_error *error) {
    const struct pb_limit *over = pb_limits_find(limits, id);
    if (!over || over->unit != PB_UNIT_AMPERE || over->max == INT64_MAX)
        return pb_fail(error, PB_ERR_INPUT, 0, limits->name, "found no row %s with a max in A, expected it", id);
    *ret_limit = *over;
    ret_limit->max = over->max + expectation->value;
    return PB_OK;
}

static enum pb_status check_limit(const struct pb_plan *plan, const struct pb_expectation *expectation,
                                  const struct pb_expect_check *row, const struct pb_limits *limits,
                                  struct pb_limit *ret_limit, struct pb_error *error) {
    char id[48];
    if (row->extractor == PB_EXTRACT_COUNT_EVENTS && !row->limit) {
        *ret_limit = (struct pb_limit){.id = "none",
                                       .min = 0,
                                       .max = 0,
                                       .unit = PB_UNIT_NONE,
                                       .confidence = PB_CONFIDENCE_C,
                                       .clause = "must not happen",
                                       .source = "the step's own words"};
        return PB_OK;
    }
    if (expectation->kind == PB_EXPECT_SUM_ANNOUNCED) {
        *ret_limit = (struct pb_limit){.id = "station.sum",
                                       .min = 0,
                                       .max = expectation->value + expectation->give_ma,
                                       .unit = PB_UNIT_AMPERE,
                                       .confidence = PB_CONFIDENCE_C,
                                       .clause = "the cords share one supply; and the duty's tolerance",
                                       .source = "DUT statement"};
        return PB_OK;
    }
    if (row->extractor == PB_EXTRACT_PILOT_DUTY) return duty_limit(expectation, limits, ret_limit, error);
    if (expectation->kind == PB_EXPECT_CURRENT_AT_MOST)
        return current_limit(expectation, row->limit, limits, ret_limit, error);
    bool is_span = row->extractor == PB_EXTRACT_SPAN_TO_FIRST || row->extractor == PB_EXTRACT_CURRENT_SETTLES;
    if (is_span && expectation->within) {
        *ret_limit = plan->limits[expectation->within - 1];
        if (expectation->kind == PB_EXPECT_FOLLOWED) { /* a vehicle's limit, which the station has to leave it */
            ret_limit->min = ret_limit->max;
            ret_limit->max = INT64_MAX;
            snprintf(ret_limit->id, sizeof ret_limit->id, "station.follow");
        }
        return PB_OK;
    }
    with_letter(id, sizeof id, row->limit ? row->limit : "", (char)tolower((char)expectation->value));
    const struct pb_limit *limit = pb_limits_find(limits, id);
    if (!limit && !id[0]) return pb_fail(error, PB_ERR_INPUT, 0, "", "found no `within`, which %s needs", row->name);
    if (!limit) return pb_fail(error, PB_ERR_INPUT, 0, limits->name, "found no row %s, which the suite needs", id);
    if (limit->unit != pb_extractor_unit(row->extractor))
        return pb_fail(error, PB_ERR_INPUT, 0, limits->name, "found row %s in %s, expected %s", id,
                       pb_unit_symbol(limit->unit), pb_unit_symbol(pb_extractor_unit(row->extractor)));
    if (is_span && limit->max == INT64_MAX) /* nothing would end the wait */
        return pb_fail(error, PB_ERR_INPUT, 0, limits->name,
                       "found limit row %s without a max, expected one that says how soon", id);
    *ret_limit = *limit;
    return PB_OK;
}

static bool is_by_law(enum pb_extractor extractor) {
    return extractor == PB_EXTRACT_PILOT_DUTY || extractor == PB_EXTRACT_CURRENT_MAX ||
           extractor == PB_EXTRACT_CURRENT_SETTLES;
}

/* What a row of the duty law made is known no better than that row: the worse of the two is what the check rests on. */
static void rest_on_law(struct pb_limit *limit, const struct pb_limit *law) {
    char both[2 * sizeof limit->clause + 4];
    if (limit->confidence == PB_CONFIDENCE_DUT || law->confidence <= limit->confidence) return;
    snprintf(both, sizeof both, "%s; %s", law->clause, limit->clause);
    both[sizeof limit->clause - 1] = 0;
    pb_text_drop_partial(both);
    memcpy(limit->clause, both, sizeof limit->clause);
    memcpy(limit->source, law->source, sizeof limit->source);
    limit->confidence = law->confidence;
}

static bool is_letter(char letter) { return letter >= 'A' && letter <= 'F'; }

bool pb_plan__is_own_inference(const struct pb_step *step) {
    return strcmp(step->evidence, "inferred") == 0 || strcmp(step->evidence, "remembered") == 0;
}

static enum pb_status add_check(struct pb_plan *plan, const struct pb_step *step,
                                const struct pb_expectation *expectation, size_t k, unsigned dut_actors,
                                const struct pb_limits *limits, enum pb_rule rule, struct pb_error *error) {
    const struct pb_expect_check *row = &pb_expect_rows[expectation->kind].checks[k];
    if (!grow((void **)&plan->checks, plan->check_count, &plan->check_room, sizeof *plan->checks))
        return pb_fail(error, PB_ERR_MEMORY, 0, step->id, "no memory");
    struct pb_check *check = &plan->checks[plan->check_count];
    const struct pb_case *in = &plan->cases[plan->case_count - 1];
    char name[24];
    char letter = is_letter((char)expectation->value) ? (char)expectation->value : '?';
    *check = (struct pb_check){.check_no = (int32_t)plan->check_count + 1,
                               .case_no = in->case_no,
                               .step_no = step->step_no,
                               .extractor = row->extractor,
                               .rule = rule,
                               .is_strict = limits->is_strict,
                               .binds = pb_expect_binds(step, expectation, k, dut_actors)};
    enum pb_status status = check_limit(plan, expectation, row, limits, &check->limit, error);
    if (status != PB_OK) return status;
    if (expectation->law && is_by_law(row->extractor)) rest_on_law(&check->limit, &plan->limits[expectation->law - 1]);
    with_letter(name, sizeof name, row->name, (char)tolower(letter));
    snprintf(check->id, sizeof check->id, "%.40s/%s/%s", in->id, step->id, name);
    with_letter(check->text, sizeof check->text, row->text, letter);
    if (!check->limit.u_max) check->limit.u_max = pb_limit_usual_u_max(&check->limit);
    /* No source says what the step says, and no row of a standard stands behind it. */
    check->is_advisory = pb_plan__is_own_inference(step) && !pb_limits_find(limits, check->limit.id);
    for (size_t i = plan->check_count; i > 0 && plan->checks[i - 1].step_no == step->step_no;
         i--) /* step ids are unique in a case */
        if (strcmp(plan->checks[i - 1].id, check->id) == 0)
            return pb_fail(error, PB_ERR_INPUT, 0, "",
                           "found check %s twice, expected one expectation of a kind in a step", check->id);
    plan->check_count++;
    return PB_OK;
}

/* The device is one of those whose doing shows in it. */
static bool is_shown(const struct pb_step *step, const struct pb_expectation *expectation, unsigned dut_actors) {
    return (step->of & dut_actors & ~pb_expect_rows[expectation->kind].hidden_by) != 0;
}

static bool is_any_shown(const struct pb_step *step, unsigned dut_actors) {
    for (size_t i = 0; i < step->sees_count; i++)
        if (is_shown(step, &step->sees[i], dut_actors)) return true;
    for (size_t i = 0; i < step->holds_count; i++)
        if (is_shown(step, &step->holds[i], dut_actors)) return true;
    return false;
}

static enum pb_status add_checks(struct pb_plan *plan, const struct pb_step *step, struct pb_expectation *expectations,
                                 size_t count, unsigned dut_actors, const struct pb_limits *limits, enum pb_rule rule,
                                 struct pb_error *error) {
    for (size_t i = 0; i < count; i++) {
        const struct pb_expect_row *row = &pb_expect_rows[expectations[i].kind];
        if (!is_shown(step, &expectations[i], dut_actors)) continue;
        for (size_t k = 0; k < row->check_count; k++) {
            if (!pb_expect_is_planned(step, &expectations[i], k, dut_actors)) continue;
            enum pb_status status = add_check(plan, step, &expectations[i], k, dut_actors, limits, rule, error);
            if (status != PB_OK) return status;
            if (!expectations[i].first_check) expectations[i].first_check = (int32_t)plan->check_count;
        }
    }
    return PB_OK;
}

struct pb_check *pb_plan__new_check(struct pb_plan *plan) {
    bool has_room = grow((void **)&plan->checks, plan->check_count, &plan->check_room, sizeof *plan->checks);
    return has_room ? &plan->checks[plan->check_count++] : NULL;
}

static bool is_listed(const char *names, const char *name) {
    size_t length = strlen(name);
    for (const char *at = names; (at = strstr(at, name)) != NULL; at += length)
        if ((at == names || at[-1] == ' ') && (!at[length] || at[length] == ' ')) return true;
    return strcmp(names, "all") == 0;
}

/* Not every EVSE, meter or vehicle has a message link. */
static bool is_spoken(const struct pb_step *step, const struct pb_dut *dut) {
    bool is_evse = step->actor == PB_ACTOR_EVSE || step->actor == PB_ACTOR_EUMD, is_pev = step->actor == PB_ACTOR_PEV;
    bool is_own = (PB_ACTOR_BIT(step->actor) & dut->actors) != 0;
    if (!is_own || !(is_evse || is_pev)) return true;
    return is_listed(is_pev ? dut->ics.pev_messages : dut->ics.evse_messages, step->says->message.name);
}

static bool is_message_heard(const struct pb_step *step, const struct pb_dut *dut) {
    return step->says && is_spoken(step, dut) &&
           pb_message_route(dut->actors, step->actor, step->to, step->via).is_heard;
}

/* Who does what decides the mode: see design idea 1. */
static void set_mode(struct pb_step *step, const struct pb_case *in, const struct pb_dut *dut) {
    unsigned dut_actors = dut->actors;
    unsigned actor = PB_ACTOR_BIT(step->actor);
    if (!step->of) step->of = actor;
    if (in->reason[0]) {
        step->mode = PB_STEP_NOT_RUN;
        snprintf(step->reason, sizeof step->reason, "%s", in->reason);
    } else if (step->reason[0] && step->mode == PB_STEP_NOT_RUN) {
        return; /* its `when` is not chosen */
    } else if (step->inject_count && !pb_plan_is_injected(step, dut)) {
        step->mode = PB_STEP_NOT_RUN;
        snprintf(step->reason, sizeof step->reason, "what it injects is not for this device");
    } else if (is_any_shown(step, dut_actors) || is_message_heard(step, dut)) {
        step->mode = PB_STEP_JUDGED;
    } else if (actor & dut_actors) {
        step->mode = PB_STEP_NOT_OBSERVABLE;
        if (!step->reason[0] && step->says && !is_spoken(step, dut))
            snprintf(step->reason, sizeof step->reason, "the DUT statement does not list it among what the %s says",
                     step->actor == PB_ACTOR_PEV ? "vehicle" : "EVSE");
        if (!step->reason[0])
            snprintf(step->reason, sizeof step->reason, "happens inside the %s; nothing of it shows outside",
                     pb_actor_name(step->actor));
    } else {
        step->mode = PB_STEP_PLAYED;
    }
}

/* A message of a pair is its sender's; what is passed on may be lost by anyone. */
static unsigned message_binds(const struct pb_step *step, unsigned dut_actors) {
    if (!pb_is_pair(dut_actors)) return 0;
    if (step->actor == PB_ACTOR_EVSE || step->actor == PB_ACTOR_EUMD) return PB_BINDS_EVSE;
    return step->actor == PB_ACTOR_PEV ? PB_BINDS_PEV : PB_BINDS_EVSE | PB_BINDS_PEV;
}

enum pb_status pb_plan_add_step(struct pb_plan *plan, const struct pb_step *from, const struct pb_dut *dut,
                                const struct pb_limits *limits, enum pb_rule rule, struct pb_error *error) {
    if (!grow((void **)&plan->steps, plan->step_count, &plan->step_room, sizeof *plan->steps))
        return pb_fail(error, PB_ERR_MEMORY, 0, from->id, "no memory");
    struct pb_step *step = &plan->steps[plan->step_count++];
    *step = *from;
    if (from->says && !(step->says = malloc(sizeof *step->says)))
        return pb_fail(error, PB_ERR_MEMORY, 0, from->id, "no memory");
    if (from->says) *step->says = *from->says;
    step->step_no = (int32_t)plan->step_count;
    plan->cases[plan->case_count - 1].step_count++;
    set_mode(step, &plan->cases[plan->case_count - 1], dut);
    if (step->mode != PB_STEP_JUDGED) return PB_OK;
    if (step->holds_count && !step->has_end && step->lasts.ns <= 0)
        return pb_fail(error, PB_ERR_INPUT, 0, "",
                       "found `holds` in step \"%s\", which takes no time, expected `lasts` or `ends` with it",
                       step->id);
    enum pb_status status = PB_OK;
    if (is_message_heard(step, dut)) status = pb_plan__add_message(plan, step, dut, limits, rule, error);
    if (status == PB_OK && step->message_check)
        plan->checks[step->message_check - 1].binds = message_binds(step, dut->actors);
    if (!(step->of & dut->actors)) return status;
    if (status == PB_OK)
        status = add_checks(plan, step, step->sees, step->sees_count, dut->actors, limits, rule, error);
    return status == PB_OK ? add_checks(plan, step, step->holds, step->holds_count, dut->actors, limits, rule, error)
                           : status;
}

/* "cp" is met by "cp", "cp.sense", "cp[1].sense". */
static bool is_met(const struct pb_bench *bench, const char *need) {
    size_t length = strlen(need);
    for (size_t i = 0; i < bench->role_count; i++) {
        const char *role = bench->roles[i].role;
        if (strncmp(role, need, length) == 0 && (!role[length] || role[length] == '.' || role[length] == '['))
            return true;
    }
    return false;
}

/* Roles whose absence has a name of its own. */
static const struct { const char *role, *reason; } lacking[] = {{"hlc", "no HLC modem"}};

void pb_plan_case_needs(struct pb_plan *plan, const struct pb_bench *bench, const struct pb_dut *dut,
                        const char *need) {
    struct pb_case *in = &plan->cases[plan->case_count - 1];
    bool is_of_vehicle = strncmp(need, "cp.load", 7) == 0 && (dut->actors & PB_ACTOR_BIT(PB_ACTOR_PEV));
    if (is_of_vehicle && !in->reason[0])
        snprintf(in->reason, sizeof in->reason, "the vehicle is the device: the bench has no hand in what it loads");
    if (is_met(bench, need) || pb_prompt_can(bench, need) || in->reason[0]) return;
    snprintf(in->reason, sizeof in->reason, "this bench has no role %.100s", need);
    for (size_t i = 0; i < sizeof lacking / sizeof *lacking; i++)
        if (strcmp(lacking[i].role, need) == 0) snprintf(in->reason, sizeof in->reason, "%s", lacking[i].reason);
}
