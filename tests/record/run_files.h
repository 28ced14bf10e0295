/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the record's tests share: a folder of their own, files as bytes, a small run with something of everything. */
#ifndef PB_TESTS_RUN_FILES_H
#define PB_TESTS_RUN_FILES_H

#include "record/read/reader.h"
#include "record/write/writer.h"

#include <stdbool.h>
#include <stddef.h>

/* A new folder for the test (group set-up and tear-down for cmocka); its path. */
int run_folder_make(void **state);
int run_folder_remove(void **state);
const char *run_folder(void);
/* "folder/name", until the eighth call from here. */
const char *run_path(const char *name);
/* Bytes of a file, to be freed; NULL if there is none. */
unsigned char *file_read(const char *path, size_t *ret_size);
void file_write(const char *path, const void *bytes, size_t size);
/* The file and, if there is one, its -wal. */
void run_copy(const char *from, const char *to);

extern const struct pb_sampling test_sampling;
/* A waveform with noise, a function of the index. */
int16_t test_sample(int64_t index);
void capture_range(struct pb_writer *writer, const char *channel, int64_t first, size_t count);

/* Header, every kind of row, two channels of captures: 60 rows and two header lines, `wall` in the header. */
void run_fill(struct pb_writer *writer, const char *wall);
struct pb_writer *run_create(const char *path);
void run_close(struct pb_writer *writer);
struct pb_reader *run_open(const char *path);
/* A finished run made by run_fill(). */
void run_make(const char *path);

#endif
