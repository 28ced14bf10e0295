/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Documents people write (bench files, DUT statements, limits): YAML read from libyaml's events, with line and column
 * on every node, and bound to a struct by a table of parameters. One message a mistake: place, found, expected.
 * (Events, because its document API hides anchors and tags.) Limits: 1 MB a file, depth 32, no anchors, aliases or
 * tags, no duplicate keys, one document, UTF-8. A key that no table names is a mistake. Scalars of the table: numbers
 * carry units ("2.74 kohm"); nan, octal and yes/no/on/off booleans are refused (true, false). */
#ifndef PB_BASE_DOC_H
#define PB_BASE_DOC_H

#include "base/quantity.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

enum { PB_DOC_MAX_BYTES = 1 << 20, PB_DOC_MAX_DEPTH = 32 };

struct pb_doc;  /* owns every node and text */
struct pb_node; /* lives as long as its document */

enum pb_node_kind { PB_NODE_SCALAR, PB_NODE_LIST, PB_NODE_MAP };

/* path is also the name in messages. Errors: PB_ERR_INPUT, PB_ERR_IO, PB_ERR_MEMORY. */
PB_MUST_CHECK enum pb_status pb_doc_read_file(const char *path, struct pb_doc **ret_doc, struct pb_error *error);
PB_MUST_CHECK enum pb_status pb_doc_read_text(const char *name, const char *text, size_t length,
                                              struct pb_doc **ret_doc, struct pb_error *error);
void pb_doc_destroy(struct pb_doc *doc); /* NULL is fine */
const char *pb_doc_name(const struct pb_doc *doc);
const struct pb_node *pb_doc_root(const struct pb_doc *doc);
/* The file's bytes as read, for the record, and their count. */
const char *pb_doc_text(const struct pb_doc *doc, size_t *ret_length);

enum pb_node_kind pb_node_kind(const struct pb_node *node);
int pb_node_line(const struct pb_node *node);   /* from 1 */
int pb_node_column(const struct pb_node *node); /* from 1 */
/* Text of a scalar; NULL for others. */
const char *pb_node_text(const struct pb_node *node);
/* A scalar written without quotes. */
bool pb_node_is_plain(const struct pb_node *node);
/* Members of a list or map; 0 for scalars. */
size_t pb_node_count(const struct pb_node *node);
/* Member i of a list, value i of a map; NULL beyond the count. */
const struct pb_node *pb_node_at(const struct pb_node *node, size_t i);
/* Key i of a map; NULL beyond the count. */
const char *pb_node_key(const struct pb_node *map, size_t i);
const struct pb_node *pb_node_key_node(const struct pb_node *map, size_t i);
/* Value of a key; NULL if the map has none. */
const struct pb_node *pb_node_find(const struct pb_node *map, const char *key);

/* "bench.yaml:12:7" of a node (NULL: the name alone) into error->where, then the text, which reads
 * "found ..., expected ..."; returns PB_ERR_INPUT. */
enum pb_status pb_doc_mistake(const struct pb_doc *doc, const struct pb_node *node, struct pb_error *error,
                              const char *format, ...) PB_PRINTF(4, 5);

enum pb_param_type {
    PB_PARAM_TEXT,     /* const char *, the document's */
    PB_PARAM_BOOL,     /* bool */
    PB_PARAM_QUANTITY, /* int64_t, steps of unit; PB_UNIT_NONE for plain integers */
    PB_PARAM_CHOICE,   /* int, index into choices */
    PB_PARAM_NODE      /* const struct pb_node *, for what the caller walks itself */
};

/* One parameter: what a file may say, its place in the struct, its doc text. Tables are const and static. */
struct pb_param {
    const char *name;
    enum pb_param_type type;
    size_t offset;         /* offsetof(struct x, member) */
    bool is_required;      /* else fallback */
    const char *fallback;  /* as written in a file, for TEXT, BOOL, QUANTITY, CHOICE; NULL: member stays as it was */
    enum pb_unit unit;     /* QUANTITY */
    const char *min, *max; /* QUANTITY, inclusive, as written in a file; NULL: no bound */
    const char *const *choices;  /* CHOICE, ended by NULL */
    enum pb_node_kind node_kind; /* NODE: what it must be */
    const char *text;            /* one line for the manual */
};

/* Binds a map to a struct. A missing required key, an unknown key (the nearest known one is suggested), a wrong kind,
 * unit or range is PB_ERR_INPUT at its place; a table that contradicts itself is PB_ERR_ARG. *ret_struct is only
 * written when all is well. */
PB_MUST_CHECK enum pb_status pb_doc_bind(const struct pb_doc *doc, const struct pb_node *map,
                                         const struct pb_param *params, size_t param_count, void *ret_struct,
                                         size_t struct_size, struct pb_error *error);

/* Writes every fallback of a table, as for a map that is not there. */
PB_MUST_CHECK enum pb_status pb_params_default(const struct pb_param *params, size_t param_count, void *ret_struct,
                                               struct pb_error *error);

/* Reads one value that did not come from a file (a command line's name=value); where is the error's place. A TEXT
 * member points to text itself. */
PB_MUST_CHECK enum pb_status pb_param_parse(const struct pb_param *param, const char *where, const char *text,
                                            void *ret_struct, struct pb_error *error);

#endif
