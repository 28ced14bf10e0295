/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events, samples and messages as they become known; waiting; doing; making safe. */
#include "base/text.h"
#include "harness/engine/stage_private.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

void pb_stage__samples(void *user, unsigned channel, int64_t first_index, const int16_t *counts, size_t count) {
    struct driver_slot *slot = user;
    struct pb_stage *stage = slot->stage;
    struct pb_error error;
    if (!slot->meanings[channel].is_pilot) return;
    if (stage->next_index == 0 && first_index > 0) pb_cp_tracker_steady(&stage->tracker, first_index);
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

void pb_stage__modelled(void *user, unsigned channel, int64_t to_index) {
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

void pb_stage__transition(void *user, const struct pb_cp_transition *transition) {
    struct pb_stage *stage = user;
    push(stage, &(struct pb_event){.at = {transition->left_ns},
                                   .other = {transition->seen_ns},
                                   .value = transition->to,
                                   .before = transition->from,
                                   .u_ns = transition->u_ns,
                                   .name = PB_EVENT_CP_STATE,
                                   .source = stage->source_pilot});
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

/* A message from the DUT: its row, and an event of its number. What is none is recorded as it came. */
static void on_message(struct driver_slot *slot, enum pb_message_link link, pb_instant at, const char *bytes,
                       size_t size) {
    struct pb_stage *stage = slot->stage;
    struct pb_error error;
    size_t length, number = pb_catalogue_count;
    enum pb_said said = PB_SAID_HEARD;
    struct pb_message_value *value = &stage->message;
    bool is_message =
        pb_message_decode(bytes, size, value, &error) == PB_OK &&
        pb_message_encode(value, stage->message_text, sizeof stage->message_text, &length, &error) == PB_OK;
    char *text = is_message ? stage->message_text : as_it_came(bytes, size);
    if (is_message) {
        number = pb_catalogue_find(value->row->name);
        said = pb_message_hearing(stage->setup.dut->actors, link, actor_of(value->from), actor_of(value->to));
    }
    fail_later(stage,
               record(stage, PB_ROW_MESSAGE, at, is_message ? value->row->name : "?",
                      is_message ? value->from : PB_PARTY_COUNT, is_message ? value->to : PB_PARTY_COUNT, said, link,
                      text ? text : "", &error),
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
    if (slot->meanings[channel].link < PB_MESSAGE_LINK_COUNT) {
        on_message(slot, slot->meanings[channel].link, at, (const char *)bytes, size);
        return;
    }
    for (size_t i = 0; i < size && used + 2 < sizeof text; i++)
        if (bytes[i] != '\n') text[used++] = bytes[i] >= 0x20 && bytes[i] < 0x7f ? (char)bytes[i] : '?';
    text[used] = 0;
    fail_later(slot->stage, record(slot->stage, PB_ROW_NOTE, at, "dut.console", 0, 0, 0, 0, text, &error), &error);
}

void pb_stage__complete(void *user, pb_instant to) {
    struct driver_slot *slot = user;
    struct pb_stage *stage = slot->stage;
    pb_timeline_complete(stage->timeline, slot->source, to);
    if (!stage->has_pilot || slot != &stage->slots[stage->pilot_slot]) return;
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
    if (event->name == PB_EVENT_ESTOP && event->value == 0) pb_stage_abort(stage, "the emergency stop was pressed");
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

static enum pb_status turn(struct pb_stage *stage, pb_instant until, struct pb_error *error) {
    enum pb_status status;
    pb_guardian_beat(stage->guardian);
    if (stage->setup.stop && *stage->setup.stop)
        return pb_fail(error, PB_ERR_INTERRUPTED, *stage->setup.stop, "run", "a signal asked it to end");
    if (stage->setup.control) pb_control_poll(stage->setup.control, stage->setup.carry_out, stage->setup.user);
    status = pb_guardian_check(stage->guardian, error);
    if (status != PB_OK) {
        stage->is_guardian_dead = true;
        return status;
    }
    status = stage->clock->advance(stage, until, true, error);
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

enum pb_status pb_stage_hold(struct pb_stage *stage, pb_instant until, const char *what, bool (*is_over)(void *user),
                             void *user, struct pb_error *error) {
    stage->deadline = until;
    stage->waiting_for = what;
    enum pb_status status = PB_OK;
    while (status == PB_OK && pb_is_before(stage->now, until) && !is_over(user))
        status = turn_towards(stage, until, error);
    stage->waiting_for = ""; /* `what` is the caller's */
    return status;
}

enum pb_status pb_stage_catch_up(struct pb_stage *stage, struct pb_error *error) {
    if (stage->bench->clock == PB_CLOCK_SIMULATED) return PB_OK; /* nothing happens while it stands */
    stage->clock->tick(stage);
    return pb_stage_run_until(stage, stage->now, error);
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
        if (!pb_is_before(from, pb_after(date, pb_ns(event->u_ns))) || pb_is_before(until, date)) continue;
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
        stage->interval_wh = stage->interval_ns = 0;
        stage->energy_at = stage->now;
    }
    stage->case_no = case_no;
    stage->step_no = step_no;
}

/* ---- doing ---- */

/* A bench of hardware that can energise has an emergency stop (bench.c). */
static bool may_energise(const struct pb_stage *stage) {
    return stage->bench->clock == PB_CLOCK_SIMULATED || stage->last_value[PB_EVENT_ESTOP] != 0;
}

/* What the device can hold, next to the value on the side of zero: an emulated vehicle never draws more than it meant to. */
static int64_t on_grid(const struct pb_channel *channel, int64_t value) {
    return channel->grid > 1 ? value - value % channel->grid : value;
}

enum pb_status pb_stage_write(struct pb_stage *stage, const char *role, int64_t value, const char *text,
                              struct pb_error *error) {
    size_t number = pb_bench_role(stage->bench, role);
    if (number == stage->bench->role_count)
        return pb_fail(error, PB_ERR_NOT_FOUND, 0, stage->bench->name, "the bench has no role %s", role);
    const struct pb_bench_role *bound = &stage->bench->roles[number];
    const struct pb_channel *channel = pb_bench_channel(stage->bench, number);
    value = on_grid(channel, value);
    bool is_live = channel->energises && value != channel->safe;
    stage->clock->tick(stage);
    if (is_live && !may_energise(stage))
        return pb_fail(error, PB_ERR_INTERRUPTED, 0, role, "not energised: the emergency stop is not seen closed");
    enum pb_status status = record(stage, PB_ROW_ACTION, stage->now, role, value, channel->unit, 0, 0, text, error);
    if (status == PB_OK && is_live) status = pb_writer_commit(stage->setup.writer, error);
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
                             .name = PB_EVENT_CONTACTOR};
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

static enum pb_status send_bytes(struct pb_stage *stage, const char *role, const char *bytes, size_t size,
                                 struct pb_error *error) {
    size_t number = pb_bench_role(stage->bench, role);
    if (number == stage->bench->role_count)
        return pb_fail(error, PB_ERR_NOT_FOUND, 0, stage->bench->name, "the bench has no role %s", role);
    const struct pb_bench_role *bound = &stage->bench->roles[number];
    return stage->bench->instruments[bound->instrument].driver->bytes->send(stage->slots[bound->instrument].instrument,
                                                                            bound->channel, bytes, size, error);
}

enum pb_status pb_stage_console(struct pb_stage *stage, const char *line, struct pb_error *error) {
    char text[128];
    snprintf(text, sizeof text, "%s\n", line);
    stage->clock->tick(stage);
    enum pb_status status = record(stage, PB_ROW_ACTION, stage->now, "dut.console", 0, 0, 0, 0, line, error);
    return status == PB_OK ? send_bytes(stage, "dut.console", text, strlen(text), error) : status;
}

/* What the placeholders of messages stand for, counted up to now. */
static int64_t counted(struct pb_stage *stage, const char *name) {
    count_energy(stage, stage->now);
    int64_t energy_wh = pb_stage_energy_wh(stage), charging_ns = stage->charging_ns, counted;
    if (strcmp(name, "@energy") == 0) return energy_wh;
    if (strcmp(name, "@session") == 0) return stage->case_no;
    if (strcmp(name, "@duration") == 0) return charging_ns / 1000000000;
    if (strcmp(name, "@interval_energy") == 0) {
        counted = energy_wh - stage->interval_wh;
        stage->interval_wh = energy_wh;
    } else {
        counted = (charging_ns - stage->interval_ns) / 1000000000;
        stage->interval_ns = charging_ns;
    }
    return counted;
}

/* Copies with placeholders ("@energy") replaced by what the bench has counted. */
static void fill_fields(struct pb_stage *stage, const char *from, char *ret_text, size_t size) {
    size_t used = 0;
    while (*from && used + 24 < size) {
        char name[24];
        int length = 0;
        if (sscanf(from, "\"%23[@a-z_]\"%n", name, &length) == 1 && length && name[0] == '@') {
            used += (size_t)snprintf(ret_text + used, size - used, "%lld", (long long)counted(stage, name));
            from += length;
        } else ret_text[used++] = *from++;
    }
    ret_text[used] = 0;
}

enum pb_status pb_stage_message(struct pb_stage *stage, const struct pb_step *step, enum pb_said said,
                                enum pb_message_link link, struct pb_error *error) {
    char fields[PB_MESSAGE_BYTES + 64], text[PB_MESSAGE_BYTES + 400];
    stage->clock->tick(stage);
    fill_fields(stage, step->sends.fields, fields, sizeof fields);
    int64_t id = said == PB_SAID_REFERENCE ? 0 : ++stage->ids[link][step->actor];
    enum pb_status status =
        pb_message_write(step->sends.name, fields, step->actor, step->to, id, stage->now, text, sizeof text, error);
    if (status == PB_OK)
        status =
            record(stage, PB_ROW_MESSAGE, stage->now, step->sends.name, step->actor, step->to, said, link, text, error);
    if (status != PB_OK || said != PB_SAID_SENT) return status;
    return send_bytes(stage, pb_message_roles[link], text, strlen(text), error);
}

size_t pb_stage_heard(const struct pb_stage *stage) { return stage->heard_count; }

enum pb_status pb_stage_await_message(struct pb_stage *stage, size_t count, pb_instant until, struct pb_error *error) {
    stage->deadline = until;
    stage->waiting_for = pb_event_names[PB_EVENT_MESSAGE];
    while (stage->heard_count <= count && !pb_is_before(until, pb_timeline_known(stage->timeline))) {
        enum pb_status status = turn_towards(stage, until, error);
        if (status != PB_OK) return status;
    }
    return PB_OK;
}

static enum pb_status gather(struct pb_stage *stage, pb_instant from, pb_span span, int64_t *ret_first,
                             int64_t *ret_end, struct pb_error *error) {
    if (!stage->has_pilot)
        return pb_fail(error, PB_ERR_UNSUPPORTED, 0, stage->bench->name, "the bench has no channel for role cp.sense");
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

/* Time passes while outputs settle, but nothing that happens then ends making safe. After a DUT's fault the world's time stands still, and a
 * dead instrument does not wait. */
static void settle(struct pb_stage *stage, pb_span span) {
    struct pb_error ignored;
    pb_instant until = pb_after(stage->now, span);
    pb_guardian_beat(stage->guardian);
    for (pb_instant before = PB_INSTANT_NEVER; pb_is_before(stage->now, until) && stage->now.ns != before.ns;) {
        before = stage->now;
        if (stage->clock->advance(stage, until, false, &ignored) != PB_OK) return;
    }
}

enum pb_status pb_stage_make_safe(struct pb_stage *stage, struct pb_error *error) {
    enum pb_status worst = PB_OK;
    /* The guardian writes by a way of its own: what the harness has sent before must not undo what the guardian does. */
    stage->clock->let_arrive(stage);
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
