/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a bench file. Aborts when a mistake has no place, does not say what was found and expected, or when a bench that was taken breaks a
 * promise of bench.h: roles that are there, every driven output made safe once. */
#include "harness/setup/bench.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_mistake(enum pb_status status, const struct pb_error *error) {
    if (status == PB_ERR_MEMORY) return;
    if (status != PB_ERR_INPUT || strncmp(error->where, "fuzz", 4) != 0) abort();
    if (strncmp(error->text, "found ", 6) != 0 || !strstr(error->text, "expected")) abort();
}

static void check_bench(const struct pb_bench *bench) {
    size_t driven = 0;
    if (!bench->name || !bench->instrument_count || bench->instrument_count > PB_INSTRUMENTS_MAX ||
        bench->role_count > PB_ROLES_MAX)
        abort();
    for (size_t i = 0; i < bench->role_count; i++) {
        if (bench->roles[i].instrument >= bench->instrument_count || pb_bench_role(bench, bench->roles[i].role) != i)
            abort();
        if (strcmp(pb_bench_channel(bench, i)->role, bench->roles[i].role) != 0) abort();
    }
    for (size_t i = 0; i < bench->instrument_count; i++)
        for (size_t k = 0; k < bench->instruments[i].channel_count; k++) {
            const struct pb_channel *channel = &bench->instruments[i].channels[k];
            const struct pb_driver *driver = bench->instruments[i].driver;
            bool is_there = !driver->has_channel || driver->has_channel(bench->instruments[i].config, (unsigned)k);
            driven += is_there && (channel->access & PB_ACCESS_DRIVE) && !channel->is_kept_when_safe;
        }
    if (bench->safe_count != driven) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct pb_doc *doc;
    struct pb_bench bench;
    struct pb_error error;
    enum pb_status status = pb_doc_read_text("fuzz", (const char *)data, size, &doc, &error);
    if (status == PB_OK) status = pb_bench_bind(doc, &bench, &error);
    if (status != PB_OK) {
        check_mistake(status, &error);
        return 0;
    }
    check_bench(&bench);
    pb_bench_finish(&bench);
    return 0;
}
