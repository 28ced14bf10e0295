/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of a run file, as both halves know them (docs/run-file.md), and SQLite's errors in our words. A change of
 * anything here is a new PB_RUN_VERSION. */
#ifndef PB_RECORD_SCHEMA_H
#define PB_RECORD_SCHEMA_H

#include "base/status.h"

#include <stddef.h>

#define PB_RUN_APPLICATION_ID 0x50426e63 /* "PBnc", in the SQLite header: file(1) and `PRAGMA application_id` show it */
#define PB_RUN_VERSION 1                 /* PRAGMA user_version */

#define PB_RUN_DIGEST_KEY "digest" /* the header line that covers all others; nobody else's key */
#define PB_RUN_TEXT_MAX (16 << 20) /* bytes of any text of a row or header line */
#define PB_RUN_CAPTURE_MAX 65536   /* samples of one row of capture: what a reader decompresses at once */

struct pb_schema_object {
    const char *name;
    const char *sql; /* exactly as it stands in sqlite_schema */
};
#define PB_RUN_SCHEMA_COUNT 5
extern const struct pb_schema_object pb_run_schema[PB_RUN_SCHEMA_COUNT];

struct sqlite3;
/* Fills *error from the database's last error, or from `code` when database is NULL; returns what the caller does next:
 * PB_ERR_INPUT (not a database, damaged), PB_ERR_BUSY, PB_ERR_MEMORY, PB_ERR_RANGE (too large) or PB_ERR_IO. */
enum pb_status pb_sqlite_fail(struct pb_error *error, struct sqlite3 *database, int code, const char *where,
                              const char *doing);

#endif
