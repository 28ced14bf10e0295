/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names of row kinds, as they stand in the column `kind` of a run file. */
#include "record/row.h"

#include <string.h>

static const char *const kind_names[PB_ROW_KIND_COUNT] = {
#define X(name, text) [PB_ROW_##name] = (text),
    PB_ROW_MAP(X)
#undef X
};

const char *pb_row_kind_name(enum pb_row_kind kind) {
    return (unsigned)kind < PB_ROW_KIND_COUNT ? kind_names[kind] : "?";
}

enum pb_row_kind pb_row_kind_find(const char *name) {
    unsigned kind = 0;
    while (kind < PB_ROW_KIND_COUNT && strcmp(kind_names[kind], name) != 0) kind++;
    return (enum pb_row_kind)kind;
}
