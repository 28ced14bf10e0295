/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads a limits file. */
#include "harness/setup/limits.h"

#include "base/doc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

struct row {
    const char *id, *min, *max, *clause, *source;
    int confidence;
};
static const char *const confidences[] = {"V", "V2", "C", "K", "U", NULL}; /* as enum pb_confidence */
#define TEXT(name_, member_, required_, text_)                                                                        \
    {.name = name_, .type = PB_PARAM_TEXT, .offset = offsetof(struct row, member_), .is_required = required_, .fallback = "", .text = text_}
static const struct pb_param row_params[] = {
    TEXT("id", id, true, "name by which a suite asks for it"),
    TEXT("min", min, false, "lower bound with unit, inclusive"),
    TEXT("max", max, false, "upper bound with unit, inclusive"),
    TEXT("clause", clause, true, "clause or table of the standard"),
    TEXT("source", source, true, "where the figure was read"),
    {.name = "confidence", .type = PB_PARAM_CHOICE, .offset = offsetof(struct row, confidence), .is_required = true, .choices = confidences,
     .text = "V, V2, C: read or computed; K, U: unverified"},
};

struct top {
    int64_t version;
    const char *standard;
    const struct pb_node *rows;
};
static const struct pb_param top_params[] = {
    {.name = "pilotbench_limits", .type = PB_PARAM_QUANTITY, .offset = offsetof(struct top, version), .is_required = true, .min = "1", .max = "1",
     .text = "version of this form: 1"},
    {.name = "standard", .type = PB_PARAM_TEXT, .offset = offsetof(struct top, standard), .is_required = true, .text = "standard and edition"},
    {.name = "rows", .type = PB_PARAM_NODE, .offset = offsetof(struct top, rows), .node_kind = PB_NODE_LIST, .is_required = true, .text = "the limits"},
};

/* Puts the node's place into the error of a quantity. */
static enum pb_status parse_bound(const struct pb_doc *doc, const struct pb_node *node, const char *text, struct pb_quantity *ret_bound,
                                  struct pb_error *error) {
    struct pb_error inner;
    if (pb_quantity_parse_any(text, ret_bound, &inner) == PB_OK) return PB_OK;
    return pb_doc_mistake(doc, node, error, "%s", inner.text);
}

static enum pb_status read_row(const struct pb_limits *limits, const struct pb_node *node, struct pb_limit *ret_limit, struct pb_error *error) {
    struct row row = {0};
    struct pb_quantity min = {.value = INT64_MIN, .unit = PB_UNIT_COUNT}, max = {.value = INT64_MAX, .unit = PB_UNIT_COUNT};
    enum pb_status status = pb_doc_bind(limits->doc, node, row_params, COUNT(row_params), &row, sizeof row, error);
    if (status == PB_OK && row.min[0]) status = parse_bound(limits->doc, pb_node_find(node, "min"), row.min, &min, error);
    if (status == PB_OK && row.max[0]) status = parse_bound(limits->doc, pb_node_find(node, "max"), row.max, &max, error);
    if (status != PB_OK) return status;
    if (!row.min[0] && !row.max[0]) return pb_doc_mistake(limits->doc, node, error, "found neither min nor max in row %s", row.id);
    if (row.min[0] && row.max[0] && min.unit != max.unit)
        return pb_doc_mistake(limits->doc, node, error, "found min in %s and max in %s", pb_unit_symbol(min.unit), pb_unit_symbol(max.unit));
    if (min.value > max.value) return pb_doc_mistake(limits->doc, node, error, "found min above max in row %s", row.id);
    if (strlen(row.id) >= sizeof ret_limit->id || pb_limits_find(limits, row.id))
        return pb_doc_mistake(limits->doc, node, error, "found id '%.60s' %s", row.id, pb_limits_find(limits, row.id) ? "twice" : ", longer than 47 bytes");
    *ret_limit = (struct pb_limit){.min = min.value, .max = max.value, .unit = row.min[0] ? min.unit : max.unit,
                                   .confidence = (enum pb_confidence)row.confidence};
    snprintf(ret_limit->id, sizeof ret_limit->id, "%s", row.id);
    snprintf(ret_limit->clause, sizeof ret_limit->clause, "%s", row.clause);
    snprintf(ret_limit->source, sizeof ret_limit->source, "%s", row.source);
    return PB_OK;
}

enum pb_status pb_limits_read(const char *path, struct pb_limits *ret_limits, struct pb_error *error) {
    struct pb_limits limits = {0};
    struct top top = {0};
    enum pb_status status = pb_doc_read_file(path, &limits.doc, error);
    if (status != PB_OK) return status;
    status = pb_doc_bind(limits.doc, pb_doc_root(limits.doc), top_params, COUNT(top_params), &top, sizeof top, error);
    if (status == PB_OK) {
        limits.name = top.standard;
        limits.rows = calloc(pb_node_count(top.rows) + 1, sizeof *limits.rows);
        if (!limits.rows) status = pb_fail(error, PB_ERR_MEMORY, 0, path, "no memory");
    }
    for (size_t i = 0; status == PB_OK && i < pb_node_count(top.rows); i++) {
        status = read_row(&limits, pb_node_at(top.rows, i), &limits.rows[i], error);
        if (status == PB_OK) limits.count++;
    }
    if (status != PB_OK) {
        pb_limits_finish(&limits);
        return status;
    }
    *ret_limits = limits;
    return PB_OK;
}

void pb_limits_finish(struct pb_limits *limits) {
    free(limits->rows);
    pb_doc_destroy(limits->doc);
    *limits = (struct pb_limits){0};
}

const struct pb_limit *pb_limits_find(const struct pb_limits *limits, const char *id) {
    for (size_t i = 0; i < limits->count; i++)
        if (strcmp(limits->rows[i].id, id) == 0) return &limits->rows[i];
    return NULL;
}
