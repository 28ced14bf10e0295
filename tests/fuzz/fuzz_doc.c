/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a document: read, every node walked, bound by a table of every type. Aborts when a promise of doc.h
 * breaks: a mistake without a place or in another form, a place outside the text, a result written in spite of a
 * mistake. */
#include "base/doc.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct bound {
    const char *text;
    bool is_on;
    int64_t volts, seconds, number;
    int choice;
    const struct pb_node *map, *list;
};

static const char *const choices[] = {"first", "second", NULL};

static const struct pb_param params[] = {
    {.name = "text",
     .type = PB_PARAM_TEXT,
     .offset = offsetof(struct bound, text),
     .is_required = true,
     .text = "a text"},
    {.name = "on",
     .type = PB_PARAM_BOOL,
     .offset = offsetof(struct bound, is_on),
     .fallback = "false",
     .text = "a bool"},
    {.name = "volts",
     .type = PB_PARAM_QUANTITY,
     .offset = offsetof(struct bound, volts),
     .unit = PB_UNIT_VOLT,
     .min = "-15 V",
     .max = "15 V",
     .fallback = "0 V",
     .text = "a voltage"},
    {.name = "seconds",
     .type = PB_PARAM_QUANTITY,
     .offset = offsetof(struct bound, seconds),
     .unit = PB_UNIT_SECOND,
     .min = "0 s",
     .fallback = "1 s",
     .text = "a time"},
    {.name = "number",
     .type = PB_PARAM_QUANTITY,
     .offset = offsetof(struct bound, number),
     .fallback = "0",
     .text = "a count"},
    {.name = "choice",
     .type = PB_PARAM_CHOICE,
     .offset = offsetof(struct bound, choice),
     .choices = choices,
     .fallback = "second",
     .text = "a choice"},
    {.name = "map",
     .type = PB_PARAM_NODE,
     .offset = offsetof(struct bound, map),
     .node_kind = PB_NODE_MAP,
     .text = "a map"},
    {.name = "list",
     .type = PB_PARAM_NODE,
     .offset = offsetof(struct bound, list),
     .node_kind = PB_NODE_LIST,
     .text = "a list"},
};

static void promise(bool is_kept) {
    if (!is_kept) abort();
}

static void check_mistake(enum pb_status status, const struct pb_error *error) {
    promise(status == PB_ERR_INPUT && error->status == status);
    promise(strncmp(error->where, "fuzz.yaml", 9) == 0);
    promise(strncmp(error->text, "found ", 6) == 0);
    promise(strstr(error->text, ", expected ") != NULL);
    promise(strpbrk(error->text, "\n\r\t\x1b") == NULL);
}

static size_t walk(const struct pb_node *node, size_t depth, size_t size) {
    size_t seen = 1;
    promise(depth <= PB_DOC_MAX_DEPTH && pb_node_line(node) >= 1 && pb_node_column(node) >= 1);
    promise((size_t)pb_node_line(node) <= size + 1 && (size_t)pb_node_column(node) <= size + 1);
    promise((pb_node_text(node) != NULL) == (pb_node_kind(node) == PB_NODE_SCALAR));
    for (size_t i = 0; i < pb_node_count(node); i++) {
        if (pb_node_kind(node) == PB_NODE_MAP) promise(*pb_node_key(node, i) != '\0');
        seen += walk(pb_node_at(node, i), depth + 1, size);
    }
    return seen;
}

static void check_bound(const struct bound *bound) {
    promise(bound->text != NULL && bound->choice >= 0 && bound->choice < 2);
    promise(bound->volts >= -15000000 && bound->volts <= 15000000 && bound->seconds >= 0);
    promise(!bound->map || pb_node_kind(bound->map) == PB_NODE_MAP);
    promise(!bound->list || pb_node_kind(bound->list) == PB_NODE_LIST);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct pb_doc *doc = NULL;
    struct pb_error error = {0};
    enum pb_status status = pb_doc_read_text("fuzz.yaml", (const char *)data, size, &doc, &error);
    if (status != PB_OK) {
        promise(doc == NULL);
        check_mistake(status, &error);
        return 0;
    }
    promise(walk(pb_doc_root(doc), 0, size) <= 2 * size + 2);
    struct bound bound, before;
    memset(&bound, 0, sizeof bound);
    memcpy(&before, &bound, sizeof bound);
    status = pb_doc_bind(doc, pb_doc_root(doc), params, sizeof params / sizeof *params, &bound, sizeof bound, &error);
    if (status == PB_OK) {
        check_bound(&bound);
    } else {
        check_mistake(status, &error);
        /* Both were filled by memset and memcpy, padding too. NOLINTNEXTLINE(bugprone-suspicious-memory-comparison) */
        promise(memcmp(&bound, &before, sizeof bound) == 0);
    }
    pb_doc_destroy(doc);
    return 0;
}
