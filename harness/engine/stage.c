/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events, samples and messages as they become known; waiting; doing; making safe. */
#include "base/text.h"
#include "harness/engine/stage_private.h"
#include "pilot_emulator/periods.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the record ---- */

PB_HOT static enum pb_status record(struct pb_stage *stage, enum pb_row_kind kind, pb_instant at, const char *name,
                                    int64_t a, int64_t b, int64_t c, int64_t d, const char *text,
                                    struct pb_error *error) {
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

enum pb_status pb_stage__record_as(struct pb_stage *stage, enum pb_said said, const struct posted *what,
                                   const char *text, struct pb_error *error) {
    struct pb_row row = {.at = stage->now,
                         .kind = PB_ROW_MESSAGE,
                         .case_no = what->case_no,
                         .step_no = what->step_no,
                         .name = what->name,
                         .a = what->from,
                         .b = what->to,
                         .c = said,
                         .d = what->link,
                         .text = text};
    return pb_writer_add(stage->setup.writer, &row, NULL, error);
}

static void fail_later(struct pb_stage *stage, enum pb_status status, const struct pb_error *error) {
    if (stage->failure != PB_OK || status == PB_OK) return;
    stage->failure = status;
    stage->failure_error = *error;
}

static struct cord *present(struct pb_stage *stage) { return &stage->cords[stage->cord]; }
static const struct cord *present_of(const struct pb_stage *stage) { return &stage->cords[stage->cord]; }

/* ---- samples ---- */

static enum pb_status capture_range(struct cord *cord, int64_t first, int64_t end, struct pb_error *error) {
    struct pb_stage *stage = cord->stage;
    if (first < cord->valid_from) first = cord->valid_from;
    if (first < cord->next_index - RING) first = cord->next_index - RING;
    if (end > cord->next_index) end = cord->next_index;
    while (first < end) { /* in pieces that do not wrap */
        int64_t offset = first & (RING - 1), count = end - first;
        if (count > RING - offset) count = RING - offset;
        enum pb_status status = pb_writer_capture(stage->setup.writer, stage->now, cord->channel, &cord->sampling,
                                                  first, cord->ring + offset, (size_t)count, error);
        if (status != PB_OK) return status;
        first += count;
    }
    return PB_OK;
}

/* A block of the oscilloscope goes into the record as it comes. */
static void take_scope(struct pb_stage *stage, int64_t first_index, const int16_t *counts, size_t count) {
    struct pb_error error;
    fail_later(stage,
               pb_writer_capture(stage->setup.writer, stage->now, "scope", &stage->scope.sampling, first_index, counts,
                                 count, &error),
               &error);
    stage->scope.next_index = first_index + (int64_t)count;
}

void pb_stage__samples(void *user, unsigned channel, int64_t first_index, const int16_t *counts, size_t count) {
    struct driver_slot *slot = user;
    struct pb_stage *stage = slot->stage;
    struct pb_error error;
    if (slot->meanings[channel].is_scope) take_scope(stage, first_index, counts, count);
    if (!slot->meanings[channel].is_pilot) return;
    struct cord *cord = &stage->cords[slot->meanings[channel].cord];
    if (cord->next_index == 0 && first_index > 0) pb_cp_tracker_steady(&cord->tracker, first_index);
    if (first_index != cord->next_index) cord->valid_from = first_index;
    for (size_t done = 0; done < count;) {
        size_t offset = (size_t)((first_index + (int64_t)done) & (RING - 1)), n = count - done;
        if (n > RING - offset) n = RING - offset;
        memcpy(cord->ring + offset, counts + done, n * sizeof *counts);
        done += n;
    }
    cord->next_index = first_index + (int64_t)count;
    if (!pb_cp_tracker_feed(&cord->tracker, first_index, counts, count))
        fail_later(stage,
                   pb_fail(&error, PB_ERR_OVERRUN, 0, cord->channel, "samples were lost before number %lld",
                           (long long)first_index),
                   &error);
    if (stage->cord_count > 1) pb_announce_feed(&cord->announce, first_index, counts, count);
}

void pb_stage__modelled(void *user, unsigned channel, int64_t to_index) {
    struct driver_slot *slot = user;
    struct pb_stage *stage = slot->stage;
    struct cord *cord = &stage->cords[slot->meanings[channel].cord];
    struct pb_error error;
    if (!slot->meanings[channel].is_pilot || to_index <= cord->next_index) return;
    fail_later(stage,
               record(stage, PB_ROW_MODELLED, (pb_instant){pb_sampling_ns_of(&cord->sampling, cord->next_index)},
                      cord->channel, pb_sampling_ns_of(&cord->sampling, to_index), to_index - cord->next_index, 0, 0,
                      "", &error),
               &error);
    cord->next_index = cord->valid_from = to_index;
    pb_cp_tracker_steady(&cord->tracker, to_index);
}

/* ---- events ---- */

static void push(struct pb_stage *stage, const struct pb_event *event) {
    struct pb_error error;
    fail_later(stage, pb_timeline_push(stage->timeline, event, &error), &error);
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
    const char *role = slot->meanings[channel].is_pev_console ? "dut.console.pev" : "dut.console";
    if (slot->meanings[channel].link < PB_MESSAGE_LINK_COUNT) {
        on_message(slot, slot->meanings[channel].link, at, (const char *)bytes, size, true);
        return;
    }
    for (size_t i = 0; i < size && used + 2 < sizeof text; i++)
        if (bytes[i] != '\n') text[used++] = bytes[i] >= 0x20 && bytes[i] < 0x7f ? (char)bytes[i] : '?';
    text[used] = 0;
    fail_later(slot->stage, record(slot->stage, PB_ROW_NOTE, at, role, 0, 0, 0, 0, text, &error), &error);
}

void pb_stage__note(void *user, unsigned channel, pb_instant at, const char *text) {
    struct driver_slot *slot = user;
    enum pb_message_link link = slot->meanings[channel].link;
    struct pb_error error;
    const char *name = link < PB_MESSAGE_LINK_COUNT ? pb_message_roles[link] : "instrument";
    fail_later(slot->stage, record(slot->stage, PB_ROW_NOTE, at, name, 0, 0, 0, 0, text, &error), &error);
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

/* The bench's own count of energy: what has flowed until now. */
static void count_energy(struct cord *cord, pb_instant until) {
    int64_t span_ns = pb_between(cord->energy_at, until).ns;
    if (span_ns <= 0) return;
    cord->energy_wh += (double)cord->stage->bench->measuring.supply_uv / 1e6 * (double)cord->energy_ma / 1e3 *
                       (double)span_ns / 3.6e12;
    if (cord->energy_ma > 0) cord->charging_ns += span_ns;
    cord->energy_at = until;
}

static int64_t energy_wh(const struct cord *cord) {
    double flowing_w = (double)cord->stage->bench->measuring.supply_uv / 1e6 * (double)cord->energy_ma / 1e3;
    return (int64_t)(cord->energy_wh + flowing_w * (double)pb_between(cord->energy_at, cord->stage->now).ns / 3.6e12 +
                     0.5);
}

static void remember_letters(struct cord *cord, const struct pb_event *event) {
    unsigned from = (unsigned char)pb_cp_state_letter((enum pb_cp_state)event->before) & 127;
    unsigned to = (unsigned char)pb_cp_state_letter((enum pb_cp_state)event->value) & 127;
    if (from == to) return;
    if (!cord->has_entered[to]) cord->first_entered[to] = *event;
    cord->left[from] = cord->entered[to] = *event;
    cord->has_left[from] = cord->has_entered[to] = true;
}

PB_HOT static void remember(struct pb_stage *stage, const struct pb_event *event) {
    size_t n = stage->history_count++;
    pb_instant before = n ? stage->history[(n - 1) % HISTORY].reach : PB_INSTANT_ZERO;
    stage->history[n % HISTORY] =
        (struct remembered){*event, pb_later(before, pb_after(event->at, pb_ns(event->u_ns)))};
}

/* Remembers, and writes down, one event that is known now. */
PB_HOT static enum pb_status take(struct pb_stage *stage, struct pb_event *event, struct pb_error *error) {
    struct cord *cord = &stage->cords[event->cord];
    if (event->name != PB_EVENT_CP_STATE) event->before = cord->last_value[event->name];
    cord->last_value[event->name] = event->value;
    if (event->name == PB_EVENT_CURRENT) {
        count_energy(cord, event->at);
        cord->energy_ma = event->value;
    }
    if (event->name == PB_EVENT_ESTOP && event->value == 0) pb_stage_abort(stage, "the emergency stop was pressed");
    remember(stage, event);
    pb_stage__trigger(stage, event);
    enum pb_status status =
        record(stage, PB_ROW_EVENT, event->at, pb_event_record_name((enum pb_event_name)event->name, event->cord),
               event->value, event->before, event->other.ns, event->u_ns,
               event->name == PB_EVENT_CP_STATE ? pb_cp_state_name((enum pb_cp_state)event->value) : "", error);
    if (status != PB_OK || (event->name != PB_EVENT_CP_STATE && event->name != PB_EVENT_ALC)) return status;
    if (event->name == PB_EVENT_CP_STATE) remember_letters(cord, event);
    /* Evidence: the samples of the transition itself, or all since a reading in progress began. */
    int64_t first = pb_sampling_index_at(&cord->sampling, event->at.ns - 1000000);
    int64_t end = pb_sampling_index_at(&cord->sampling, event->other.ns + 2000000);
    return capture_range(cord, first < cord->capture_from ? first : cord->capture_from, end, error);
}

PB_HOT static enum pb_status drain(struct pb_stage *stage, struct pb_error *error) {
    struct pb_event event;
    while (pb_timeline_pop(stage->timeline, &event)) {
        enum pb_status status = take(stage, &event, error);
        if (status != PB_OK) return status;
        if (event.name < PB_EVENT_POLE_0 || event.name >= PB_EVENT_POLE_0 + PB_POLES_MAX) continue;
        struct cord *cord = &stage->cords[event.cord];
        cord->pole_value[event.name - PB_EVENT_POLE_0] = event.value;
        event.name = PB_EVENT_CONTACTOR; /* how many poles conduct */
        event.value = 0;
        for (size_t i = 0; i < cord->poles; i++) event.value += cord->pole_value[i] != 0;
        status = take(stage, &event, error);
        if (status != PB_OK) return status;
    }
    return PB_OK;
}

/* ---- time ---- */

PB_HOT static enum pb_status turn(struct pb_stage *stage, pb_instant until, struct pb_error *error) {
    enum pb_status status = PB_OK;
    pb_guardian_beat(stage->guardian);
    if (stage->setup.turning) status = stage->setup.turning(stage->setup.user, error);
    if (status != PB_OK) return status;
    if (stage->setup.stop && *stage->setup.stop)
        return pb_fail(error, PB_ERR_INTERRUPTED, *stage->setup.stop, "run", "a signal asked it to end");
    if (stage->setup.control) pb_control_poll(stage->setup.control, stage->setup.carry_out, stage->setup.user);
    status = pb_guardian_check(stage->guardian, error);
    if (status != PB_OK) {
        stage->is_guardian_dead = true;
        return status;
    }
    until = pb_earlier(until, pb_stage__next_post(stage));
    status = stage->clock->advance(stage, until, true, error);
    if (pb_is_before(stage->now, until)) stage->woken = stage->now;
    if (status == PB_OK && stage->failure != PB_OK) {
        *error = stage->failure_error;
        status = stage->failure;
    }
    if (status == PB_OK) status = drain(stage, error);
    if (status == PB_OK) status = pb_stage__post_due(stage, error);
    if (status == PB_OK && stage->setup.turned) stage->setup.turned(stage->setup.user);
    return status == PB_OK ? pb_timeline_check_lag(stage->timeline, stage->now, error) : status;
}

/* One turn towards `until`, or a little on where only the sources' completeness is awaited. */
PB_HOT static enum pb_status turn_towards(struct pb_stage *stage, pb_instant until, struct pb_error *error) {
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

/* Of the present cord, or of the station. */
static bool is_of_present(const struct pb_stage *stage, const struct pb_event *event) {
    return !pb_event_is_of_cord((enum pb_event_name)event->name) || event->cord == stage->cord;
}

/* The first event of the case whose first date may be later than `from`: none before it is. */
static size_t first_later(const struct pb_stage *stage, pb_instant from) {
    size_t kept = stage->history_count > HISTORY ? stage->history_count - HISTORY : 0;
    size_t low = stage->case_history > kept ? stage->case_history : kept, high = stage->history_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (pb_is_before(from, stage->history[middle % HISTORY].reach)) high = middle;
        else low = middle + 1;
    }
    return low;
}

PB_HOT static bool find(const struct pb_stage *stage, enum pb_event_name name, uint64_t mask, bool use_other_date,
                        pb_instant from, pb_instant until, size_t *next, struct pb_event *ret_event) {
    if (*next + HISTORY < stage->history_count) *next = stage->history_count - HISTORY;
    for (; *next < stage->history_count; (*next)++) {
        const struct pb_event *event = &stage->history[*next % HISTORY].event;
        pb_instant date = use_other_date ? event->other : event->at;
        if (event->name != name || !is_of_present(stage, event) || !(mask >> (event->value & 63) & 1)) continue;
        if (!pb_is_before(from, pb_after(date, pb_ns(event->u_ns))) || pb_is_before(until, date)) continue;
        *ret_event = *event;
        return true;
    }
    return false;
}

PB_HOT enum pb_status pb_stage_wait(struct pb_stage *stage, enum pb_event_name name, uint64_t mask, bool use_other_date,
                                    pb_instant from, pb_instant until, bool *ret_found, struct pb_event *ret_event,
                                    struct pb_error *error) {
    size_t next = use_other_date ? stage->case_history : first_later(stage, from);
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
        const struct pb_event *event = &stage->history[(n - 1) % HISTORY].event;
        if (event->name != name || !is_of_present(stage, event) || pb_is_before(at, event->at)) continue;
        *ret_event = *event;
        return true;
    }
    return false;
}

bool pb_stage_reduced(const struct pb_stage *stage, unsigned cord, struct pb_event *ret_event) {
    for (size_t n = stage->history_count; n > stage->case_history && n + HISTORY > stage->history_count; n--) {
        const struct pb_event *event = &stage->history[(n - 1) % HISTORY].event;
        if (event->name != PB_EVENT_ALC || event->cord != cord || event->value >= event->before) continue;
        *ret_event = *event;
        return true;
    }
    return false;
}

bool pb_stage_first_entered(const struct pb_stage *stage, char letter, struct pb_event *ret_event) {
    *ret_event = present_of(stage)->first_entered[letter & 127];
    return present_of(stage)->has_entered[letter & 127];
}
bool pb_stage_entered(const struct pb_stage *stage, char letter, struct pb_event *ret_event) {
    *ret_event = present_of(stage)->entered[letter & 127];
    return present_of(stage)->has_entered[letter & 127];
}
bool pb_stage_left(const struct pb_stage *stage, char letter, struct pb_event *ret_event) {
    *ret_event = present_of(stage)->left[letter & 127];
    return present_of(stage)->has_left[letter & 127];
}

pb_instant pb_stage_now(const struct pb_stage *stage) { return stage->now; }
void pb_stage_set_cord(struct pb_stage *stage, unsigned cord) { stage->cord = cord < stage->cord_count ? cord : 0; }
unsigned pb_stage_cord(const struct pb_stage *stage) { return stage->cord; }
size_t pb_stage_poles(const struct pb_stage *stage) { return present_of(stage)->poles; }
int64_t pb_stage_value(const struct pb_stage *stage, enum pb_event_name name) {
    return stage->cords[pb_event_is_of_cord(name) ? stage->cord : 0].last_value[name];
}

void pb_stage_abort(struct pb_stage *stage, const char *why) {
    struct pb_error error;
    fail_later(stage, pb_fail(&error, PB_ERR_INTERRUPTED, 0, "run", "%s", why), &error);
}

static void begin_case(struct cord *cord) {
    memset(cord->has_entered, 0, sizeof cord->has_entered);
    memset(cord->has_left, 0, sizeof cord->has_left);
    cord->energy_wh = 0;
    cord->charging_ns = 0;
    cord->interval_wh = cord->interval_ns = 0;
    cord->energy_at = cord->stage->now;
}

void pb_stage_set_place(struct pb_stage *stage, int32_t case_no, int32_t step_no) {
    if (case_no != stage->case_no) {
        stage->case_history = stage->history_count;
        stage->cord = 0;
        for (unsigned i = 0; i < stage->cord_count; i++) begin_case(&stage->cords[i]);
    }
    stage->case_no = case_no;
    stage->step_no = step_no;
}

/* ---- doing ---- */

/* A bench of hardware that can energise has an emergency stop (bench.c). */
static bool may_energise(const struct pb_stage *stage, size_t instrument) {
    return stage->bench->instruments[instrument].driver->time || stage->cords[0].last_value[PB_EVENT_ESTOP] != 0;
}

/* What the device can hold, next to the value on the side of zero: an emulated vehicle never draws more than it meant to. */
PB_HOT static int64_t on_grid(const struct pb_channel *channel, int64_t value) {
    return channel->grid > 1 ? value - value % channel->grid : value;
}

struct action {
    const char *role, *text;
    const struct pb_channel *channel;
    int64_t value;
};

PB_HOT static enum pb_status record_action(struct pb_stage *stage, const struct action *action,
                                           struct pb_error *error) {
    return record(stage, PB_ROW_ACTION, stage->now, action->role, action->value, action->channel->unit, 0, 0,
                  action->text, error);
}

PB_HOT static enum pb_status set(struct pb_stage *stage, const struct pb_bench_role *bound, int64_t value,
                                 struct pb_error *error) {
    const struct pb_driver *driver = stage->bench->instruments[bound->instrument].driver;
    return driver->out->set(stage->slots[bound->instrument].instrument, bound->channel, value, error);
}

/* What energises is written down first, so that a killed run shows it. */
static enum pb_status energise(struct pb_stage *stage, const struct pb_bench_role *bound, const struct action *action,
                               struct pb_error *error) {
    enum pb_status status = record_action(stage, action, error);
    if (status == PB_OK) status = pb_writer_commit(stage->setup.writer, error);
    return status == PB_OK ? set(stage, bound, action->value, error) : status;
}

/* What does not is done first: nothing stands between an event and the answer to it. */
PB_HOT static enum pb_status put(struct pb_stage *stage, const struct pb_bench_role *bound, const struct action *action,
                                 struct pb_error *error) {
    struct pb_error row_error;
    enum pb_status status = set(stage, bound, action->value, error),
                   recorded = record_action(stage, action, &row_error);
    if (status == PB_OK && recorded != PB_OK) *error = row_error;
    return status == PB_OK ? recorded : status;
}

PB_HOT static enum pb_status write_role(struct pb_stage *stage, const char *role, int64_t value, const char *text,
                                        struct pb_error *error) {
    size_t number = pb_bench_role(stage->bench, role);
    if (number == stage->bench->role_count)
        return pb_fail(error, PB_ERR_NOT_FOUND, 0, stage->bench->name, "the bench has no role %s", role);
    const struct pb_bench_role *bound = &stage->bench->roles[number];
    const struct pb_channel *channel = pb_bench_channel(stage->bench, number);
    value = on_grid(channel, value);
    bool is_live = channel->energises && value != channel->safe;
    stage->clock->tick(stage);
    if (is_live && !may_energise(stage, bound->instrument))
        return pb_fail(error, PB_ERR_INTERRUPTED, 0, role, "not energised: the emergency stop is not seen closed");
    if (channel->is_kept_when_safe) stage->is_moved[number] = value != channel->safe;
    else if (value != channel->safe) stage->is_safe = false;
    const struct action action = {role, text, channel, value};
    return is_live ? energise(stage, bound, &action, error) : put(stage, bound, &action, error);
}

PB_HOT enum pb_status pb_stage_write(struct pb_stage *stage, const char *role, int64_t value, const char *text,
                                     struct pb_error *error) {
    char name[PB_ROLE_NAME_SIZE];
    return write_role(stage, pb_bench_cord_role(stage->cord, role, name), value, text, error);
}

enum pb_status pb_stage_note_standing(struct pb_stage *stage, struct pb_error *error) {
    enum pb_status status = PB_OK;
    for (unsigned i = 0; status == PB_OK && i < stage->cord_count; i++) {
        struct pb_event event = {.at = stage->now,
                                 .other = stage->now,
                                 .value = stage->cords[i].last_value[PB_EVENT_CONTACTOR],
                                 .name = PB_EVENT_CONTACTOR,
                                 .cord = (uint8_t)i};
        status = take(stage, &event, error);
    }
    return status;
}

enum pb_status pb_stage_restore(struct pb_stage *stage, struct pb_error *error) {
    for (size_t i = 0; i < stage->bench->role_count; i++) {
        if (!stage->is_moved[i]) continue;
        enum pb_status status =
            write_role(stage, stage->bench->roles[i].role, pb_bench_channel(stage->bench, i)->safe, "nominal", error);
        if (status != PB_OK) return status;
    }
    return PB_OK;
}

void pb_stage_picture(const struct pb_stage *stage, struct pb_stage_picture *ret_picture) {
    const struct cord *cord = &stage->cords[0];
    *ret_picture = (struct pb_stage_picture){.cp_state = (enum pb_cp_state)cord->last_value[PB_EVENT_CP_STATE],
                                             .cords = stage->cord_count,
                                             .poles = (int64_t)cord->poles,
                                             .poles_closed = cord->last_value[PB_EVENT_CONTACTOR],
                                             .current_ma = cord->last_value[PB_EVENT_CURRENT],
                                             .energy_wh = energy_wh(cord),
                                             .deadline = stage->deadline,
                                             .waiting_for = stage->waiting_for ? stage->waiting_for : "",
                                             .ring = cord->ring,
                                             .ring_mask = RING - 1,
                                             .valid_from = cord->valid_from,
                                             .next_index = cord->next_index,
                                             .sampling = &cord->sampling};
}

bool pb_stage_event(const struct pb_stage *stage, size_t n, struct pb_event *ret_event) {
    if (n >= stage->history_count || n + HISTORY < stage->history_count) return false;
    *ret_event = stage->history[n % HISTORY].event;
    return true;
}

enum pb_status pb_stage__send_bytes(struct pb_stage *stage, const char *role, const void *bytes, size_t size,
                                    struct pb_error *error) {
    size_t number = pb_bench_role(stage->bench, role);
    if (number == stage->bench->role_count)
        return pb_fail(error, PB_ERR_NOT_FOUND, 0, stage->bench->name, "the bench has no role %s", role);
    const struct pb_bench_role *bound = &stage->bench->roles[number];
    return stage->bench->instruments[bound->instrument].driver->bytes->send(stage->slots[bound->instrument].instrument,
                                                                            bound->channel, bytes, size, error);
}

static bool is_up(const struct pb_stage *stage, size_t role) {
    const struct pb_bench_role *bound = &stage->bench->roles[role];
    return stage->bench->instruments[bound->instrument].driver->bytes->is_up(stage->slots[bound->instrument].instrument,
                                                                             bound->channel);
}

/* Its driver bounds how long it may be down. */
static enum pb_status await_link(struct pb_stage *stage, enum pb_message_link link, struct pb_error *error) {
    size_t role = pb_bench_role(stage->bench, pb_message_roles[link]);
    enum pb_status status = PB_OK;
    if (role == stage->bench->role_count) return PB_OK; /* send_bytes() tells it */
    stage->waiting_for = "the link";
    stage->deadline = PB_INSTANT_NEVER;
    while (status == PB_OK && !is_up(stage, role)) status = turn_towards(stage, stage->now, error);
    stage->waiting_for = "";
    return status;
}

enum pb_status pb_stage_await_links(struct pb_stage *stage, struct pb_error *error) {
    enum pb_status status = PB_OK;
    for (int link = 0; status == PB_OK && link < PB_MESSAGE_LINK_COUNT; link++)
        status = await_link(stage, (enum pb_message_link)link, error);
    return status;
}

enum pb_status pb_stage_console(struct pb_stage *stage, enum pb_actor of, const char *line, struct pb_error *error) {
    char text[128];
    bool is_pair = pb_is_pair(stage->setup.dut->actors);
    const char *role = is_pair && of == PB_ACTOR_PEV ? "dut.console.pev" : "dut.console";
    snprintf(text, sizeof text, "%s\n", line);
    stage->clock->tick(stage);
    enum pb_status status = record(stage, PB_ROW_ACTION, stage->now, role, 0, 0, 0, 0, line, error);
    return status == PB_OK ? pb_stage__send_bytes(stage, role, text, strlen(text), error) : status;
}

/* What the placeholders of messages stand for, counted up to now on the present cord. */
static int64_t counted(struct pb_stage *stage, const char *name) {
    struct cord *cord = present(stage);
    count_energy(cord, stage->now);
    int64_t wh = energy_wh(cord), charging_ns = cord->charging_ns, counted;
    if (strcmp(name, "@energy") == 0) return wh;
    if (strcmp(name, "@session") == 0) return stage->case_no;
    if (strcmp(name, "@duration") == 0) return charging_ns / 1000000000;
    if (strcmp(name, "@interval_energy") == 0) {
        counted = wh - cord->interval_wh;
        cord->interval_wh = wh;
    } else {
        counted = (charging_ns - cord->interval_ns) / 1000000000;
        cord->interval_ns = charging_ns;
    }
    return counted;
}

void pb_stage__fill_fields(struct pb_stage *stage, const char *from, char *ret_text, size_t size) {
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
    enum pb_status up = said == PB_SAID_SENT ? await_link(stage, link, error) : PB_OK;
    if (up != PB_OK) return up;
    stage->clock->tick(stage);
    pb_stage__fill_fields(stage, step->says->message.fields, fields, sizeof fields);
    int64_t id = said == PB_SAID_REFERENCE ? 0 : ++stage->ids[link][step->actor];
    struct posted what = {
        .from = step->actor, .to = step->to, .link = link, .case_no = stage->case_no, .step_no = stage->step_no};
    strcpy(what.name, step->says->message.name);
    enum pb_status status = pb_message_write(step->says->message.name, fields, step->says->from, step->says->to, id,
                                             stage->now, text, sizeof text, error);
    if (status != PB_OK) return status;
    if (said != PB_SAID_SENT) return pb_stage__record_as(stage, said, &what, text, error);
    return pb_stage__post(stage, &what, text, strlen(text), error);
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
    struct cord *cord = present(stage);
    if (!cord->has_pilot)
        return pb_fail(error, PB_ERR_UNSUPPORTED, 0, stage->bench->name, "the bench has no channel for role %s",
                       cord->channel);
    int64_t first = pb_sampling_index_at(&cord->sampling, from.ns),
            end = pb_sampling_index_at(&cord->sampling, pb_after(from, span).ns);
    pb_instant until = {pb_sampling_ns_of(&cord->sampling, end)};
    enum pb_status status = stage->bench->instruments[cord->pilot_slot].driver->stream->keep_until(
        stage->slots[cord->pilot_slot].instrument, cord->pilot_channel, until, error);
    cord->capture_from = first;
    while (status == PB_OK && cord->next_index < end) status = turn_towards(stage, until, error);
    cord->capture_from = INT64_MAX;
    if (status == PB_OK && (first < cord->valid_from || cord->next_index - first > RING))
        return pb_fail(error, PB_ERR_OVERRUN, 0, cord->channel,
                       "the samples of a reading were not kept (from %lld, held from %lld)", (long long)first,
                       (long long)cord->valid_from);
    *ret_first = first;
    *ret_end = end;
    return status;
}

enum pb_status pb_stage_capture(struct pb_stage *stage, pb_instant from, pb_span span, int64_t *ret_first,
                                int64_t *ret_count, struct pb_error *error) {
    int64_t first = 0, end = 0;
    enum pb_status status = gather(stage, from, span, &first, &end, error);
    if (status == PB_OK) status = capture_range(present(stage), first, end, error);
    if (status != PB_OK) return status;
    *ret_first = first;
    *ret_count = end - first;
    return PB_OK;
}

enum pb_status pb_stage_measure(struct pb_stage *stage, pb_span span, struct pb_cp_measurement *ret_measurement,
                                struct pb_error *error) {
    struct pb_cp_analyser analyser;
    struct cord *cord = present(stage);
    int64_t first = 0, end = 0;
    stage->clock->tick(stage);
    enum pb_status status = gather(stage, stage->now, span, &first, &end, error);
    if (status != PB_OK) return status;
    pb_cp_analyser_init(&analyser, &(struct pb_cp_analyser_setup){.sampling = cord->sampling});
    while (first < end) { /* in pieces that do not wrap */
        int64_t offset = first & (RING - 1), count = end - first;
        if (count > RING - offset) count = RING - offset;
        pb_cp_analyser_feed(&analyser, cord->ring + offset, (size_t)count);
        first += count;
    }
    pb_cp_analyser_measure(&analyser, ret_measurement);
    return PB_OK;
}

const struct pb_sampling *pb_stage_sampling(const struct pb_stage *stage) {
    const struct cord *cord = &stage->cords[stage->cord];
    return cord->has_pilot ? &cord->sampling : NULL;
}

bool pb_stage_has_scope(const struct pb_stage *stage) { return stage->scope.is_there && stage->cord == 0; }

enum pb_status pb_stage_capture_scope(struct pb_stage *stage, pb_span span, int64_t *ret_first, int64_t *ret_count,
                                      struct pb_error *error) {
    const struct pb_burst_ops *burst = stage->bench->instruments[stage->scope.slot].driver->burst;
    pb_instant until = pb_after(stage->now, span);
    int64_t first = 0, count = 0;
    enum pb_status status = burst->take(stage->slots[stage->scope.slot].instrument, stage->scope.channel, stage->now,
                                        span, &first, &count, error);
    stage->scope.next_index = first;
    while (status == PB_OK && stage->scope.next_index < first + count) status = turn_towards(stage, until, error);
    if (status != PB_OK) return status;
    *ret_first = first;
    *ret_count = count;
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
