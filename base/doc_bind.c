/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Binding a map to a struct by its table. The struct is filled in a copy, which replaces the caller's when all is
 * well. */
#include "base/doc.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FOUND_BYTES = 80, LIST_BYTES = 200, MAX_NAME_BYTES = 63 };

static const char *const kind_names[] = {
    [PB_NODE_SCALAR] = "a single value", [PB_NODE_LIST] = "a list", [PB_NODE_MAP] = "a map"};

/* ---- one value into one member: the error's place is the caller's to add ---- */

typedef enum pb_status store_value(const struct pb_param *param, const char *text, bool is_plain, void *ret_member,
                                   struct pb_error *error);

static enum pb_status store_text(const struct pb_param *param, const char *text, bool is_plain, void *ret_member,
                                 struct pb_error *error) {
    (void)param;
    if (is_plain && !*text) return pb_fail(error, PB_ERR_INPUT, 0, "", "found nothing, expected a text");
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            return pb_fail(error, PB_ERR_INPUT, 0, "",
                           "found the control character 0x%02X, expected a text of one line", (unsigned char)*c);
    memcpy(ret_member, &text, sizeof text);
    return PB_OK;
}

static enum pb_status store_bool(const struct pb_param *param, const char *text, bool is_plain, void *ret_member,
                                 struct pb_error *error) {
    (void)param;
    char found[FOUND_BYTES];
    bool value = strcmp(text, "true") == 0;
    if (!is_plain || (!value && strcmp(text, "false") != 0))
        return pb_fail(error, PB_ERR_INPUT, 0, "", "found %s%s, expected true or false (without quotes)",
                       is_plain ? "" : "the text ", pb_text_quote(text, found, sizeof found));
    memcpy(ret_member, &value, sizeof value);
    return PB_OK;
}

/* A bound of the table; fallback when there is none. */
static enum pb_status read_bound(const struct pb_param *param, const char *bound, int64_t fallback,
                                 int64_t *ret_bound) {
    *ret_bound = fallback;
    return bound ? pb_quantity_parse(bound, param->unit, ret_bound, NULL) : PB_OK;
}

static enum pb_status refuse_range(const struct pb_param *param, const char *text, struct pb_error *error) {
    char found[FOUND_BYTES];
    pb_text_quote(text, found, sizeof found);
    if (!param->max) return pb_fail(error, PB_ERR_INPUT, 0, "", "found %s, expected at least %s", found, param->min);
    if (!param->min) return pb_fail(error, PB_ERR_INPUT, 0, "", "found %s, expected at most %s", found, param->max);
    return pb_fail(error, PB_ERR_INPUT, 0, "", "found %s, expected %s to %s", found, param->min, param->max);
}

static enum pb_status store_quantity(const struct pb_param *param, const char *text, bool is_plain, void *ret_member,
                                     struct pb_error *error) {
    (void)is_plain;
    int64_t value, min, max;
    if (read_bound(param, param->min, INT64_MIN, &min) != PB_OK ||
        read_bound(param, param->max, INT64_MAX, &max) != PB_OK)
        return pb_fail(error, PB_ERR_ARG, 0, "", "the bounds of parameter %s are no quantities", param->name);
    enum pb_status status = pb_quantity_parse(text, param->unit, &value, error);
    if (status != PB_OK) return status;
    if (value < min || value > max) return refuse_range(param, text, error);
    memcpy(ret_member, &value, sizeof value);
    return PB_OK;
}

/* Appends ", name" (or the name, if it is the first); what does not fit is left out. */
static void append_name(char *list, size_t size, const char *name) {
    size_t used = strlen(list);
    snprintf(list + used, size - used, "%s%s", used ? ", " : "", name);
    pb_text_drop_partial(list);
}

static enum pb_status store_choice(const struct pb_param *param, const char *text, bool is_plain, void *ret_member,
                                   struct pb_error *error) {
    (void)is_plain;
    char found[FOUND_BYTES], list[LIST_BYTES] = "";
    for (int i = 0; param->choices[i]; i++) {
        append_name(list, sizeof list, param->choices[i]);
        if (strcmp(text, param->choices[i]) != 0) continue;
        memcpy(ret_member, &i, sizeof i);
        return PB_OK;
    }
    return pb_fail(error, PB_ERR_INPUT, 0, "", "found %s, expected one of %s", pb_text_quote(text, found, sizeof found),
                   list);
}

static const struct {
    store_value *store; /* NULL: the node itself */
    size_t size;
} types[] = {
    [PB_PARAM_TEXT] = {store_text, sizeof(const char *)},     [PB_PARAM_BOOL] = {store_bool, sizeof(bool)},
    [PB_PARAM_QUANTITY] = {store_quantity, sizeof(int64_t)},  [PB_PARAM_CHOICE] = {store_choice, sizeof(int)},
    [PB_PARAM_NODE] = {NULL, sizeof(const struct pb_node *)},
};

/* ---- which key was meant ---- */

/* Insertions, deletions and replacements that turn one name into the other; both at most MAX_NAME_BYTES long. */
static size_t edit_distance(const char *from, const char *to) {
    size_t row[MAX_NAME_BYTES + 1];
    size_t columns = strlen(to);
    for (size_t j = 0; j <= columns; j++) row[j] = j;
    for (size_t i = 1; from[i - 1]; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= columns; j++) {
            size_t best = diagonal + (from[i - 1] != to[j - 1]);
            if (row[j] + 1 < best) best = row[j] + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            diagonal = row[j];
            row[j] = best;
        }
    }
    return row[columns];
}

/* The known name nearest to key, or NULL if none is near. */
static const char *suggest(const char *key, const struct pb_param *params, size_t param_count) {
    if (strlen(key) > MAX_NAME_BYTES) return NULL;
    const char *best = NULL;
    size_t best_distance = 2 + strlen(key) / 4;
    for (size_t i = 0; i < param_count; i++) {
        if (strlen(params[i].name) > MAX_NAME_BYTES) continue;
        size_t distance = edit_distance(key, params[i].name);
        if (distance >= best_distance) continue;
        best = params[i].name;
        best_distance = distance;
    }
    return best;
}

static enum pb_status refuse_key(const struct pb_doc *doc, const struct pb_node *key, const struct pb_param *params,
                                 size_t param_count, struct pb_error *error) {
    char found[FOUND_BYTES], list[LIST_BYTES] = "";
    const char *meant = suggest(pb_node_text(key), params, param_count);
    pb_text_quote(pb_node_text(key), found, sizeof found);
    if (meant)
        return pb_doc_mistake(doc, key, error, "found the unknown key %s, expected perhaps \"%s\"", found, meant);
    for (size_t i = 0; i < param_count; i++) append_name(list, sizeof list, params[i].name);
    return pb_doc_mistake(doc, key, error, "found the unknown key %s, expected one of %s", found, list);
}

/* ---- the map ---- */

static enum pb_status bind_node(const struct pb_doc *doc, const struct pb_param *param, const struct pb_node *node,
                                unsigned char *ret_struct, struct pb_error *error) {
    store_value *store = types[param->type].store;
    enum pb_node_kind wanted = store ? PB_NODE_SCALAR : param->node_kind;
    if (pb_node_kind(node) != wanted)
        return pb_doc_mistake(doc, node, error, "found %s, expected %s for \"%s\"", kind_names[pb_node_kind(node)],
                              kind_names[wanted], param->name);
    if (!store) {
        memcpy(ret_struct + param->offset, &node, sizeof(const struct pb_node *));
        return PB_OK;
    }
    struct pb_error why;
    enum pb_status status = store(param, pb_node_text(node), pb_node_is_plain(node), ret_struct + param->offset, &why);
    if (status == PB_ERR_ARG) return pb_fail(error, status, 0, pb_doc_name(doc), "%s", why.text);
    return status == PB_OK ? status : pb_doc_mistake(doc, node, error, "%s", why.text);
}

/* An empty text is fine as a fallback, though nobody may write one. */
static enum pb_status store_fallback(const struct pb_param *param, unsigned char *ret_struct, const char *where,
                                     struct pb_error *error) {
    struct pb_error why;
    bool is_plain = param->type != PB_PARAM_TEXT;
    if (types[param->type].store(param, param->fallback, is_plain, ret_struct + param->offset, &why) == PB_OK)
        return PB_OK;
    return pb_fail(error, PB_ERR_ARG, 0, where, "the fallback of parameter %s: %s", param->name, why.text);
}

static enum pb_status bind_absent(const struct pb_doc *doc, const struct pb_param *param, const struct pb_node *map,
                                  unsigned char *ret_struct, struct pb_error *error) {
    if (param->is_required)
        return pb_doc_mistake(doc, map, error, "found no key \"%s\", expected it (%s)", param->name, param->text);
    store_value *store = types[param->type].store;
    if (!store || !param->fallback) return PB_OK;
    return store_fallback(param, ret_struct, pb_doc_name(doc), error);
}

static const struct pb_param *find_param(const struct pb_param *params, size_t param_count, const char *name) {
    for (size_t i = 0; i < param_count; i++)
        if (strcmp(params[i].name, name) == 0) return &params[i];
    return NULL;
}

static enum pb_status bind_map(const struct pb_doc *doc, const struct pb_node *map, const struct pb_param *params,
                               size_t param_count, unsigned char *ret_struct, struct pb_error *error) {
    enum pb_status status = PB_OK;
    for (size_t i = 0; status == PB_OK && i < pb_node_count(map); i++) {
        const struct pb_param *param = find_param(params, param_count, pb_node_key(map, i));
        status = param ? bind_node(doc, param, pb_node_at(map, i), ret_struct, error)
                       : refuse_key(doc, pb_node_key_node(map, i), params, param_count, error);
    }
    for (size_t i = 0; status == PB_OK && i < param_count; i++)
        if (!pb_node_find(map, params[i].name)) status = bind_absent(doc, &params[i], map, ret_struct, error);
    return status;
}

enum pb_status pb_doc_bind(const struct pb_doc *doc, const struct pb_node *map, const struct pb_param *params,
                           size_t param_count, void *ret_struct, size_t struct_size, struct pb_error *error) {
    if (pb_node_kind(map) != PB_NODE_MAP)
        return pb_doc_mistake(doc, map, error, "found %s, expected a map", kind_names[pb_node_kind(map)]);
    for (size_t i = 0; i < param_count; i++)
        if (params[i].offset + types[params[i].type].size > struct_size)
            return pb_fail(error, PB_ERR_ARG, 0, pb_doc_name(doc), "parameter %s lies outside its struct",
                           params[i].name);
    unsigned char *copy = malloc(struct_size);
    if (!copy) return pb_fail(error, PB_ERR_MEMORY, 0, pb_doc_name(doc), "out of memory while reading");
    memcpy(copy, ret_struct, struct_size);
    enum pb_status status = bind_map(doc, map, params, param_count, copy, error);
    if (status == PB_OK) memcpy(ret_struct, copy, struct_size);
    free(copy);
    return status;
}

enum pb_status pb_params_default(const struct pb_param *params, size_t param_count, void *ret_struct,
                                 struct pb_error *error) {
    for (size_t i = 0; i < param_count; i++) {
        if (!types[params[i].type].store || !params[i].fallback) continue;
        enum pb_status status = store_fallback(&params[i], ret_struct, params[i].name, error);
        if (status != PB_OK) return status;
    }
    return PB_OK;
}

enum pb_status pb_param_parse(const struct pb_param *param, const char *where, const char *text, void *ret_struct,
                              struct pb_error *error) {
    struct pb_error why;
    store_value *store = types[param->type].store;
    if (!store) return pb_fail(error, PB_ERR_ARG, 0, where, "parameter %s is no single value", param->name);
    enum pb_status status = store(param, text, true, (unsigned char *)ret_struct + param->offset, &why);
    if (status == PB_OK) return PB_OK;
    return pb_fail(error, status == PB_ERR_ARG ? PB_ERR_ARG : PB_ERR_INPUT, 0, where, "%s", why.text);
}
