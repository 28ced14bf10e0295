/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a device profile, for each driver that has them. Aborts when a mistake has no place or does not say what was found and expected, and when a
 * profile that was taken breaks a promise: rows that the registry would refuse, outputs that cannot be told their ends. */
#include "instruments/modbus/map.h"
#include "instruments/scpi/reply.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_row(const struct pb_profile *profile, size_t i) {
    const struct pb_channel *channel = &profile->channels[i];
    uint16_t words[PB_MODBUS_MAX_WORDS];
    char text[PB_SCPI_LINE_MAX + 1];
    if (!channel->name[0] || !channel->role[0] || channel->min > channel->max || channel->unit >= PB_UNIT_COUNT)
        abort();
    if (!(channel->access & PB_ACCESS_DRIVE)) return;
    if (channel->safe < channel->min || channel->safe > channel->max) abort();
    enum pb_status status = profile->kind == &pb_modbus_profile_kind
                                ? pb_modbus_encode(pb_profile_row(profile, i), channel->safe, words, NULL)
                                : pb_scpi_command(pb_profile_row(profile, i), channel->safe, text);
    if (status != PB_OK) abort();
}

static void try_kind(const struct pb_profile_kind *kind, const uint8_t *data, size_t size) {
    struct pb_doc *doc;
    struct pb_profile *profile;
    struct pb_error error;
    enum pb_status status = pb_doc_read_text("fuzz", (const char *)data, size, &doc, &error);
    if (status == PB_OK) status = pb_profile_bind(doc, kind, &profile, &error);
    if (status != PB_OK) {
        if (status == PB_ERR_MEMORY) return;
        if (status != PB_ERR_INPUT || strncmp(error.where, "fuzz", 4) != 0) abort();
        if (strncmp(error.text, "found ", 6) != 0 || !strstr(error.text, "expected")) abort();
        return;
    }
    for (size_t i = 0; i < profile->count; i++) check_row(profile, i);
    if (kind == &pb_modbus_profile_kind) {
        struct pb_modbus_groups groups;
        size_t read = 0;
        pb_modbus_group(profile, &groups);
        for (size_t i = 0; i < groups.count; i++) read += groups.groups[i].count;
        for (size_t i = 0; i < profile->count; i++) read -= profile->channels[i].access == PB_ACCESS_EVENTS;
        if (read) abort();
    }
    pb_profile_destroy(profile);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    try_kind(&pb_modbus_profile_kind, data, size);
    try_kind(&pb_scpi_profile_kind, data, size);
    return 0;
}
