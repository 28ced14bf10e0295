/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading a run file. This half cannot write: it opens the database read-only (a killed run's -wal beside it is taken along,
 * also in a folder that cannot be written) and links nothing of record/write. */
#ifndef PB_RECORD_READER_H
#define PB_RECORD_READER_H

#include "base/status.h"
#include "pilot_emulator/analyser.h"
#include "record/row.h"

#include <stdbool.h>
#include <stddef.h>

struct pb_reader;

/* Errors: PB_ERR_IO, PB_ERR_INPUT (not a run file, or of a schema this version does not know), PB_ERR_BUSY (a writer has it
 * open: read it when the run ends, or attach). Nothing in the file's folder is made, changed or removed. */
PB_MUST_CHECK enum pb_status pb_reader_open(const char *path, struct pb_reader **ret_reader, struct pb_error *error);
/* A reader over the database a writer has open (the live judge reads the very record): `handle` is the writer's sqlite3 *, not owned. */
PB_MUST_CHECK enum pb_status pb_reader_attach(void *handle, struct pb_reader **ret_reader, struct pb_error *error);
void pb_reader_close(struct pb_reader *reader);

/* Header value of a key, NULL if there is none. Valid until close. */
const char *pb_reader_header(struct pb_reader *reader, const char *key);
typedef enum pb_status pb_reader_header_fn(void *user, const char *key, const char *value);
PB_MUST_CHECK enum pb_status pb_reader_each_header(struct pb_reader *reader, pb_reader_header_fn *visit, void *user,
                                                   struct pb_error *error);

/* Visits rows in order of seq, from first_seq, kind_mask a bit a kind (1u << PB_ROW_EVENT). Texts are valid during the visit.
 * The visitor returns PB_OK to go on, anything else stops and is returned (*error is then the visitor's affair). It may use
 * this reader, and with pb_reader_attach() the writer. */
typedef enum pb_status pb_reader_row_fn(void *user, const struct pb_row *row);
PB_MUST_CHECK enum pb_status pb_reader_each_row(struct pb_reader *reader, int64_t first_seq, uint32_t kind_mask,
                                                pb_reader_row_fn *visit, void *user, struct pb_error *error);
/* One row; its texts are valid until the next call on this reader. PB_ERR_NOT_FOUND. */
PB_MUST_CHECK enum pb_status pb_reader_row(struct pb_reader *reader, int64_t seq, struct pb_row *ret_row,
                                           struct pb_error *error);
/* The event rows `name` with from <= at <= to, in order of (at, seq): what the judge's event extractors scan. Indexed. */
PB_MUST_CHECK enum pb_status pb_reader_each_event(struct pb_reader *reader, const char *name, pb_instant from,
                                                  pb_instant to, pb_reader_row_fn *visit, void *user,
                                                  struct pb_error *error);
/* Hands the samples first..first+count of a channel, in order, in blocks as they were captured. PB_ERR_NOT_FOUND when a sample of the range was
 * not kept (the text says which). Sampling is the captures'; it must be one and the same over the range. */
typedef enum pb_status pb_reader_samples_fn(void *user, const struct pb_sampling *sampling, int64_t first_index,
                                            const int16_t *counts, size_t count);
PB_MUST_CHECK enum pb_status pb_reader_samples(struct pb_reader *reader, const char *channel, int64_t first_index,
                                               int64_t count, pb_reader_samples_fn *visit, void *user,
                                               struct pb_error *error);

struct pb_verify_result {
    int64_t rows;          /* rows whose hash was right */
    bool is_closed;        /* has a close row that agrees with the rows before it */
    int64_t first_bad_seq; /* 0: none */
    char finding[240];     /* "" or what is wrong, where */
    uint8_t head[32];      /* hash of the last row */
};
/* Walks the chain, the captures and the header. PB_OK also for a run that was killed (is_closed false); PB_ERR_CHANGED when anything
 * is not what was written: *ret_result is filled then too, and is_closed false. SQLite's integrity_check is part of it. */
PB_MUST_CHECK enum pb_status pb_reader_verify(struct pb_reader *reader, struct pb_verify_result *ret_result,
                                              struct pb_error *error);

#endif
