/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A message makes every row ready that asks for it and has the rest already. Sayings wait in one queue, no two at one instant. */
#include "firmware_stub/peer/core/peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS_NS INT64_C(1000000)
#define S_NS (1000 * MS_NS)
#define DAY_S 86400

static const char *const names[PEER_MESSAGE_COUNT] = {
    [PEER_SESSION_OPEN] = "session_open",
    [PEER_VIN] = "vin",
    [PEER_CUSTOMER_ID] = "customer_id",
    [PEER_PREMISE_ID] = "premise_id",
    [PEER_BILLING_REQUEST] = "billing_request",
    [PEER_ENERGY_REQUEST] = "energy_request",
    [PEER_SCHEDULE_REQUEST] = "schedule_request",
    [PEER_EVENT_INFO_REQUEST] = "event_info_request",
    [PEER_PRICE_INFORMATION] = "price_information",
    [PEER_CPP_INFO_REQUEST] = "cpp_info_request",
    [PEER_ACTIVE_MANAGEMENT_REQUEST] = "active_management_request",
    [PEER_ID_VERIFICATION] = "id_verification",
    [PEER_BINDING_CONFIRMATION] = "binding_confirmation",
    [PEER_ENERGY_AVAILABLE] = "energy_available",
    [PEER_SCHEDULE_AVAILABLE] = "schedule_available",
    [PEER_EVENT_ALERT] = "event_alert",
    [PEER_HOURLY_PRICES] = "hourly_prices",
    [PEER_CPP_PRICES] = "cpp_prices",
    [PEER_ACTIVE_MANAGEMENT] = "active_management",
    [PEER_INTERVAL_METERING] = "interval_metering",
    [PEER_SESSION_REPORT] = "session_report",
    [PEER_SESSION_RECORD] = "session_record",
    [PEER_EVENT_RESPONSE] = "event_response",
    [PEER_ENROLLMENT] = "enrollment",
    [PEER_ENROLLMENT_CONFIRMATION] = "enrollment_confirmation",
    [PEER_ROAMING_QUERY] = "roaming_query",
    [PEER_ROAMING_ANSWER] = "roaming_answer",
    [PEER_PAYMENT_AGREEMENT] = "payment_agreement",
    [PEER_RECEIPT] = "receipt",
    [PEER_CHARGING_STATUS] = "charging_status",
    [PEER_VEHICLE_STATUS] = "vehicle_status",
    [PEER_TIME_OF_DAY] = "time_of_day",
    [PEER_END] = "",
};
_Static_assert(PEER_MESSAGE_COUNT <= 64, "a message is a bit");

/* ---- chance: splitmix64 ---- */

uint64_t peer_random(struct peer *peer) {
    uint64_t z = peer->random += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* ---- fields ---- */

int64_t peer_number_in(const json_t *fields, const char *field, int64_t min, int64_t max, int64_t fallback) {
    const json_t *value = json_object_get(fields, field);
    if (!json_is_integer(value)) return fallback;
    json_int_t number = json_integer_value(value);
    return number >= min && number <= max ? number : fallback;
}

const char *peer_text_in(const json_t *fields, const char *field) {
    const char *text = json_string_value(json_object_get(fields, field));
    return text && strlen(text) < PEER_TEXT_MAX ? text : "";
}

int64_t peer_number(const struct peer *peer, enum peer_message message, const char *field, int64_t min, int64_t max,
                    int64_t fallback) {
    return peer_number_in(peer->fields[message], field, min, max, fallback);
}

const char *peer_text(const struct peer *peer, enum peer_message message, const char *field) {
    return peer_text_in(peer->fields[message], field);
}

/* Two digits, at most `most`; -1: none. */
static int two_digits(const char *text, int most) {
    bool are_digits = text[0] >= '0' && text[0] <= '9' && text[1] >= '0' && text[1] <= '9';
    int number = are_digits ? (text[0] - '0') * 10 + text[1] - '0' : -1;
    return number <= most ? number : -1;
}

int32_t peer_clock_in(const json_t *fields, const char *field) {
    const char *text = peer_text_in(fields, field);
    size_t length = strlen(text);
    if ((length != 5 && length != 8) || text[2] != ':' || (length == 8 && text[5] != ':')) return -1;
    int hours = two_digits(text, 23), minutes = two_digits(text + 3, 59),
        seconds = length == 8 ? two_digits(text + 6, 59) : 0;
    return hours < 0 || minutes < 0 || seconds < 0 ? -1 : hours * 3600 + minutes * 60 + seconds;
}

json_t *peer_clock(int64_t seconds) {
    int64_t of_day = (seconds % DAY_S + DAY_S) % DAY_S;
    int hours = (int)(of_day / 3600), minutes = (int)(of_day / 60 % 60), rest = (int)(of_day % 60);
    return rest ? json_sprintf("%02d:%02d:%02d", hours, minutes, rest) : json_sprintf("%02d:%02d", hours, minutes);
}

bool peer_is_vin(const char *text) {
    static const char allowed[] = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789";
    return strlen(text) == 17 && strspn(text, allowed) == 17;
}

json_t *peer_identity(const char *text, bool is_wrong) {
    char copy[PEER_TEXT_MAX];
    size_t length = strlen(text);
    if (!length || length >= sizeof copy) return NULL;
    memcpy(copy, text, length + 1);
    if (is_wrong) copy[length - 1] = copy[length - 1] == '9' ? '8' : '9';
    return json_string(copy);
}

json_t *peer_say_vin(const struct peer *peer, const json_t *because) {
    (void)because;
    return peer_identity(peer_text(peer, PEER_VIN, "vin"), peer->setup.parameters.is_vin_wrong);
}

json_t *peer_say_their_vin(const struct peer *peer, const json_t *because) {
    return peer_identity(peer_text_in(because, "vin"), peer->setup.parameters.is_vin_wrong);
}

json_t *peer_say_premise(const struct peer *peer, const json_t *because) {
    (void)because;
    return peer_identity(peer->setup.premise, peer->setup.parameters.is_premise_wrong);
}

json_t *peer_say_true(const struct peer *peer, const json_t *because) {
    (void)peer;
    (void)because;
    return json_true();
}

bool peer_is_vin_right(const struct peer *peer, const json_t *fields) {
    return !peer->setup.parameters.is_vin_checked || peer_is_vin(peer_text_in(fields, "vin"));
}

bool peer_is_request_right(const struct peer *peer, const json_t *fields) {
    bool is_right = peer_number_in(fields, "amount", 0, INT64_MAX, -1) >= 0 &&
                    peer_number_in(fields, "rate", 0, INT64_MAX, -1) >= 0;
    return is_right || !peer->setup.parameters.is_request_checked;
}

/* ---- what is to be said ---- */

static int32_t parameter(const struct peer *peer, size_t offset) {
    int32_t value;
    memcpy(&value, (const char *)&peer->setup.parameters + offset, sizeof value);
    return value;
}

bool peer_is_taken(const struct peer *peer, int64_t due_ns) {
    for (size_t i = 0; i < peer->queue_count; i++)
        if (peer->queue[i].due_ns == due_ns) return true;
    return peer_flow_is_taken(peer, due_ns);
}

/* What is passed on the same way keeps its order. */
static int64_t after_earlier(const struct peer *peer, const struct peer_row *row, int64_t due_ns) {
    for (size_t i = 0; i < peer->queue_count; i++) {
        const struct peer_saying *other = &peer->queue[i];
        bool is_same_way =
            other->row->is_passed_on && other->row->link == row->link && other->row->delay_ms == row->delay_ms;
        if (is_same_way && other->due_ns + MS_NS > due_ns) due_ns = other->due_ns + MS_NS;
    }
    return due_ns;
}

/* A queue that is full loses what would be next, as a radio that is overrun. */
static void queue_add(struct peer *peer, const struct peer_row *row, json_t *because) {
    int32_t delay_ms = parameter(peer, row->delay_ms);
    bool is_lost = delay_ms == PEER_NEVER_MS || (int32_t)row->say == peer->setup.parameters.lost_message;
    if (is_lost || peer->queue_count == PEER_QUEUE_MAX) return;
    int64_t spread_ns = delay_ms * MS_NS / 4 + MS_NS;
    int64_t due_ns = peer->now_ns + delay_ms * MS_NS + (int64_t)(peer_random(peer) % (uint64_t)spread_ns) + 1;
    if (row->is_passed_on) due_ns = after_earlier(peer, row, due_ns);
    while (peer_is_taken(peer, due_ns)) due_ns++;
    struct peer_saying *saying = &peer->queue[peer->queue_count++];
    *saying = (struct peer_saying){due_ns, row, json_incref(because)};
}

/* A message was heard (or said): rows that asked for it and now have all. */
static void make_ready(struct peer *peer, uint64_t heard, uint64_t said, json_t *because) {
    for (size_t i = 0; i < peer->kind->row_count; i++) {
        const struct peer_row *row = &peer->kind->rows[i];
        bool asks = (row->heard & heard) || (row->said & said);
        bool has_all = (row->heard & ~peer->heard) == 0 && (row->said & ~peer->said) == 0;
        const char *to = json_string_value(json_object_get(because, "to"));
        bool is_own = to && strcmp(to, peer->kind->name) == 0;
        if (!asks || !has_all || (is_own ? row->is_passed_on : row->is_told_on) ||
            (row->when && !row->when(peer, json_object_get(because, "fields"))))
            continue;
        int32_t times = row->times ? parameter(peer, row->times) : 1;
        for (int32_t k = 0; k < times; k++) queue_add(peer, row, because);
    }
}

void peer_end_session(struct peer *peer) {
    peer->quiet_ns = INT64_MAX;
    if (peer->session.is_over) return;
    peer->session.is_over = true;
    peer->heard |= PEER_BIT(END);
    make_ready(peer, PEER_BIT(END), 0, NULL);
}

/* ---- envelopes ---- */

/* The place of a sender's numbers on a link; the last place is shared by all for whom there is none. */
static size_t id_place(struct peer *peer, uint8_t link, const char *from) {
    size_t i = 0, last = sizeof peer->ids[link] / sizeof peer->ids[link][0] - 1;
    while (i < last && peer->ids[link][i].from[0] && strcmp(peer->ids[link][i].from, from) != 0) i++;
    if (!peer->ids[link][i].from[0]) snprintf(peer->ids[link][i].from, sizeof peer->ids[link][i].from, "%s", from);
    return i;
}

/* Numbers may come out of order; one that was there, or is older than what is remembered, is said again. */
static bool is_replay(struct peer *peer, uint8_t link, const char *from, json_int_t id) {
    size_t place = id_place(peer, link, from);
    json_int_t highest = peer->ids[link][place].heard_id;
    uint64_t heard = peer->ids[link][place].heard;
    if (!heard || id > highest) {
        uint64_t ahead = (uint64_t)id - (uint64_t)highest;
        peer->ids[link][place].heard = (heard && ahead < 64 ? heard << ahead : 0) | 1;
        peer->ids[link][place].heard_id = id;
        return false;
    }
    uint64_t behind = (uint64_t)highest - (uint64_t)id;
    if (behind >= 64 || (heard >> behind & 1)) return peer->setup.parameters.is_replay_known;
    peer->ids[link][place].heard |= UINT64_C(1) << behind;
    return false;
}

static const struct peer_take *find_take(const struct peer *peer, uint8_t link, const char *type, const char *to) {
    for (size_t i = 0; i < peer->kind->take_count; i++) {
        const struct peer_take *take = &peer->kind->takes[i];
        if (take->link == link && strcmp(names[take->message], type) == 0 && (!take->to || strcmp(take->to, to) == 0))
            return take;
    }
    return NULL;
}

static void begin_session(struct peer *peer) {
    peer->heard &= PEER_BIT(PREMISE_ID);
    for (size_t i = 0; i < PEER_MESSAGE_COUNT; i++) {
        if (peer->heard >> i & 1) continue;
        json_decref(peer->fields[i]);
        peer->fields[i] = NULL;
    }
    peer->said = 0;
    peer->quiet_ns = INT64_MAX;
    peer->session = (struct peer_session){
        .number = peer->session.number + 1, .started_ns = -1, .ended_ns = -1, .last_interval = -1};
}

static void take(struct peer *peer, const struct peer_take *take, json_t *message) {
    json_t *fields = json_object_get(message, "fields");
    if (take->begins) begin_session(peer);
    json_decref(peer->fields[take->message]);
    peer->fields[take->message] = json_incref(fields);
    peer->heard |= UINT64_C(1) << take->message;
    if (take->note) take->note(peer, fields);
    make_ready(peer, UINT64_C(1) << take->message, 0, message);
}

void peer_hear(struct peer *peer, int64_t now_ns, uint8_t link, const char *bytes, size_t size) {
    peer->now_ns = now_ns;
    json_t *message = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, NULL);
    const char *type = json_string_value(json_object_get(message, "type"));
    const char *from = json_string_value(json_object_get(message, "from"));
    const char *to = json_string_value(json_object_get(message, "to"));
    const json_t *id = json_object_get(message, "id"), *version = json_object_get(message, "v");
    bool is_message = type && from && to && strlen(from) < sizeof peer->ids[0][0].from && json_is_integer(id) &&
                      json_is_integer(version) &&
                      (json_integer_value(version) == 1 || !peer->setup.parameters.is_version_checked) &&
                      json_is_object(json_object_get(message, "fields")) && link < PEER_LINKS;
    const struct peer_take *row = is_message ? find_take(peer, link, type, to) : NULL;
    bool is_right = row && (!row->is_right || row->is_right(peer, json_object_get(message, "fields")));
    bool is_flow = is_message && !row && peer_flow_wants(peer, link, type, from, to);
    bool is_new = (is_right || is_flow) && !is_replay(peer, link, from, json_integer_value(id));
    if (is_new && is_right) take(peer, row, message);
    if (is_new && is_flow) peer_flow_take(peer, link, type, from, to, json_object_get(message, "fields"));
    json_decref(message);
}

/* As heard; an empty text is nothing. */
static json_t *copied(const json_t *because, const char *name) {
    json_t *heard = json_object_get(because, name);
    return json_is_string(heard) && !json_string_length(heard) ? NULL : json_incref(heard);
}

static json_t *make_fields(const struct peer *peer, const struct peer_saying *saying) {
    const json_t *because = json_object_get(saying->because, "fields");
    json_t *fields = saying->row->is_passed_on ? json_copy((json_t *)(uintptr_t)because) : json_object();
    for (const struct peer_field *field = saying->row->fields; field && field->name; field++) {
        json_t *value = field->value ? field->value(peer, because) : copied(because, field->name);
        if (value) json_object_set_new(fields, field->name, value);
        else json_object_del(fields, field->name);
    }
    return fields;
}

static const char *party(const char *own, const struct peer_saying *saying, const char *member) {
    const char *heard = json_string_value(json_object_get(saying->because, member));
    return own ? own : heard ? heard : "";
}

void peer_say(struct peer *peer, uint8_t link, const char *from, const char *to, const char *type, json_t *fields) {
    if (++peer->sayings == peer->setup.parameters.lost_saying) return;
    json_int_t id = ++peer->ids[link][id_place(peer, link, from)].said_id;
    int64_t at_ns = peer->now_ns - peer->setup.parameters.clock_lag_s * S_NS;
    json_t *message = json_pack("{s:I, s:O, s:s, s:I, s:s, s:s, s:i}", "at_ns", (json_int_t)(at_ns < 0 ? 0 : at_ns),
                                "fields", fields, "from", from, "id", id, "to", to, "type", type, "v", 1);
    char *text = message ? json_dumps(message, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    if (text && strlen(text) <= PEER_BYTES_MAX) peer->hal.say(peer->hal.host, link, text, strlen(text));
    free(text);
    json_decref(message);
}

static void say(struct peer *peer, const struct peer_saying *saying) {
    const struct peer_row *row = saying->row;
    json_t *fields = make_fields(peer, saying);
    peer_say(peer, row->link, party(row->from, saying, "from"), party(row->to, saying, "to"), names[row->say], fields);
    json_decref(fields);
}

/* ---- time ---- */

static size_t queue_next(const struct peer *peer) {
    size_t next = 0;
    for (size_t i = 1; i < peer->queue_count; i++)
        if (peer->queue[i].due_ns < peer->queue[next].due_ns) next = i;
    return next;
}

int64_t peer_next_ns(const struct peer *peer) {
    int64_t next_ns = peer->queue_count ? peer->queue[queue_next(peer)].due_ns : INT64_MAX;
    if (peer_flow_next_ns(peer) < next_ns) next_ns = peer_flow_next_ns(peer);
    return peer->quiet_ns < next_ns ? peer->quiet_ns : next_ns;
}

void peer_run(struct peer *peer, int64_t now_ns) {
    peer->now_ns = now_ns;
    size_t next = queue_next(peer);
    if (peer->queue_count && peer->queue[next].due_ns <= now_ns) {
        struct peer_saying saying = peer->queue[next];
        peer->queue[next] = peer->queue[--peer->queue_count];
        say(peer, &saying);
        if (peer->sayings == peer->setup.parameters.repeated_saying) queue_add(peer, saying.row, saying.because);
        peer->said |= UINT64_C(1) << saying.row->say;
        make_ready(peer, 0, UINT64_C(1) << saying.row->say, saying.because);
        json_decref(saying.because);
    }
    peer_flow_run(peer, now_ns);
    if (peer->quiet_ns <= now_ns) peer_end_session(peer);
}

void peer_init(struct peer *peer, const struct peer_kind *kind, const struct peer_setup *setup,
               const struct peer_hal *hal, uint64_t seed, int64_t now_ns) {
    memset(peer, 0, sizeof *peer);
    peer->kind = kind;
    peer->setup = *setup;
    peer->hal = *hal;
    peer->random = seed;
    peer->now_ns = now_ns;
    peer->quiet_ns = INT64_MAX;
    begin_session(peer);
    peer->session.number = 0;
    peer->recorded = -1;
    peer_flow_init(peer);
}

void peer_finish(struct peer *peer) {
    peer_flow_finish(peer);
    for (size_t i = 0; i < PEER_MESSAGE_COUNT; i++) json_decref(peer->fields[i]);
    for (size_t i = 0; i < peer->queue_count; i++) json_decref(peer->queue[i].because);
}
