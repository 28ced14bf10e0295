/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a DUT statement, and as a limits file. Aborts when a mistake has no place or does not say what was found and expected, or when what
 * was taken is not as the headers promise. */
#include "harness/setup/dut.h"
#include "harness/setup/limits.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_mistake(enum pb_status status, const struct pb_error *error) {
    if (status == PB_ERR_MEMORY) return;
    if (status != PB_ERR_INPUT || strncmp(error->where, "fuzz", 4) != 0) abort();
    if (strncmp(error->text, "found ", 6) != 0 || !strstr(error->text, "expected")) abort();
}

static void check_law(const struct pb_duty_law *law) {
    if (law->announced_count > PB_DUTY_ROWS_MAX || law->read_count > PB_DUTY_ROWS_MAX) abort();
    for (int64_t step = 0; step <= 1000000; step += 9973) {
        int64_t ma;
        enum pb_duty_meaning meaning = pb_duty_read(law, step, &ma);
        if (meaning != PB_DUTY_CURRENT && ma != 0) abort();
        (void)pb_duty_announce(law, step);
    }
}

static void check_limits(const struct pb_limits *limits) {
    check_law(&limits->law);
    if (!limits->name[0] || !limits->count) abort();
    for (size_t i = 0; i < limits->count; i++) {
        const struct pb_limit *row = &limits->rows[i];
        if (pb_limits_find(limits, row->id) != row || row->min > row->max || (unsigned)row->unit >= PB_UNIT_COUNT)
            abort();
        if ((row->min == INT64_MIN && row->max == INT64_MAX) || row->u_max < 0) abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct pb_doc *doc;
    struct pb_dut dut;
    struct pb_limits limits;
    struct pb_error error;
    enum pb_status status = pb_doc_read_text("fuzz", (const char *)data, size, &doc, &error);
    if (status == PB_OK) status = pb_dut_bind(doc, &dut, &error);
    if (status != PB_OK) {
        check_mistake(status, &error);
    } else {
        if (!dut.name || (dut.actors & PB_ACTOR_BIT(PB_ACTOR_CUSTOMER)) || dut.actors >= PB_ACTOR_BIT(PB_ACTOR_COUNT) ||
            dut.argv[PB_DUT_ARGS_MAX] || dut.process_count > PB_DUT_PROCESSES_MAX)
            abort();
        for (size_t i = 0; i < dut.process_count; i++)
            if (!dut.processes[i].argv[0] || dut.processes[i].argv[PB_DUT_ARGS_MAX] || !dut.processes[i].node) abort();
        pb_dut_finish(&dut);
    }
    status = pb_doc_read_text("fuzz", (const char *)data, size, &doc, &error);
    if (status == PB_OK) status = pb_limits_bind(doc, &limits, &error);
    if (status != PB_OK) {
        check_mistake(status, &error);
        return 0;
    }
    check_limits(&limits);
    pb_limits_finish(&limits);
    return 0;
}
