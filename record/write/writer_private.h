/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of record/write share: the open writer and its prepared statements. */
#ifndef PB_RECORD_WRITER_PRIVATE_H
#define PB_RECORD_WRITER_PRIVATE_H

#include "record/chain.h"
#include "record/schema.h"
#include "record/write/writer.h"

#include <sqlite3.h>
#include <stdbool.h>

/* X(name, sql) */
#define PB_ORDER_MAP(X)                                                                                                \
    X(BEGIN, "BEGIN")                                                                                                  \
    X(COMMIT, "COMMIT")                                                                                                \
    X(ROW, "INSERT INTO log VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)")                          \
    X(CAPTURE, "INSERT INTO capture VALUES (?1, ?2, ?3, ?4, ?5)")                                                      \
    X(HEADER, "INSERT INTO header VALUES (?1, ?2)")                                                                    \
    X(DIGEST, "INSERT OR REPLACE INTO header VALUES ('" PB_RUN_DIGEST_KEY "', ?1)")                                    \
    X(HEADERS, "SELECT key, value FROM header WHERE key <> '" PB_RUN_DIGEST_KEY "' ORDER BY key")

enum pb_order {
#define X(name, sql) PB_ORDER_##name,
    PB_ORDER_MAP(X)
#undef X
        PB_ORDER_COUNT
};

struct pb_packer; /* capture.c */

/* Rows that were added and are not in the database yet: who adds one is in a hurry (a reaction to an event), who flushes is not. */
enum { PB_PENDING_BYTES = 1 << 16 };
struct pb_pending {
    size_t used;
    int count;
    _Alignas(8) unsigned char bytes[PB_PENDING_BYTES]; /* struct pb_row, name, text; the next one at a multiple of 8 */
};

struct pb_writer {
    sqlite3 *database;
    char where[160];
    sqlite3_stmt *orders[PB_ORDER_COUNT];
    int64_t rows;              /* in the log, so the last one's seq */
    struct pb_hash head;       /* hash of the last row */
    bool is_open;              /* a transaction */
    int uncommitted;           /* rows and header lines since it began, without those pending */
    pb_instant oldest;         /* wall: when the first of both was added */
    bool is_file_synced;       /* what creation wrote outside the -wal */
    struct pb_error broken;    /* the first failure of the database; after it nothing is written any more */
    struct pb_packer *packer;  /* made by the first capture */
    struct pb_pending pending; /* last: what an add touches stands together */
};

/* Makes the file with its tables in one step (a killed creator leaves a whole file or none) and opens it. */
PB_MUST_CHECK enum pb_status pb_writer__make_file(const char *path, struct pb_writer *writer, struct pb_error *error);
/* Remembers the database's last error as the end of this record, and fails with it. */
PB_MUST_CHECK enum pb_status pb_writer__break(struct pb_writer *writer, int code, const char *doing,
                                              struct pb_error *error);
/* Adds a row of any kind to the database, without the commit that may be due; nothing is pending. */
PB_MUST_CHECK enum pb_status pb_writer__add(struct pb_writer *writer, const struct pb_row *row, struct pb_error *error);
/* Commits when 256 rows or 10 ms have come together. */
PB_MUST_CHECK enum pb_status pb_writer__commit_if_due(struct pb_writer *writer, struct pb_error *error);
/* Steps a statement that yields no row, and resets it. Returns an SQLite code. */
int pb_writer__step(sqlite3_stmt *statement);
void pb_packer_destroy(struct pb_packer *packer);

#endif
