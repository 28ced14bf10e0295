/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each message that is heard or said makes the rows due that name it; a saying is a cause in turn, so a table is a chain. */
#include "firmware_stub/peer/core/flow.h"

#include "firmware_stub/peer/core/peer.h"

#include <string.h>

#define MS_NS INT64_C(1000000)
#define S_NS (1000 * MS_NS)
#define DAY_NS (86400 * S_NS)
static const char time_of_day[] = "time_of_day";

void peer_flow_init(struct peer *peer) {
    peer->flow = (struct peer_flow){.known = json_object(), .midnight_ns = PEER_FLOW_NO_CLOCK};
}

static void queue_clear(struct peer_flow *flow) {
    for (size_t i = 0; i < flow->queue_count; i++) json_decref(flow->queue[i].because);
    flow->queue_count = 0;
}

void peer_flow_finish(struct peer *peer) {
    queue_clear(&peer->flow);
    json_decref(peer->flow.known);
}

static bool is_about(const struct peer_flow_row *row, uint8_t link, const char *type, const char *from,
                     const char *to) {
    bool is_way =
        to ? row->because_to && row->because_link == link && strcmp(row->because_to, to) == 0 : row->because_to == NULL;
    bool is_from = !row->because_from || strcmp(row->because_from, from) == 0;
    return is_way && is_from && strcmp(row->because, type) == 0;
}

bool peer_flow_wants(const struct peer *peer, uint8_t link, const char *type, const char *from, const char *to) {
    for (size_t i = 0; i < peer->kind->flow_count; i++)
        if (is_about(&peer->kind->flow[i], link, type, from, to)) return true;
    return false;
}

/* Of the next time of day that is `at`; INT64_MAX: it cannot tell. */
static int64_t instant_of(const struct peer *peer, const char *at) {
    int32_t of_day_s = peer_clock_in(peer->flow.known, at);
    if (of_day_s < 0 || peer->flow.midnight_ns == PEER_FLOW_NO_CLOCK) return INT64_MAX;
    int64_t due_ns = peer->flow.midnight_ns + of_day_s * S_NS;
    while (due_ns < peer->now_ns) due_ns += DAY_NS;
    return due_ns;
}

static void queue_add(struct peer *peer, const struct peer_flow_row *row, const json_t *because) {
    struct peer_flow *flow = &peer->flow;
    const struct peer_parameters *parameters = &peer->setup.parameters;
    bool is_lost = row - peer->kind->flow + 1 == parameters->flow_lost_row;
    bool waits = row->at && parameters->is_slot_kept;
    int64_t from_ns = waits ? instant_of(peer, row->at) : peer->now_ns;
    if (is_lost || from_ns == INT64_MAX || flow->queue_count == PEER_FLOW_QUEUE_MAX) return;
    int64_t delay_ns = (row->delay_ms + parameters->flow_lag_ms) * MS_NS;
    int64_t due_ns = from_ns + delay_ns + (int64_t)(peer_random(peer) % (uint64_t)(delay_ns / 4 + MS_NS)) + 1;
    while (peer_is_taken(peer, due_ns)) due_ns++;
    flow->queue[flow->queue_count].due_ns = due_ns;
    flow->queue[flow->queue_count].because = json_deep_copy(because);
    flow->queue[flow->queue_count++].row = row;
}

static void learn_time(struct peer *peer, const json_t *fields) {
    int32_t of_day_s = peer_clock_in(fields, "time");
    if (of_day_s >= 0) peer->flow.midnight_ns = peer->now_ns - of_day_s * S_NS;
}

void peer_flow_take(struct peer *peer, uint8_t link, const char *type, const char *from, const char *to,
                    const json_t *fields) {
    if (to && strcmp(type, time_of_day) == 0) learn_time(peer, fields);
    for (size_t i = 0; i < peer->kind->flow_count; i++) {
        const struct peer_flow_row *row = &peer->kind->flow[i];
        if (!is_about(row, link, type, from, to)) continue;
        if (row->begins) json_object_clear(peer->flow.known), queue_clear(&peer->flow);
        json_object_update(peer->flow.known, (json_t *)(uintptr_t)fields);
        if (row->when && !row->when(peer, peer->flow.known)) continue;
        for (int32_t k = 0; row->say && k <= peer->setup.parameters.flow_repeats; k++) queue_add(peer, row, fields);
    }
}

static size_t queue_next(const struct peer_flow *flow) {
    size_t next = 0;
    for (size_t i = 1; i < flow->queue_count; i++)
        if (flow->queue[i].due_ns < flow->queue[next].due_ns) next = i;
    return next;
}

int64_t peer_flow_next_ns(const struct peer *peer) {
    const struct peer_flow *flow = &peer->flow;
    return flow->queue_count ? flow->queue[queue_next(flow)].due_ns : INT64_MAX;
}

bool peer_flow_is_taken(const struct peer *peer, int64_t due_ns) {
    for (size_t i = 0; i < peer->flow.queue_count; i++)
        if (peer->flow.queue[i].due_ns == due_ns) return true;
    return false;
}

/* A neighbour of what it is, of the same kind. NULL: none. */
static json_t *altered(const json_t *value, const json_t *fields, const char *name) {
    static const char *const opposites[][2] = {{"home", "third_party"}, {"charge", "feed"}};
    int32_t of_day_s = peer_clock_in(fields, name);
    const char *text = json_string_value(value);
    json_t *other = json_is_array(value) ? json_array() : NULL;
    if (of_day_s >= 0) return peer_clock(of_day_s + 3600);
    for (size_t i = 0; text && i < 2 * sizeof opposites / sizeof opposites[0]; i++)
        if (strcmp(opposites[i / 2][i % 2], text) == 0) return json_string(opposites[i / 2][1 - i % 2]);
    if (text) return peer_identity(text, true);
    if (json_is_integer(value)) return json_integer(json_integer_value(value) / 10 * 11 + 1);
    for (size_t i = json_array_size(value); i-- > 0;) json_array_append(other, json_array_get(value, i));
    return other;
}

static json_t *make_fields(const struct peer *peer, const struct peer_flow_row *row, const json_t *because) {
    const json_t *from = row->is_passed_on ? because : peer->flow.known;
    int32_t place = (int32_t)(row - peer->kind->flow + 1) * 10;
    json_t *fields = json_object();
    for (const struct peer_flow_field *field = row->fields; field->name; field++) {
        json_t *found = json_object_get(from, field->name);
        json_t *value = field->value ? field->value(peer, peer->flow.known) : found ? json_deep_copy(found) : NULL;
        if (value) json_object_set_new(fields, field->name, value);
        if (++place == peer->setup.parameters.flow_other_field && value)
            json_object_set_new(fields, field->name, altered(value, fields, field->name));
    }
    return fields;
}

void peer_flow_run(struct peer *peer, int64_t now_ns) {
    struct peer_flow *flow = &peer->flow;
    size_t next = queue_next(flow);
    if (!flow->queue_count || flow->queue[next].due_ns > now_ns) return;
    const struct peer_flow_row *row = flow->queue[next].row;
    json_t *because = flow->queue[next].because;
    flow->queue[next] = flow->queue[--flow->queue_count];
    json_t *fields = make_fields(peer, row, because);
    peer_say(peer, row->link, row->from, row->to, row->say, fields);
    peer_flow_take(peer, row->link, row->say, row->from, NULL, fields);
    json_decref(fields);
    json_decref(because);
}
