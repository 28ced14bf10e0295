/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folders, files and small runs for the record's tests. */
#include "tests/record/run_files.h"

#include "tests/support/check.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[600];

const char *run_folder(void) { return folder; }

int run_folder_make(void **state) {
    (void)state;
    const char *parent = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/pb-record-XXXXXX", parent ? parent : "/tmp");
    return mkdtemp(folder) ? 0 : -1;
}

int run_folder_remove(void **state) {
    (void)state;
    chmod(folder, 0700);
    DIR *entries = opendir(folder);
    if (!entries) return -1;
    for (struct dirent *entry; (entry = readdir(entries));) unlinkat(dirfd(entries), entry->d_name, 0);
    closedir(entries);
    return rmdir(folder);
}

const char *run_path(const char *name) {
    static char paths[8][800];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

unsigned char *file_read(const char *path, size_t *ret_size) {
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    fseek(file, 0, SEEK_END);
    const long size = ftell(file);
    rewind(file);
    unsigned char *bytes = malloc((size_t)size + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, (size_t)size, file), size);
    fclose(file);
    *ret_size = (size_t)size;
    return bytes;
}

void file_write(const char *path, const void *bytes, size_t size) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void copy_if_there(const char *from, const char *to) {
    size_t size;
    unsigned char *bytes = file_read(from, &size);
    if (bytes) file_write(to, bytes, size);
    else unlink(to);
    free(bytes);
}

void run_copy(const char *from, const char *to) {
    char from_wal[900], to_wal[900];
    snprintf(from_wal, sizeof from_wal, "%s-wal", from);
    snprintf(to_wal, sizeof to_wal, "%s-wal", to);
    copy_if_there(from, to);
    copy_if_there(from_wal, to_wal);
}

const struct pb_sampling test_sampling = {.period_num_ns = 2000,
                                          .period_den = 1,
                                          .uv_num = 457,
                                          .uv_den = 1,
                                          .uv_offset = -3,
                                          .u_level_uv = 30000,
                                          .u_time_ns = 1200,
                                          .u_rate_ppb = INT64_C(50000),
                                          .u_start_ns = 800};

int16_t test_sample(int64_t index) {
    const int64_t noise = (index * 7919 + index * index % 977) % 23 - 11;
    return (int16_t)((index % 500 < 133 ? 19000 : -26000) + noise);
}

void capture_range(struct pb_writer *writer, const char *channel, int64_t first, size_t count) {
    struct pb_error error;
    int16_t *counts = malloc((count ? count : 1) * sizeof *counts);
    assert_non_null(counts);
    for (size_t i = 0; i < count; i++) counts[i] = test_sample(first + (int64_t)i);
    PB_CHECK_OK(
        pb_writer_capture(writer, (pb_instant){first * 2000}, channel, &test_sampling, first, counts, count, &error),
        &error);
    free(counts);
}

void run_fill(struct pb_writer *writer, const char *wall) {
    struct pb_error error;
    PB_CHECK_OK(pb_writer_header(writer, "started", wall, &error), &error);
    PB_CHECK_OK(pb_writer_header(writer, "bench", "virtual \xc2\xb5", &error), &error);
    for (int i = 0; i < 56; i++) {
        const int kind = i % PB_ROW_CAPTURE; /* case to modelled, then the others */
        const struct pb_row row = {.at = {i * INT64_C(1000003)},
                                   .kind = (enum pb_row_kind)(i < 40 ? kind : PB_ROW_READING + i % 5),
                                   .case_no = 1 + i / 20,
                                   .step_no = i / 4,
                                   .check_no = i % 3,
                                   .name = i % 7 ? "cp.state" : "",
                                   .a = i,
                                   .b = -i,
                                   .c = (int64_t)i << 40,
                                   .d = INT64_MIN + i,
                                   .text = i % 5 ? "{\"what\":\"a row\"}" : ""};
        PB_CHECK_OK(pb_writer_add(writer, &row, NULL, &error), &error);
    }
    capture_range(writer, "cp.sense", 1000, 700);
    capture_range(writer, "cp.sense", 1700, 300);
    capture_range(writer, "cord[2].cp.sense", -20, 40);
    capture_range(writer, "cp.sense", 9000, 1);
}

struct pb_writer *run_create(const char *path) {
    struct pb_error error;
    struct pb_writer *writer = NULL;
    PB_CHECK_OK(pb_writer_create(path, &writer, &error), &error);
    return writer;
}

void run_close(struct pb_writer *writer) {
    struct pb_error error;
    PB_CHECK_OK(pb_writer_close(writer, (pb_instant){INT64_C(60000000)}, 0, "{\"judged\":3}", &error), &error);
}

struct pb_reader *run_open(const char *path) {
    struct pb_error error;
    struct pb_reader *reader = NULL;
    PB_CHECK_OK(pb_reader_open(path, &reader, &error), &error);
    return reader;
}

void run_make(const char *path) {
    struct pb_writer *writer = run_create(path);
    run_fill(writer, "2026-11-21T05:30:00.123Z");
    run_close(writer);
}
