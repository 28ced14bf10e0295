/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From libyaml's events to a tree of nodes in one arena. The event interface is used because only there anchors, tags
 * and the second document of a file can still be seen, and because it lets us stop at the depth limit before memory is
 * spent. */
#include "base/doc.h"

#include "base/text.h"

#include <errno.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

enum { BLOCK_BYTES = 1 << 14 };

struct block {
    struct block *next;
    size_t used, size;
    alignas(max_align_t) unsigned char bytes[];
};

struct pb_doc {
    char *name;
    char *text;
    size_t length;
    struct block *blocks;
    struct pb_node *root;
};

struct pb_node {
    enum pb_node_kind kind;
    int line, column;
    bool is_plain;
    const char *text;                    /* scalar */
    size_t child_count;                  /* list: its members; map: key, value, key, value ... */
    const struct pb_node **children;     /* set when the list or map ends */
    struct pb_node *first, *last, *next; /* how children are collected until then */
};

struct reader {
    struct pb_doc *doc;
    struct pb_error *error;
    struct pb_node *open[PB_DOC_MAX_DEPTH]; /* lists and maps not yet ended, outermost first */
    size_t depth;
    bool is_ended;
};

static void *arena_take(struct pb_doc *doc, size_t size) {
    size = (size + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
    struct block *block = doc->blocks;
    if (!block || block->size - block->used < size) {
        size_t block_size = size > BLOCK_BYTES ? size : BLOCK_BYTES;
        block = malloc(sizeof *block + block_size);
        if (!block) return NULL;
        *block = (struct block){.next = doc->blocks, .size = block_size};
        doc->blocks = block;
    }
    void *taken = block->bytes + block->used;
    block->used += size;
    return taken;
}

/* ---- messages ---- */

/* "name:line:column"; of a long name the end is kept, for the numbers must stay. */
static void write_place(const struct pb_doc *doc, int line, int column, char *ret_where, size_t size) {
    char numbers[32] = "";
    if (line > 0) snprintf(numbers, sizeof numbers, ":%d:%d", line, column);
    size_t room = size - sizeof numbers - sizeof "...";
    const char *name = doc->name;
    const char *mark = "";
    if (strlen(name) > room) {
        mark = "...";
        name += strlen(name) - room;
        while (((unsigned char)*name & 0xC0) == 0x80) name++;
    }
    snprintf(ret_where, size, "%s%s%s", mark, name, numbers);
}

static enum pb_status mistake_at(const struct pb_doc *doc, int line, int column, struct pb_error *error,
                                 const char *format, va_list args) {
    struct pb_error mistake;
    write_place(doc, line, column, mistake.where, sizeof mistake.where);
    if (vsnprintf(mistake.text, sizeof mistake.text, format, args) >= (int)sizeof mistake.text)
        pb_text_drop_partial(mistake.text);
    return pb_fail(error, PB_ERR_INPUT, 0, mistake.where, "%s", mistake.text);
}

enum pb_status pb_doc_mistake(const struct pb_doc *doc, const struct pb_node *node, struct pb_error *error,
                              const char *format, ...) {
    va_list args;
    va_start(args, format);
    enum pb_status status = mistake_at(doc, node ? node->line : 0, node ? node->column : 0, error, format, args);
    va_end(args);
    return status;
}

static int line_of(const yaml_mark_t *mark) { return (int)mark->line + 1; }

static int column_of(const yaml_mark_t *mark) { return (int)mark->column + 1; }

PB_PRINTF(3, 4)
static enum pb_status mistake_at_mark(const struct reader *reader, const yaml_mark_t *mark, const char *format, ...) {
    va_list args;
    va_start(args, format);
    enum pb_status status = mistake_at(reader->doc, line_of(mark), column_of(mark), reader->error, format, args);
    va_end(args);
    return status;
}

static enum pb_status no_memory(const struct pb_doc *doc, struct pb_error *error) {
    return pb_fail(error, PB_ERR_MEMORY, 0, doc ? doc->name : "", "out of memory while reading");
}

/* A byte order mark is kept from libyaml, which would count it as a column, or take UTF-16 for granted. */
static size_t byte_order_mark_length(const struct pb_doc *doc) {
    return strncmp(doc->text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

/* libyaml names bytes it cannot read by their offset alone. */
static yaml_mark_t mark_of_offset(const struct pb_doc *doc, size_t offset) {
    yaml_mark_t mark = {0};
    size_t start = byte_order_mark_length(doc);
    for (size_t i = start; i < start + offset && i < doc->length; i++) {
        unsigned char byte = (unsigned char)doc->text[i];
        if (byte == '\n') {
            mark.line++;
            mark.column = 0;
        } else if ((byte & 0xC0) != 0x80) {
            mark.column++;
        }
    }
    return mark;
}

static enum pb_status parser_mistake(const struct reader *reader, const yaml_parser_t *parser) {
    if (parser->error == YAML_MEMORY_ERROR) return no_memory(reader->doc, reader->error);
    const char *problem = parser->problem ? parser->problem : "no reason given";
    if (parser->error == YAML_READER_ERROR) {
        yaml_mark_t mark = mark_of_offset(reader->doc, parser->problem_offset);
        return mistake_at_mark(reader, &mark, "found bytes that are no text (%s), expected printable UTF-8", problem);
    }
    if (!parser->context)
        return mistake_at_mark(reader, &parser->problem_mark, "found a syntax error (%s), expected YAML", problem);
    return mistake_at_mark(reader, &parser->problem_mark,
                           "found a syntax error (%s, %s that starts on line %d), expected YAML", problem,
                           parser->context, line_of(&parser->context_mark));
}

/* ---- building the tree ---- */

static const char *kind_name(enum pb_node_kind kind) {
    static const char *const names[] = {
        [PB_NODE_SCALAR] = "a single value", [PB_NODE_LIST] = "a list", [PB_NODE_MAP] = "a map"};
    return names[kind];
}

static bool is_at_key(const struct reader *reader) {
    if (reader->depth == 0) return false;
    const struct pb_node *parent = reader->open[reader->depth - 1];
    return parent->kind == PB_NODE_MAP && parent->child_count % 2 == 0;
}

static enum pb_status check_key(const struct reader *reader, const struct pb_node *node, const yaml_mark_t *mark) {
    if (node->kind != PB_NODE_SCALAR)
        return mistake_at_mark(reader, mark, "found %s as a key, expected a name", kind_name(node->kind));
    if (!*node->text) return mistake_at_mark(reader, mark, "found nothing as a key, expected a name");
    return PB_OK;
}

/* A new node at the place of the event, hung into what is open. */
static enum pb_status add_node(struct reader *reader, const yaml_mark_t *mark, struct pb_node node) {
    if (is_at_key(reader)) {
        enum pb_status status = check_key(reader, &node, mark);
        if (status != PB_OK) return status;
    }
    struct pb_node *copy = arena_take(reader->doc, sizeof *copy);
    if (!copy) return no_memory(reader->doc, reader->error);
    node.line = line_of(mark);
    node.column = column_of(mark);
    *copy = node;
    if (reader->depth == 0) {
        reader->doc->root = copy;
    } else {
        struct pb_node *parent = reader->open[reader->depth - 1];
        if (parent->last) parent->last->next = copy;
        else parent->first = copy;
        parent->last = copy;
        parent->child_count++;
    }
    if (node.kind != PB_NODE_SCALAR) reader->open[reader->depth++] = copy;
    return PB_OK;
}

static enum pb_status refuse_extras(const struct reader *reader, const yaml_event_t *event, const yaml_char_t *anchor,
                                    const yaml_char_t *tag) {
    char quoted[80];
    const char *what = anchor ? "anchor" : "tag";
    const char *name = (const char *)(anchor ? anchor : tag);
    if (!name) return PB_OK;
    return mistake_at_mark(reader, &event->start_mark, "found the %s %s, expected none in such a file", what,
                           pb_text_quote(name, quoted, sizeof quoted));
}

static enum pb_status on_scalar(struct reader *reader, const yaml_event_t *event) {
    enum pb_status status = refuse_extras(reader, event, event->data.scalar.anchor, event->data.scalar.tag);
    if (status != PB_OK) return status;
    size_t length = event->data.scalar.length;
    if (memchr(event->data.scalar.value, '\0', length))
        return mistake_at_mark(reader, &event->start_mark, "found a zero byte in a text, expected characters");
    char *text = arena_take(reader->doc, length + 1);
    if (!text) return no_memory(reader->doc, reader->error);
    memcpy(text, event->data.scalar.value, length);
    text[length] = '\0';
    struct pb_node node = {
        .kind = PB_NODE_SCALAR, .text = text, .is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE};
    return add_node(reader, &event->start_mark, node);
}

static enum pb_status on_container(struct reader *reader, const yaml_event_t *event) {
    bool is_list = event->type == YAML_SEQUENCE_START_EVENT;
    const yaml_char_t *anchor = is_list ? event->data.sequence_start.anchor : event->data.mapping_start.anchor;
    const yaml_char_t *tag = is_list ? event->data.sequence_start.tag : event->data.mapping_start.tag;
    enum pb_status status = refuse_extras(reader, event, anchor, tag);
    if (status != PB_OK) return status;
    if (reader->depth == PB_DOC_MAX_DEPTH)
        return mistake_at_mark(reader, &event->start_mark,
                               "found more than %d levels inside each other, expected at most %d", PB_DOC_MAX_DEPTH,
                               PB_DOC_MAX_DEPTH);
    return add_node(reader, &event->start_mark, (struct pb_node){.kind = is_list ? PB_NODE_LIST : PB_NODE_MAP});
}

static bool is_earlier(const struct pb_node *a, const struct pb_node *b) {
    return a->line != b->line ? a->line < b->line : a->column < b->column;
}

static int compare_keys(const void *left, const void *right) {
    const struct pb_node *a = *(const struct pb_node *const *)left;
    const struct pb_node *b = *(const struct pb_node *const *)right;
    int order = strcmp(a->text, b->text);
    if (order != 0) return order;
    return is_earlier(a, b) ? -1 : is_earlier(b, a);
}

/* Sorted, so that a file of 100,000 keys does not take 100,000 squared comparisons. */
static enum pb_status check_duplicates(const struct reader *reader, const struct pb_node *map) {
    size_t count = pb_node_count(map);
    const struct pb_node **keys = calloc(count ? count : 1, sizeof *keys);
    if (!keys) return no_memory(reader->doc, reader->error);
    for (size_t i = 0; i < count; i++) keys[i] = pb_node_key_node(map, i);
    qsort(keys, count, sizeof *keys, compare_keys);
    const struct pb_node *first = NULL, *second = NULL;
    for (size_t i = 1; i < count; i++) {
        if (strcmp(keys[i - 1]->text, keys[i]->text) != 0 || (second && is_earlier(second, keys[i]))) continue;
        first = keys[i - 1];
        second = keys[i];
    }
    free(keys);
    if (!second) return PB_OK;
    char quoted[80];
    return pb_doc_mistake(reader->doc, second, reader->error,
                          "found the key %s a second time, expected it once (line %d)",
                          pb_text_quote(second->text, quoted, sizeof quoted), first->line);
}

static enum pb_status on_container_end(struct reader *reader, const yaml_event_t *event) {
    (void)event;
    struct pb_node *node = reader->open[--reader->depth];
    node->children = arena_take(reader->doc, node->child_count * sizeof *node->children);
    if (!node->children) return no_memory(reader->doc, reader->error);
    size_t i = 0;
    for (struct pb_node *child = node->first; child; child = child->next) node->children[i++] = child;
    return node->kind == PB_NODE_MAP ? check_duplicates(reader, node) : PB_OK;
}

static enum pb_status on_alias(struct reader *reader, const yaml_event_t *event) {
    char quoted[80];
    return mistake_at_mark(reader, &event->start_mark, "found the alias %s, expected none in such a file",
                           pb_text_quote((const char *)event->data.alias.anchor, quoted, sizeof quoted));
}

static enum pb_status on_document(struct reader *reader, const yaml_event_t *event) {
    if (!reader->doc->root) return PB_OK;
    return mistake_at_mark(reader, &event->start_mark, "found a second document in the file, expected one");
}

static enum pb_status on_stream_end(struct reader *reader, const yaml_event_t *event) {
    reader->is_ended = true;
    if (reader->doc->root) return PB_OK;
    return mistake_at_mark(reader, &event->start_mark, "found nothing, expected a document");
}

typedef enum pb_status on_event(struct reader *reader, const yaml_event_t *event);

/* Events not named here need nothing done. */
static on_event *const handlers[] = {
    [YAML_STREAM_END_EVENT] = on_stream_end,
    [YAML_DOCUMENT_START_EVENT] = on_document,
    [YAML_ALIAS_EVENT] = on_alias,
    [YAML_SCALAR_EVENT] = on_scalar,
    [YAML_SEQUENCE_START_EVENT] = on_container,
    [YAML_MAPPING_START_EVENT] = on_container,
    [YAML_SEQUENCE_END_EVENT] = on_container_end,
    [YAML_MAPPING_END_EVENT] = on_container_end,
    [YAML_DOCUMENT_END_EVENT] = NULL,
};

static enum pb_status read_events(struct reader *reader, yaml_parser_t *parser) {
    enum pb_status status = PB_OK;
    while (status == PB_OK && !reader->is_ended) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event)) return parser_mistake(reader, parser);
        if (handlers[event.type]) status = handlers[event.type](reader, &event);
        yaml_event_delete(&event);
    }
    return status;
}

static enum pb_status build_tree(struct pb_doc *doc, struct pb_error *error) {
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) return no_memory(doc, error);
    size_t start = byte_order_mark_length(doc);
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)doc->text + start, doc->length - start);
    struct reader reader = {.doc = doc, .error = error};
    enum pb_status status = read_events(&reader, &parser);
    yaml_parser_delete(&parser);
    return status;
}

/* ---- documents ---- */

static enum pb_status refuse_size(const char *name, struct pb_error *error) {
    return pb_fail(error, PB_ERR_INPUT, 0, name, "found more than %d bytes, expected a document of at most 1 MB",
                   PB_DOC_MAX_BYTES);
}

enum pb_status pb_doc_read_text(const char *name, const char *text, size_t length, struct pb_doc **ret_doc,
                                struct pb_error *error) {
    if (length > PB_DOC_MAX_BYTES) return refuse_size(name, error);
    struct pb_doc *doc = calloc(1, sizeof *doc);
    if (!doc) return no_memory(NULL, error);
    doc->name = strdup(name);
    doc->text = malloc(length + 1);
    doc->length = length;
    enum pb_status status = PB_OK;
    if (!doc->name || !doc->text) {
        status = pb_fail(error, PB_ERR_MEMORY, 0, name, "out of memory while reading");
    } else {
        memcpy(doc->text, text, length);
        doc->text[length] = '\0';
        status = build_tree(doc, error);
    }
    if (status == PB_OK) *ret_doc = doc;
    else pb_doc_destroy(doc);
    return status;
}

static enum pb_status refuse_file(const char *path, int code, struct pb_error *error) {
    return pb_fail(error, PB_ERR_IO, code, path, "found no readable file (%s), expected a document", strerror(code));
}

enum pb_status pb_doc_read_file(const char *path, struct pb_doc **ret_doc, struct pb_error *error) {
    FILE *file = fopen(path, "rbe");
    if (!file) return refuse_file(path, errno, error);
    enum pb_status status;
    char *bytes = malloc(PB_DOC_MAX_BYTES + 1);
    if (!bytes) {
        status = pb_fail(error, PB_ERR_MEMORY, 0, path, "out of memory while reading");
    } else {
        size_t length = fread(bytes, 1, PB_DOC_MAX_BYTES + 1, file);
        if (ferror(file)) status = refuse_file(path, errno, error);
        else status = pb_doc_read_text(path, bytes, length, ret_doc, error);
    }
    free(bytes);
    fclose(file);
    return status;
}

void pb_doc_destroy(struct pb_doc *doc) {
    if (!doc) return;
    while (doc->blocks) {
        struct block *block = doc->blocks;
        doc->blocks = block->next;
        free(block);
    }
    free(doc->name);
    free(doc->text);
    free(doc);
}

const char *pb_doc_name(const struct pb_doc *doc) { return doc->name; }

const struct pb_node *pb_doc_root(const struct pb_doc *doc) { return doc->root; }

const char *pb_doc_text(const struct pb_doc *doc, size_t *ret_length) {
    *ret_length = doc->length;
    return doc->text;
}

/* ---- nodes ---- */

enum pb_node_kind pb_node_kind(const struct pb_node *node) { return node->kind; }

int pb_node_line(const struct pb_node *node) { return node->line; }

int pb_node_column(const struct pb_node *node) { return node->column; }

const char *pb_node_text(const struct pb_node *node) { return node->text; }

bool pb_node_is_plain(const struct pb_node *node) { return node->is_plain; }

size_t pb_node_count(const struct pb_node *node) {
    return node->kind == PB_NODE_MAP ? node->child_count / 2 : node->child_count;
}

const struct pb_node *pb_node_at(const struct pb_node *node, size_t i) {
    if (i >= pb_node_count(node)) return NULL;
    return node->children[node->kind == PB_NODE_MAP ? 2 * i + 1 : i];
}

const struct pb_node *pb_node_key_node(const struct pb_node *map, size_t i) {
    if (map->kind != PB_NODE_MAP || i >= pb_node_count(map)) return NULL;
    return map->children[2 * i];
}

const char *pb_node_key(const struct pb_node *map, size_t i) {
    const struct pb_node *key = pb_node_key_node(map, i);
    return key ? key->text : NULL;
}

const struct pb_node *pb_node_find(const struct pb_node *map, const char *key) {
    for (size_t i = 0; map->kind == PB_NODE_MAP && i < pb_node_count(map); i++)
        if (strcmp(pb_node_key(map, i), key) == 0) return pb_node_at(map, i);
    return NULL;
}
