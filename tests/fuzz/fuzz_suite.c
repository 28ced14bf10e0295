/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a suite. Aborts when a mistake has no place or does not say what was found, or when the plan of a suite that was taken does not hold
 * together. */
#include "tests/script/loaded.h"

#include "harness/engine/expect.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_plan(const struct pb_plan *plan) {
    size_t steps = 0;
    for (size_t i = 0; i < plan->case_count; i++) {
        const struct pb_case *in = &plan->cases[i];
        if (!in->id[0] || !in->title[0] || !in->step_count || in->first_step != steps) abort();
        steps += in->step_count;
    }
    if (steps != plan->step_count) abort();
    for (size_t i = 0; i < plan->step_count; i++) {
        const struct pb_step *step = &plan->steps[i];
        if (!step->id[0] || !step->text[0] || step->step_no != (int32_t)i + 1 ||
            (unsigned)step->actor >= PB_ACTOR_COUNT)
            abort();
        if (step->lasts.ns < 0 || step->sees_count > PB_STEP_EXPECTATIONS) abort();
    }
    for (size_t i = 0; i < plan->check_count; i++) {
        const struct pb_check *check = &plan->checks[i];
        if (check->check_no != (int32_t)i + 1 || check->limit.min > check->limit.max) abort();
        if (check->limit.unit != pb_extractor_unit(check->extractor)) abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct loaded loaded;
    static bool is_set_up;
    if (!is_set_up) loaded_setup(&loaded, "evse");
    is_set_up = true;
    if (loaded_suite(&loaded, (const char *)data, size) == PB_OK) {
        check_plan(&loaded.plan);
    } else if (loaded.status != PB_ERR_MEMORY) {
        if (loaded.status != PB_ERR_INPUT || strncmp(loaded.error.where, "suite.lua", 9) != 0 ||
            strncmp(loaded.error.text, "found ", 6) != 0)
            abort();
    }
    pb_plan_finish(&loaded.plan);
    return 0;
}
