/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What instruments report, as it comes: events go into the timeline, which hands them on in order of time (stage.c takes them); messages, lines of a console
 * and notes go into the record at once. */
#include "base/text.h"
#include "harness/engine/stage_private.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void push(struct pb_stage *stage, const struct pb_event *event) {
    struct pb_error error;
    pb_stage__fail_later(stage, pb_timeline_push(stage->timeline, event, &error), &error);
}

void pb_stage__transition(void *user, const struct pb_cp_transition *transition) {
    struct cord *cord = user;
    push(cord->stage, &(struct pb_event){.at = {transition->left_ns},
                                         .other = {transition->seen_ns},
                                         .value = transition->to,
                                         .before = transition->from,
                                         .u_ns = transition->u_ns,
                                         .name = PB_EVENT_CP_STATE,
                                         .cord = (uint8_t)cord->number,
                                         .source = cord->source_pilot});
    if (cord->stage->cord_count > 1)
        pb_announce_state(&cord->announce, transition->to, (pb_instant){transition->seen_ns});
}

void pb_stage__announced(void *user, pb_instant at, int64_t ma) {
    struct cord *cord = user;
    push(cord->stage, &(struct pb_event){.at = at,
                                         .other = at,
                                         .value = ma,
                                         .u_ns = PB_ANNOUNCE_U_NS,
                                         .name = PB_EVENT_ALC,
                                         .cord = (uint8_t)cord->number,
                                         .source = cord->source_pilot});
}

/* What is asked again and again answers with what is known already. */
static bool is_news(struct driver_slot *slot, const struct pb_seen *seen) {
    uint64_t bit = UINT64_C(1) << seen->channel;
    if ((slot->is_told & bit) && slot->told[seen->channel] == seen->value) return false;
    slot->is_told |= bit;
    slot->told[seen->channel] = seen->value;
    return true;
}

void pb_stage__event(void *user, const struct pb_seen *seen) {
    struct driver_slot *slot = user;
    uint16_t name = slot->meanings[seen->channel].event;
    if (name == CHANNEL_NONE || !is_news(slot, seen)) return;
    push(slot->stage, &(struct pb_event){.at = seen->at,
                                         .other = seen->at,
                                         .value = seen->value,
                                         .u_ns = seen->u_ns,
                                         .name = name,
                                         .cord = slot->meanings[seen->channel].cord,
                                         .source = slot->source});
}

/* As a JSON string; bytes that are no text become '?'. */
static char *as_it_came(const char *bytes, size_t size) {
    char *copy = malloc(size + 1);
    if (!copy) return NULL;
    memcpy(copy, bytes, size);
    copy[size] = 0;
    for (size_t i = pb_text_utf8_length(copy, size); i < size; i += pb_text_utf8_length(copy + i, size - i))
        copy[i] = '?';
    json_t *string = json_stringn_nocheck(copy, size);
    char *text = string ? json_dumps(string, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    json_decref(string);
    free(copy);
    return text;
}

/* The first parties are the actors. */
static enum pb_actor actor_of(enum pb_party party) { return (enum pb_actor)(int)pb_parties[party].actor; }

/* What comes from the DUT: its row, and an event of its number. What is no message (can_be: it is still to be seen) is recorded as it came. */
static void on_message(struct driver_slot *slot, enum pb_message_link link, pb_instant at, const char *bytes,
                       size_t size, bool can_be) {
    struct pb_stage *stage = slot->stage;
    struct pb_error error;
    size_t length, number = pb_catalogue_count;
    enum pb_said said = PB_SAID_HEARD;
    struct pb_message_value *value = &stage->message;
    bool is_message =
        can_be && pb_message_decode(bytes, size, value, &error) == PB_OK &&
        pb_message_encode(value, stage->message_text, sizeof stage->message_text, &length, &error) == PB_OK;
    char *text = is_message ? stage->message_text : as_it_came(bytes, size);
    if (is_message) {
        number = pb_catalogue_find(value->row->name);
        said = pb_message_hearing(stage->setup.dut->actors, link, actor_of(value->from), actor_of(value->to));
    }
    pb_stage__fail_later(stage,
                         pb_stage__record(stage, PB_ROW_MESSAGE, at, is_message ? value->row->name : "?",
                                          is_message ? value->from : PB_PARTY_COUNT,
                                          is_message ? value->to : PB_PARTY_COUNT, said, link, text ? text : "",
                                          &error),
                         &error);
    if (!is_message) free(text);
    stage->heard_count++;
    push(stage, &(struct pb_event){
                    .at = at, .other = at, .value = (int64_t)number, .name = PB_EVENT_MESSAGE, .source = slot->source});
}

void pb_stage__bytes(void *user, unsigned channel, pb_instant at, const uint8_t *bytes, size_t size) {
    struct driver_slot *slot = user;
    struct pb_error error;
    char text[512];
    size_t used = 0;
    const char *role = slot->meanings[channel].is_pev_console ? "dut.console.pev" : "dut.console";
    if (slot->meanings[channel].link < PB_MESSAGE_LINK_COUNT) {
        on_message(slot, slot->meanings[channel].link, at, (const char *)bytes, size, true);
        return;
    }
    for (size_t i = 0; i < size && used + 2 < sizeof text; i++)
        if (bytes[i] != '\n') text[used++] = bytes[i] >= 0x20 && bytes[i] < 0x7f ? (char)bytes[i] : '?';
    text[used] = 0;
    pb_stage__fail_later(slot->stage, pb_stage__record(slot->stage, PB_ROW_NOTE, at, role, 0, 0, 0, 0, text, &error),
                         &error);
}

void pb_stage__note(void *user, unsigned channel, pb_instant at, const char *text) {
    struct driver_slot *slot = user;
    enum pb_message_link link = slot->meanings[channel].link;
    struct pb_error error;
    const char *name = link < PB_MESSAGE_LINK_COUNT ? pb_message_roles[link] : "instrument";
    pb_stage__fail_later(slot->stage, pb_stage__record(slot->stage, PB_ROW_NOTE, at, name, 0, 0, 0, 0, text, &error),
                         &error);
}

void pb_stage__refused(void *user, unsigned channel, pb_instant at, const char *why, const uint8_t *bytes,
                       size_t size) {
    struct driver_slot *slot = user;
    char text[300];
    snprintf(text, sizeof text, "no message: %.280s", why);
    pb_text_drop_partial(text);
    pb_stage__note(user, channel, at, text);
    if (slot->meanings[channel].link < PB_MESSAGE_LINK_COUNT)
        on_message(slot, slot->meanings[channel].link, at, (const char *)bytes, size, false);
}

/* What was announced is known up to here: of samples a little later than of stretches in which nothing changed. */
static pb_instant announced_until(const struct cord *cord) {
    pb_instant fed = {pb_sampling_ns_of(&cord->sampling, cord->next_index)},
               real_from = {pb_sampling_ns_of(&cord->sampling, cord->valid_from)};
    return pb_later(real_from, pb_after(fed, pb_ns(-PB_ANNOUNCE_LAG_NS)));
}

PB_HOT void pb_stage__complete(void *user, pb_instant to) {
    struct driver_slot *slot = user;
    struct pb_stage *stage = slot->stage;
    pb_timeline_complete(stage->timeline, slot->source, to);
    for (unsigned i = 0; i < stage->cord_count; i++) {
        const struct cord *cord = &stage->cords[i];
        if (!cord->has_pilot || slot != &stage->slots[cord->pilot_slot]) continue;
        pb_instant pilot = pb_earlier((pb_instant){pb_cp_tracker_complete_ns(&cord->tracker)}, to);
        if (stage->cord_count > 1) pilot = pb_earlier(pilot, announced_until(cord));
        pb_timeline_complete(stage->timeline, cord->source_pilot, pilot);
    }
}
