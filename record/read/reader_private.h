/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of record/read share: the open reader, its prepared statements, and rows taken out of a statement. */
#ifndef PB_RECORD_READER_PRIVATE_H
#define PB_RECORD_READER_PRIVATE_H

#include "record/read/reader.h"
#include "record/schema.h"

#include <sqlite3.h>

/* X(name, sql) */
#define PB_ROW_COLUMNS "seq, at_ns, kind, case_no, step_no, check_no, name, a, b, c, d, text"
#define PB_QUERY_MAP(X)                                                                                                \
    X(ROWS, "SELECT " PB_ROW_COLUMNS " FROM log WHERE seq >= ?1 ORDER BY seq")                                         \
    X(ROW, "SELECT " PB_ROW_COLUMNS " FROM log WHERE seq = ?1")                                                        \
    X(EVENTS, "SELECT " PB_ROW_COLUMNS " FROM log INDEXED BY log_event"                                                \
              " WHERE kind = 'event' AND name = ?1 AND at_ns BETWEEN ?2 AND ?3 ORDER BY at_ns, seq")                   \
    X(CHAIN, "SELECT " PB_ROW_COLUMNS ", hash FROM log ORDER BY seq")                                                  \
    X(CAPTURES, "SELECT seq, first_index, count, log.text, samples FROM capture INDEXED BY capture_first"              \
                " JOIN log USING (seq) WHERE first_index > ?2 AND first_index < ?3 AND kind = 'capture' AND name = ?1" \
                " ORDER BY first_index")                                                                               \
    X(CAPTURE, "SELECT first_index, count, samples, digest FROM capture WHERE seq = ?1")                               \
    X(CAPTURE_COUNT, "SELECT count(*) FROM capture")                                                                   \
    X(HEADER, "SELECT value FROM header WHERE key = ?1")                                                               \
    X(HEADERS, "SELECT key, value FROM header ORDER BY key")                                                           \
    X(SCHEMA, "SELECT name, sql FROM sqlite_schema ORDER BY rowid")                                                    \
    X(INTEGRITY, "PRAGMA integrity_check(1)")

enum pb_query {
#define X(name, sql) PB_QUERY_##name,
    PB_QUERY_MAP(X)
#undef X
        PB_QUERY_COUNT
};

struct pb_unpacker;    /* samples.c */
struct pb_header_line; /* reader.c */

struct pb_reader {
    sqlite3 *database;
    bool is_owner;
    char where[160];
    sqlite3_stmt *idle[PB_QUERY_COUNT]; /* NULL while borrowed, so that a visitor may use the reader that visits it */
    struct pb_unpacker *idle_unpacker;
    struct pb_header_line *headers; /* those asked for; a line never changes */
    char *row_texts;                /* of pb_reader_row() */
};

/* A statement, ready to bind; goes back by pb_query_return(), which takes NULL too. */
PB_MUST_CHECK enum pb_status pb_query_borrow(struct pb_reader *reader, enum pb_query query,
                                             sqlite3_stmt **ret_statement, struct pb_error *error);
void pb_query_return(struct pb_reader *reader, enum pb_query query, sqlite3_stmt *statement);
/* The columns PB_ROW_COLUMNS of the statement's row. NULL when each is as a writer writes it, else the name of the column
 * that is not. Texts live until the statement steps on. */
const char *pb_row_take(sqlite3_stmt *statement, struct pb_row *ret_row);
/* The text of a column, NULL when it is not one that a writer writes: another type, a zero byte within. */
const char *pb_text_take(sqlite3_stmt *statement, int column);
/* Fails with the database's last error. */
enum pb_status pb_reader_fail(struct pb_reader *reader, struct pb_error *error, int code, const char *doing);

/* Makes or reuses room to unpack captures in; goes back by pb_unpacker_return(). NULL: out of memory. */
struct pb_unpacker *pb_unpacker_borrow(struct pb_reader *reader);
void pb_unpacker_return(struct pb_reader *reader, struct pb_unpacker *unpacker);
void pb_unpacker_destroy(struct pb_unpacker *unpacker);
/* The samples of a blob, valid until the next call; NULL when it does not hold exactly `count` of them. */
const int16_t *pb_unpack(struct pb_unpacker *unpacker, const void *blob, size_t blob_size, int64_t count);

#endif
