/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a run file: opening, verifying and visiting them must end with an answer. */
#include "record/read/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum pb_status pass_row(void *user, const struct pb_row *row) {
    *(int64_t *)user += row->a;
    return PB_OK;
}

static enum pb_status pass_header(void *user, const char *key, const char *value) {
    *(int64_t *)user += key[0] + value[0];
    return PB_OK;
}

static enum pb_status pass_samples(void *user, const struct pb_sampling *sampling, int64_t first, const int16_t *counts,
                                   size_t count) {
    (void)sampling, (void)first;
    for (size_t i = 0; i < count; i++) *(int64_t *)user += counts[i] & 1;
    return PB_OK;
}

static void read_all(struct pb_reader *reader) {
    int64_t sum = 0;
    struct pb_verify_result result;
    const enum pb_status statuses[] = {
        pb_reader_verify(reader, &result, NULL),
        pb_reader_each_header(reader, pass_header, &sum, NULL),
        pb_reader_each_row(reader, INT64_MIN, UINT32_MAX, pass_row, &sum, NULL),
        pb_reader_each_event(reader, "cp.state", PB_INSTANT_ZERO, PB_INSTANT_NEVER, pass_row, &sum, NULL),
        pb_reader_samples(reader, "cp.sense", 1000, 900, pass_samples, &sum, NULL),
    };
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (statuses[i] >= PB_STATUS_COUNT) abort();
    pb_reader_header(reader, "started");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static char path[600];
    const char *parent = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/pb-fuzz-run-%d", parent ? parent : "/tmp", (int)getpid());
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(data, 1, size, file) != size || fclose(file) != 0) abort();
    struct pb_reader *reader = NULL;
    struct pb_error error;
    if (pb_reader_open(path, &reader, &error) == PB_OK) read_all(reader);
    pb_reader_close(reader);
    unlink(path);
    return 0;
}
