/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Adding rows to a run file. A transaction opens with the first row after a commit. Whatever goes wrong in the database
 * ends the record: SQLite may have rolled back rows that were added before, and a chain with a hole is worth nothing. */
#include "record/write/writer_private.h"

#include "base/wall.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COMMIT_ROWS = 256, COMMIT_NS = 10000000 };

static const char *const order_sql[PB_ORDER_COUNT] = {
#define X(name, sql) [PB_ORDER_##name] = (sql),
    PB_ORDER_MAP(X)
#undef X
};

enum pb_status pb_writer__break(struct pb_writer *writer, int code, const char *doing, struct pb_error *error) {
    enum pb_status status = pb_sqlite_fail(&writer->broken, writer->database, code, writer->where, doing);
    if (error) *error = writer->broken;
    return status;
}

int pb_writer__step(sqlite3_stmt *statement) {
    sqlite3_step(statement);
    return sqlite3_reset(statement);
}

/* What every call that writes begins with. */
static enum pb_status begin(struct pb_writer *writer, struct pb_error *error) {
    if (writer->broken.status != PB_OK) {
        if (error) *error = writer->broken;
        return writer->broken.status;
    }
    if (writer->is_open) return PB_OK;
    int code = pb_writer__step(writer->orders[PB_ORDER_BEGIN]);
    if (code != SQLITE_OK) return pb_writer__break(writer, code, "begin", error);
    writer->is_open = true;
    if (writer->pending.count == 0) writer->oldest = pb_wall_now();
    return PB_OK;
}

/* --- rows --- */

static int bind_row(sqlite3_stmt *statement, const struct pb_row *row, const struct pb_hash *hash) {
    const int64_t numbers[] = {row->seq, row->at.ns, row->case_no, row->step_no, row->check_no,
                               row->a,   row->b,     row->c,       row->d};
    static const int places[] = {1, 2, 4, 5, 6, 8, 9, 10, 11};
    int code = SQLITE_OK;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        code |= sqlite3_bind_int64(statement, places[i], numbers[i]);
    code |= sqlite3_bind_text(statement, 3, pb_row_kind_name(row->kind), -1, SQLITE_STATIC);
    code |= sqlite3_bind_text(statement, 7, row->name, -1, SQLITE_STATIC);
    code |= sqlite3_bind_text(statement, 12, row->text, -1, SQLITE_STATIC);
    code |= sqlite3_bind_blob(statement, 13, hash->bytes, PB_HASH_SIZE, SQLITE_STATIC);
    return code == SQLITE_OK ? SQLITE_OK : SQLITE_NOMEM;
}

enum pb_status pb_writer__add(struct pb_writer *writer, const struct pb_row *row, struct pb_error *error) {
    enum pb_status status = begin(writer, error);
    if (status != PB_OK) return status;
    struct pb_row numbered = *row;
    numbered.seq = writer->rows + 1;
    const struct pb_hash hash = pb_chain_next(&writer->head, &numbered);
    sqlite3_stmt *statement = writer->orders[PB_ORDER_ROW];
    int code = bind_row(statement, &numbered, &hash);
    if (code == SQLITE_OK) code = pb_writer__step(statement);
    if (code != SQLITE_OK) return pb_writer__break(writer, code, "row not written", error);
    writer->head = hash;
    writer->rows = numbered.seq;
    writer->uncommitted++;
    return PB_OK;
}

PB_HOT static size_t pending_size(const struct pb_row *row) {
    return (sizeof *row + strlen(row->name) + 1 + strlen(row->text) + 1 + 7) & ~(size_t)7;
}

/* There is room. */
PB_HOT static void append_pending(struct pb_writer *writer, const struct pb_row *row) {
    struct pb_pending *pending = &writer->pending;
    if (pending->count == 0 && !writer->is_open) writer->oldest = pb_wall_now();
    unsigned char *at = pending->bytes + pending->used;
    const size_t name_size = strlen(row->name) + 1;
    memcpy(at, row, sizeof *row);
    memcpy(at + sizeof *row, row->name, name_size);
    strcpy((char *)at + sizeof *row + name_size, row->text);
    pending->used += pending_size(row);
    pending->count++;
}

enum pb_status pb_writer_flush(struct pb_writer *writer, struct pb_error *error) {
    struct pb_pending *pending = &writer->pending;
    enum pb_status status = PB_OK;
    for (size_t at = 0; status == PB_OK && at < pending->used;) {
        struct pb_row row;
        memcpy(&row, pending->bytes + at, sizeof row);
        row.name = (const char *)pending->bytes + at + sizeof row;
        row.text = row.name + strlen(row.name) + 1;
        status = pb_writer__add(writer, &row, error);
        at += pending_size(&row);
    }
    pending->used = 0;
    pending->count = 0;
    return status;
}

PB_HOT enum pb_status pb_writer__commit_if_due(struct pb_writer *writer, struct pb_error *error) {
    if (writer->uncommitted + writer->pending.count < COMMIT_ROWS &&
        pb_is_shorter(pb_between(writer->oldest, pb_wall_now()), pb_ns(COMMIT_NS)))
        return PB_OK;
    return pb_writer_commit(writer, error);
}

enum pb_status pb_writer_settle(struct pb_writer *writer, pb_instant *ret_due, struct pb_error *error) {
    enum pb_status status = pb_writer_flush(writer, error);
    if (status == PB_OK && writer->is_open) status = pb_writer__commit_if_due(writer, error);
    if (status == PB_OK) *ret_due = writer->is_open ? pb_after(writer->oldest, pb_ns(COMMIT_NS)) : PB_INSTANT_NEVER;
    return status;
}

PB_HOT static enum pb_status check_row(const struct pb_writer *writer, const struct pb_row *row,
                                       struct pb_error *error) {
    if ((unsigned)row->kind >= PB_ROW_KIND_COUNT || row->case_no < 0 || row->step_no < 0 || row->check_no < 0 ||
        !row->name || !row->text)
        return pb_fail(error, PB_ERR_ARG, 0, writer->where, "a row of kind %d with case %d, step %d, check %d",
                       (int)row->kind, row->case_no, row->step_no, row->check_no);
    if (strlen(row->name) > PB_RUN_TEXT_MAX || strlen(row->text) > PB_RUN_TEXT_MAX)
        return pb_fail(error, PB_ERR_RANGE, 0, writer->where, "a text of a row is longer than %d bytes",
                       PB_RUN_TEXT_MAX);
    return PB_OK;
}

PB_HOT enum pb_status pb_writer_add(struct pb_writer *writer, const struct pb_row *row, int64_t *ret_seq,
                                    struct pb_error *error) {
    if (row->kind == PB_ROW_CAPTURE || row->kind == PB_ROW_CLOSE)
        return pb_fail(error, PB_ERR_ARG, 0, writer->where, "a %s row has a call of its own",
                       pb_row_kind_name(row->kind));
    enum pb_status status = check_row(writer, row, error);
    if (status == PB_OK && writer->broken.status != PB_OK) status = begin(writer, error); /* fails */
    if (status != PB_OK) return status;
    const size_t size = pending_size(row);
    if (writer->pending.used + size > PB_PENDING_BYTES) status = pb_writer_flush(writer, error);
    if (status != PB_OK) return status;
    if (size <= PB_PENDING_BYTES) append_pending(writer, row);
    else status = pb_writer__add(writer, row, error);
    if (status != PB_OK) return status;
    if (ret_seq) *ret_seq = writer->rows + writer->pending.count;
    return pb_writer__commit_if_due(writer, error);
}

int64_t pb_writer_rows(const struct pb_writer *writer) { return writer->rows + (int64_t)writer->pending.count; }

/* --- header --- */

static int write_digest(struct pb_writer *writer) {
    sqlite3_stmt *lines = writer->orders[PB_ORDER_HEADERS], *statement = writer->orders[PB_ORDER_DIGEST];
    struct pb_header_digest digest;
    char hex[PB_HASH_HEX_SIZE];
    pb_header_digest_start(&digest);
    while (sqlite3_step(lines) == SQLITE_ROW)
        pb_header_digest_line(&digest, (const char *)sqlite3_column_text(lines, 0),
                              (const char *)sqlite3_column_text(lines, 1));
    int code = sqlite3_reset(lines);
    const struct pb_hash hash = pb_header_digest_finish(&digest);
    if (code == SQLITE_OK) code = sqlite3_bind_text(statement, 1, pb_hash_hex(&hash, hex), -1, SQLITE_TRANSIENT);
    return code == SQLITE_OK ? pb_writer__step(statement) : code;
}

enum pb_status pb_writer_header(struct pb_writer *writer, const char *key, const char *value, struct pb_error *error) {
    if (strcmp(key, PB_RUN_DIGEST_KEY) == 0)
        return pb_fail(error, PB_ERR_ARG, 0, writer->where,
                       "the header key \"" PB_RUN_DIGEST_KEY "\" is the record's own");
    if (strlen(key) > PB_RUN_TEXT_MAX || strlen(value) > PB_RUN_TEXT_MAX)
        return pb_fail(error, PB_ERR_RANGE, 0, writer->where, "a header line is longer than %d bytes", PB_RUN_TEXT_MAX);
    enum pb_status status = pb_writer_flush(writer, error);
    if (status == PB_OK) status = begin(writer, error);
    if (status != PB_OK) return status;
    sqlite3_stmt *statement = writer->orders[PB_ORDER_HEADER];
    int code = sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC);
    if (code == SQLITE_OK) code = sqlite3_bind_text(statement, 2, value, -1, SQLITE_STATIC);
    if (code == SQLITE_OK) code = pb_writer__step(statement);
    if ((code & 0xff) == SQLITE_CONSTRAINT)
        return pb_fail(error, PB_ERR_ARG, code, writer->where, "the header key \"%.60s\" was written before", key);
    if (code == SQLITE_OK) code = write_digest(writer);
    if (code != SQLITE_OK) return pb_writer__break(writer, code, "header not written", error);
    writer->uncommitted++;
    return pb_writer__commit_if_due(writer, error);
}

/* --- commit, sync --- */

enum pb_status pb_writer_commit(struct pb_writer *writer, struct pb_error *error) {
    if (writer->broken.status != PB_OK) return begin(writer, error);
    enum pb_status status = pb_writer_flush(writer, error);
    if (status != PB_OK || !writer->is_open) return status;
    int code = pb_writer__step(writer->orders[PB_ORDER_COMMIT]);
    if (code != SQLITE_OK) return pb_writer__break(writer, code, "commit", error);
    writer->is_open = false;
    writer->uncommitted = 0;
    return PB_OK;
}

static int sync_file(struct pb_writer *writer, int which) {
    sqlite3_file *file = NULL;
    int code = sqlite3_file_control(writer->database, "main", which, &file);
    if (code != SQLITE_OK || !file->pMethods) return code;
    return file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
}

/* synchronous = FULL is exactly this after a commit: an fsync of the -wal. */
enum pb_status pb_writer_sync(struct pb_writer *writer, struct pb_error *error) {
    enum pb_status status = pb_writer_commit(writer, error);
    if (status != PB_OK) return status;
    int code = writer->is_file_synced ? SQLITE_OK : sync_file(writer, SQLITE_FCNTL_FILE_POINTER);
    if (code == SQLITE_OK) code = sync_file(writer, SQLITE_FCNTL_JOURNAL_POINTER);
    if (code != SQLITE_OK) return pb_writer__break(writer, code, "sync", error);
    writer->is_file_synced = true;
    return PB_OK;
}

/* --- life --- */

static int prepare_orders(struct pb_writer *writer) {
    int code = SQLITE_OK;
    for (int i = 0; code == SQLITE_OK && i < PB_ORDER_COUNT; i++)
        code =
            sqlite3_prepare_v3(writer->database, order_sql[i], -1, SQLITE_PREPARE_PERSISTENT, &writer->orders[i], NULL);
    return code;
}

/* SQLite follows the first commit to a -wal with an fsync of its head. This one goes without, because there is nothing yet
 * that a power cut could take; what it writes stands in the file already. A commit a verdict makes the -wal long: it is
 * moved into the database each 16 MB, with two syncs, not each 4. */
static enum pb_status start(struct pb_writer *writer, struct pb_error *error) {
    int code = prepare_orders(writer);
    if (code == SQLITE_OK) code = write_digest(writer);
    if (code == SQLITE_OK)
        code = sqlite3_exec(writer->database, "PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 4000", NULL,
                            NULL, NULL);
    return code == SQLITE_OK ? PB_OK : pb_writer__break(writer, code, "cannot be written", error);
}

static void destroy(struct pb_writer *writer) {
    for (int i = 0; i < PB_ORDER_COUNT; i++) sqlite3_finalize(writer->orders[i]);
    sqlite3_close_v2(writer->database); /* lives on while a reader is attached */
    pb_packer_destroy(writer->packer);
    free(writer);
}

enum pb_status pb_writer_create(const char *path, struct pb_writer **ret_writer, struct pb_error *error) {
    enum pb_status status = pb_chain_start(error);
    if (status != PB_OK) return status;
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); /* its counters, which nobody reads, cost a lock an allocation */
    struct pb_writer *writer = calloc(1, sizeof *writer);
    if (!writer) return pb_fail(error, PB_ERR_MEMORY, 0, path, "no memory for a writer");
    snprintf(writer->where, sizeof writer->where, "%s", path);
    writer->head = pb_chain_first();
    status = pb_writer__make_file(path, writer, error);
    if (status == PB_OK) status = start(writer, error);
    if (status == PB_OK) *ret_writer = writer;
    else destroy(writer);
    return status;
}

/* Leaving WAL mode moves the -wal into the database, with fsync, and removes it; the journal of that last small change stays
 * in memory, so that there is never a third file. */
static enum pb_status leave_one_file(struct pb_writer *writer, struct pb_error *error) {
    int code = sqlite3_exec(writer->database, "PRAGMA journal_mode = MEMORY", NULL, NULL, NULL);
    return code == SQLITE_OK ? PB_OK : pb_writer__break(writer, code, "not closed as one file", error);
}

enum pb_status pb_writer_close(struct pb_writer *writer, pb_instant at, int exit_status, const char *text,
                               struct pb_error *error) {
    struct pb_row row = {.at = at, .kind = PB_ROW_CLOSE, .name = "", .b = exit_status, .text = text};
    enum pb_status status = check_row(writer, &row, error);
    if (status == PB_OK) status = pb_writer_flush(writer, error);
    row.a = writer->rows;
    if (status == PB_OK) status = pb_writer__add(writer, &row, error);
    if (status == PB_OK) status = pb_writer_sync(writer, error);
    if (status == PB_OK) status = leave_one_file(writer, error);
    if (status == PB_OK) destroy(writer);
    else pb_writer_abandon(writer);
    return status;
}

void pb_writer_abandon(struct pb_writer *writer) {
    if (!writer) return;
    enum pb_status status =
        pb_writer_commit(writer, NULL); /* what was added is worth keeping; there is no one to tell */
    (void)status;
    destroy(writer);
}

void *pb_writer_handle(struct pb_writer *writer) { return writer->database; }
