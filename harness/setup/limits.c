/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads a limits file. */
#include "harness/setup/limits.h"

#include "base/doc.h"
#include "harness/setup/tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

struct row {
    const char *id, *min, *max, *clause, *source;
    int confidence;
};
static const char *const confidences[] = {"V", "V2", "C", "K", "U", NULL}; /* as enum pb_confidence */
#define TEXT(name_, member_, required_, text_)                                                                         \
    {                                                                                                                  \
        .name = name_, .type = PB_PARAM_TEXT, .offset = offsetof(struct row, member_), .is_required = required_,       \
        .fallback = "", .text = text_                                                                                  \
    }
static const struct pb_param row_params[] = {
    TEXT("id", id, true, "name by which a suite asks for it"),
    TEXT("min", min, false, "lower bound with unit, inclusive"),
    TEXT("max", max, false, "upper bound with unit, inclusive"),
    TEXT("clause", clause, true, "clause or table of the standard"),
    TEXT("source", source, true, "where the figure was read"),
    {.name = "confidence",
     .type = PB_PARAM_CHOICE,
     .offset = offsetof(struct row, confidence),
     .is_required = true,
     .choices = confidences,
     .text = "V, V2, C: read or computed; K, U: unverified"},
};

struct top {
    int64_t version;
    const char *standard;
    const struct pb_node *rows;
};
static const struct pb_param top_params[] = {
    {.name = "pilotbench_limits",
     .type = PB_PARAM_QUANTITY,
     .offset = offsetof(struct top, version),
     .is_required = true,
     .min = "1",
     .max = "1",
     .text = "version of this form: 1"},
    {.name = "standard",
     .type = PB_PARAM_TEXT,
     .offset = offsetof(struct top, standard),
     .is_required = true,
     .text = "standard and edition"},
    {.name = "rows",
     .type = PB_PARAM_NODE,
     .offset = offsetof(struct top, rows),
     .node_kind = PB_NODE_LIST,
     .is_required = true,
     .text = "the limits"},
};

const struct pb_param_table pb_limits_tables[] = {
    {"The file", "", top_params, COUNT(top_params)},
    {"A row of `rows`", "At least one of `min` and `max` is there; both are of one unit.", row_params,
     COUNT(row_params)},
    {NULL, NULL, NULL, 0},
};

/* Puts the node's place into the error of a quantity. */
static enum pb_status parse_bound(const struct pb_doc *doc, const struct pb_node *node, const char *text,
                                  struct pb_quantity *ret_bound, struct pb_error *error) {
    struct pb_error inner;
    if (pb_quantity_parse_any(text, ret_bound, &inner) == PB_OK) return PB_OK;
    return pb_doc_mistake(doc, node, error, "%s", inner.text);
}

static enum pb_status check_length(const struct pb_doc *doc, const struct pb_node *row, const char *key, size_t room,
                                   struct pb_error *error) {
    const struct pb_node *node = pb_node_find(row, key);
    size_t length = strlen(pb_node_text(node));
    if (length < room)
        return length ? PB_OK : pb_doc_mistake(doc, node, error, "found nothing for \"%s\", expected a text", key);
    return pb_doc_mistake(doc, node, error, "found %zu bytes for \"%s\", expected at most %zu", length, key, room - 1);
}

static enum pb_status read_row(const struct pb_limits *limits, const struct pb_node *node, struct pb_limit *ret_limit,
                               struct pb_error *error) {
    struct row row = {0};
    struct pb_quantity min = {.value = INT64_MIN, .unit = PB_UNIT_COUNT},
                       max = {.value = INT64_MAX, .unit = PB_UNIT_COUNT};
    const struct pb_node *min_node = pb_node_find(node, "min"), *max_node = pb_node_find(node, "max");
    enum pb_status status = pb_doc_bind(limits->doc, node, row_params, COUNT(row_params), &row, sizeof row, error);
    if (status == PB_OK && min_node) status = parse_bound(limits->doc, min_node, row.min, &min, error);
    if (status == PB_OK && max_node) status = parse_bound(limits->doc, max_node, row.max, &max, error);
    if (status == PB_OK) status = check_length(limits->doc, node, "id", sizeof ret_limit->id, error);
    if (status == PB_OK) status = check_length(limits->doc, node, "clause", sizeof ret_limit->clause, error);
    if (status == PB_OK) status = check_length(limits->doc, node, "source", sizeof ret_limit->source, error);
    if (status != PB_OK) return status;
    if (!min_node && !max_node)
        return pb_doc_mistake(limits->doc, node, error, "found neither min nor max in row %s, expected at least one",
                              row.id);
    if (min_node && max_node && min.unit != max.unit)
        return pb_doc_mistake(limits->doc, max_node, error, "found min in '%s' and max in '%s', expected one unit",
                              pb_unit_symbol(min.unit), pb_unit_symbol(max.unit));
    if (min.value > max.value)
        return pb_doc_mistake(limits->doc, min_node, error,
                              "found min %.40s above max %.40s, expected it to be the smaller", row.min, row.max);
    if (pb_limits_find(limits, row.id))
        return pb_doc_mistake(limits->doc, pb_node_find(node, "id"), error,
                              "found id '%s' a second time, expected each once", row.id);
    *ret_limit = (struct pb_limit){.min = min.value,
                                   .max = max.value,
                                   .unit = min_node ? min.unit : max.unit,
                                   .confidence = (enum pb_confidence)row.confidence};
    snprintf(ret_limit->id, sizeof ret_limit->id, "%s", row.id);
    snprintf(ret_limit->clause, sizeof ret_limit->clause, "%s", row.clause);
    snprintf(ret_limit->source, sizeof ret_limit->source, "%s", row.source);
    return PB_OK;
}

static enum pb_status read_rows(struct pb_limits *limits, const struct pb_node *list, struct pb_error *error) {
    enum pb_status status = PB_OK;
    limits->rows = calloc(pb_node_count(list), sizeof *limits->rows);
    if (!limits->rows) return pb_fail(error, PB_ERR_MEMORY, 0, pb_doc_name(limits->doc), "no memory");
    for (size_t i = 0; status == PB_OK && i < pb_node_count(list); i++) {
        status = read_row(limits, pb_node_at(list, i), &limits->rows[i], error);
        if (status == PB_OK) limits->count++;
    }
    return status;
}

enum pb_status pb_limits_bind(struct pb_doc *doc, struct pb_limits *ret_limits, struct pb_error *error) {
    struct pb_limits limits = {.doc = doc};
    struct top top = {0};
    enum pb_status status = pb_doc_bind(doc, pb_doc_root(doc), top_params, COUNT(top_params), &top, sizeof top, error);
    if (status == PB_OK && !pb_node_count(top.rows))
        status = pb_doc_mistake(doc, top.rows, error, "found an empty list, expected at least one row");
    if (status == PB_OK) status = read_rows(&limits, top.rows, error);
    limits.name = top.standard;
    if (status != PB_OK) {
        pb_limits_finish(&limits);
        return status;
    }
    *ret_limits = limits;
    return PB_OK;
}

enum pb_status pb_limits_read(const char *path, struct pb_limits *ret_limits, struct pb_error *error) {
    struct pb_doc *doc;
    enum pb_status status = pb_doc_read_file(path, &doc, error);
    return status == PB_OK ? pb_limits_bind(doc, ret_limits, error) : status;
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
