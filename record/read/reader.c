/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening a run file and visiting its rows.
 *
 * A run that was killed leaves a -wal beside the file. SQLite's usual way of reading it makes a -shm file in the folder and
 * may copy the -wal into the database when it closes: both change the evidence, neither works in a read-only folder.
 * Exclusive locking keeps that index in memory instead, but wants an exclusive lock, which a read-only descriptor cannot
 * have; so the database is opened through the VFS that takes no locks (unix-none), after a shared lock by the usual VFS
 * has shown that no writer holds the file. Without a -wal the file is opened as immutable. */
#include "record/read/reader_private.h"

#include "record/chain.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *const query_sql[PB_QUERY_COUNT] = {
#define X(name, sql) [PB_QUERY_##name] = (sql),
    PB_QUERY_MAP(X)
#undef X
};

struct pb_header_line {
    struct pb_header_line *next;
    const char *value; /* behind key */
    char key[];
};

enum pb_status pb_reader_fail(struct pb_reader *reader, struct pb_error *error, int code, const char *doing) {
    return pb_sqlite_fail(error, reader->database, code, reader->where, doing);
}

enum pb_status pb_query_borrow(struct pb_reader *reader, enum pb_query query, sqlite3_stmt **ret_statement,
                               struct pb_error *error) {
    sqlite3_stmt *statement = reader->idle[query];
    reader->idle[query] = NULL;
    if (!statement) {
        int code =
            sqlite3_prepare_v3(reader->database, query_sql[query], -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
        if (code != SQLITE_OK) return pb_reader_fail(reader, error, code, "cannot be read");
    }
    *ret_statement = statement;
    return PB_OK;
}

void pb_query_return(struct pb_reader *reader, enum pb_query query, sqlite3_stmt *statement) {
    if (!statement) return;
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    if (reader->idle[query]) sqlite3_finalize(statement);
    else reader->idle[query] = statement;
}

const char *pb_text_take(sqlite3_stmt *statement, int column) {
    if (sqlite3_column_type(statement, column) != SQLITE_TEXT) return NULL;
    const char *text = (const char *)sqlite3_column_text(statement, column);
    if (!text || strlen(text) != (size_t)sqlite3_column_bytes(statement, column)) return NULL;
    return text;
}

static const char *take_numbers(sqlite3_stmt *statement, struct pb_row *row) {
    static const struct {
        const char *name;
        int column;
        bool is_small; /* fits int32_t, not negative */
    } columns[] = {{"seq", 0, false},    {"at_ns", 1, false},   {"case_no", 3, true},
                   {"step_no", 4, true}, {"check_no", 5, true}, {"a", 7, false},
                   {"b", 8, false},      {"c", 9, false},       {"d", 10, false}};
    int64_t values[sizeof columns / sizeof *columns];
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        if (sqlite3_column_type(statement, columns[i].column) != SQLITE_INTEGER) return columns[i].name;
        values[i] = sqlite3_column_int64(statement, columns[i].column);
        if (columns[i].is_small && (values[i] < 0 || values[i] > INT32_MAX)) return columns[i].name;
    }
    row->seq = values[0];
    row->at.ns = values[1];
    row->case_no = (int32_t)values[2];
    row->step_no = (int32_t)values[3];
    row->check_no = (int32_t)values[4];
    row->a = values[5];
    row->b = values[6];
    row->c = values[7];
    row->d = values[8];
    return NULL;
}

const char *pb_row_take(sqlite3_stmt *statement, struct pb_row *ret_row) {
    const char *bad = take_numbers(statement, ret_row);
    if (bad) return bad;
    const char *kind = pb_text_take(statement, 2);
    ret_row->kind = kind ? pb_row_kind_find(kind) : PB_ROW_KIND_COUNT;
    if (ret_row->kind == PB_ROW_KIND_COUNT) return "kind";
    if (!(ret_row->name = pb_text_take(statement, 6))) return "name";
    if (!(ret_row->text = pb_text_take(statement, 11))) return "text";
    return NULL;
}

/* --- opening --- */

static enum pb_status check_file(struct pb_reader *reader, const char *path, struct pb_error *error) {
    struct stat info;
    if (stat(path, &info) != 0)
        return pb_fail(error, PB_ERR_IO, errno, reader->where, "cannot be opened: %s", strerror(errno));
    if (!S_ISREG(info.st_mode))
        return pb_fail(error, PB_ERR_INPUT, 0, reader->where, "is not a file, a run file was expected");
    if (info.st_size == 0) return pb_fail(error, PB_ERR_INPUT, 0, reader->where, "is empty, a run file was expected");
    return PB_OK;
}

/* PB_ERR_BUSY when a writer, of this process or another, has the file. */
static enum pb_status check_no_writer(struct pb_reader *reader, const char *path, struct pb_error *error) {
    sqlite3 *database = NULL;
    sqlite3_file *file = NULL;
    int code = sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, "unix");
    if (code == SQLITE_OK) code = sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (code == SQLITE_OK) code = file->pMethods->xLock(file, SQLITE_LOCK_SHARED);
    if (code == SQLITE_OK) code = file->pMethods->xUnlock(file, SQLITE_LOCK_NONE);
    enum pb_status status = PB_OK;
    if (code == SQLITE_BUSY) status = pb_fail(error, PB_ERR_BUSY, code, reader->where, "is still being written");
    else if (code != SQLITE_OK) status = pb_sqlite_fail(error, database, code, reader->where, "cannot be opened");
    sqlite3_close(database);
    return status;
}

static bool has_wal(const char *path) {
    char wal[4096];
    struct stat info;
    return snprintf(wal, sizeof wal, "%s-wal", path) < (int)sizeof wal && stat(wal, &info) == 0 && info.st_size > 0;
}

static int open_with_wal(const char *path, sqlite3 **ret_database) {
    int code = sqlite3_open_v2(path, ret_database, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, "unix-none");
    if (code != SQLITE_OK) return code;
    sqlite3_db_config(*ret_database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    return sqlite3_exec(*ret_database, "PRAGMA locking_mode = EXCLUSIVE", NULL, NULL, NULL);
}

static int open_immutable(const char *path, sqlite3 **ret_database) {
    sqlite3_str *uri = sqlite3_str_new(NULL);
    sqlite3_str_appendall(uri, *path == '/' ? "file://" : "file:");
    for (; *path; path++)
        if (strchr("%?#", *path)) sqlite3_str_appendf(uri, "%%%02x", (unsigned char)*path);
        else sqlite3_str_appendchar(uri, 1, *path);
    sqlite3_str_appendall(uri, "?immutable=1");
    char *text = sqlite3_str_finish(uri);
    if (!text) return SQLITE_NOMEM;
    int code =
        sqlite3_open_v2(text, ret_database, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI, "unix");
    sqlite3_free(text);
    return code;
}

/* A stranger's file may hold anything: no SQL functions from its schema, no record longer than ours. */
static void distrust(sqlite3 *database) {
    sqlite3_limit(database, SQLITE_LIMIT_LENGTH, 4 * PB_RUN_TEXT_MAX);
    sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
}

static enum pb_status read_pragma(struct pb_reader *reader, const char *sql, int64_t *ret_value,
                                  struct pb_error *error) {
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(reader->database, sql, -1, &statement, NULL);
    if (code == SQLITE_OK) code = sqlite3_step(statement);
    if (code == SQLITE_ROW) *ret_value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    if (code == SQLITE_ROW) return PB_OK;
    return pb_reader_fail(reader, error, code, "is not a run file");
}

static enum pb_status check_tables(struct pb_reader *reader, struct pb_error *error) {
    sqlite3_stmt *statement = NULL;
    enum pb_status status = pb_query_borrow(reader, PB_QUERY_SCHEMA, &statement, error);
    if (status != PB_OK) return status;
    unsigned found = 0;
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        const char *name = pb_text_take(statement, 0), *sql = pb_text_take(statement, 1);
        for (unsigned i = 0; name && sql && i < PB_RUN_SCHEMA_COUNT; i++)
            if (strcmp(name, pb_run_schema[i].name) == 0 && strcmp(sql, pb_run_schema[i].sql) == 0) found |= 1u << i;
    }
    if (code != SQLITE_DONE) status = pb_reader_fail(reader, error, code, "is not a run file");
    for (unsigned i = 0; status == PB_OK && i < PB_RUN_SCHEMA_COUNT; i++)
        if (!(found & 1u << i))
            status = pb_fail(error, PB_ERR_INPUT, 0, reader->where,
                             "is not a run file of version %d: its %s is not as expected", PB_RUN_VERSION,
                             pb_run_schema[i].name);
    pb_query_return(reader, PB_QUERY_SCHEMA, statement);
    return status;
}

static enum pb_status check_is_run(struct pb_reader *reader, struct pb_error *error) {
    int64_t application_id = 0, version = 0;
    enum pb_status status = read_pragma(reader, "PRAGMA application_id", &application_id, error);
    if (status == PB_OK) status = read_pragma(reader, "PRAGMA user_version", &version, error);
    if (status != PB_OK) return status;
    if (application_id != PB_RUN_APPLICATION_ID)
        return pb_fail(error, PB_ERR_INPUT, 0, reader->where, "is an SQLite database but not a run file");
    if (version != PB_RUN_VERSION)
        return pb_fail(error, PB_ERR_INPUT, 0, reader->where,
                       "is a run file of version %d, this program knows version %d", (int)version, PB_RUN_VERSION);
    return check_tables(reader, error);
}

/* SQLite takes the missing end of a last page for zeros. */
static enum pb_status check_size(struct pb_reader *reader, const char *path, struct pb_error *error) {
    int64_t pages = 0, page_size = 0;
    struct stat info;
    enum pb_status status = read_pragma(reader, "PRAGMA page_count", &pages, error);
    if (status == PB_OK) status = read_pragma(reader, "PRAGMA page_size", &page_size, error);
    if (status != PB_OK) return status;
    const int64_t needed = pages * page_size; /* page numbers have 32 bits, a page at most 65536 bytes */
    if (stat(path, &info) != 0 || info.st_size < needed)
        return pb_fail(error, PB_ERR_INPUT, 0, reader->where, "is cut short: %" PRId64 " bytes of %" PRId64,
                       (int64_t)info.st_size, needed);
    return PB_OK;
}

static enum pb_status open_file(struct pb_reader *reader, const char *path, struct pb_error *error) {
    enum pb_status status = check_file(reader, path, error);
    if (status == PB_OK) status = check_no_writer(reader, path, error);
    if (status != PB_OK) return status;
    const bool is_with_wal = has_wal(path);
    int code = is_with_wal ? open_with_wal(path, &reader->database) : open_immutable(path, &reader->database);
    if (code != SQLITE_OK) return pb_reader_fail(reader, error, code, "cannot be opened");
    distrust(reader->database);
    status = check_is_run(reader, error);
    return status == PB_OK && !is_with_wal ? check_size(reader, path, error) : status;
}

static enum pb_status make(struct pb_reader **ret_reader, const char *where, struct pb_error *error) {
    enum pb_status status = pb_chain_start(error);
    if (status != PB_OK) return status;
    if (!(*ret_reader = calloc(1, sizeof **ret_reader))) return pb_fail(error, PB_ERR_MEMORY, 0, where, "no memory");
    snprintf((*ret_reader)->where, sizeof(*ret_reader)->where, "%s", where);
    return PB_OK;
}

enum pb_status pb_reader_open(const char *path, struct pb_reader **ret_reader, struct pb_error *error) {
    struct pb_reader *reader;
    enum pb_status status = make(&reader, path, error);
    if (status != PB_OK) return status;
    reader->is_owner = true;
    status = open_file(reader, path, error);
    if (status == PB_OK) *ret_reader = reader;
    else pb_reader_close(reader);
    return status;
}

enum pb_status pb_reader_attach(void *handle, struct pb_reader **ret_reader, struct pb_error *error) {
    struct pb_reader *reader;
    enum pb_status status = make(&reader, "the run's record", error);
    if (status != PB_OK) return status;
    reader->database = handle;
    status = check_is_run(reader, error);
    if (status == PB_OK) *ret_reader = reader;
    else pb_reader_close(reader);
    return status;
}

void pb_reader_close(struct pb_reader *reader) {
    if (!reader) return;
    for (int i = 0; i < PB_QUERY_COUNT; i++) sqlite3_finalize(reader->idle[i]);
    if (reader->is_owner) sqlite3_close(reader->database);
    pb_unpacker_destroy(reader->idle_unpacker);
    for (struct pb_header_line *line = reader->headers, *next; line; line = next) {
        next = line->next;
        free(line);
    }
    free(reader->row_texts);
    free(reader);
}

/* --- header --- */

static const char *keep_header(struct pb_reader *reader, const char *key, const char *value) {
    const size_t key_size = strlen(key) + 1, value_size = strlen(value) + 1;
    struct pb_header_line *line = malloc(sizeof *line + key_size + value_size);
    if (!line) return NULL;
    memcpy(line->key, key, key_size);
    line->value = memcpy(line->key + key_size, value, value_size);
    line->next = reader->headers;
    reader->headers = line;
    return line->value;
}

const char *pb_reader_header(struct pb_reader *reader, const char *key) {
    for (const struct pb_header_line *line = reader->headers; line; line = line->next)
        if (strcmp(line->key, key) == 0) return line->value;
    sqlite3_stmt *statement = NULL;
    if (strcmp(key, PB_RUN_DIGEST_KEY) == 0 || pb_query_borrow(reader, PB_QUERY_HEADER, &statement, NULL) != PB_OK)
        return NULL;
    const char *value = NULL;
    if (sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
        value = pb_text_take(statement, 0);
    if (value) value = keep_header(reader, key, value);
    pb_query_return(reader, PB_QUERY_HEADER, statement);
    return value;
}

enum pb_status pb_reader_each_header(struct pb_reader *reader, pb_reader_header_fn *visit, void *user,
                                     struct pb_error *error) {
    sqlite3_stmt *statement = NULL;
    enum pb_status status = pb_query_borrow(reader, PB_QUERY_HEADERS, &statement, error);
    if (status != PB_OK) return status;
    int code;
    while (status == PB_OK && (code = sqlite3_step(statement)) != SQLITE_DONE) {
        const char *key = code == SQLITE_ROW ? pb_text_take(statement, 0) : NULL;
        const char *value = key ? pb_text_take(statement, 1) : NULL;
        if (code != SQLITE_ROW) status = pb_reader_fail(reader, error, code, "header cannot be read");
        else if (!value) status = pb_fail(error, PB_ERR_CHANGED, 0, reader->where, "header: a line is not text");
        else if (strcmp(key, PB_RUN_DIGEST_KEY) != 0) status = visit(user, key, value);
    }
    pb_query_return(reader, PB_QUERY_HEADERS, statement);
    return status;
}

/* --- rows --- */

/* A row of no kind is: what is wrong with it is said. */
static bool is_asked(sqlite3_stmt *statement, uint32_t kind_mask) {
    const char *name = pb_text_take(statement, 2);
    enum pb_row_kind kind = name ? pb_row_kind_find(name) : PB_ROW_KIND_COUNT;
    return kind == PB_ROW_KIND_COUNT || (kind_mask & 1u << kind);
}

/* Steps a bound statement of PB_ROW_COLUMNS through its rows. */
static enum pb_status visit_rows(struct pb_reader *reader, sqlite3_stmt *statement, uint32_t kind_mask,
                                 pb_reader_row_fn *visit, void *user, struct pb_error *error) {
    for (;;) {
        int code = sqlite3_step(statement);
        if (code == SQLITE_DONE) return PB_OK;
        if (code != SQLITE_ROW) return pb_reader_fail(reader, error, code, "log cannot be read");
        if (!is_asked(statement, kind_mask)) continue;
        struct pb_row row;
        const char *bad = pb_row_take(statement, &row);
        if (bad)
            return pb_fail(error, PB_ERR_CHANGED, 0, reader->where, "log row %lld: %s is not what a bench writes",
                           (long long)sqlite3_column_int64(statement, 0), bad);
        enum pb_status status = visit(user, &row);
        if (status != PB_OK) return status;
    }
}

enum pb_status pb_reader_each_row(struct pb_reader *reader, int64_t first_seq, uint32_t kind_mask,
                                  pb_reader_row_fn *visit, void *user, struct pb_error *error) {
    sqlite3_stmt *statement = NULL;
    enum pb_status status = pb_query_borrow(reader, PB_QUERY_ROWS, &statement, error);
    if (status != PB_OK) return status;
    sqlite3_bind_int64(statement, 1, first_seq);
    status = visit_rows(reader, statement, kind_mask, visit, user, error);
    pb_query_return(reader, PB_QUERY_ROWS, statement);
    return status;
}

enum pb_status pb_reader_each_event(struct pb_reader *reader, const char *name, pb_instant from, pb_instant to,
                                    pb_reader_row_fn *visit, void *user, struct pb_error *error) {
    sqlite3_stmt *statement = NULL;
    enum pb_status status = pb_query_borrow(reader, PB_QUERY_EVENTS, &statement, error);
    if (status != PB_OK) return status;
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, from.ns);
    sqlite3_bind_int64(statement, 3, to.ns);
    status = visit_rows(reader, statement, 1u << PB_ROW_EVENT, visit, user, error);
    pb_query_return(reader, PB_QUERY_EVENTS, statement);
    return status;
}

struct kept_row {
    struct pb_reader *reader;
    struct pb_row row;
    bool is_found;
};

static enum pb_status keep_row(void *user, const struct pb_row *row) {
    struct kept_row *kept = user;
    const size_t name_size = strlen(row->name) + 1, text_size = strlen(row->text) + 1;
    char *texts = realloc(kept->reader->row_texts, name_size + text_size);
    if (!texts) return PB_ERR_MEMORY;
    kept->reader->row_texts = texts;
    kept->row = *row;
    kept->row.name = memcpy(texts, row->name, name_size);
    kept->row.text = memcpy(texts + name_size, row->text, text_size);
    kept->is_found = true;
    return PB_OK;
}

enum pb_status pb_reader_row(struct pb_reader *reader, int64_t seq, struct pb_row *ret_row, struct pb_error *error) {
    struct kept_row kept = {.reader = reader};
    sqlite3_stmt *statement = NULL;
    enum pb_status status = pb_query_borrow(reader, PB_QUERY_ROW, &statement, error);
    if (status != PB_OK) return status;
    sqlite3_bind_int64(statement, 1, seq);
    status = visit_rows(reader, statement, UINT32_MAX, keep_row, &kept, error);
    pb_query_return(reader, PB_QUERY_ROW, statement);
    if (status == PB_ERR_MEMORY)
        return pb_fail(error, PB_ERR_MEMORY, 0, reader->where, "no memory for log row %lld", (long long)seq);
    if (status != PB_OK) return status;
    if (!kept.is_found)
        return pb_fail(error, PB_ERR_NOT_FOUND, 0, reader->where, "has no log row %lld", (long long)seq);
    *ret_row = kept.row;
    return PB_OK;
}
