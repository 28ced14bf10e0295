/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing a run file: one SQLite file, WAL, rows hash-chained (BLAKE2b-256 by libsodium), captures zstd-compressed.
 * Durable means: survives SIGKILL. A row is committed by pb_writer_commit(), and at the latest 256 rows or 10 ms of wall time after it was
 * added (checked at each add and by pb_writer_settle()). pb_writer_sync() is a commit that also survives a power cut. One thread. */
#ifndef PB_RECORD_WRITER_H
#define PB_RECORD_WRITER_H

#include "base/status.h"
#include "pilot_emulator/analyser.h"
#include "record/row.h"

#include <stddef.h>

struct pb_writer;

/* Makes the file; refuses one that exists (PB_ERR_BUSY). While it is open no other process can read it. After a failure of the
 * database in any call, the writer writes nothing more and gives the same error to every call. Texts are UTF-8. */
PB_MUST_CHECK enum pb_status pb_writer_create(const char *path, struct pb_writer **ret_writer, struct pb_error *error);
/* Header lines: wall time, pids, paths, identities. Covered by a digest of their own, not by the chain. A key is written once and is not
 * "digest" (PB_ERR_ARG). */
PB_MUST_CHECK enum pb_status pb_writer_header(struct pb_writer *writer, const char *key, const char *value,
                                              struct pb_error *error);
/* Adds a row (row->seq is ignored); *ret_seq (may be NULL) is its number. It is kept in memory until a flush, 256 rows or 10 ms. PB_ERR_ARG for capture and close rows and for negative
 * case, step or check numbers; PB_ERR_RANGE for a text above 16 MiB. */
PB_MUST_CHECK enum pb_status pb_writer_add(struct pb_writer *writer, const struct pb_row *row, int64_t *ret_seq,
                                           struct pb_error *error);
/* Adds samples with a capture row for every 65536 of them. What was captured of this channel before is left out, so ranges may
 * touch and overlap, in any order. */
PB_MUST_CHECK enum pb_status pb_writer_capture(struct pb_writer *writer, pb_instant at, const char *channel,
                                               const struct pb_sampling *sampling, int64_t first_index,
                                               const int16_t *counts, size_t count, struct pb_error *error);
/* Puts the rows that were added into the database, where a reader on the same handle finds them. To be called before reading; every other call does
 * it by itself. */
PB_MUST_CHECK enum pb_status pb_writer_flush(struct pb_writer *writer, struct pb_error *error);
/* To be called when there is time, before a wait: a flush, and the commit if one is due. *ret_due: when it is to be called again (wall clock); NEVER when
 * all is committed. */
PB_MUST_CHECK enum pb_status pb_writer_settle(struct pb_writer *writer, pb_instant *ret_due, struct pb_error *error);
PB_MUST_CHECK enum pb_status pb_writer_commit(struct pb_writer *writer, struct pb_error *error);
/* How many rows were added so far. */
int64_t pb_writer_rows(const struct pb_writer *writer);
PB_MUST_CHECK enum pb_status pb_writer_sync(struct pb_writer *writer, struct pb_error *error);
/* Writes the close row (a, b and text as given), checkpoints, leaves one file without -wal. The writer is gone afterwards, also on error. */
PB_MUST_CHECK enum pb_status pb_writer_close(struct pb_writer *writer, pb_instant at, int exit_status, const char *text,
                                             struct pb_error *error);
/* Lets go without a close row (tests, fatal errors); NULL is fine. */
void pb_writer_abandon(struct pb_writer *writer);
/* sqlite3 *, for pb_reader_attach(). */
void *pb_writer_handle(struct pb_writer *writer);

#endif
