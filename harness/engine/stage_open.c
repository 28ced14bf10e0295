/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening a bench: what its channels mean, its instruments, the guardian, the DUT's processes. */
#include "base/program.h"
#include "base/wall.h"
#include "harness/engine/stage_private.h"
#include "world/wire/pb_wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
        {"estop", PB_EVENT_ESTOP},
    };
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        if (strcmp(events[i].role, role) == 0) return events[i].event;
    return CHANNEL_NONE;
}

/* "cord[2].cp.sense": the second cord's, and "cp.sense". */
static unsigned cord_of_role(const char *role, const char **ret_of_cord) {
    static const char second[] = "cord[2].";
    bool is_second = strncmp(role, second, sizeof second - 1) == 0;
    *ret_of_cord = is_second ? role + sizeof second - 1 : role;
    return is_second;
}

static void bind_meanings(struct pb_stage *stage) {
    static const char *const channels[PB_BENCH_CORDS_MAX] = {"cp.sense", "cord[2].cp.sense"};
    stage->cord_count = 1;
    for (unsigned i = 0; i < PB_BENCH_CORDS_MAX; i++) {
        stage->cords[i].stage = stage;
        stage->cords[i].number = i;
        stage->cords[i].channel = channels[i];
        stage->cords[i].capture_from = INT64_MAX;
    }
    for (size_t i = 0; i < PB_INSTRUMENTS_MAX; i++) {
        stage->slots[i].stage = stage;
        for (size_t k = 0; k < 64; k++)
            stage->slots[i].meanings[k] = (struct meaning){.event = CHANNEL_NONE, .link = PB_MESSAGE_LINK_COUNT};
    }
    for (size_t r = 0; r < stage->bench->role_count; r++) {
        const struct pb_bench_role *role = &stage->bench->roles[r];
        struct driver_slot *slot = &stage->slots[role->instrument];
        const char *of_cord;
        struct cord *cord = &stage->cords[cord_of_role(role->role, &of_cord)];
        slot->meanings[role->channel].cord = (uint8_t)cord->number;
        slot->meanings[role->channel].event = event_of_role(of_cord);
        if (cord->number >= stage->cord_count) stage->cord_count = cord->number + 1;
        if (strcmp(of_cord, "cp.sense") == 0) {
            slot->meanings[role->channel].is_pilot = true;
            cord->pilot_slot = role->instrument;
            cord->pilot_channel = role->channel;
            cord->has_pilot = true;
            slot->wake_mask |= UINT64_C(1) << role->channel;
        }
        slot->meanings[role->channel].is_pev_console = strcmp(role->role, "dut.console.pev") == 0;
        if (strcmp(role->role, "scope") == 0) {
            slot->meanings[role->channel].is_scope = true;
            stage->scope.slot = role->instrument;
            stage->scope.channel = role->channel;
            stage->scope.is_there = true;
        }
        for (size_t link = 0; link < PB_MESSAGE_LINK_COUNT; link++)
            if (strcmp(role->role, pb_message_roles[link]) == 0)
                slot->meanings[role->channel].link = (enum pb_message_link)link;
        if (slot->meanings[role->channel].link < PB_MESSAGE_LINK_COUNT) slot->wake_mask |= UINT64_C(1) << role->channel;
        cord->poles += strncmp(of_cord, "contactor.sense[", 16) == 0;
        if (strncmp(of_cord, "contactor.sense", 15) == 0) slot->wake_mask |= UINT64_C(1) << role->channel;
    }
}

static pb_span lag_of(const struct pb_stage *stage, const struct pb_driver *driver, struct pb_instrument *instrument) {
    bool is_live = stage->bench->clock == PB_CLOCK_WALL;
    return is_live ? driver->live->lag(instrument) : PB_SPAN_ZERO; /* simulated time waits for its owner */
}

static enum pb_status open_instruments(struct pb_stage *stage, struct pb_error *error) {
    for (size_t i = 0; i < stage->bench->instrument_count; i++) {
        const struct pb_bench_instrument *instrument = &stage->bench->instruments[i];
        struct driver_slot *slot = &stage->slots[i];
        const struct pb_opening opening = {.seed = stage->setup.seed,
                                           .log_path = stage->setup.log_path,
                                           .wall_zero = stage->wall_zero,
                                           .sink = {slot, pb_stage__event, pb_stage__samples, pb_stage__modelled,
                                                    pb_stage__bytes, pb_stage__complete, pb_stage__refused,
                                                    pb_stage__note}};
        enum pb_status status = instrument->driver->core->open(instrument->config, &opening, &slot->instrument, error);
        if (status != PB_OK) return status;
        if (instrument->driver->time) stage->time_slot = i;
        if (instrument->driver->time || instrument->driver->live)
            slot->source = pb_timeline_add_source(stage->timeline, instrument->name,
                                                  lag_of(stage, instrument->driver, slot->instrument));
    }
    return PB_OK;
}

/* A bench without a pilot can run what needs none. */
static enum pb_status start_tracker(struct cord *cord, struct pb_error *error) {
    struct pb_stage *stage = cord->stage;
    if (!cord->has_pilot) return PB_OK;
    const struct pb_driver *driver = stage->bench->instruments[cord->pilot_slot].driver;
    struct pb_instrument *instrument = stage->slots[cord->pilot_slot].instrument;
    const struct pb_sampling *sampling = driver->core->sampling(instrument, cord->pilot_channel);
    if (!sampling)
        return pb_fail(error, PB_ERR_UNSUPPORTED, 0, stage->bench->name,
                       "the channel for role %s is not sampled throughout", cord->channel);
    cord->sampling = *sampling;
    pb_cp_tracker_init(&cord->tracker, &cord->sampling, stage->setup.windows, pb_stage__transition, cord);
    pb_announce_init(&cord->announce, &cord->sampling, stage->setup.law, pb_stage__announced, cord);
    pb_span lag = pb_ns(pb_cp_tracker_lag_ns(&cord->tracker) + 1000000);
    if (stage->cord_count > 1) lag = pb_ns(lag.ns + PB_ANNOUNCE_LAG_NS);
    cord->source_pilot =
        pb_timeline_add_source(stage->timeline, cord->channel, pb_span_sum(lag, lag_of(stage, driver, instrument)));
    return PB_OK;
}

static enum pb_status start_trackers(struct pb_stage *stage, struct pb_error *error) {
    enum pb_status status = PB_OK;
    for (unsigned i = 0; status == PB_OK && i < stage->cord_count; i++) status = start_tracker(&stage->cords[i], error);
    return status;
}

static enum pb_status start_scope(struct pb_stage *stage, struct pb_error *error) {
    if (!stage->scope.is_there) return PB_OK;
    const struct pb_driver *driver = stage->bench->instruments[stage->scope.slot].driver;
    const struct pb_sampling *sampling =
        driver->burst ? driver->core->sampling(stage->slots[stage->scope.slot].instrument, stage->scope.channel) : NULL;
    if (!sampling)
        return pb_fail(error, PB_ERR_UNSUPPORTED, 0, stage->bench->name,
                       "the channel for role scope takes no blocks of samples");
    stage->scope.sampling = *sampling;
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

/* An EVSE that says so of itself; any other process has the first cord. */
static bool serves_all_cords(const struct pb_stage *stage, enum pb_actor actor) {
    bool is_device_s = (stage->setup.dut->actors & PB_ACTOR_BIT(PB_ACTOR_EVSE)) != 0;
    return actor == PB_ACTOR_EVSE && is_device_s && stage->setup.dut->ics.cords > 1;
}

static enum pb_status start_process(struct pb_stage *stage, enum pb_actor actor, const char *const *words,
                                    uint64_t seed, struct pb_error *error) {
    static const uint8_t greetings[PB_ACTOR_COUNT] = {[PB_ACTOR_EVSE] = PBW_EVSE,
                                                      [PB_ACTOR_PEV] = PBW_PEV,
                                                      [PB_ACTOR_ESCI] = PBW_ESCI,
                                                      [PB_ACTOR_UTILITY] = PBW_UTILITY};
    const char *argv[PB_DUT_ARGS_MAX + 1] = {NULL};
    char program[4096];
    for (size_t i = 1; words[i]; i++) argv[i] = words[i];
    pb_program_find(words[0], program, sizeof program);
    argv[0] = program;
    struct pb_slave slave = {
        .actor = greetings[actor], .cord = serves_all_cords(stage, actor) ? PB_EVERY_CORD : 0, .argv = argv};
    return stage->bench->instruments[stage->time_slot].driver->time->start_slave(
        stage->slots[stage->time_slot].instrument, &slave, seed, error);
}

/* Behind a device that speaks in messages alone the bench's own EVSE makes pilot, contacts and energy real. It says nothing on links: what
 * EVSE and meter say is the bench's. */
static enum pb_status start_own_evse(struct pb_stage *stage, struct pb_error *error) {
    const struct pb_dut *dut = stage->setup.dut;
    char amps[24];
    const char *const words[] = {"stub-evse", "--rated-current", amps, NULL};
    if (dut->actors & (PB_ACTOR_BIT(PB_ACTOR_EVSE) | PB_ACTOR_BIT(PB_ACTOR_PEV))) return PB_OK;
    if (pb_bench_role(stage->bench, "cp.source") < stage->bench->role_count) return PB_OK; /* the bench is the EVSE */
    snprintf(amps, sizeof amps, "%lld", (long long)(dut->ics.rated_current_ma / 1000));
    return start_process(stage, PB_ACTOR_EVSE, words, stage->setup.seed, error);
}

static enum pb_status start_dut(struct pb_stage *stage, struct pb_error *error) {
    const struct pb_dut *dut = stage->setup.dut;
    enum pb_status status = PB_OK;
    bool has_world = stage->bench->instruments[stage->time_slot].driver->time != NULL;
    if (!has_world || (!dut->process_count && stage->bench->clock == PB_CLOCK_SIMULATED)) return PB_OK;
    for (size_t i = 0; status == PB_OK && i < dut->process_count; i++)
        status = start_process(stage, dut->processes[i].actor, dut->processes[i].argv, stage->setup.seed + i, error);
    return status == PB_OK ? start_own_evse(stage, error) : status;
}

enum pb_status pb_stage_open(const struct pb_stage_setup *setup, struct pb_stage **ret_stage, struct pb_error *error) {
    struct pb_stage *stage = calloc(1, sizeof *stage);
    if (!stage) return pb_fail(error, PB_ERR_MEMORY, 0, "stage", "no memory");
    stage->setup = *setup;
    stage->bench = setup->bench;
    stage->clock = pb_stage__clock((enum pb_clock_kind)stage->bench->clock);
    if (stage->bench->clock == PB_CLOCK_WALL) stage->wall_zero = pb_wall_now();
    bind_meanings(stage);
    enum pb_status status = pb_timeline_create(WAITING, &stage->timeline, error);
    if (status == PB_OK) status = open_instruments(stage, error);
    if (status == PB_OK) status = start_trackers(stage, error);
    if (status == PB_OK) status = start_scope(stage, error);
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
    pb_stage__drop_messages(stage);
    free(stage);
}
