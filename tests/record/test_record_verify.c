/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verification finds what was changed. Changes are made in copies of one run, by SQL of the test's own. */
#include "record/chain.h"
#include "tests/record/run_files.h"
#include "tests/support/check.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

static sqlite3 *open_for_change(const char *path) {
    sqlite3 *database = NULL;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    return database;
}

static void change(sqlite3 *database, const char *sql) {
    char *message = NULL;
    if (sqlite3_exec(database, sql, NULL, NULL, &message) != SQLITE_OK) fail_msg("%s: %s", sql, message);
}

static sqlite3_int64 number(sqlite3 *database, const char *sql) {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(database));
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    const sqlite3_int64 value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

static enum pb_status verify(const char *path, struct pb_verify_result *ret_result) {
    struct pb_error error;
    struct pb_reader *reader = run_open(path);
    enum pb_status status = pb_reader_verify(reader, ret_result, &error);
    if (status != PB_OK) PB_CHECK_TEXT(error.text, ret_result->finding);
    pb_reader_close(reader);
    return status;
}

static const char *fresh_copy(void) {
    const char *path = run_path("changed");
    run_copy(run_path("original"), path);
    return path;
}

static int make_original(void **state) {
    if (run_folder_make(state) != 0) return -1;
    run_make(run_path("original"));
    return 0;
}

static void test_an_unchanged_run_verifies(void **state) {
    (void)state;
    struct pb_verify_result result;
    PB_CHECK_INT(verify(fresh_copy(), &result), PB_OK, "status");
    PB_CHECK_INT(result.rows, 61, "rows");
    PB_CHECK_TRUE(result.is_closed, "closed");
    PB_CHECK_TEXT(result.finding, "");
    PB_CHECK_INT(result.first_bad_seq, 0, "seq");
}

/* The expected bytes are those of Python's hashlib and struct, by the lines that docs/run-file.md gives. */
static void test_the_chain_is_computed_as_documented(void **state) {
    (void)state;
    static const uint8_t expected[32] = {
        0xbd, 0xb2, 0xf6, 0x42, 0xfe, 0x4d, 0x03, 0xc2, 0x1f, 0x9f, 0xe2, 0x89, 0x4d, 0x14, 0xc8, 0x27,
        0x9d, 0x51, 0x41, 0x55, 0x3c, 0x4a, 0xb0, 0xcb, 0xe3, 0x2a, 0xeb, 0x05, 0x40, 0xaa, 0xd5, 0x47,
    };
    struct pb_error error;
    struct pb_writer *writer = run_create(run_path("documented"));
    const struct pb_row row = {.at = {-2},
                               .kind = PB_ROW_EVENT,
                               .case_no = 1,
                               .step_no = 2,
                               .check_no = 3,
                               .name = "cp.state",
                               .a = 5,
                               .b = INT64_MIN,
                               .c = INT64_MAX,
                               .d = 4,
                               .text = "{\"why\":\"\xc2\xb5\"}"};
    PB_CHECK_OK(pb_writer_add(writer, &row, NULL, &error), &error);
    pb_writer_abandon(writer);
    struct pb_verify_result result;
    PB_CHECK_INT(verify(run_path("documented"), &result), PB_OK, "status");
    for (int i = 0; i < 32; i++) PB_CHECK_INT(result.head[i], expected[i], "byte of the hash");
}

/* --- a thousand changed bytes --- */

static const struct column {
    const char *table, *key, *name;
    bool is_integer;
} columns[] = {
    {"header", "key", "key", false},
    {"header", "key", "value", false},
    {"log", "seq", "seq", true},
    {"log", "seq", "at_ns", true},
    {"log", "seq", "kind", false},
    {"log", "seq", "case_no", true},
    {"log", "seq", "step_no", true},
    {"log", "seq", "check_no", true},
    {"log", "seq", "name", false},
    {"log", "seq", "a", true},
    {"log", "seq", "b", true},
    {"log", "seq", "c", true},
    {"log", "seq", "d", true},
    {"log", "seq", "text", false},
    {"log", "seq", "hash", false},
    {"capture", "seq", "seq", true},
    {"capture", "seq", "first_index", true},
    {"capture", "seq", "count", true},
    {"capture", "seq", "samples", false},
    {"capture", "seq", "digest", false},
};
#define COLUMNS (sizeof columns / sizeof *columns)

static uint64_t seed = 20261121;
static uint64_t draw(uint64_t below) { /* splitmix64 */
    uint64_t z = seed += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (z ^ (z >> 31)) % below;
}

/* Exchanges one byte (of an integer: of its eight) in a random row; the type stays. False when it has none to change. */
static bool change_byte(sqlite3 *database, const struct column *column) {
    char sql[400];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", column->table);
    const uint64_t row = draw((uint64_t)number(database, sql));
    snprintf(sql, sizeof sql, "SELECT %s, %s, typeof(%s) FROM %s ORDER BY %s LIMIT 1 OFFSET %llu", column->key,
             column->name, column->name, column->table, column->key, (unsigned long long)row);
    sqlite3_stmt *find = NULL, *update = NULL;
    assert_int_equal(sqlite3_prepare_v2(database, sql, -1, &find, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(find), SQLITE_ROW);
    snprintf(sql, sizeof sql, "UPDATE %s SET %s = ?1 WHERE %s = ?2", column->table, column->name, column->key);
    assert_int_equal(sqlite3_prepare_v2(database, sql, -1, &update, NULL), SQLITE_OK);
    sqlite3_bind_value(update, 2, sqlite3_column_value(find, 0));
    bool is_changed = true;
    if (column->is_integer) {
        const uint64_t value = (uint64_t)sqlite3_column_int64(find, 1) ^ (1 + draw(255)) << 8 * draw(8);
        sqlite3_bind_int64(update, 1, (sqlite3_int64)value);
    } else {
        const bool is_text = sqlite3_column_type(find, 1) == SQLITE_TEXT;
        const void *bytes = sqlite3_column_blob(find, 1);
        const int size = sqlite3_column_bytes(find, 1);
        unsigned char copy[8192];
        assert_true(size <= (int)sizeof copy);
        if (size > 0) {
            memcpy(copy, bytes, (size_t)size);
            copy[draw((uint64_t)size)] ^= (unsigned char)(1 + draw(255));
        }
        is_changed = size > 0;
        if (is_text) sqlite3_bind_text(update, 1, (const char *)copy, size, SQLITE_TRANSIENT);
        else sqlite3_bind_blob(update, 1, copy, size, SQLITE_TRANSIENT);
    }
    /* seq may collide with another row's: draw again */
    if (is_changed && sqlite3_step(update) != SQLITE_DONE) is_changed = false;
    sqlite3_finalize(update);
    sqlite3_finalize(find);
    return is_changed;
}

static void test_a_thousand_random_byte_changes_are_each_found(void **state) {
    (void)state;
    int changes = 0, per_column[COLUMNS] = {0};
    const char *path = fresh_copy();
    size_t size;
    unsigned char *original = file_read(path, &size);
    for (int tries = 0; changes < 1000; tries++) {
        const size_t which = (size_t)tries % COLUMNS;
        file_write(path, original, size);
        sqlite3 *database = open_for_change(path);
        change(database, "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY");
        const bool is_changed = change_byte(database, &columns[which]);
        sqlite3_close(database);
        if (!is_changed) continue;
        struct pb_verify_result result;
        const enum pb_status status = verify(path, &result);
        if (status != PB_ERR_CHANGED)
            fail_msg("change %d, of %s.%s, gave %s", changes, columns[which].table, columns[which].name,
                     pb_status_name(status));
        PB_CHECK_TRUE(result.finding[0] && !result.is_closed, "a finding, and not closed");
        changes++;
        per_column[which]++;
    }
    for (size_t i = 0; i < COLUMNS; i++)
        PB_CHECK_TRUE(per_column[i] >= 20, "%s.%s changed %d times", columns[i].table, columns[i].name, per_column[i]);
    free(original);
}

/* Bytes of the file itself: it is refused, found changed, or (bytes that SQLite does not use) reads the same. */
static void test_random_bytes_of_the_file_never_change_what_is_read(void **state) {
    (void)state;
    const char *path = fresh_copy();
    struct pb_verify_result whole;
    PB_CHECK_INT(verify(path, &whole), PB_OK, "status");
    size_t size;
    unsigned char *original = file_read(path, &size);
    int found = 0;
    for (int i = 0; i < 1000; i++) {
        const size_t place = draw(size);
        const unsigned char before = original[place];
        original[place] ^= (unsigned char)(1 + draw(255));
        file_write(path, original, size);
        original[place] = before;
        struct pb_error error;
        struct pb_reader *reader = NULL;
        struct pb_verify_result result;
        enum pb_status status = pb_reader_open(path, &reader, &error);
        if (status == PB_OK) status = pb_reader_verify(reader, &result, &error);
        pb_reader_close(reader);
        if (status != PB_OK) found++;
        else PB_CHECK_TRUE(result.rows == whole.rows && memcmp(result.head, whole.head, 32) == 0, "byte %zu", place);
    }
    PB_CHECK_TRUE(found > 300, "%d of 1000 found", found);
    free(original);
}

/* --- other changes --- */

static void test_rows_removed_added_moved_or_retyped_are_found(void **state) {
    (void)state;
    static const struct {
        const char *sql, *finding;
        int64_t seq;
    } cases[] = {
        {"DELETE FROM log WHERE seq = 1", "log row 1: row 2 stands in its place", 1},
        {"DELETE FROM log WHERE seq = 17", "log row 17: row 18 stands in its place", 17},
        {"DELETE FROM log WHERE seq = 17; UPDATE log SET seq = seq - 1 WHERE seq > 17", "log row 17: hash does not fit",
         17},
        {"UPDATE log SET seq = -1 WHERE seq = 20; UPDATE log SET seq = 20 WHERE seq = 21; UPDATE log SET seq = 21 WHERE seq = -1",
         "log row 20: hash does not fit", 20},
        {"INSERT INTO log SELECT seq + 1, at_ns, kind, case_no, step_no, check_no, name, a, b, c, d, text, hash FROM log"
         " WHERE seq = 61",
         "log row 62: hash does not fit", 62},
        {"INSERT INTO log SELECT 0, at_ns, kind, case_no, step_no, check_no, name, a, b, c, d, text, hash FROM log WHERE seq = 1",
         "log row 1: row 0 stands in its place", 1},
        {"UPDATE log SET a = 'x' WHERE seq = 9", "log row 9: a is not what a bench writes", 9},
        {"UPDATE log SET b = 1.5 WHERE seq = 9", "log row 9: b is not what a bench writes", 9},
        {"UPDATE log SET step_no = 1 << 40 WHERE seq = 9", "log row 9: step_no is not what a bench writes", 9},
        {"UPDATE log SET text = CAST(text AS BLOB) WHERE seq = 9", "log row 9: text is not what a bench writes", 9},
        {"UPDATE log SET name = name || char(0) || 'x' WHERE seq = 9", "log row 9: name is not what a bench writes", 9},
        {"UPDATE log SET kind = 'evenT' WHERE seq = 9", "log row 9: kind is not what a bench writes", 9},
        {"UPDATE log SET hash = CAST(hash AS TEXT) WHERE seq = 9", "log row 9: hash does not fit", 9},
        {"UPDATE log SET hash = CAST(hash || x'00' AS BLOB) WHERE seq = 9", "log row 9: hash does not fit", 9},
        {"DELETE FROM capture WHERE seq = 57", "capture 57: the samples are missing", 57},
        {"INSERT INTO capture SELECT 3, first_index, count, samples, digest FROM capture WHERE seq = 57",
         "capture: 5 rows, the log has 4", 0},
        {"UPDATE capture SET samples = (SELECT samples FROM capture WHERE seq = 58) WHERE seq = 57",
         "capture 57: digest does not fit", 57},
        {"UPDATE capture SET samples = CAST(samples AS TEXT) WHERE seq = 57", "capture 57: samples is of another type",
         57},
        {"UPDATE capture SET count = '7x' WHERE seq = 57", "capture 57: count is of another type", 57},
        {"UPDATE capture SET samples = CAST(samples || x'00' AS BLOB) WHERE seq = 57",
         "capture 57: digest does not fit", 57},
        {"DELETE FROM header WHERE key = 'bench'", "header: digest does not fit", 0},
        {"DELETE FROM header WHERE key = 'digest'", "header: digest does not fit", 0},
        {"INSERT INTO header VALUES ('also', 'x')", "header: digest does not fit", 0},
        {"UPDATE header SET value = CAST(value AS BLOB) WHERE key = 'bench'", "header: a line is not text", 0},
        {"CREATE INDEX mine ON log(kind)", "schema: 6 tables, indexes, views or triggers, a run file has 5", 0},
        {"CREATE TRIGGER mine AFTER INSERT ON log BEGIN SELECT 1; END", "schema: 6", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *path = fresh_copy();
        sqlite3 *database = open_for_change(path);
        change(database, cases[i].sql);
        sqlite3_close(database);
        struct pb_verify_result result;
        PB_CHECK_INT(verify(path, &result), PB_ERR_CHANGED, cases[i].sql);
        PB_CHECK_CONTAINS(result.finding, cases[i].finding);
        PB_CHECK_INT(result.first_bad_seq, cases[i].seq, "seq");
        PB_CHECK_TRUE(!result.is_closed, "not closed");
    }
}

/* The index that event extractors scan could hide an event from them without any row being changed. */
static void test_an_index_that_disagrees_with_the_rows_is_found(void **state) {
    (void)state;
    const char *path = fresh_copy();
    sqlite3 *database = open_for_change(path);
    sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
    change(database,
           "PRAGMA writable_schema = ON;"
           "CREATE TABLE kept(sql);"
           "INSERT INTO kept SELECT sql FROM sqlite_schema WHERE name = 'log_event';"
           "UPDATE sqlite_schema SET sql = 'CREATE INDEX log_event ON log(name, at_ns) WHERE kind = ''nothing'''"
           " WHERE name = 'log_event'");
    sqlite3_close(database);
    database = open_for_change(path);
    sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
    change(database, "REINDEX log_event; PRAGMA writable_schema = ON;"
                     "UPDATE sqlite_schema SET sql = (SELECT sql FROM kept) WHERE name = 'log_event'; DROP TABLE kept");
    sqlite3_close(database);
    struct pb_verify_result result;
    PB_CHECK_INT(verify(path, &result), PB_ERR_CHANGED, "status");
    PB_CHECK_CONTAINS(result.finding, "the file is damaged");
    PB_CHECK_INT(result.rows, 61, "rows");
}

/* Appends a row whose hash is right, as somebody who knows the format can. */
static void append_chained(const char *path, struct pb_row row) {
    struct pb_verify_result before;
    PB_CHECK_INT(verify(path, &before), PB_OK, "status");
    struct pb_hash head;
    memcpy(head.bytes, before.head, sizeof head.bytes);
    row.seq = before.rows + 1;
    const struct pb_hash hash = pb_chain_next(&head, &row);
    sqlite3 *database = open_for_change(path);
    sqlite3_stmt *insert = NULL;
    assert_int_equal(sqlite3_prepare_v2(database,
                                        "INSERT INTO log VALUES (?1, 0, ?2, 0, 0, 0, '', ?3, 0, 0, 0, '', ?4)", -1,
                                        &insert, NULL),
                     SQLITE_OK);
    sqlite3_bind_int64(insert, 1, row.seq);
    sqlite3_bind_text(insert, 2, pb_row_kind_name(row.kind), -1, SQLITE_STATIC);
    sqlite3_bind_int64(insert, 3, row.a);
    sqlite3_bind_blob(insert, 4, hash.bytes, sizeof hash.bytes, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(insert), SQLITE_DONE);
    sqlite3_finalize(insert);
    sqlite3_close(database);
}

static void test_a_close_row_that_disagrees_is_found_though_its_hash_is_right(void **state) {
    (void)state;
    struct pb_verify_result result;
    const char *path = fresh_copy();
    append_chained(path, (struct pb_row){.kind = PB_ROW_NOTE, .name = "", .text = ""});
    PB_CHECK_INT(verify(path, &result), PB_ERR_CHANGED, "status");
    PB_CHECK_TEXT(result.finding, "log row 62: stands after the close row 61");

    path = run_path("miscounted");
    struct pb_writer *writer = run_create(path);
    run_fill(writer, "now");
    pb_writer_abandon(writer);
    append_chained(path, (struct pb_row){.kind = PB_ROW_CLOSE, .name = "", .a = 59, .text = ""});
    PB_CHECK_INT(verify(path, &result), PB_ERR_CHANGED, "status");
    PB_CHECK_TEXT(result.finding, "log row 61: closes 59 rows, there are 60");

    path = run_path("without samples");
    writer = run_create(path);
    pb_writer_abandon(writer);
    append_chained(path, (struct pb_row){.kind = PB_ROW_CAPTURE, .name = "", .a = 59, .text = ""});
    PB_CHECK_INT(verify(path, &result), PB_ERR_CHANGED, "status");
    PB_CHECK_TEXT(result.finding, "capture 1: the samples are missing");
}

static void test_a_run_without_close_row_verifies_as_not_closed(void **state) {
    (void)state;
    struct pb_writer *writer = run_create(run_path("unclosed"));
    run_fill(writer, "now");
    pb_writer_abandon(writer);
    struct pb_verify_result result;
    PB_CHECK_INT(verify(run_path("unclosed"), &result), PB_OK, "status");
    PB_CHECK_INT(result.rows, 60, "rows");
    PB_CHECK_TRUE(!result.is_closed, "not closed");
}

static void test_a_run_without_rows_verifies(void **state) {
    (void)state;
    pb_writer_abandon(run_create(run_path("nothing")));
    struct pb_verify_result result;
    PB_CHECK_INT(verify(run_path("nothing"), &result), PB_OK, "status");
    PB_CHECK_INT(result.rows, 0, "rows");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_unchanged_run_verifies),
        cmocka_unit_test(test_the_chain_is_computed_as_documented),
        cmocka_unit_test(test_a_thousand_random_byte_changes_are_each_found),
        cmocka_unit_test(test_random_bytes_of_the_file_never_change_what_is_read),
        cmocka_unit_test(test_rows_removed_added_moved_or_retyped_are_found),
        cmocka_unit_test(test_an_index_that_disagrees_with_the_rows_is_found),
        cmocka_unit_test(test_a_close_row_that_disagrees_is_found_though_its_hash_is_right),
        cmocka_unit_test(test_a_run_without_close_row_verifies_as_not_closed),
        cmocka_unit_test(test_a_run_without_rows_verifies),
    };
    return cmocka_run_group_tests(tests, make_original, run_folder_remove);
}
