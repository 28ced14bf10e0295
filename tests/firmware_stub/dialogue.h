/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A dialogue with a peer process (stub-esci, stub-utility) over the wire: says messages as the others would, and keeps what the peer says. */
#ifndef PB_TESTS_DIALOGUE_H
#define PB_TESTS_DIALOGUE_H

#include "tests/firmware_stub/scripted_world.h"

#include <jansson.h>

#define DIALOGUE_MAX 128

struct said {
    int64_t t_ns;
    uint8_t link;
    json_t *message;
};

struct dialogue {
    struct script script;
    int64_t id;
    struct said said[DIALOGUE_MAX];
    size_t said_count;
};

/* Starts the program of the build folder with these arguments (NULL ends them). */
void dialogue_open(struct dialogue *dialogue, const char *program, uint8_t actor, const char *const *arguments);
/* STOP; the process must end well; frees. */
void dialogue_close(struct dialogue *dialogue);
/* A message, now. fields: JSON with ' for ". */
void dialogue_say(struct dialogue *dialogue, uint8_t link, const char *from, const char *to, const char *type,
                  const char *fields);
/* What is not as it should be. lines: whole messages, JSON with ' for ", said after a session's begin (or, is_first, at once); is_long: after one of
 * more bytes than a message may have. Of a type on a link so many come then, from a healthy peer and from one with the defect; field: only those
 * whose field is value, as JSON text. */
struct misuse {
    const char *defect, *lines[3];
    uint8_t say_link;
    bool is_first, is_long;
    const char *type;
    uint8_t link;
    const char *field, *value;
    size_t healthy, defective;
};
/* begin: a session's begin, of the test. */
void dialogue_check_misuse(const struct misuse *misuse, const char *program, uint8_t actor,
                           void (*begin)(struct dialogue *dialogue));
/* Lets time pass, and reads what was said meanwhile into said[]. */
void dialogue_run(struct dialogue *dialogue, int64_t span_ns);

/* The nth (from 0) message of a type on a link; NULL. */
const struct said *dialogue_find(const struct dialogue *dialogue, const char *type, uint8_t link, size_t nth);
size_t dialogue_count(const struct dialogue *dialogue, const char *type, uint8_t link);
/* A field of a message as JSON text; "" where it is not. In a buffer that the next call but three takes. */
const char *dialogue_field(const struct said *said, const char *field);
/* What differs between two dialogues, "type type ...": messages of a type other in number, link, parties or fields, or more than 1 s later. */
void dialogue_compare(const struct dialogue *a, const struct dialogue *b, char *ret_types, size_t size);
/* Everything said must be as the catalogue has it; the first that is not is told. */
void dialogue_check_catalogue(const struct dialogue *dialogue);

#endif
