/* SPDX-License-Identifier: GPL-3.0-or-later */
/* record_rate: rows per second through pb_writer_add(), against bare SQLite that inserts the same columns but the hash under the
 * same durability rule (WAL, synchronous NORMAL, a commit every 256 rows or 10 ms, one prepared statement, no index). Pairs
 * are interleaved on one core; the medians are printed as one JSON line, and with --verbose each pair.
 * Usage: bench_record [--verbose] [FOLDER [PAIRS [ROWS]]]; the folder decides which disk is measured. */
#include "base/wall.h"
#include "record/write/writer.h"

#include <sched.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KINDS = 4, PAIRS_MAX = 99 };

static struct pb_row make_row(int i) {
    static const struct pb_row rows[KINDS] = {
        {.kind = PB_ROW_EVENT, .name = "cp.state", .c = 17, .text = ""},
        {.kind = PB_ROW_ACTION, .name = "contactor.sense", .text = "{\"of\":\"bench\",\"why\":\"step 4 of S1\"}"},
        {.kind = PB_ROW_READING,
         .name = "S1.5.duty",
         .c = 3,
         .text = "{\"extractor\":\"cp.duty\",\"first\":481000,\"version\":1}"},
        {.kind = PB_ROW_MESSAGE,
         .name = "esci",
         .text = "{\"amount\":12000,\"type\":\"energy_request\",\"unit\":\"Wh\"}"},
    };
    struct pb_row row = rows[i % KINDS];
    row.at.ns = i * INT64_C(1000000);
    row.case_no = 1;
    row.step_no = i / 100;
    row.a = i;
    row.b = -i;
    return row;
}

static void give_up(const char *what) {
    fprintf(stderr, "bench_record: %s\n", what);
    exit(1);
}

static void remove_run(const char *path) {
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char file[4200];
        snprintf(file, sizeof file, "%s%s", path, ends[i]);
        unlink(file);
    }
}

static double rate(int rows, pb_instant from) { return rows * 1e9 / (double)pb_between(from, pb_wall_now()).ns; }

static double run_ours(const char *path, int rows) {
    struct pb_error error = {0};
    struct pb_writer *writer = NULL;
    if (pb_writer_create(path, &writer, &error) != PB_OK) give_up(error.text);
    const pb_instant from = pb_wall_now();
    for (int i = 0; i < rows; i++) {
        const struct pb_row row = make_row(i);
        if (pb_writer_add(writer, &row, NULL, &error) != PB_OK) give_up(error.text);
    }
    if (pb_writer_commit(writer, &error) != PB_OK) give_up(error.text);
    const double result = rate(rows, from);
    pb_writer_abandon(writer);
    remove_run(path);
    return result;
}

static void execute(sqlite3 *database, const char *sql) {
    if (sqlite3_exec(database, sql, NULL, NULL, NULL) != SQLITE_OK) give_up(sqlite3_errmsg(database));
}

static void insert_bare(sqlite3 *database, sqlite3_stmt *insert, const struct pb_row *row, int64_t seq) {
    const int64_t numbers[] = {seq,    row->at.ns, row->case_no, row->step_no, row->check_no,
                               row->a, row->b,     row->c,       row->d};
    static const int places[] = {1, 2, 4, 5, 6, 8, 9, 10, 11};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) sqlite3_bind_int64(insert, places[i], numbers[i]);
    sqlite3_bind_text(insert, 3, pb_row_kind_name(row->kind), -1, SQLITE_STATIC);
    sqlite3_bind_text(insert, 7, row->name, -1, SQLITE_STATIC);
    sqlite3_bind_text(insert, 12, row->text, -1, SQLITE_STATIC);
    if (sqlite3_step(insert) != SQLITE_DONE) give_up(sqlite3_errmsg(database));
    sqlite3_reset(insert);
}

static double run_bare(const char *path, int rows) {
    sqlite3 *database = NULL;
    sqlite3_stmt *insert = NULL;
    if (sqlite3_open(path, &database) != SQLITE_OK) give_up(sqlite3_errmsg(database));
    execute(
        database,
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
        "CREATE TABLE log(seq INTEGER PRIMARY KEY, at_ns, kind, case_no, step_no, check_no, name, a, b, c, d, text)");
    if (sqlite3_prepare_v2(database, "INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", -1, &insert,
                           NULL) != SQLITE_OK)
        give_up(sqlite3_errmsg(database));
    const pb_instant from = pb_wall_now();
    pb_instant begun = from;
    int uncommitted = 0;
    for (int i = 0; i < rows; i++) {
        const struct pb_row row = make_row(i);
        if (uncommitted == 0) {
            execute(database, "BEGIN");
            begun = pb_wall_now();
        }
        insert_bare(database, insert, &row, i + 1);
        if (++uncommitted < 256 && pb_between(begun, pb_wall_now()).ns < 10000000) continue;
        execute(database, "COMMIT");
        uncommitted = 0;
    }
    if (uncommitted) execute(database, "COMMIT");
    const double result = rate(rows, from);
    sqlite3_finalize(insert);
    sqlite3_close(database);
    remove_run(path);
    return result;
}

static int compare(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int count) {
    qsort(values, (size_t)count, sizeof *values, compare);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

int main(int argc, char **argv) {
    const int is_verbose = argc > 1 && strcmp(argv[1], "--verbose") == 0;
    argv += is_verbose;
    argc -= is_verbose;
    const char *parent = argc > 1 ? argv[1] : ".";
    const int pairs = argc > 2 ? atoi(argv[2]) : 7, rows = argc > 3 ? atoi(argv[3]) : 50000;
    if (pairs < 1 || pairs > PAIRS_MAX || rows < 1) give_up("usage: bench_record [--verbose] [FOLDER [PAIRS [ROWS]]]");
    cpu_set_t core;
    CPU_ZERO(&core);
    CPU_SET(0, &core);
    sched_setaffinity(0, sizeof core, &core);
    char folder[4096], path[4150];
    snprintf(folder, sizeof folder, "%s/bench-record-XXXXXX", parent);
    if (!mkdtemp(folder)) give_up("cannot make a folder");
    snprintf(path, sizeof path, "%s/run", folder);
    double ours[PAIRS_MAX], bare[PAIRS_MAX];
    for (int i = 0; i < pairs; i++) {
        ours[i] = run_ours(path, rows);
        bare[i] = run_bare(path, rows);
        if (is_verbose) fprintf(stderr, "%9.0f %9.0f rows/s, ratio %.3f\n", ours[i], bare[i], ours[i] / bare[i]);
    }
    rmdir(folder);
    const double value = median(ours, pairs), reference = median(bare, pairs);
    printf(
        "{\"name\":\"record_rate\",\"value\":%.0f,\"unit\":\"rows/s\",\"reference\":\"bare SQLite, same columns, same durability\","
        "\"reference_value\":%.0f,\"ratio\":%.3f}\n",
        value, reference, value / reference);
    return 0;
}
