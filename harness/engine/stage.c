/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events as they become known, in order of time; waiting; doing; making safe. */
#include "harness/engine/stage_private.h"

#include <string.h>

/* ---- the record ---- */

PB_HOT enum pb_status pb_stage__record(struct pb_stage *stage, enum pb_row_kind kind, pb_instant at, const char *name,
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

void pb_stage__fail_later(struct pb_stage *stage, enum pb_status status, const struct pb_error *error) {
    if (stage->failure != PB_OK || status == PB_OK) return;
    stage->failure = status;
    stage->failure_error = *error;
}

struct cord *pb_stage__present(struct pb_stage *stage) {
    return &stage->cords[stage->cord];
}
static const struct cord *present_of(const struct pb_stage *stage) { return &stage->cords[stage->cord]; }

/* ---- what is known ---- */

void pb_stage__count_energy(struct cord *cord, pb_instant until) {
    int64_t span_ns = pb_between(cord->energy_at, until).ns;
    if (span_ns <= 0) return;
    cord->energy_wh += (double)cord->stage->bench->measuring.supply_uv / 1e6 * (double)cord->energy_ma / 1e3 *
                       (double)span_ns / 3.6e12;
    if (cord->energy_ma > 0) cord->charging_ns += span_ns;
    cord->energy_at = until;
}

int64_t pb_stage__energy_wh(const struct cord *cord) {
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
        pb_stage__count_energy(cord, event->at);
        cord->energy_ma = event->value;
    }
    if (event->name == PB_EVENT_ESTOP && event->value == 0) pb_stage_abort(stage, "the emergency stop was pressed");
    remember(stage, event);
    pb_stage__trigger(stage, event);
    enum pb_status status = pb_stage__record(
        stage, PB_ROW_EVENT, event->at, pb_event_record_name((enum pb_event_name)event->name, event->cord),
        event->value, event->before, event->other.ns, event->u_ns,
        event->name == PB_EVENT_CP_STATE ? pb_cp_state_name((enum pb_cp_state)event->value) : "", error);
    if (status != PB_OK || (event->name != PB_EVENT_CP_STATE && event->name != PB_EVENT_ALC)) return status;
    if (event->name == PB_EVENT_CP_STATE) remember_letters(cord, event);
    /* Evidence: the samples of the transition itself, or all since a reading in progress began. */
    int64_t first = pb_sampling_index_at(&cord->sampling, event->at.ns - 1000000);
    int64_t end = pb_sampling_index_at(&cord->sampling, event->other.ns + 2000000);
    return pb_stage__keep_samples(cord, first < cord->capture_from ? first : cord->capture_from, end, error);
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
PB_HOT enum pb_status pb_stage__turn_towards(struct pb_stage *stage, pb_instant until, struct pb_error *error) {
    return turn(stage, pb_is_before(stage->now, until) ? until : pb_after(stage->now, pb_ms(1)), error);
}

enum pb_status pb_stage_hold(struct pb_stage *stage, pb_instant until, const char *what, bool (*is_over)(void *user),
                             void *user, struct pb_error *error) {
    stage->deadline = until;
    stage->waiting_for = what;
    enum pb_status status = PB_OK;
    while (status == PB_OK && pb_is_before(stage->now, until) && !is_over(user))
        status = pb_stage__turn_towards(stage, until, error);
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
        enum pb_status status = pb_stage__turn_towards(stage, until, error);
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

PB_HOT static bool find(const struct pb_stage *stage, enum pb_event_name name, pb_values values, bool use_other_date,
                        pb_instant from, pb_instant until, size_t *next, struct pb_event *ret_event) {
    if (*next + HISTORY < stage->history_count) *next = stage->history_count - HISTORY;
    for (; *next < stage->history_count; (*next)++) {
        const struct pb_event *event = &stage->history[*next % HISTORY].event;
        pb_instant date = use_other_date ? event->other : event->at;
        if (event->name != name || !is_of_present(stage, event) || !pb_values_has(values, event->value)) continue;
        if (!pb_is_before(from, pb_after(date, pb_ns(event->u_ns))) || pb_is_before(until, date)) continue;
        *ret_event = *event;
        return true;
    }
    return false;
}

PB_HOT enum pb_status pb_stage_wait(struct pb_stage *stage, enum pb_event_name name, pb_values values,
                                    bool use_other_date, pb_instant from, pb_instant until, bool *ret_found,
                                    struct pb_event *ret_event, struct pb_error *error) {
    size_t next = use_other_date ? stage->case_history : first_later(stage, from);
    stage->deadline = until;
    stage->waiting_for = pb_event_names[name];
    for (;;) {
        bool found = find(stage, name, values, use_other_date, from, until, &next, ret_event);
        if (found || pb_is_before(until, pb_timeline_known(stage->timeline))) {
            *ret_found = found;
            return PB_OK;
        }
        enum pb_status status = pb_stage__turn_towards(stage, until, error);
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
    pb_stage__fail_later(stage, pb_fail(&error, PB_ERR_INTERRUPTED, 0, "run", "%s", why), &error);
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
    return pb_stage__record(stage, PB_ROW_ACTION, stage->now, action->role, action->value, action->channel->unit, 0, 0,
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
                                             .energy_wh = pb_stage__energy_wh(cord),
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

/* ---- safety ---- */

static enum pb_status make_one_safe(struct pb_stage *stage, size_t i, struct pb_error *error) {
    const struct pb_bench_safe *safe = &stage->bench->safe[i];
    const struct pb_bench_instrument *instrument = &stage->bench->instruments[safe->instrument];
    const struct pb_channel *channel = &instrument->channels[safe->channel];
    enum pb_status status = PB_ERR_GONE;
    if (!stage->is_guardian_dead) status = pb_guardian_make_safe(stage->guardian, i, error);
    bool is_set = status == PB_OK;
    if (status != PB_OK) { /* the guardian cannot: do it here */
        enum pb_status own = instrument->driver->out->set(stage->slots[safe->instrument].instrument, safe->channel,
                                                          channel->safe, error);
        is_set = own == PB_OK;
        if (own != PB_OK) status = own;
        else if (stage->is_guardian_dead) status = PB_OK;
    }
    struct pb_error ignored;
    (void)!pb_stage__record(stage, PB_ROW_ACTION, stage->now, channel->role, channel->safe, channel->unit, 0, 0,
                            is_set ? "made safe" : "could not be made safe", &ignored);
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
