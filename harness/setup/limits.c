/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads limits files. */
#include "harness/setup/limits.h"

#include "base/doc.h"
#include "base/text.h"
#include "harness/setup/tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

struct row {
    const char *id, *min, *max, *u_max, *why, *clause, *source;
    int confidence;
};
struct law_row {
    const char *from, *to, *clause, *source;
    int64_t slope_ma, zero_ppm, fixed_ma;
    int means, confidence;
};
static const char *const confidences[] = {"V", "V2", "C", "K", "U", NULL}; /* as enum pb_confidence */
static const char *const meanings[] = {"current", "digital", NULL};
#define TEXT(type_, name_, member_, required_, text_)                                                                  \
    {                                                                                                                  \
        .name = name_, .type = PB_PARAM_TEXT, .offset = offsetof(struct type_, member_), .is_required = required_,     \
        .fallback = required_ ? NULL : "", .text = text_                                                               \
    }
#define CONFIDENCE(type_)                                                                                              \
    {                                                                                                                  \
        .name = "confidence", .type = PB_PARAM_CHOICE, .offset = offsetof(struct type_, confidence),                   \
        .is_required = true, .choices = confidences, .text = "V, V2, C: read or computed; K, U: unverified"            \
    }
static const struct pb_param row_params[] = {
    TEXT(row, "id", id, true, "name by which a suite asks for it"),
    TEXT(row, "min", min, false, "lower bound with unit, inclusive"),
    TEXT(row, "max", max, false, "upper bound with unit, inclusive"),
    TEXT(row, "u_max", u_max, false,
         "largest U of a reading that may be decided by it, else inconc; default: a quarter of the tolerance (half the "
         "width of a range, the size of a single bound)"),
    TEXT(row, "u_max_why", why, false, "reason for a `u_max`; required with it"),
    TEXT(row, "clause", clause, true, "clause or table of the standard"),
    TEXT(row, "source", source, true, "where the figure was read"),
    CONFIDENCE(row),
};
static const struct pb_param announced_params[] = {
    TEXT(law_row, "from", from, true, "smallest current of the row, inclusive"),
    TEXT(law_row, "to", to, true, "largest, inclusive"),
    {.name = "slope",
     .type = PB_PARAM_QUANTITY,
     .offset = offsetof(struct law_row, slope_ma),
     .is_required = true,
     .unit = PB_UNIT_AMPERE,
     .min = "0.01 A",
     .max = "100 A",
     .text = "current a percent of duty"},
    {.name = "zero",
     .type = PB_PARAM_QUANTITY,
     .offset = offsetof(struct law_row, zero_ppm),
     .fallback = "0 %",
     .unit = PB_UNIT_PERCENT,
     .min = "0 %",
     .max = "100 %",
     .text = "duty at which the row's line would be 0 A"},
    TEXT(law_row, "clause", clause, true, "clause or table of the standard"),
    TEXT(law_row, "source", source, true, "where it was read"),
    CONFIDENCE(law_row),
};
static const struct pb_param read_params[] = {
    TEXT(law_row, "from", from, true, "smallest duty of the row, inclusive"),
    TEXT(law_row, "to", to, true, "largest, inclusive"),
    {.name = "means",
     .type = PB_PARAM_CHOICE,
     .offset = offsetof(struct law_row, means),
     .fallback = "current",
     .choices = meanings,
     .text = "a current, or digital communication first"},
    {.name = "current",
     .type = PB_PARAM_QUANTITY,
     .offset = offsetof(struct law_row, fixed_ma),
     .fallback = "0 A",
     .unit = PB_UNIT_AMPERE,
     .min = "0 A",
     .max = "1000 A",
     .text = "one current for the whole row"},
    {.name = "slope",
     .type = PB_PARAM_QUANTITY,
     .offset = offsetof(struct law_row, slope_ma),
     .fallback = "0 A",
     .unit = PB_UNIT_AMPERE,
     .min = "0 A",
     .max = "100 A",
     .text = "else current a percent of duty"},
    {.name = "zero",
     .type = PB_PARAM_QUANTITY,
     .offset = offsetof(struct law_row, zero_ppm),
     .fallback = "0 %",
     .unit = PB_UNIT_PERCENT,
     .min = "0 %",
     .max = "100 %",
     .text = "duty at which the row's line would be 0 A"},
    TEXT(law_row, "clause", clause, true, "clause or table of the standard"),
    TEXT(law_row, "source", source, true, "where it was read"),
    CONFIDENCE(law_row),
};

struct top {
    int64_t version;
    const char *standard;
    const struct pb_node *include, *rows, *announced, *read;
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
#define LIST(name_, member_, text_)                                                                                    \
    {                                                                                                                  \
        .name = name_, .type = PB_PARAM_NODE, .offset = offsetof(struct top, member_), .node_kind = PB_NODE_LIST,      \
        .text = text_                                                                                                  \
    }
    LIST("include", include,
         "files that are read first, by paths from this file's folder; later ones replace rows of earlier ones"),
    LIST("rows", rows, "the limits; they replace included rows of the same id"),
    LIST("duty_of_current", announced,
         "the duty that announces a current, row by row; replaces an included one as a whole"),
    LIST("current_of_duty", read, "what a vehicle makes of a duty, row by row; replaces an included one as a whole"),
};

const struct pb_param_table pb_limits_tables[] = {
    {"The file", "At least one of `include` and `rows` is there.", top_params, COUNT(top_params)},
    {"A row of `rows`", "At least one of `min` and `max` is there; both are of one unit.", row_params,
     COUNT(row_params)},
    {"A row of `duty_of_current`",
     "I = slope x (duty - zero). The first row that holds a current counts; a current in no row has no code.",
     announced_params, COUNT(announced_params)},
    {"A row of `current_of_duty`",
     "The first row that holds a duty counts; a duty in no row means: no charging. A row that means a current has "
     "`current` or `slope`.",
     read_params, COUNT(read_params)},
    {NULL, NULL, NULL, 0},
};

/* ---- rows ---- */

/* One file's reading: its rows go into a set of their own first, where no id may stand twice. */
struct reading {
    const struct pb_doc *doc;
    struct pb_limits own;
    struct pb_error *error;
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

static enum pb_status check_bounds(const struct reading *reading, const struct pb_node *node, const struct row *row,
                                   const struct pb_quantity *min, const struct pb_quantity *max) {
    const struct pb_node *min_node = pb_node_find(node, "min"), *max_node = pb_node_find(node, "max");
    if (!min_node && !max_node)
        return pb_doc_mistake(reading->doc, node, reading->error,
                              "found neither min nor max in row %s, expected at least one", row->id);
    if (min_node && max_node && min->unit != max->unit)
        return pb_doc_mistake(reading->doc, max_node, reading->error,
                              "found min in '%s' and max in '%s', expected one unit", pb_unit_symbol(min->unit),
                              pb_unit_symbol(max->unit));
    if (min->value > max->value)
        return pb_doc_mistake(reading->doc, min_node, reading->error,
                              "found min %.40s above max %.40s, expected it to be the smaller", row->min, row->max);
    if (pb_limits_find(&reading->own, row->id))
        return pb_doc_mistake(reading->doc, pb_node_find(node, "id"), reading->error,
                              "found id '%s' a second time, expected each once", row->id);
    return PB_OK;
}

static enum pb_status read_u_max(const struct reading *reading, const struct pb_node *node, const struct row *row,
                                 enum pb_unit unit, int64_t *ret_u_max) {
    const struct pb_node *u_max_node = pb_node_find(node, "u_max"), *why_node = pb_node_find(node, "u_max_why");
    struct pb_quantity u_max = {.value = 0};
    if (!u_max_node && why_node)
        return pb_doc_mistake(reading->doc, why_node, reading->error,
                              "found u_max_why alone, expected a u_max with it");
    if (!u_max_node) return PB_OK;
    enum pb_status status = parse_bound(reading->doc, u_max_node, row->u_max, &u_max, reading->error);
    if (status != PB_OK) return status;
    if (u_max.unit != unit)
        return pb_doc_mistake(reading->doc, u_max_node, reading->error, "found u_max in '%s', expected '%s'",
                              pb_unit_symbol(u_max.unit), pb_unit_symbol(unit));
    if (u_max.value <= 0)
        return pb_doc_mistake(reading->doc, u_max_node, reading->error, "found u_max %.40s, expected more than 0",
                              row->u_max);
    if (!row->why[0])
        return pb_doc_mistake(reading->doc, u_max_node, reading->error,
                              "found u_max without its reason, expected u_max_why");
    *ret_u_max = u_max.value;
    return PB_OK;
}

static enum pb_status read_row(struct reading *reading, const struct pb_node *node, struct pb_limit *ret_limit) {
    struct row row = {0};
    int64_t u_max = 0;
    struct pb_quantity min = {.value = INT64_MIN, .unit = PB_UNIT_COUNT},
                       max = {.value = INT64_MAX, .unit = PB_UNIT_COUNT};
    const struct pb_doc *doc = reading->doc;
    struct pb_error *error = reading->error;
    const struct pb_node *min_node = pb_node_find(node, "min"), *max_node = pb_node_find(node, "max");
    enum pb_status status = pb_doc_bind(doc, node, row_params, COUNT(row_params), &row, sizeof row, error);
    if (status == PB_OK && min_node) status = parse_bound(doc, min_node, row.min, &min, error);
    if (status == PB_OK && max_node) status = parse_bound(doc, max_node, row.max, &max, error);
    if (status == PB_OK) status = check_length(doc, node, "id", sizeof ret_limit->id, error);
    if (status == PB_OK) status = check_length(doc, node, "clause", sizeof ret_limit->clause, error);
    if (status == PB_OK) status = check_length(doc, node, "source", sizeof ret_limit->source, error);
    if (status == PB_OK) status = check_bounds(reading, node, &row, &min, &max);
    enum pb_unit unit = min_node ? min.unit : max.unit;
    if (status == PB_OK) status = read_u_max(reading, node, &row, unit, &u_max);
    if (status != PB_OK) return status;
    *ret_limit = (struct pb_limit){.min = min.value,
                                   .max = max.value,
                                   .u_max = u_max,
                                   .unit = unit,
                                   .confidence = (enum pb_confidence)row.confidence};
    snprintf(ret_limit->id, sizeof ret_limit->id, "%s", row.id);
    snprintf(ret_limit->clause, sizeof ret_limit->clause, "%s", row.clause);
    snprintf(ret_limit->source, sizeof ret_limit->source, "%s", row.source);
    return PB_OK;
}

static enum pb_status no_memory(const struct reading *reading) {
    return pb_fail(reading->error, PB_ERR_MEMORY, 0, pb_doc_name(reading->doc), "no memory");
}

static enum pb_status read_rows(struct reading *reading, const struct pb_node *list) {
    enum pb_status status = PB_OK;
    if (!pb_node_count(list))
        return pb_doc_mistake(reading->doc, list, reading->error, "found an empty list, expected at least one row");
    reading->own.rows = calloc(pb_node_count(list), sizeof *reading->own.rows);
    if (!reading->own.rows) return no_memory(reading);
    for (size_t i = 0; status == PB_OK && i < pb_node_count(list); i++) {
        status = read_row(reading, pb_node_at(list, i), &reading->own.rows[i]);
        if (status == PB_OK) reading->own.count++;
    }
    return status;
}

/* ---- the duty law ---- */

/* A direction of the law: which rows it has, and in what unit their edges are. */
struct direction {
    const char *name;
    const struct pb_param *params;
    size_t param_count;
    enum pb_unit unit;
};

static enum pb_status read_edges(const struct reading *reading, const struct pb_node *node, const struct law_row *row,
                                 enum pb_unit unit, struct pb_duty_row *to) {
    const struct pb_node *nodes[] = {pb_node_find(node, "from"), pb_node_find(node, "to")};
    const char *texts[] = {row->from, row->to};
    int64_t *edges[] = {&to->from, &to->to};
    for (size_t i = 0; i < 2; i++) {
        struct pb_error inner;
        if (pb_quantity_parse(texts[i], unit, edges[i], &inner) != PB_OK)
            return pb_doc_mistake(reading->doc, nodes[i], reading->error, "%s", inner.text);
        static const int64_t most = 1000000; /* 100 %, 1000 A */
        if (*edges[i] < 0 || *edges[i] > most)
            return pb_doc_mistake(reading->doc, nodes[i], reading->error, "found \"%.40s\", expected %s", texts[i],
                                  unit == PB_UNIT_PERCENT ? "0 % to 100 %" : "0 A to 1000 A");
    }
    if (to->from <= to->to) return PB_OK;
    return pb_doc_mistake(reading->doc, nodes[0], reading->error,
                          "found from %.40s above to %.40s, expected it to be the smaller", row->from, row->to);
}

static enum pb_status read_law_row(const struct reading *reading, const struct pb_node *node,
                                   const struct direction *direction, struct pb_duty_row *ret_row,
                                   struct pb_limit *ret_from) {
    struct law_row row = {0};
    enum pb_status status =
        pb_doc_bind(reading->doc, node, direction->params, direction->param_count, &row, sizeof row, reading->error);
    if (status == PB_OK)
        status = check_length(reading->doc, node, "clause", sizeof((struct pb_limit *)0)->clause, reading->error);
    if (status == PB_OK)
        status = check_length(reading->doc, node, "source", sizeof((struct pb_limit *)0)->source, reading->error);
    if (status == PB_OK) status = read_edges(reading, node, &row, direction->unit, ret_row);
    if (status != PB_OK) return status;
    bool is_digital = row.means == 1;
    if (is_digital ? row.fixed_ma || row.slope_ma : !row.fixed_ma == !row.slope_ma)
        return pb_doc_mistake(reading->doc, node, reading->error, "found %s in a row that means %s, expected %s",
                              row.fixed_ma && row.slope_ma   ? "current and slope"
                              : row.fixed_ma || row.slope_ma ? "a current"
                                                             : "neither current nor slope",
                              meanings[row.means], is_digital ? "none" : "one of current and slope");
    ret_row->meaning = is_digital ? PB_DUTY_DIGITAL : PB_DUTY_CURRENT;
    ret_row->slope_ma = row.slope_ma;
    ret_row->zero_ppm = row.zero_ppm;
    ret_row->fixed_ma = row.fixed_ma;
    *ret_from = (struct pb_limit){
        .min = INT64_MIN, .max = INT64_MAX, .unit = direction->unit, .confidence = (enum pb_confidence)row.confidence};
    snprintf(ret_from->clause, sizeof ret_from->clause, "%s", row.clause);
    snprintf(ret_from->source, sizeof ret_from->source, "%s", row.source);
    return PB_OK;
}

static enum pb_status read_direction(const struct reading *reading, const struct pb_node *list,
                                     const struct direction *direction, struct pb_duty_row *rows, struct pb_limit *from,
                                     size_t *count) {
    enum pb_status status = PB_OK;
    if (!list) return PB_OK;
    if (!pb_node_count(list) || pb_node_count(list) > PB_DUTY_ROWS_MAX)
        return pb_doc_mistake(reading->doc, list, reading->error, "found %zu rows, expected 1 to %d",
                              pb_node_count(list), PB_DUTY_ROWS_MAX);
    for (size_t i = 0; status == PB_OK && i < pb_node_count(list); i++) {
        status = read_law_row(reading, pb_node_at(list, i), direction, &rows[i], &from[i]);
        snprintf(from[i].id, sizeof from[i].id, "%s[%zu]", direction->name, i + 1);
    }
    if (status == PB_OK) *count = pb_node_count(list);
    return status;
}

static enum pb_status read_law(struct reading *reading, const struct top *top) {
    static const struct direction announced = {"duty_of_current", announced_params, COUNT(announced_params),
                                               PB_UNIT_AMPERE},
                                  read = {"current_of_duty", read_params, COUNT(read_params), PB_UNIT_PERCENT};
    struct pb_limits *own = &reading->own;
    enum pb_status status = read_direction(reading, top->announced, &announced, own->law.announced, own->announced,
                                           &own->law.announced_count);
    if (status != PB_OK) return status;
    return read_direction(reading, top->read, &read, own->law.read, own->read, &own->law.read_count);
}

/* ---- files ---- */

/* Puts a file's rows over the set. */
static enum pb_status lay_over(struct pb_limits *limits, const struct reading *reading) {
    const struct pb_limits *own = &reading->own;
    struct pb_limit *rows = realloc(limits->rows, (limits->count + own->count + 1) * sizeof *rows);
    if (!rows) return no_memory(reading);
    limits->rows = rows;
    for (size_t i = 0; i < own->count; i++) {
        size_t at = 0;
        while (at < limits->count && strcmp(rows[at].id, own->rows[i].id) != 0) at++;
        rows[at] = own->rows[i];
        if (at == limits->count) limits->count++;
    }
    if (own->law.announced_count) {
        memcpy(limits->law.announced, own->law.announced, sizeof limits->law.announced);
        limits->law.announced_count = own->law.announced_count;
        memcpy(limits->announced, own->announced, sizeof limits->announced);
    }
    if (own->law.read_count) {
        memcpy(limits->law.read, own->law.read, sizeof limits->law.read);
        limits->law.read_count = own->law.read_count;
        memcpy(limits->read, own->read, sizeof limits->read);
    }
    return PB_OK;
}

static enum pb_status add_doc(struct pb_limits *limits, struct pb_doc *doc, const char *path, int depth,
                              struct pb_error *error);

static enum pb_status read_path(struct pb_limits *limits, const char *path, int depth, struct pb_error *error) {
    struct pb_doc *doc;
    enum pb_status status = pb_doc_read_file(path, &doc, error);
    return status == PB_OK ? add_doc(limits, doc, path, depth, error) : status;
}

static enum pb_status read_included(struct pb_limits *limits, const struct pb_doc *doc, const struct pb_node *list,
                                    const char *path, int depth, struct pb_error *error) {
    enum { DEPTH_MAX = 4 };
    enum pb_status status = PB_OK;
    for (size_t i = 0; status == PB_OK && i < pb_node_count(list); i++) {
        const struct pb_node *node = pb_node_at(list, i);
        char included[4096];
        const char *name = pb_node_kind(node) == PB_NODE_SCALAR ? pb_node_text(node) : "";
        const char *slash = path ? strrchr(path, '/') : NULL;
        int folder = slash && name[0] != '/' ? (int)(slash - path) + 1 : 0;
        if (!name[0]) return pb_doc_mistake(doc, node, error, "found no file name, expected one");
        if (!path) return pb_doc_mistake(doc, node, error, "found a file to include, expected none in a text");
        if (depth == DEPTH_MAX)
            return pb_doc_mistake(doc, node, error, "found files included %d deep, expected at most %d (a circle?)",
                                  depth + 1, DEPTH_MAX);
        if (snprintf(included, sizeof included, "%.*s%s", folder, path, name) >= (int)sizeof included)
            return pb_doc_mistake(doc, node, error, "found a path of more than %zu bytes, expected a shorter one",
                                  sizeof included - 1);
        status = read_path(limits, included, depth + 1, error);
    }
    return status;
}

/* Takes the document over into the set, on failure too where there is room. path: its folder is where included ones are looked for; NULL: it may include
 * none. */
static enum pb_status add_doc(struct pb_limits *limits, struct pb_doc *doc, const char *path, int depth,
                              struct pb_error *error) {
    struct reading reading = {.doc = doc, .error = error};
    struct top top = {0};
    enum pb_status status = pb_doc_bind(doc, pb_doc_root(doc), top_params, COUNT(top_params), &top, sizeof top, error);
    if (status == PB_OK && !top.rows && !top.include)
        status = pb_doc_mistake(doc, pb_doc_root(doc), error, "found no key \"rows\", expected it or \"include\"");
    if (status == PB_OK && strlen(top.standard) >= 100)
        status = pb_doc_mistake(doc, pb_node_find(pb_doc_root(doc), "standard"), error,
                                "found %zu bytes for \"standard\", expected at most 99", strlen(top.standard));
    if (status == PB_OK && top.include) status = read_included(limits, doc, top.include, path, depth, error);
    if (status == PB_OK && top.rows) status = read_rows(&reading, top.rows);
    if (status == PB_OK) status = read_law(&reading, &top);
    if (status == PB_OK && limits->doc_count == PB_LIMITS_FILES_MAX)
        status = pb_doc_mistake(doc, pb_doc_root(doc), error, "found more than %d files, expected at most that",
                                PB_LIMITS_FILES_MAX);
    if (status == PB_OK) status = lay_over(limits, &reading);
    free(reading.own.rows);
    if (status != PB_OK) {
        pb_doc_destroy(doc);
        return status;
    }
    limits->docs[limits->doc_count++] = doc;
    if (depth) return PB_OK;
    size_t used = strlen(limits->name);
    snprintf(limits->name + used, sizeof limits->name - used, "%s%s", used ? "; " : "", top.standard);
    pb_text_drop_partial(limits->name);
    return PB_OK;
}

enum pb_status pb_limits_add(struct pb_limits *limits, const char *path, struct pb_error *error) {
    enum pb_status status = read_path(limits, path, 0, error);
    if (status != PB_OK) pb_limits_finish(limits);
    return status;
}

enum pb_status pb_limits_read(const char *path, struct pb_limits *ret_limits, struct pb_error *error) {
    struct pb_limits limits = {0};
    enum pb_status status = pb_limits_add(&limits, path, error);
    if (status == PB_OK) *ret_limits = limits;
    return status;
}

enum pb_status pb_limits_bind(struct pb_doc *doc, struct pb_limits *ret_limits, struct pb_error *error) {
    struct pb_limits limits = {0};
    enum pb_status status = add_doc(&limits, doc, NULL, 0, error);
    if (status == PB_OK) *ret_limits = limits;
    else pb_limits_finish(&limits);
    return status;
}

void pb_limits_finish(struct pb_limits *limits) {
    free(limits->rows);
    for (size_t i = 0; i < limits->doc_count; i++) pb_doc_destroy(limits->docs[i]);
    *limits = (struct pb_limits){0};
}

const struct pb_limit *pb_limits_find(const struct pb_limits *limits, const char *id) {
    for (size_t i = 0; i < limits->count; i++)
        if (strcmp(limits->rows[i].id, id) == 0) return &limits->rows[i];
    return NULL;
}

enum pb_status pb_limits_windows(const struct pb_limits *limits, struct pb_cp_windows *ret_windows,
                                 struct pb_error *error) {
    struct pb_cp_windows windows;
    struct {
        int64_t *min_uv, *max_uv;
    } const to[] = {{&windows.a.min_uv, &windows.a.max_uv}, {&windows.b.min_uv, &windows.b.max_uv},
                    {&windows.c.min_uv, &windows.c.max_uv}, {&windows.d.min_uv, &windows.d.max_uv},
                    {&windows.e.min_uv, &windows.e.max_uv}, {&windows.f.min_uv, &windows.f.max_uv}};
    for (int i = 0; i < (int)COUNT(to); i++) {
        char id[] = {'c', 'p', '.', 'w', 'i', 'n', 'd', 'o', 'w', '.', (char)('a' + i), 0};
        const struct pb_limit *row = pb_limits_find(limits, id);
        if (!row || row->unit != PB_UNIT_VOLT || row->min == INT64_MIN || row->max == INT64_MAX)
            return pb_fail(error, PB_ERR_INPUT, 0, limits->name,
                           "found no row %s with min and max in V, expected it: the bench tells states by it "
                           "(iec-61851-1-2017.yaml has it)",
                           id);
        if (i > 0 && row->max >= *to[i - 1].min_uv)
            return pb_fail(error, PB_ERR_INPUT, 0, limits->name,
                           "found row %s not below the window before it, expected windows that descend", id);
        *to[i].min_uv = row->min;
        *to[i].max_uv = row->max;
    }
    if (!limits->law.read_count)
        return pb_fail(error, PB_ERR_INPUT, 0, limits->name,
                       "found no current_of_duty, expected it: the bench's vehicle reads the duty by it "
                       "(iec-61851-1-2017.yaml has it)");
    *ret_windows = windows;
    return PB_OK;
}

const struct pb_limit *pb_limits_announced(const struct pb_limits *limits, int64_t ma) {
    const struct pb_duty_row *row = pb_duty_row_announced(&limits->law, ma);
    return row ? &limits->announced[row - limits->law.announced] : NULL;
}

const struct pb_limit *pb_limits_read_duty(const struct pb_limits *limits, int64_t duty_ppm) {
    const struct pb_duty_row *row = pb_duty_row_read(&limits->law, duty_ppm);
    return row ? &limits->read[row - limits->law.read] : NULL;
}
