/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages on their way to the device: the one place where they go out, as they are meant, as a mutation makes them, or as a suite injects them. What
 * goes out has its row first. An allocation for a message that is held back is the only one here. */
#include "base/text.h"
#include "harness/engine/stage_private.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GONE_MAX = 4, PADDING_SEEN = 64 /* blanks from which on they are told as a size */ };

/* A scope's mutator, and what came out of it for one message. */
struct mutating {
    struct pb_mutator *mutator;
    struct pb_mutations set;
    struct posted kept; /* whose message REORDER holds */
    bool is_keeping, is_out_of_memory;
    struct {
        uint8_t *bytes; /* owned */
        size_t size;
        pb_span delay;
    } gone[GONE_MAX];
    size_t gone_count;
};

static enum pb_status no_memory(struct pb_error *error) {
    return pb_fail(error, PB_ERR_MEMORY, 0, "message", "no memory for a message that is held back");
}

/* ---- bytes in the record ---- */

/* A text as a JSON string, anything else by its digits. */
static json_t *bytes_as_json(const uint8_t *bytes, size_t size) {
    static const char digits[] = "0123456789abcdef";
    const char *text = (const char *)bytes;
    if (pb_text_utf8_length(text, size) == size && !memchr(text, 0, size)) return json_stringn(text, size);
    char *hex = malloc(2 * size + 1);
    if (!hex) return NULL;
    for (size_t i = 0; i < size; i++) {
        hex[2 * i] = digits[bytes[i] >> 4];
        hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    json_t *object = json_pack("{s:s#}", "hex", hex, (int)(2 * size));
    free(hex);
    return object;
}

/* Sets `bytes` and, where blanks fill a message up, `size` of the object. */
static void put_bytes(json_t *object, const uint8_t *bytes, size_t size) {
    size_t blanks = 0;
    while (size > 2 && blanks < size - 2 && bytes[1 + blanks] == ' ') blanks++;
    if (blanks < PADDING_SEEN) {
        json_object_set_new(object, "bytes", bytes_as_json(bytes, size));
        return;
    }
    uint8_t *rest = malloc(size - blanks);
    if (!rest) return;
    rest[0] = bytes[0];
    memcpy(rest + 1, bytes + 1 + blanks, size - blanks - 1);
    json_object_set_new(object, "bytes", bytes_as_json(rest, size - blanks));
    json_object_set_new(object, "size", json_integer((json_int_t)size));
    free(rest);
}

static enum pb_status record_object(struct pb_stage *stage, enum pb_said said, const struct posted *what,
                                    json_t *object, struct pb_error *error) {
    char *text = object ? json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY) : NULL;
    json_decref(object);
    if (!text) return no_memory(error);
    enum pb_status status = pb_stage__record_as(stage, said, what, text, error);
    free(text);
    return status;
}

static enum pb_status send_on(struct pb_stage *stage, const struct posted *what, const void *bytes, size_t size,
                              struct pb_error *error) {
    if (!size) return PB_OK; /* a message of no bytes is none */
    return pb_stage__send_bytes(stage, pb_message_roles[what->link], bytes, size, error);
}

/* ---- mutations ---- */

/* Without bytes: nothing goes out now. A message that is held back has a row at once and one when it goes out, so that all that is judged from the
 * first on is known to come after it. */
static enum pb_status record_mutated(struct pb_stage *stage, const struct posted *what, enum pb_mutation mutation,
                                     bool is_judged, const uint8_t *bytes, size_t size, struct pb_error *error) {
    json_t *object = json_pack("{s:s}", "mutation", pb_mutation_names[mutation]);
    if (object && is_judged) json_object_set_new(object, "judged", json_true());
    if (object && bytes) put_bytes(object, bytes, size);
    return record_object(stage, PB_SAID_MUTATED, what, object, error);
}

static void collect(void *user, const uint8_t *bytes, size_t size, pb_span delay) {
    struct mutating *by = user;
    uint8_t *copy = by->gone_count < GONE_MAX ? malloc(size + 1) : NULL;
    if (!copy) {
        by->is_out_of_memory = true;
        return;
    }
    memcpy(copy, bytes, size);
    by->gone[by->gone_count].bytes = copy;
    by->gone[by->gone_count].size = size;
    by->gone[by->gone_count++].delay = delay;
}

static void forget_gone(struct mutating *by) {
    while (by->gone_count) free(by->gone[--by->gone_count].bytes);
}

/* One of what came out goes on, or is held for its delay. */
static enum pb_status let_out(struct pb_stage *stage, struct mutating *by, size_t i, const struct posted *what,
                              enum pb_mutation mutation, struct pb_error *error) {
    if (by->gone[i].delay.ns > 0 && stage->held_count < HELD) {
        stage->held[stage->held_count++] = (struct held_message){.of = *what,
                                                                 .due = pb_after(stage->now, by->gone[i].delay),
                                                                 .mutation = mutation,
                                                                 .is_judged = by->set.is_judged,
                                                                 .bytes = by->gone[i].bytes,
                                                                 .size = by->gone[i].size};
        by->gone[i].bytes = NULL;
        return record_mutated(stage, what, mutation, by->set.is_judged, NULL, 0, error);
    }
    enum pb_status status =
        record_mutated(stage, what, mutation, by->set.is_judged, by->gone[i].bytes, by->gone[i].size, error);
    return status == PB_OK ? send_on(stage, what, by->gone[i].bytes, by->gone[i].size, error) : status;
}

static enum pb_status post_mutated(struct pb_stage *stage, struct mutating *by, const struct posted *what,
                                   const char *text, size_t length, struct pb_error *error) {
    struct posted kept = by->kept;
    bool was_keeping = by->is_keeping; /* then the last that comes out is the one that was kept */
    enum pb_mutation done = pb_mutator_put(by->mutator, (const uint8_t *)text, length);
    if (by->is_out_of_memory) return no_memory(error);
    size_t own = by->gone_count - was_keeping;
    by->is_keeping = done == PB_MUTATE_REORDER;
    if (by->is_keeping) by->kept = *what;
    enum pb_status status =
        pb_stage__record_as(stage, done == PB_MUTATE_NONE ? PB_SAID_SENT : PB_SAID_TOUCHED, what, text, error);
    if (status == PB_OK && done == PB_MUTATE_NONE) status = send_on(stage, what, text, length, error);
    else if (status == PB_OK && !own) status = record_mutated(stage, what, done, by->set.is_judged, NULL, 0, error);
    for (size_t i = 0; status == PB_OK && done != PB_MUTATE_NONE && i < own; i++)
        status = let_out(stage, by, i, what, done, error);
    if (status == PB_OK && was_keeping) status = let_out(stage, by, own, &kept, PB_MUTATE_REORDER, error);
    forget_gone(by);
    return status;
}

enum pb_status pb_stage__post(struct pb_stage *stage, const struct posted *what, const char *text, size_t length,
                              struct pb_error *error) {
    for (int scope = PB_MUTATE_SCOPE_COUNT - 1; scope >= 0; scope--)
        if (stage->mutating[scope]) return post_mutated(stage, stage->mutating[scope], what, text, length, error);
    enum pb_status status = pb_stage__record_as(stage, PB_SAID_SENT, what, text, error);
    return status == PB_OK ? send_on(stage, what, text, length, error) : status;
}

/* What REORDER keeps, and nothing comes after. */
static enum pb_status flush(struct pb_stage *stage, struct mutating *by, struct pb_error *error) {
    if (!by || !by->is_keeping) return PB_OK;
    pb_mutator_flush(by->mutator);
    by->is_keeping = false;
    enum pb_status status =
        by->gone_count ? let_out(stage, by, 0, &by->kept, PB_MUTATE_REORDER, error) : no_memory(error);
    forget_gone(by);
    return status;
}

static void destroy(struct mutating *by) {
    if (!by) return;
    forget_gone(by);
    pb_mutator_destroy(by->mutator);
    free(by);
}

enum pb_status pb_stage_mutate(struct pb_stage *stage, enum pb_mutate_scope scope, const struct pb_mutations *mutations,
                               uint64_t seed, struct pb_error *error) {
    struct pb_mutation_rule rules[PB_MUTATE_RULES_MAX];
    enum pb_status status = flush(stage, stage->mutating[scope], error);
    destroy(stage->mutating[scope]);
    stage->mutating[scope] = NULL;
    if (status != PB_OK || !mutations) return status;
    struct mutating *by = calloc(1, sizeof *by);
    if (!by) return no_memory(error);
    by->set = *mutations;
    pb_mutations_rules(&by->set, rules);
    status = pb_mutator_create(rules, by->set.count, seed, collect, by, &by->mutator, error);
    if (status == PB_OK) stage->mutating[scope] = by;
    else free(by);
    return status;
}

/* ---- injections ---- */

/* The envelope of an injected message. What is wrong in it is so on purpose. */
static char *make_envelope(struct pb_stage *stage, const struct armed_injection *armed, const struct posted *what) {
    char fields[PB_MESSAGE_BYTES + 64];
    const struct pb_inject *inject = armed->inject;
    pb_stage__fill_fields(stage, inject->message.fields, fields, sizeof fields);
    json_t *object = json_pack(
        "{s:I,s:o,s:s,s:I,s:s,s:s,s:I}", "at_ns", (json_int_t)stage->now.ns, "fields", json_loads(fields, 0, NULL),
        "from", pb_parties[what->from].name, "id", (json_int_t)++stage->ids[what->link][armed->step->actor], "to",
        pb_parties[what->to].name, "type", inject->message.name, "v", (json_int_t)inject->version);
    char *text = object ? json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    json_decref(object);
    return text;
}

static const char *name_of(const struct armed_injection *armed) {
    if (armed->inject->what == PB_INJECT_RAW) return "?";
    if (armed->inject->what == PB_INJECT_MESSAGE) return armed->inject->message.name;
    return armed->step->says ? armed->step->says->message.name : "";
}

static struct posted parties_of(const struct pb_stage *stage, const struct armed_injection *armed, const char *name) {
    const struct pb_step *step = armed->step;
    struct pb_route route = pb_message_route(stage->setup.dut->actors, step->actor, step->to, step->via);
    struct posted what = {
        .from = step->actor, .to = step->to, .link = route.link, .case_no = armed->case_no, .step_no = step->step_no};
    size_t row = pb_catalogue_find(name);
    if (row < pb_catalogue_count) {
        what.from = pb_message_party(pb_catalogue[row].from, step->actor);
        what.to = pb_message_party(pb_catalogue[row].to, step->to);
    }
    snprintf(what.name, sizeof what.name, "%s", name);
    return what;
}

/* As it goes out. The text is the caller's. */
static char *make_bytes(struct pb_stage *stage, const struct armed_injection *armed, const struct posted *what,
                        size_t *ret_size) {
    const struct pb_inject *inject = armed->inject;
    char *text = inject->what == PB_INJECT_MESSAGE  ? make_envelope(stage, armed, what)
                 : inject->what == PB_INJECT_REPLAY ? strdup(armed->said)
                                                    : calloc(1, inject->raw_size + 1);
    if (!text) return NULL;
    if (inject->what == PB_INJECT_RAW) memcpy(text, inject->raw, inject->raw_size);
    size_t length = inject->what == PB_INJECT_RAW ? inject->raw_size : strlen(text);
    *ret_size = length;
    if (!length || inject->size <= length) return text;
    char *padded = malloc(inject->size + 1);
    if (padded) {
        memset(padded, ' ', inject->size);
        padded[0] = text[0];
        memcpy(padded + inject->size - (length - 1), text + 1, length - 1);
        *ret_size = inject->size;
    }
    free(text);
    return padded;
}

static enum pb_status record_injected(struct pb_stage *stage, const struct pb_inject *inject, const struct posted *what,
                                      const char *bytes, size_t size, struct pb_error *error) {
    if (inject->what != PB_INJECT_RAW && inject->size < size) {
        char *text = strndup(bytes, size);
        if (!text) return no_memory(error);
        enum pb_status status = pb_stage__record_as(stage, PB_SAID_INJECTED, what, text, error);
        free(text);
        return status;
    }
    json_t *object = json_object();
    if (object) put_bytes(object, (const uint8_t *)bytes, size);
    if (json_object_size(object) > 1) return record_object(stage, PB_SAID_INJECTED, what, object, error);
    json_t *alone = json_incref(json_object_get(object, "bytes"));
    json_decref(object);
    return record_object(stage, PB_SAID_INJECTED, what, alone, error);
}

static enum pb_status say_injection(struct pb_stage *stage, const struct armed_injection *armed,
                                    struct pb_error *error) {
    size_t size = 0;
    stage->clock->tick(stage);
    struct posted what = parties_of(stage, armed, name_of(armed));
    char *bytes = make_bytes(stage, armed, &what, &size);
    if (!bytes) return no_memory(error);
    enum pb_status status = record_injected(stage, armed->inject, &what, bytes, size, error);
    if (status == PB_OK) status = send_on(stage, &what, bytes, size, error);
    free(bytes);
    return status;
}

enum pb_status pb_stage_inject(struct pb_stage *stage, const struct pb_step *step, const struct pb_inject *inject,
                               const char *said, struct pb_error *error) {
    bool is_timed = inject->when == PB_INJECT_AT_BEGIN || inject->when == PB_INJECT_IN_PLACE;
    if (stage->armed_count == ARMED)
        return pb_fail(error, PB_ERR_RANGE, 0, step->id, "more than %d injections wait at a time", ARMED);
    struct armed_injection armed = {.step = step,
                                    .inject = inject,
                                    .due = is_timed ? pb_after(stage->now, inject->after) : PB_INSTANT_NEVER,
                                    .settled = PB_INSTANT_ZERO,
                                    .said = said ? strdup(said) : NULL,
                                    .case_no = stage->case_no};
    if (said && !armed.said) return no_memory(error);
    stage->armed[stage->armed_count++] = armed;
    return pb_stage__post_due(stage, error);
}

/* Pilot and contactor are those of the step's cord. */
static bool is_trigger(const struct pb_stage *stage, const struct armed_injection *armed,
                       const struct pb_event *event) {
    const struct pb_inject *inject = armed->inject;
    bool is_here = event->cord == armed->step->cord;
    int64_t poles = (int64_t)stage->cords[armed->step->cord].poles;
    switch (inject->when) {
    case PB_INJECT_ON_STATE:
        return is_here && event->name == PB_EVENT_CP_STATE && (inject->mask >> (event->value & 63) & 1);
    case PB_INJECT_ON_CLOSED:
        return is_here && event->name == PB_EVENT_CONTACTOR && event->value == poles && event->before < event->value;
    case PB_INJECT_ON_OPENED:
        return is_here && event->name == PB_EVENT_CONTACTOR && event->value == 0 && event->before > 0;
    case PB_INJECT_ON_HEARD: return event->name == PB_EVENT_MESSAGE && event->value == (int64_t)inject->heard;
    default: return false;
    }
}

static bool is_of_contactor(const struct pb_inject *inject) {
    return inject->when == PB_INJECT_ON_CLOSED || inject->when == PB_INJECT_ON_OPENED;
}

PB_HOT void pb_stage__trigger(struct pb_stage *stage, const struct pb_event *event) {
    pb_span settling = pb_ns(stage->bench->measuring.contact_settle_ns);
    for (size_t i = 0; i < stage->armed_count; i++) {
        struct armed_injection *armed = &stage->armed[i];
        bool is_contactor = is_of_contactor(armed->inject), is_now = is_trigger(stage, armed, event);
        if (is_contactor && !is_now && event->name == PB_EVENT_CONTACTOR && event->cord == armed->step->cord &&
            pb_is_before(event->at, armed->settled))
            armed->due = PB_INSTANT_NEVER;
        if (armed->due.ns != PB_INSTANT_NEVER.ns || !is_now) continue;
        armed->settled = pb_after(event->at, is_contactor ? settling : PB_SPAN_ZERO);
        armed->due = pb_later(stage->now, pb_after(armed->settled, armed->inject->after));
    }
}

/* ---- time ---- */

/* An injection waits for an event, and one may have happened that is not known yet: then time passes in small steps, or it would be missed by the rest
 * of the step. */
static bool is_event_near(const struct pb_stage *stage) {
    const pb_span told = pb_ms(50); /* by then the pilot's tracker has told */
    bool waits = false;
    for (size_t i = 0; i < stage->armed_count; i++) waits = waits || stage->armed[i].due.ns == PB_INSTANT_NEVER.ns;
    return waits && (pb_timeline_is_waiting(stage->timeline) || pb_is_before(stage->now, pb_after(stage->woken, told)));
}

pb_instant pb_stage__next_post(const struct pb_stage *stage) {
    pb_instant next = is_event_near(stage) ? pb_after(stage->now, pb_ms(1)) : PB_INSTANT_NEVER;
    for (size_t i = 0; i < stage->held_count; i++) next = pb_earlier(next, stage->held[i].due);
    for (size_t i = 0; i < stage->armed_count; i++) next = pb_earlier(next, stage->armed[i].due);
    return next.ns == PB_INSTANT_NEVER.ns ? next : pb_later(next, pb_after(stage->now, pb_ns(1)));
}

static bool is_due(const struct pb_stage *stage, pb_instant due) {
    return due.ns != PB_INSTANT_NEVER.ns && !pb_is_before(stage->now, due);
}

static enum pb_status let_go(struct pb_stage *stage, size_t i, bool is_late, struct pb_error *error) {
    struct held_message held = stage->held[i];
    memmove(&stage->held[i], &stage->held[i + 1], (--stage->held_count - i) * sizeof stage->held[0]);
    enum pb_status status =
        record_mutated(stage, &held.of, held.mutation, held.is_judged, is_late ? NULL : held.bytes, held.size, error);
    if (status == PB_OK && !is_late) status = send_on(stage, &held.of, held.bytes, held.size, error);
    free(held.bytes);
    return status;
}

PB_HOT enum pb_status pb_stage__post_due(struct pb_stage *stage, struct pb_error *error) {
    enum pb_status status = PB_OK;
    for (size_t i = 0; status == PB_OK && i < stage->held_count;)
        if (is_due(stage, stage->held[i].due)) status = let_go(stage, i, false, error);
        else i++;
    for (size_t i = 0; status == PB_OK && i < stage->armed_count;) {
        struct armed_injection armed = stage->armed[i];
        if (!is_due(stage, armed.due)) {
            i++;
            continue;
        }
        memmove(&stage->armed[i], &stage->armed[i + 1], (--stage->armed_count - i) * sizeof armed);
        status = say_injection(stage, &armed, error);
        free(armed.said);
    }
    return status;
}

enum pb_status pb_stage_end_messages(struct pb_stage *stage, char *ret_missing, size_t size, struct pb_error *error) {
    enum pb_status status = flush(stage, stage->mutating[PB_MUTATE_RUN], error);
    ret_missing[0] = 0;
    if (stage->armed_count)
        snprintf(ret_missing, size, "step %s did not inject %s: its time did not come", stage->armed[0].step->id,
                 stage->armed[0].inject->text);
    while (stage->armed_count) free(stage->armed[--stage->armed_count].said);
    while (status == PB_OK && stage->held_count) status = let_go(stage, 0, true, error);
    return status;
}

void pb_stage__drop_messages(struct pb_stage *stage) {
    for (int scope = 0; scope < PB_MUTATE_SCOPE_COUNT; scope++) destroy(stage->mutating[scope]);
    while (stage->held_count) free(stage->held[--stage->held_count].bytes);
    while (stage->armed_count) free(stage->armed[--stage->armed_count].said);
}
