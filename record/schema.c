/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The SQL of a run file's tables. Its comments stay in the file, for whoever types `.schema`. */
#include "record/schema.h"

#include <sqlite3.h>

const struct pb_schema_object pb_run_schema[PB_RUN_SCHEMA_COUNT] = {
    {"header", "CREATE TABLE header( -- when, where, by whom; key 'digest' covers the other lines\n"
               "    key TEXT PRIMARY KEY NOT NULL,\n"
               "    value TEXT NOT NULL\n"
               ") WITHOUT ROWID"},
    {"log", "CREATE TABLE log( -- all that happened, in order, hash-chained\n"
            "    seq INTEGER PRIMARY KEY, -- from 1, without a gap\n"
            "    at_ns INTEGER NOT NULL, -- bench clock; plan rows 0\n"
            "    kind TEXT NOT NULL, -- says what name, a, b, c, d and text hold: docs/run-file.md\n"
            "    case_no INTEGER NOT NULL, -- 0: of the whole run\n"
            "    step_no INTEGER NOT NULL,\n"
            "    check_no INTEGER NOT NULL,\n"
            "    name TEXT NOT NULL,\n"
            "    a INTEGER NOT NULL,\n"
            "    b INTEGER NOT NULL,\n"
            "    c INTEGER NOT NULL,\n"
            "    d INTEGER NOT NULL,\n"
            "    text TEXT NOT NULL, -- '' or JSON, keys sorted, compact\n"
            "    hash BLOB NOT NULL -- BLAKE2b-256 of the hash before and of all other columns\n"
            ")"},
    {"capture", "CREATE TABLE capture( -- samples of the log rows of kind 'capture'\n"
                "    seq INTEGER PRIMARY KEY, -- of the log row\n"
                "    first_index INTEGER NOT NULL, -- of the channel's samples\n"
                "    count INTEGER NOT NULL, -- samples, at most 65536\n"
                "    samples BLOB NOT NULL, -- zstd of int16 little-endian\n"
                "    digest BLOB NOT NULL -- BLAKE2b-256 of seq, first_index, count and samples as they stand here\n"
                ")"},
    {"log_event", "CREATE INDEX log_event ON log(name, at_ns) WHERE kind = 'event'"},
    {"capture_first", "CREATE INDEX capture_first ON capture(first_index)"}, /* on log, it would cost every other row */
};

static const struct {
    int code;
    enum pb_status status;
} statuses[] = {
    {SQLITE_NOTADB, PB_ERR_INPUT}, {SQLITE_CORRUPT, PB_ERR_INPUT}, {SQLITE_FORMAT, PB_ERR_INPUT},
    {SQLITE_ERROR, PB_ERR_INPUT},  {SQLITE_SCHEMA, PB_ERR_INPUT},  {SQLITE_BUSY, PB_ERR_BUSY},
    {SQLITE_LOCKED, PB_ERR_BUSY},  {SQLITE_NOMEM, PB_ERR_MEMORY},  {SQLITE_TOOBIG, PB_ERR_RANGE},
};

enum pb_status pb_sqlite_fail(struct pb_error *error, struct sqlite3 *database, int code, const char *where,
                              const char *doing) {
    enum pb_status status = PB_ERR_IO;
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (statuses[i].code == (code & 0xff)) status = statuses[i].status;
    const char *text = database && sqlite3_errcode(database) == code ? sqlite3_errmsg(database) : sqlite3_errstr(code);
    return pb_fail(error, status, code, where, "%s: %s", doing, text);
}
