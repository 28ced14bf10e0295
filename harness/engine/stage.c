/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "harness/engine/stage.h"

#include "base/text.h"
#include "base/wall.h"
#include "harness/engine/messages.h"
#include "world/wire/pb_wire.h"

#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RING = 1 << 20, HISTORY = 4096, WAITING = 4096, CHANNEL_NONE = 0xffff };

/* What an instrument's channel means to the engine. */
struct meaning {
    uint16_t event; /* enum pb_event_name, or CHANNEL_NONE */
    bool is_pilot;
    enum pb_actor peer; /* of a message link: whom the bench plays at its other end; PB_ACTOR_COUNT: no link */
};
struct driver_slot {
    struct pb_stage *stage;
    struct pb_instrument *instrument;
    struct meaning meanings[64];
    uint64_t wake_mask;
};

struct pb_stage {
    struct pb_stage_setup setup;
    const struct pb_bench *bench;
    struct driver_slot slots[PB_INSTRUMENTS_MAX];
    size_t time_slot, pilot_slot;
    unsigned pilot_channel;
    struct pb_timeline *timeline;
    uint16_t source_world, source_pilot;
    struct pb_guardian *guardian;
    bool is_safe, is_guardian_dead;
    bool is_moved[PB_ROLES_MAX]; /* a kept output that is not at its nominal value */

    pb_instant now;
    int32_t case_no, step_no;
    size_t poles;
    int64_t pole_value[PB_POLES_MAX];
    int64_t last_value[PB_EVENT_NAME_COUNT];
    double energy_wh; /* of this case, up to energy_at, while energy_ma flows */
    int64_t energy_ma, charging_ns;
    pb_instant energy_at;
    pb_instant wall_began; /* pacing: wall time of bench time 0 */

    struct pb_sampling sampling;
    struct pb_cp_tracker tracker;
    int64_t valid_from, next_index; /* what the ring holds */
    int64_t capture_from;           /* a reading in progress wants samples from here on; INT64_MAX: none */

    size_t history_count; /* of the run; only the newest HISTORY are kept */
    size_t case_history;  /* where this case's begin */
    pb_instant deadline;
    const char *waiting_for;
    struct pb_event history[HISTORY];
    struct pb_event entered[128], first_entered[128], left[128];
    bool has_entered[128], has_left[128];

    enum pb_status failure; /* of a sink or of a request, taken at the next turn */
    struct pb_error failure_error;
    int16_t ring[RING];
};

/* ---- the record ---- */

static enum pb_status record(struct pb_stage *stage, enum pb_row_kind kind, pb_instant at, const char *name, int64_t a,
                             int64_t b, int64_t c, int64_t d, const char *text, struct pb_error *error) {
    struct pb_row row = {.at = at,
                         .kind = kind,
                         .case_no = stage->case_no,
                         .step_no = stage->step_no,
                         .name = name,
                         .a = a,
                         .b = b,
                         .c = c,
                         .d = d,
                         .text = text};
    return pb_writer_add(stage->setup.writer, &row, NULL, error);
}

static void fail_later(struct pb_stage *stage, enum pb_status status, const struct pb_error *error) {
    if (stage->failure != PB_OK || status == PB_OK) return;
    stage->failure = status;
    stage->failure_error = *error;
}

/* ---- samples ---- */

static enum pb_status capture_range(struct pb_stage *stage, int64_t first, int64_t end, struct pb_error *error) {
    if (first < stage->valid_from) first = stage->valid_from;
    if (first < stage->next_index - RING) first = stage->next_index - RING;
    if (end > stage->next_index) end = stage->next_index;
    while (first < end) { /* in pieces that do not wrap */
        int64_t offset = first & (RING - 1), count = end - first;
        if (count > RING - offset) count = RING - offset;
        enum pb_status status = pb_writer_capture(stage->setup.writer, stage->now, "cp.sense", &stage->sampling, first,
                                                  stage->ring + offset, (size_t)count, error);
        if (status != PB_OK) return status;
        first += count;
    }
    return PB_OK;
}

static void on_samples(void *user, unsigned channel, int64_t first_index, const int16_t *counts, size_t count) {
    struct driver_slot *slot = user;
    struct pb_stage *stage = slot->stage;
    struct pb_error error;
    if (!slot->meanings[channel].is_pilot) return;
    if (first_index != stage->next_index) stage->valid_from = first_index;
    for (size_t done = 0; done < count;) {
        size_t offset = (size_t)((first_index + (int64_t)done) & (RING - 1)), n = count - done;
        if (n > RING - offset) n = RING - offset;
        memcpy(stage->ring + offset, counts + done, n * sizeof *counts);
        done += n;
    }
    stage->next_index = first_index + (int64_t)count;
    if (!pb_cp_tracker_feed(&stage->tracker, first_index, counts, count))
        fail_later(stage,
                   pb_fail(&error, PB_ERR_OVERRUN, 0, "cp.sense", "samples were lost before number %lld",
                           (long long)first_index),
                   &error);
}

static void on_modelled(void *user, unsigned channel, int64_t to_index) {
    struct driver_slot *slot = user;
    struct pb_stage *stage = slot->stage;
    struct pb_error error;
    if (!slot->meanings[channel].is_pilot || to_index <= stage->next_index) return;
    fail_later(stage,
               record(stage, PB_ROW_MODELLED, (pb_instant){pb_sampling_ns_of(&stage->sampling, stage->next_index)},
                      "cp.sense", pb_sampling_ns_of(&stage->sampling, to_index), to_index - stage->next_index, 0, 0, "",
                      &error),
               &error);
    stage->next_index = stage->valid_from = to_index;
    pb_cp_tracker_steady(&stage->tracker, to_index);
}

/* ---- events ---- */

static void push(struct pb_stage *stage, const struct pb_event *event) {
    struct pb_error error;
    fail_later(stage, pb_timeline_push(stage->timeline, event, &error), &error);
}

static void on_transition(void *user, const struct pb_cp_transition *transition) {
    struct pb_stage *stage = user;
    push(stage, &(struct pb_event){.at = {transition->left_ns},
                                   .other = {transition->seen_ns},
                                   .value = transition->to,
                                   .before = transition->from,
                                   .u_ns = transition->u_ns,
                                   .name = PB_EVENT_CP_STATE,
                                   .source = stage->source_pilot});
}

static void on_event(void *user, const struct pb_seen *seen) {
    struct driver_slot *slot = user;
    uint16_t name = slot->meanings[seen->channel].event;
    if (name == CHANNEL_NONE) return;
    push(slot->stage, &(struct pb_event){.at = seen->at,
                                         .other = seen->at,
                                         .value = seen->value,
                                         .u_ns = seen->u_ns,
                                         .name = name,
                                         .source = slot->stage->source_world});
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

/* A message from the DUT: its row, and an event of its number. What is no JSON object with a known `type` is recorded as it came. */
static void on_message(struct driver_slot *slot, enum pb_actor peer, pb_instant at, const char *bytes, size_t size) {
    struct pb_stage *stage = slot->stage;
    struct pb_error error;
    json_t *object = json_loadb(bytes, size, 0, NULL);
    const char *type = json_string_value(json_object_get(object, "type"));
    size_t number = type ? pb_message_number(type) : pb_message_count;
    char *text = object ? json_dumps(object, JSON_SORT_KEYS | JSON_COMPACT) : as_it_came(bytes, size);
    enum pb_actor from = (stage->setup.dut->actors & PB_ACTOR_BIT(PB_ACTOR_EUMD)) ? PB_ACTOR_EUMD : PB_ACTOR_EVSE;
    fail_later(stage,
               record(stage, PB_ROW_MESSAGE, at, number < pb_message_count ? type : "?", from, peer, 0, 0,
                      text ? text : "", &error),
               &error);
    free(text);
    json_decref(object);
    if (number < pb_message_count)
        push(stage, &(struct pb_event){.at = at,
                                       .other = at,
                                       .value = (int64_t)number,
                                       .name = PB_EVENT_MESSAGE,
                                       .source = stage->source_world});
}

static void on_bytes(void *user, unsigned channel, pb_instant at, const uint8_t *bytes, size_t size) {
    struct driver_slot *slot = user;
    struct pb_error error;
    char text[512];
    size_t used = 0;
    if (slot->meanings[channel].peer < PB_ACTOR_COUNT) {
        on_message(slot, slot->meanings[channel].peer, at, (const char *)bytes, size);
        return;
    }
    for (size_t i = 0; i < size && used + 2 < sizeof text; i++)
        if (bytes[i] != '\n') text[used++] = bytes[i] >= 0x20 && bytes[i] < 0x7f ? (char)bytes[i] : '?';
    text[used] = 0;
    fail_later(slot->stage, record(slot->stage, PB_ROW_NOTE, at, "dut.console", 0, 0, 0, 0, text, &error), &error);
}

static void on_complete(void *user, pb_instant to) {
    struct driver_slot *slot = user;
    struct pb_stage *stage = slot->stage;
    pb_timeline_complete(stage->timeline, stage->source_world, to);
    pb_instant pilot = {pb_cp_tracker_complete_ns(&stage->tracker)};
    pb_timeline_complete(stage->timeline, stage->source_pilot, pb_earlier(pilot, to));
}

/* The bench's own count of energy: what has flowed until now. */
static void count_energy(struct pb_stage *stage, pb_instant until) {
    int64_t span_ns = pb_between(stage->energy_at, until).ns;
    if (span_ns <= 0) return;
    stage->energy_wh +=
        (double)stage->bench->measuring.supply_uv / 1e6 * (double)stage->energy_ma / 1e3 * (double)span_ns / 3.6e12;
    if (stage->energy_ma > 0) stage->charging_ns += span_ns;
    stage->energy_at = until;
}

int64_t pb_stage_energy_wh(const struct pb_stage *stage) {
    double flowing_w = (double)stage->bench->measuring.supply_uv / 1e6 * (double)stage->energy_ma / 1e3;
    return (int64_t)(stage->energy_wh + flowing_w * (double)pb_between(stage->energy_at, stage->now).ns / 3.6e12 + 0.5);
}

/* Remembers, and writes down, one event that is known now. */
static enum pb_status take(struct pb_stage *stage, struct pb_event *event, struct pb_error *error) {
    if (event->name != PB_EVENT_CP_STATE) event->before = stage->last_value[event->name];
    stage->last_value[event->name] = event->value;
    if (event->name == PB_EVENT_CURRENT) {
        count_energy(stage, event->at);
        stage->energy_ma = event->value;
    }
    stage->history[stage->history_count++ % HISTORY] = *event;
    enum pb_status status = record(
        stage, PB_ROW_EVENT, event->at, pb_event_names[event->name], event->value, event->before, event->other.ns,
        event->u_ns, event->name == PB_EVENT_CP_STATE ? pb_cp_state_name((enum pb_cp_state)event->value) : "", error);
    if (status != PB_OK || event->name != PB_EVENT_CP_STATE) return status;
    unsigned from = (unsigned char)pb_cp_state_letter((enum pb_cp_state)event->before) & 127;
    unsigned to = (unsigned char)pb_cp_state_letter((enum pb_cp_state)event->value) & 127;
    if (from != to) {
        if (!stage->has_entered[to]) stage->first_entered[to] = *event;
        stage->left[from] = stage->entered[to] = *event;
        stage->has_left[from] = stage->has_entered[to] = true;
    }
    /* Evidence: the samples of the transition itself, or all since a reading in progress began. */
    int64_t first = pb_sampling_index_at(&stage->sampling, event->at.ns - 1000000);
    int64_t end = pb_sampling_index_at(&stage->sampling, event->other.ns + 2000000);
    return capture_range(stage, first < stage->capture_from ? first : stage->capture_from, end, error);
}

static enum pb_status drain(struct pb_stage *stage, struct pb_error *error) {
    struct pb_event event;
    while (pb_timeline_pop(stage->timeline, &event)) {
        enum pb_status status = take(stage, &event, error);
        if (status != PB_OK) return status;
        if (event.name < PB_EVENT_POLE_0 || event.name >= PB_EVENT_POLE_0 + PB_POLES_MAX) continue;
        stage->pole_value[event.name - PB_EVENT_POLE_0] = event.value;
        event.name = PB_EVENT_CONTACTOR; /* how many poles conduct */
        event.value = 0;
        for (size_t i = 0; i < stage->poles; i++) event.value += stage->pole_value[i] != 0;
        status = take(stage, &event, error);
        if (status != PB_OK) return status;
    }
    return PB_OK;
}

/* ---- time ---- */

/* Where a speed is asked for: the wall clock is waited for, 20 ms of it at a time. Returns how far a turn may go. */
static pb_instant pace(struct pb_stage *stage, pb_instant until) {
    int64_t speed = stage->setup.speed_milli;
    if (!speed) return until;
    if (!stage->wall_began.ns) stage->wall_began = pb_wall_now();
    pb_instant due = pb_after(stage->wall_began, pb_ns((int64_t)((double)stage->now.ns * 1e3 / (double)speed)));
    (void)poll(NULL, 0, pb_wall_poll_ms(due));
    return pb_earlier(until, pb_after(stage->now, pb_ns(pb_mul_saturating(20000, speed))));
}

static enum pb_status turn(struct pb_stage *stage, pb_instant until, struct pb_error *error) {
    enum pb_status status;
    until = pace(stage, until);
    struct driver_slot *slot = &stage->slots[stage->time_slot];
    pb_guardian_beat(stage->guardian);
    if (stage->setup.stop && *stage->setup.stop)
        return pb_fail(error, PB_ERR_INTERRUPTED, *stage->setup.stop, "run", "a signal asked it to end");
    if (stage->setup.control) pb_control_poll(stage->setup.control, stage->setup.carry_out, stage->setup.user);
    status = pb_guardian_check(stage->guardian, error);
    if (status != PB_OK) {
        stage->is_guardian_dead = true;
        return status;
    }
    status = stage->bench->instruments[stage->time_slot].driver->time->advance(slot->instrument, until, slot->wake_mask,
                                                                               &stage->now, error);
    if (status == PB_OK && stage->failure != PB_OK) {
        *error = stage->failure_error;
        status = stage->failure;
    }
    if (status == PB_OK) status = drain(stage, error);
    if (status == PB_OK && stage->setup.turned) stage->setup.turned(stage->setup.user);
    return status == PB_OK ? pb_timeline_check_lag(stage->timeline, stage->now, error) : status;
}

/* One turn towards `until`, or a little on where only the sources' completeness is awaited. */
static enum pb_status turn_towards(struct pb_stage *stage, pb_instant until, struct pb_error *error) {
    return turn(stage, pb_is_before(stage->now, until) ? until : pb_after(stage->now, pb_ms(1)), error);
}

enum pb_status pb_stage_run_until(struct pb_stage *stage, pb_instant until, struct pb_error *error) {
    stage->deadline = until;
    stage->waiting_for = "";
    while (pb_is_before(stage->now, until) || pb_is_before(pb_timeline_known(stage->timeline), until)) {
        enum pb_status status = turn_towards(stage, until, error);
        if (status != PB_OK) return status;
    }
    return PB_OK;
}

static bool find(const struct pb_stage *stage, enum pb_event_name name, uint64_t mask, bool use_other_date,
                 pb_instant from, pb_instant until, size_t *next, struct pb_event *ret_event) {
    if (*next + HISTORY < stage->history_count) *next = stage->history_count - HISTORY;
    for (; *next < stage->history_count; (*next)++) {
        const struct pb_event *event = &stage->history[*next % HISTORY];
        pb_instant date = use_other_date ? event->other : event->at;
        if (event->name != name || !(mask >> (event->value & 63) & 1)) continue;
        if (!pb_is_before(from, date) || pb_is_before(until, date)) continue;
        *ret_event = *event;
        return true;
    }
    return false;
}

enum pb_status pb_stage_wait(struct pb_stage *stage, enum pb_event_name name, uint64_t mask, bool use_other_date,
                             pb_instant from, pb_instant until, bool *ret_found, struct pb_event *ret_event,
                             struct pb_error *error) {
    size_t next = stage->case_history;
    stage->deadline = until;
    stage->waiting_for = pb_event_names[name];
    for (;;) {
        bool found = find(stage, name, mask, use_other_date, from, until, &next, ret_event);
        if (found || pb_is_before(until, pb_timeline_known(stage->timeline))) {
            *ret_found = found;
            return PB_OK;
        }
        enum pb_status status = turn_towards(stage, until, error);
        if (status != PB_OK) return status;
    }
}

bool pb_stage_stood(const struct pb_stage *stage, enum pb_event_name name, pb_instant at, struct pb_event *ret_event) {
    for (size_t n = stage->history_count; n > stage->case_history && n + HISTORY > stage->history_count; n--) {
        const struct pb_event *event = &stage->history[(n - 1) % HISTORY];
        if (event->name != name || pb_is_before(at, event->at)) continue;
        *ret_event = *event;
        return true;
    }
    return false;
}

bool pb_stage_first_entered(const struct pb_stage *stage, char letter, struct pb_event *ret_event) {
    *ret_event = stage->first_entered[letter & 127];
    return stage->has_entered[letter & 127];
}
bool pb_stage_entered(const struct pb_stage *stage, char letter, struct pb_event *ret_event) {
    *ret_event = stage->entered[letter & 127];
    return stage->has_entered[letter & 127];
}
bool pb_stage_left(const struct pb_stage *stage, char letter, struct pb_event *ret_event) {
    *ret_event = stage->left[letter & 127];
    return stage->has_left[letter & 127];
}

pb_instant pb_stage_now(const struct pb_stage *stage) { return stage->now; }
size_t pb_stage_poles(const struct pb_stage *stage) { return stage->poles; }

void pb_stage_abort(struct pb_stage *stage, const char *why) {
    struct pb_error error;
    fail_later(stage, pb_fail(&error, PB_ERR_INTERRUPTED, 0, "run", "%s", why), &error);
}

void pb_stage_set_place(struct pb_stage *stage, int32_t case_no, int32_t step_no) {
    if (case_no != stage->case_no) {
        stage->case_history = stage->history_count;
        memset(stage->has_entered, 0, sizeof stage->has_entered);
        memset(stage->has_left, 0, sizeof stage->has_left);
        stage->energy_wh = 0;
        stage->charging_ns = 0;
        stage->energy_at = stage->now;
    }
    stage->case_no = case_no;
    stage->step_no = step_no;
}

/* ---- doing ---- */

enum pb_status pb_stage_write(struct pb_stage *stage, const char *role, int64_t value, const char *text,
                              struct pb_error *error) {
    size_t number = pb_bench_role(stage->bench, role);
    if (number == stage->bench->role_count)
        return pb_fail(error, PB_ERR_NOT_FOUND, 0, stage->bench->name, "the bench has no role %s", role);
    const struct pb_bench_role *bound = &stage->bench->roles[number];
    const struct pb_channel *channel = pb_bench_channel(stage->bench, number);
    enum pb_status status = record(stage, PB_ROW_ACTION, stage->now, role, value, channel->unit, 0, 0, text, error);
    if (status == PB_OK && channel->energises && value != channel->safe)
        status = pb_writer_commit(stage->setup.writer, error);
    if (status != PB_OK) return status;
    if (channel->is_kept_when_safe) stage->is_moved[number] = value != channel->safe;
    else if (value != channel->safe) stage->is_safe = false;
    return stage->bench->instruments[bound->instrument].driver->out->set(stage->slots[bound->instrument].instrument,
                                                                         bound->channel, value, error);
}

enum pb_status pb_stage_note_standing(struct pb_stage *stage, struct pb_error *error) {
    struct pb_event event = {.at = stage->now,
                             .other = stage->now,
                             .value = stage->last_value[PB_EVENT_CONTACTOR],
                             .name = PB_EVENT_CONTACTOR,
                             .source = stage->source_world};
    return take(stage, &event, error);
}

enum pb_status pb_stage_restore(struct pb_stage *stage, struct pb_error *error) {
    for (size_t i = 0; i < stage->bench->role_count; i++) {
        if (!stage->is_moved[i]) continue;
        enum pb_status status = pb_stage_write(stage, stage->bench->roles[i].role,
                                               pb_bench_channel(stage->bench, i)->safe, "nominal", error);
        if (status != PB_OK) return status;
    }
    return PB_OK;
}

void pb_stage_picture(const struct pb_stage *stage, struct pb_stage_picture *ret_picture) {
    *ret_picture = (struct pb_stage_picture){.cp_state = (enum pb_cp_state)stage->last_value[PB_EVENT_CP_STATE],
                                             .poles_closed = stage->last_value[PB_EVENT_CONTACTOR],
                                             .current_ma = stage->last_value[PB_EVENT_CURRENT],
                                             .deadline = stage->deadline,
                                             .waiting_for = stage->waiting_for ? stage->waiting_for : "",
                                             .ring = stage->ring,
                                             .ring_mask = RING - 1,
                                             .valid_from = stage->valid_from,
                                             .next_index = stage->next_index,
                                             .sampling = &stage->sampling};
}

bool pb_stage_event(const struct pb_stage *stage, size_t n, struct pb_event *ret_event) {
    if (n >= stage->history_count || n + HISTORY < stage->history_count) return false;
    *ret_event = stage->history[n % HISTORY];
    return true;
}

static enum pb_status send_bytes(struct pb_stage *stage, const char *role, const char *text, struct pb_error *error) {
    size_t number = pb_bench_role(stage->bench, role);
    if (number == stage->bench->role_count)
        return pb_fail(error, PB_ERR_NOT_FOUND, 0, stage->bench->name, "the bench has no role %s", role);
    const struct pb_bench_role *bound = &stage->bench->roles[number];
    return stage->bench->instruments[bound->instrument].driver->bytes->send(stage->slots[bound->instrument].instrument,
                                                                            bound->channel, text, strlen(text), error);
}

enum pb_status pb_stage_console(struct pb_stage *stage, const char *line, struct pb_error *error) {
    char text[128];
    snprintf(text, sizeof text, "%s\n", line);
    enum pb_status status = record(stage, PB_ROW_ACTION, stage->now, "dut.console", 0, 0, 0, 0, line, error);
    return status == PB_OK ? send_bytes(stage, "dut.console", text, error) : status;
}

/* Copies with "@energy" and "@duration" replaced by what the bench has counted. */
static void fill_fields(const struct pb_stage *stage, const char *from, char *ret_text, size_t size) {
    static const char energy[] = "\"@energy\"", duration[] = "\"@duration\"";
    size_t used = 0;
    while (*from && used + 24 < size) {
        if (strncmp(from, energy, sizeof energy - 1) == 0) {
            used += (size_t)snprintf(ret_text + used, size - used, "%lld", (long long)pb_stage_energy_wh(stage));
            from += sizeof energy - 1;
        } else if (strncmp(from, duration, sizeof duration - 1) == 0) {
            used +=
                (size_t)snprintf(ret_text + used, size - used, "%lld", (long long)(stage->charging_ns / 1000000000));
            from += sizeof duration - 1;
        } else {
            ret_text[used++] = *from++;
        }
    }
    ret_text[used] = 0;
}

enum pb_status pb_stage_message(struct pb_stage *stage, enum pb_actor from, enum pb_actor to,
                                const struct pb_message *message, struct pb_error *error) {
    char fields[PB_MESSAGE_BYTES + 64], text[PB_MESSAGE_BYTES + 200];
    fill_fields(stage, message->fields, fields, sizeof fields);
    snprintf(text, sizeof text, "{\"fields\":%s,\"from\":\"%s\",\"to\":\"%s\",\"type\":\"%s\"}", fields,
             pb_actor_name(from), to < PB_ACTOR_COUNT ? pb_actor_name(to) : "", message->name);
    return record(stage, PB_ROW_MESSAGE, stage->now, message->name, from, to, 0, 0, text, error);
}

static enum pb_status gather(struct pb_stage *stage, pb_instant from, pb_span span, int64_t *ret_first,
                             int64_t *ret_end, struct pb_error *error) {
    int64_t first = pb_sampling_index_at(&stage->sampling, from.ns),
            end = pb_sampling_index_at(&stage->sampling, pb_after(from, span).ns);
    pb_instant until = {pb_sampling_ns_of(&stage->sampling, end)};
    enum pb_status status = stage->bench->instruments[stage->pilot_slot].driver->stream->keep_until(
        stage->slots[stage->pilot_slot].instrument, stage->pilot_channel, until, error);
    stage->capture_from = first;
    while (status == PB_OK && stage->next_index < end) status = turn_towards(stage, until, error);
    stage->capture_from = INT64_MAX;
    if (status == PB_OK && (first < stage->valid_from || stage->next_index - first > RING))
        return pb_fail(error, PB_ERR_OVERRUN, 0, "cp.sense",
                       "the samples of a reading were not kept (from %lld, held from %lld)", (long long)first,
                       (long long)stage->valid_from);
    *ret_first = first;
    *ret_end = end;
    return status;
}

enum pb_status pb_stage_capture(struct pb_stage *stage, pb_instant from, pb_span span, int64_t *ret_first,
                                int64_t *ret_count, struct pb_error *error) {
    int64_t first = 0, end = 0;
    enum pb_status status = gather(stage, from, span, &first, &end, error);
    if (status == PB_OK) status = capture_range(stage, first, end, error);
    if (status != PB_OK) return status;
    *ret_first = first;
    *ret_count = end - first;
    return PB_OK;
}

enum pb_status pb_stage_measure(struct pb_stage *stage, pb_span span, struct pb_cp_measurement *ret_measurement,
                                struct pb_error *error) {
    struct pb_cp_meter meter;
    int64_t first = 0, end = 0;
    enum pb_status status = gather(stage, stage->now, span, &first, &end, error);
    if (status != PB_OK) return status;
    pb_cp_meter_init(&meter, &stage->sampling);
    for (int64_t i = first; i < end; i++) pb_cp_meter_feed(&meter, &stage->ring[i & (RING - 1)], 1);
    pb_cp_meter_finish(&meter, ret_measurement);
    return PB_OK;
}

/* ---- safety ---- */

static enum pb_status make_one_safe(struct pb_stage *stage, size_t i, struct pb_error *error) {
    const struct pb_bench_safe *safe = &stage->bench->safe[i];
    const struct pb_bench_instrument *instrument = &stage->bench->instruments[safe->instrument];
    const struct pb_channel *channel = &instrument->channels[safe->channel];
    enum pb_status status = PB_ERR_GONE;
    if (!stage->is_guardian_dead) status = pb_guardian_make_safe(stage->guardian, i, error);
    if (status != PB_OK) { /* the guardian cannot: do it here */
        enum pb_status own = instrument->driver->out->set(stage->slots[safe->instrument].instrument, safe->channel,
                                                          channel->safe, error);
        if (own != PB_OK) status = own;
        else if (stage->is_guardian_dead) status = PB_OK;
    }
    struct pb_error ignored;
    (void)!record(stage, PB_ROW_ACTION, stage->now, channel->role, channel->safe, channel->unit, 0, 0, "made safe",
                  &ignored);
    return status;
}

/* Time passes while outputs settle, but nothing that happens then ends making safe. After a DUT's fault the world's time stands still. */
static void settle(struct pb_stage *stage, pb_span span) {
    struct pb_error ignored;
    struct driver_slot *slot = &stage->slots[stage->time_slot];
    pb_instant until = pb_after(stage->now, span);
    pb_guardian_beat(stage->guardian);
    for (pb_instant before = PB_INSTANT_NEVER; pb_is_before(stage->now, until) && stage->now.ns != before.ns;) {
        before = stage->now;
        if (stage->bench->instruments[stage->time_slot].driver->time->advance(slot->instrument, until, 0, &stage->now,
                                                                              &ignored) != PB_OK)
            return;
    }
}

/* The guardian writes by a way of its own: what the harness has sent before must have arrived, or it would undo what the guardian does. A turn
 * of no length comes back when everything before it was carried out. */
static void let_arrive(struct pb_stage *stage) {
    struct pb_error ignored;
    struct driver_slot *slot = &stage->slots[stage->time_slot];
    const struct pb_time_ops *time = stage->bench->instruments[stage->time_slot].driver->time;
    (void)!time->advance(slot->instrument, stage->now, 0, &stage->now, &ignored);
}

enum pb_status pb_stage_make_safe(struct pb_stage *stage, struct pb_error *error) {
    enum pb_status worst = PB_OK;
    let_arrive(stage);
    for (size_t i = 0; i < stage->bench->safe_count; i++) {
        struct pb_error own;
        enum pb_status status = make_one_safe(stage, i, &own);
        if (status != PB_OK && worst == PB_OK) {
            worst = status;
            *error = own;
        }
        settle(stage, stage->bench->safe[i].settle);
    }
    stage->is_safe = worst == PB_OK;
    struct pb_error drained;
    enum pb_status status = drain(stage, &drained);
    if (status != PB_OK && worst == PB_OK) {
        worst = status;
        *error = drained;
    }
    return worst;
}

/* ---- opening ---- */

/* "contactor.sense[2]" and the like. */
static uint16_t event_of_role(const char *role) {
    static const struct {
        const char *role;
        uint16_t event;
    } events[] = {
        {"contactor.sense[0]", PB_EVENT_POLE_0},
        {"contactor.sense[1]", PB_EVENT_POLE_0 + 1},
        {"contactor.sense[2]", PB_EVENT_POLE_0 + 2},
        {"contactor.sense[3]", PB_EVENT_POLE_0 + 3},
        {"current.sense", PB_EVENT_CURRENT},
        {"contactor.coil", PB_EVENT_COIL},
        {"lock.sense", PB_EVENT_LOCK},
        {"ccid.test", PB_EVENT_CCID_TEST},
    };
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        if (strcmp(events[i].role, role) == 0) return events[i].event;
    return CHANNEL_NONE;
}

static void bind_meanings(struct pb_stage *stage) {
    for (size_t i = 0; i < PB_INSTRUMENTS_MAX; i++) {
        stage->slots[i].stage = stage;
        for (size_t k = 0; k < 64; k++)
            stage->slots[i].meanings[k] = (struct meaning){.event = CHANNEL_NONE, .peer = PB_ACTOR_COUNT};
    }
    for (size_t r = 0; r < stage->bench->role_count; r++) {
        const struct pb_bench_role *role = &stage->bench->roles[r];
        struct driver_slot *slot = &stage->slots[role->instrument];
        slot->meanings[role->channel].event = event_of_role(role->role);
        if (strcmp(role->role, "cp.sense") == 0) {
            slot->meanings[role->channel].is_pilot = true;
            stage->pilot_slot = role->instrument;
            stage->pilot_channel = role->channel;
            slot->wake_mask |= UINT64_C(1) << role->channel;
        }
        if (strcmp(role->role, "esci") == 0) slot->meanings[role->channel].peer = PB_ACTOR_ESCI;
        if (strcmp(role->role, "utility") == 0) slot->meanings[role->channel].peer = PB_ACTOR_UTILITY;
        if (slot->meanings[role->channel].peer < PB_ACTOR_COUNT) slot->wake_mask |= UINT64_C(1) << role->channel;
        if (strncmp(role->role, "contactor.sense", 15) == 0) slot->wake_mask |= UINT64_C(1) << role->channel;
    }
}

static enum pb_status open_instruments(struct pb_stage *stage, struct pb_error *error) {
    for (size_t i = 0; i < stage->bench->instrument_count; i++) {
        const struct pb_bench_instrument *instrument = &stage->bench->instruments[i];
        const struct pb_opening opening = {
            .seed = stage->setup.seed,
            .log_path = stage->setup.log_path,
            .sink = {&stage->slots[i], on_event, on_samples, on_modelled, on_bytes, on_complete}};
        enum pb_status status =
            instrument->driver->core->open(instrument->config, &opening, &stage->slots[i].instrument, error);
        if (status != PB_OK) return status;
        if (instrument->driver->time) stage->time_slot = i;
    }
    const struct pb_sampling *sampling = NULL;
    if (pb_bench_role(stage->bench, "cp.sense") < stage->bench->role_count)
        sampling = stage->bench->instruments[stage->pilot_slot].driver->core->sampling(
            stage->slots[stage->pilot_slot].instrument, stage->pilot_channel);
    if (!sampling)
        return pb_fail(error, PB_ERR_UNSUPPORTED, 0, stage->bench->name, "the bench has no channel for role cp.sense");
    stage->sampling = *sampling;
    pb_cp_tracker_init(&stage->tracker, &stage->sampling, &pb_cp_windows_default, on_transition, stage);
    stage->source_world = pb_timeline_add_source(stage->timeline, "instruments", PB_SPAN_ZERO);
    stage->source_pilot =
        pb_timeline_add_source(stage->timeline, "cp.sense", pb_ns(pb_cp_tracker_lag_ns(&stage->tracker) + 1000000));
    return PB_OK;
}

static enum pb_status start_guardian(struct pb_stage *stage, struct pb_error *error) {
    struct pb_guard_output outputs[PB_SAFE_MAX];
    for (size_t i = 0; i < stage->bench->safe_count; i++) {
        const struct pb_bench_safe *safe = &stage->bench->safe[i];
        const struct pb_bench_instrument *of = &stage->bench->instruments[safe->instrument];
        const struct pb_guard_ops *guard = of->driver->guard;
        struct pb_instrument *instrument = stage->slots[safe->instrument].instrument;
        outputs[i] = (struct pb_guard_output){.ops = guard,
                                              .descriptor = guard->descriptor(instrument),
                                              .channel = safe->channel,
                                              .safe_value = of->channels[safe->channel].safe,
                                              .settle = safe->settle};
        enum pb_status status =
            guard->note ? guard->note(instrument, safe->channel, outputs[i].safe_value, &outputs[i].note, error)
                        : PB_OK;
        if (status != PB_OK) return status;
    }
    return pb_guardian_start(outputs, stage->bench->safe_count, (int)(stage->bench->measuring.hang_ns / 1000000),
                             &stage->guardian, error);
}

/* A program without a slash is looked for beside this one first. */
static void find_program(const char *name, char *ret_path, size_t size) {
    snprintf(ret_path, size, "%s", name);
    if (strchr(name, '/')) return;
    char beside[4096];
    ssize_t n = readlink("/proc/self/exe", beside, sizeof beside - 1);
    beside[n > 0 ? n : 0] = 0;
    char *slash = strrchr(beside, '/');
    if (!slash || strlen(name) >= sizeof beside - (size_t)(slash + 1 - beside)) return;
    snprintf(slash + 1, sizeof beside - (size_t)(slash + 1 - beside), "%s", name);
    if (access(beside, X_OK) == 0) snprintf(ret_path, size, "%s", beside);
}

static enum pb_status start_dut(struct pb_stage *stage, struct pb_error *error) {
    const struct pb_dut *dut = stage->setup.dut;
    const char *argv[PB_DUT_ARGS_MAX + 1];
    char program[4096];
    if (!dut->argv[0]) return PB_OK;
    memcpy(argv, dut->argv, sizeof argv);
    find_program(argv[0], program, sizeof program);
    argv[0] = program;
    struct pb_slave slave = {.actor = PBW_EVSE, .cord = 0, .argv = argv};
    return stage->bench->instruments[stage->time_slot].driver->time->start_slave(
        stage->slots[stage->time_slot].instrument, &slave, stage->setup.seed, error);
}

static size_t count_poles(const struct pb_bench *bench) {
    size_t poles = 0;
    for (size_t i = 0; i < bench->role_count; i++) poles += strncmp(bench->roles[i].role, "contactor.sense[", 16) == 0;
    return poles;
}

enum pb_status pb_stage_open(const struct pb_stage_setup *setup, struct pb_stage **ret_stage, struct pb_error *error) {
    struct pb_stage *stage = calloc(1, sizeof *stage);
    if (!stage) return pb_fail(error, PB_ERR_MEMORY, 0, "stage", "no memory");
    stage->setup = *setup;
    stage->bench = setup->bench;
    stage->capture_from = INT64_MAX;
    stage->poles = count_poles(stage->bench);
    bind_meanings(stage);
    enum pb_status status = pb_timeline_create(WAITING, &stage->timeline, error);
    if (status == PB_OK) status = open_instruments(stage, error);
    if (status == PB_OK) status = start_guardian(stage, error);
    if (status == PB_OK) status = start_dut(stage, error);
    if (status != PB_OK) {
        pb_stage_close(stage);
        return status;
    }
    stage->is_safe = true;
    *ret_stage = stage;
    return PB_OK;
}

void pb_stage_close(struct pb_stage *stage) {
    struct pb_error ignored;
    if (!stage) return;
    if (stage->guardian && !stage->is_safe) (void)!pb_stage_make_safe(stage, &ignored);
    pb_guardian_stop(stage->guardian);
    for (size_t i = 0; i < stage->bench->instrument_count; i++)
        stage->bench->instruments[i].driver->core->close(stage->slots[i].instrument);
    pb_timeline_destroy(stage->timeline);
    free(stage);
}
