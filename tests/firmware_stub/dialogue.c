/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/firmware_stub/dialogue.h"

#include "messages/codec.h"
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>

void dialogue_open(struct dialogue *dialogue, const char *program, uint8_t actor, const char *const *arguments) {
    char path[4200];
    memset(dialogue, 0, sizeof *dialogue);
    snprintf(path, sizeof path, "%s/%s", PB_BUILD_DIR, program);
    script_start_program(&dialogue->script, path, arguments);
    script_greet(&dialogue->script, actor, 3);
}

void dialogue_close(struct dialogue *dialogue) {
    PB_CHECK_INT(script_close(&dialogue->script), 0, "(exit)");
    for (size_t i = 0; i < dialogue->said_count; i++) json_decref(dialogue->said[i].message);
}

void dialogue_say(struct dialogue *dialogue, uint8_t link, const char *from, const char *to, const char *type,
                  const char *fields) {
    char text[1024];
    int length = snprintf(text, sizeof text, "{'fields':%s,'from':'%s','id':%" PRId64 ",'to':'%s','type':'%s','v':1}",
                          fields, from, ++dialogue->id, to, type);
    for (int i = 0; i < length; i++)
        if (text[i] == '\'') text[i] = '"';
    script_say(&dialogue->script, link, text, (size_t)length);
}

/* Messages are said whole in a turn, so that a run never ends within one. */
static void collect(struct dialogue *dialogue) {
    char text[PBW_MESSAGE_MAX];
    size_t size = 0;
    for (size_t i = 0; i < dialogue->script.log_count; i++) {
        const struct pbw_record *record = &dialogue->script.log[i];
        const struct pbw_bytes *part = &record->u.bytes;
        PB_CHECK_INT(record->type, PBW_MSG_OUT, "");
        PB_CHECK_TRUE(size + part->length <= sizeof text, "a message of more than %zu bytes", sizeof text);
        memcpy(text + size, part->bytes, part->length);
        size += part->length;
        if (!part->is_last) continue;
        PB_CHECK_TRUE(dialogue->said_count < DIALOGUE_MAX, "too many messages");
        struct said *said = &dialogue->said[dialogue->said_count++];
        *said = (struct said){record->t_ns, part->link, json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL)};
        PB_CHECK_TRUE(said->message != NULL, "no JSON: %.*s", (int)size, text);
        size = 0;
    }
    PB_CHECK_INT(size, 0, "bytes of a message without an end");
    dialogue->script.log_count = 0;
}

void dialogue_run(struct dialogue *dialogue, int64_t span_ns) {
    script_run(&dialogue->script, span_ns);
    collect(dialogue);
}

static const char *type_of(const struct said *said) {
    return json_string_value(json_object_get(said->message, "type"));
}

const struct said *dialogue_find(const struct dialogue *dialogue, const char *type, uint8_t link, size_t nth) {
    for (size_t i = 0; i < dialogue->said_count; i++) {
        const struct said *said = &dialogue->said[i];
        if (said->link == link && strcmp(type_of(said), type) == 0 && nth-- == 0) return said;
    }
    return NULL;
}

size_t dialogue_count(const struct dialogue *dialogue, const char *type, uint8_t link) {
    size_t count = 0;
    while (dialogue_find(dialogue, type, link, count)) count++;
    return count;
}

const char *dialogue_field(const struct said *said, const char *field) {
    static char texts[4][2048];
    static unsigned next;
    char *text = texts[next++ % 4];
    json_t *value = said ? json_object_get(json_object_get(said->message, "fields"), field) : NULL;
    size_t size = value ? json_dumpb(value, text, sizeof texts[0] - 1, JSON_COMPACT | JSON_ENCODE_ANY) : 0;
    text[size < sizeof texts[0] ? size : 0] = 0;
    return text;
}

static bool is_same(const struct said *a, const struct said *b) {
    static const char *const members[] = {"fields", "from", "to"};
    if (!a || !b) return a == b;
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        if (!json_equal(json_object_get(a->message, members[i]), json_object_get(b->message, members[i]))) return false;
    int64_t off_ns = a->t_ns - b->t_ns;
    return a->link == b->link && off_ns < SECONDS && off_ns > -SECONDS;
}

static bool differs(const struct dialogue *a, const struct dialogue *b, const char *type) {
    for (uint8_t link = 0; link < 3; link++)
        for (size_t nth = 0; dialogue_find(a, type, link, nth) || dialogue_find(b, type, link, nth); nth++)
            if (!is_same(dialogue_find(a, type, link, nth), dialogue_find(b, type, link, nth))) return true;
    return false;
}

void dialogue_compare(const struct dialogue *a, const struct dialogue *b, char *ret_types, size_t size) {
    size_t used = 0;
    ret_types[0] = 0;
    for (size_t i = 0; i < pb_catalogue_count; i++)
        if (differs(a, b, pb_catalogue[i].name))
            used += (size_t)snprintf(ret_types + used, size - used, "%s%s", used ? " " : "", pb_catalogue[i].name);
}

void dialogue_check_catalogue(const struct dialogue *dialogue) {
    for (size_t i = 0; i < dialogue->said_count; i++) {
        struct pb_message_value value;
        struct pb_error error;
        char *text = json_dumps(dialogue->said[i].message, JSON_COMPACT | JSON_SORT_KEYS);
        enum pb_status status = pb_message_decode(text, strlen(text), &value, &error);
        PB_CHECK_TRUE(status == PB_OK, "%s: %s: %s", text, error.where, error.text);
        PB_CHECK_BETWEEN(value.sent.ns - dialogue->said[i].t_ns, 0, 0, "ns off the clock");
        free(text);
    }
}

static void say_line(struct dialogue *dialogue, uint8_t link, const char *line) {
    char text[1024];
    size_t length = strlen(line);
    PB_CHECK_TRUE(length < sizeof text, "a line of %zu bytes", length);
    for (size_t i = 0; i < length; i++) text[i] = line[i] == '\'' ? '"' : line[i];
    script_say(&dialogue->script, link, text, length);
}

static size_t count_with(const struct dialogue *dialogue, const struct misuse *misuse) {
    size_t count = 0, found = dialogue_count(dialogue, misuse->type, misuse->link);
    for (size_t i = 0; i < found; i++) {
        const struct said *said = dialogue_find(dialogue, misuse->type, misuse->link, i);
        count += !misuse->field || strcmp(dialogue_field(said, misuse->field), misuse->value) == 0;
    }
    return count;
}

void dialogue_check_misuse(const struct misuse *misuse, const char *program, uint8_t actor,
                           void (*begin)(struct dialogue *dialogue)) {
    static struct dialogue dialogue;
    static char big[PBW_MESSAGE_MAX + 100];
    for (int has_defect = 0; has_defect <= 1; has_defect++) {
        const char *const arguments[] = {has_defect ? "--defect" : NULL, misuse->defect, NULL};
        dialogue_open(&dialogue, program, actor, arguments);
        if (!misuse->is_first) begin(&dialogue);
        memset(big, ' ', sizeof big);
        big[0] = '{';
        if (misuse->is_long) script_say(&dialogue.script, misuse->say_link, big, sizeof big);
        for (size_t i = 0; i < 3 && misuse->lines[i]; i++) {
            say_line(&dialogue, misuse->say_link, misuse->lines[i]);
            dialogue_run(&dialogue, INT64_C(500000000));
        }
        dialogue_run(&dialogue, INT64_C(10000000000));
        PB_CHECK_INT(count_with(&dialogue, misuse), has_defect ? misuse->defective : misuse->healthy, misuse->defect);
        dialogue_close(&dialogue);
    }
}
