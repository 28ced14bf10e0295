/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests and replies as JSON. jansson refuses invalid UTF-8, \u0000 and nesting beyond its own limit; the line's length is
 * limited before it comes here, so that what it allocates is bounded too. */
#include "harness/control/request.h"

#include "base/text.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const struct verb_row {
    const char *name;
    bool needs_text;
} verbs[PB_VERB_COUNT] = {
    [PB_VERB_ABORT] = {"abort", false},
    [PB_VERB_COMMENT] = {"comment", true},
    [PB_VERB_ANSWER] = {"answer", false},
    [PB_VERB_STATUS] = {"status", false},
};

const char *pb_verb_name(enum pb_verb verb) { return (unsigned)verb < PB_VERB_COUNT ? verbs[verb].name : "?"; }

static enum pb_status wrong(struct pb_error *error, const char *found, const char *expected) {
    char quoted[60];
    return pb_fail(error, PB_ERR_INPUT, 0, "request", "found %s, expected %s",
                   pb_text_quote(found, quoted, sizeof quoted), expected);
}

static enum pb_verb find_verb(const char *name) {
    unsigned i = 0;
    while (i < PB_VERB_COUNT && strcmp(name, verbs[i].name) != 0) i++;
    return (enum pb_verb)i;
}

static enum pb_status read_members(json_t *object, struct pb_parsed_request *ret_request, struct pb_error *error) {
    const char *name = NULL, *text = "", *key;
    json_t *value;
    json_object_foreach(object, key, value) {
        const char **member = strcmp(key, "verb") == 0 ? &name : strcmp(key, "text") == 0 ? &text : NULL;
        if (!member) return wrong(error, key, "no member but verb and text");
        if (!json_is_string(value)) return wrong(error, key, "that its value is a text");
        *member = json_string_value(value);
    }
    if (!name) return pb_fail(error, PB_ERR_INPUT, 0, "request", "found no verb, expected {\"verb\":...}");
    enum pb_verb verb = find_verb(name);
    if (verb == PB_VERB_COUNT) return wrong(error, name, "the verb abort, comment, answer or status");
    if (verbs[verb].needs_text && !*text) return wrong(error, name, "a text with it");
    ret_request->verb = verb;
    snprintf(ret_request->text, sizeof ret_request->text, "%s", text);
    return PB_OK;
}

enum pb_status pb_request_parse(const char *line, size_t length, struct pb_parsed_request *ret_request,
                                struct pb_error *error) {
    if (length > PB_CONTROL_LINE_BYTES)
        return pb_fail(error, PB_ERR_INPUT, 0, "request", "found a line of %zu bytes, expected at most %d", length,
                       PB_CONTROL_LINE_BYTES);
    json_error_t mistake;
    json_t *root = json_loadb(line, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &mistake);
    if (!root)
        return pb_fail(error, PB_ERR_INPUT, 0, "request", "found no JSON at byte %d, expected one object a line",
                       mistake.position);
    enum pb_status status = PB_OK;
    if (json_is_object(root)) status = read_members(root, ret_request, error);
    else status = pb_fail(error, PB_ERR_INPUT, 0, "request", "found JSON that is no object, expected {\"verb\":...}");
    json_decref(root);
    return status;
}

/* Takes the reference. 0 when it is NULL or does not fit. */
static size_t dump_line(json_t *object, char *ret_line, size_t size) {
    if (!object) return 0;
    size_t length = json_dumpb(object, ret_line, size - 1, JSON_COMPACT);
    json_decref(object);
    if (length == 0 || length > size - 1) return 0;
    ret_line[length] = '\n';
    return length + 1;
}

size_t pb_request_format(enum pb_verb verb, const char *text, char *ret_line, size_t size) {
    const char *name = pb_verb_name(verb);
    json_t *object =
        text && *text ? json_pack("{s:s, s:s}", "verb", name, "text", text) : json_pack("{s:s}", "verb", name);
    return dump_line(object, ret_line, size);
}

size_t pb_reply_format(bool is_ok, const char *text, char *ret_line, size_t size) {
    const char *key = is_ok ? "answer" : "error";
    char whole[PB_CONTROL_ANSWER_BYTES];
    snprintf(whole, sizeof whole, "%s", text);
    pb_text_drop_partial(whole);
    size_t length = dump_line(json_pack("{s:b, s:s}", "ok", (int)is_ok, key, whole), ret_line, size);
    if (length > 0) return length;
    return dump_line(json_pack("{s:b, s:s}", "ok", (int)is_ok, key, "(the text is not UTF-8)"), ret_line, size);
}

enum pb_status pb_reply_parse(const char *line, size_t length, char *ret_text, size_t size, struct pb_error *error) {
    json_t *root = json_loadb(line, length, JSON_REJECT_DUPLICATES, NULL);
    json_t *ok = json_object_get(root, "ok");
    const char *text = json_string_value(json_object_get(root, json_is_true(ok) ? "answer" : "error"));
    enum pb_status status = PB_OK;
    if (!json_is_boolean(ok) || !text) {
        status = pb_fail(error, PB_ERR_PROTOCOL, 0, "control socket", "the reply is not {\"ok\":...}");
    } else if (json_is_false(ok)) {
        status = pb_fail(error, PB_ERR_UNSUPPORTED, 0, "control socket", "%s", text);
    } else if (size > 0) {
        snprintf(ret_text, size, "%s", text);
        pb_text_drop_partial(ret_text);
    }
    json_decref(root);
    return status;
}
