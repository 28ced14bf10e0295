/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is every row what was written? The first thing that is not ends the walk: what comes after it has no meaning. The rows
 * come first, because "log row 17" says more than SQLite's own check, which comes last (indexes, pages). */
#include "record/read/reader_private.h"
#include "record/sampling_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct check {
    struct pb_reader *reader;
    struct pb_verify_result *result;
    struct pb_unpacker *unpacker;
    sqlite3_stmt *capture;
    int64_t captures;
    int64_t closed_at; /* seq of the close row, 0: none yet */
};

static bool found(struct check *check, int64_t seq, const char *format, ...) PB_PRINTF(3, 4);

/* Notes what is wrong. Always false, for `return found(...)`. */
static bool found(struct check *check, int64_t seq, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(check->result->finding, sizeof check->result->finding, format, arguments);
    va_end(arguments);
    check->result->first_bad_seq = seq;
    return false;
}

static bool found_unreadable(struct check *check, int64_t seq, const char *what) {
    return found(check, seq, "%s cannot be read: %s", what, sqlite3_errmsg(check->reader->database));
}

static bool is_hash_of(sqlite3_stmt *statement, int column, const struct pb_hash *hash) {
    return sqlite3_column_type(statement, column) == SQLITE_BLOB &&
           sqlite3_column_bytes(statement, column) == PB_HASH_SIZE &&
           memcmp(sqlite3_column_blob(statement, column), hash->bytes, PB_HASH_SIZE) == 0;
}

/* The row of the table capture that belongs to a log row, already stepped to. */
static bool check_capture_row(struct check *check, const struct pb_row *row) {
    sqlite3_stmt *statement = check->capture;
    for (int column = 0; column < 4; column++)
        if (sqlite3_column_type(statement, column) != (column < 2 ? SQLITE_INTEGER : SQLITE_BLOB))
            return found(check, row->seq, "capture %" PRId64 ": %s is of another type", row->seq,
                         sqlite3_column_name(statement, column));
    const int64_t first = sqlite3_column_int64(statement, 0), count = sqlite3_column_int64(statement, 1);
    if (first != row->a || count != row->b)
        return found(check, row->seq, "capture %" PRId64 ": its range is not the log row's", row->seq);
    const void *blob = sqlite3_column_blob(statement, 2);
    const size_t size = (size_t)sqlite3_column_bytes(statement, 2);
    const struct pb_hash digest = pb_chain_capture(row->seq, first, count, blob, size);
    if (!is_hash_of(statement, 3, &digest))
        return found(check, row->seq, "capture %" PRId64 ": digest does not fit", row->seq);
    const int16_t *counts = pb_unpack(check->unpacker, blob, size, count);
    if (!counts)
        return found(check, row->seq, "capture %" PRId64 ": does not unpack to %" PRId64 " samples", row->seq, count);
    const struct pb_hash samples = pb_chain_samples(counts, (size_t)count);
    struct pb_sampling sampling;
    char hex[PB_HASH_HEX_SIZE], wanted[PB_HASH_HEX_SIZE];
    if (!pb_sampling_text_read(row->text, &sampling, wanted) || strcmp(pb_hash_hex(&samples, hex), wanted) != 0)
        return found(check, row->seq, "capture %" PRId64 ": the samples are not those of the log row", row->seq);
    return true;
}

static bool check_capture(struct check *check, const struct pb_row *row) {
    check->captures++;
    sqlite3_bind_int64(check->capture, 1, row->seq);
    int code = sqlite3_step(check->capture);
    bool is_right = false;
    if (code == SQLITE_ROW) is_right = check_capture_row(check, row);
    else if (code == SQLITE_DONE) found(check, row->seq, "capture %" PRId64 ": the samples are missing", row->seq);
    else found_unreadable(check, row->seq, "a capture");
    sqlite3_reset(check->capture);
    return is_right;
}

static bool check_row(struct check *check, sqlite3_stmt *statement, struct pb_hash *head) {
    const int64_t seq = check->result->rows + 1;
    struct pb_row row;
    const char *bad = pb_row_take(statement, &row);
    if (bad) return found(check, seq, "log row %" PRId64 ": %s is not what a bench writes", seq, bad);
    if (row.seq != seq)
        return found(check, seq, "log row %" PRId64 ": row %" PRId64 " stands in its place", seq, row.seq);
    const struct pb_hash next = pb_chain_next(head, &row);
    if (!is_hash_of(statement, 12, &next)) return found(check, seq, "log row %" PRId64 ": hash does not fit", seq);
    if (check->closed_at)
        return found(check, seq, "log row %" PRId64 ": stands after the close row %" PRId64, seq, check->closed_at);
    if (row.kind == PB_ROW_CLOSE && row.a != seq - 1)
        return found(check, seq, "log row %" PRId64 ": closes %" PRId64 " rows, there are %" PRId64, seq, row.a,
                     seq - 1);
    if (row.kind == PB_ROW_CLOSE) check->closed_at = seq;
    if (row.kind == PB_ROW_CAPTURE && !check_capture(check, &row)) return false;
    *head = next;
    check->result->rows = seq;
    memcpy(check->result->head, next.bytes, sizeof check->result->head);
    return true;
}

static bool check_chain(struct check *check, sqlite3_stmt *statement) {
    struct pb_hash head = pb_chain_first();
    memcpy(check->result->head, head.bytes, sizeof check->result->head);
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW)
        if (!check_row(check, statement, &head)) return false;
    if (code == SQLITE_DONE) return true;
    return found_unreadable(check, check->result->rows + 1, "the log");
}

static bool check_capture_count(struct check *check, sqlite3_stmt *statement) {
    if (sqlite3_step(statement) != SQLITE_ROW) return found_unreadable(check, 0, "captures");
    const int64_t count = sqlite3_column_int64(statement, 0);
    if (count == check->captures) return true;
    return found(check, 0, "capture: %" PRId64 " rows, the log has %" PRId64, count, check->captures);
}

static bool check_header(struct check *check, sqlite3_stmt *statement) {
    struct pb_header_digest digest;
    char hex[PB_HASH_HEX_SIZE], wanted[PB_HASH_HEX_SIZE] = "";
    pb_header_digest_start(&digest);
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        const char *key = pb_text_take(statement, 0), *value = key ? pb_text_take(statement, 1) : NULL;
        if (!value) return found(check, 0, "header: a line is not text");
        if (strcmp(key, PB_RUN_DIGEST_KEY) == 0)
            snprintf(wanted, sizeof wanted, "%s", strlen(value) < sizeof wanted ? value : "");
        else pb_header_digest_line(&digest, key, value);
    }
    if (code != SQLITE_DONE) return found_unreadable(check, 0, "the header");
    const struct pb_hash hash = pb_header_digest_finish(&digest);
    if (strcmp(pb_hash_hex(&hash, hex), wanted) == 0) return true;
    return found(check, 0, "header: digest does not fit");
}

/* Opening has seen that ours are there; here, that nothing else is. */
static bool check_schema(struct check *check, sqlite3_stmt *statement) {
    int code, count = 0;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) count++;
    if (code != SQLITE_DONE) return found_unreadable(check, 0, "the schema");
    if (count == PB_RUN_SCHEMA_COUNT) return true;
    return found(check, 0, "schema: %d tables, indexes, views or triggers, a run file has %d", count,
                 PB_RUN_SCHEMA_COUNT);
}

static bool check_integrity(struct check *check, sqlite3_stmt *statement) {
    if (sqlite3_step(statement) != SQLITE_ROW) return found_unreadable(check, 0, "the file");
    const char *answer = (const char *)sqlite3_column_text(statement, 0);
    if (answer && strcmp(answer, "ok") == 0) return true;
    return found(check, 0, "the file is damaged: %.180s", answer ? answer : "?");
}

static const struct {
    enum pb_query query;
    bool (*is_right)(struct check *check, sqlite3_stmt *statement);
} checks[] = {
    {PB_QUERY_CHAIN, check_chain},   {PB_QUERY_CAPTURE_COUNT, check_capture_count}, {PB_QUERY_HEADERS, check_header},
    {PB_QUERY_SCHEMA, check_schema}, {PB_QUERY_INTEGRITY, check_integrity},
};

static enum pb_status run_checks(struct check *check, struct pb_error *error) {
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        sqlite3_stmt *statement = NULL;
        enum pb_status status = pb_query_borrow(check->reader, checks[i].query, &statement, error);
        if (status != PB_OK) return status;
        const bool is_right = checks[i].is_right(check, statement);
        pb_query_return(check->reader, checks[i].query, statement);
        if (!is_right) return pb_fail(error, PB_ERR_CHANGED, 0, check->reader->where, "%s", check->result->finding);
    }
    check->result->is_closed = check->closed_at > 0;
    return PB_OK;
}

enum pb_status pb_reader_verify(struct pb_reader *reader, struct pb_verify_result *ret_result, struct pb_error *error) {
    *ret_result = (struct pb_verify_result){0};
    struct check check = {.reader = reader, .result = ret_result};
    if (!(check.unpacker = pb_unpacker_borrow(reader)))
        return pb_fail(error, PB_ERR_MEMORY, 0, reader->where, "no memory to unpack captures");
    enum pb_status status = pb_query_borrow(reader, PB_QUERY_CAPTURE, &check.capture, error);
    if (status == PB_OK) status = run_checks(&check, error);
    pb_query_return(reader, PB_QUERY_CAPTURE, check.capture);
    pb_unpacker_return(reader, check.unpacker);
    return status;
}
