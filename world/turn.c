/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run_to() is the whole algorithm; the rest is what happens at one instant. */
#include "world/turn.h"

#include "base/wall.h"
#include "world/log.h"
#include "world/wire_turn.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARGS_MAX 64

static void freeze(struct pb_world *world, unsigned dut) {
    pb_log(world->log_fd, world->now, "slave", "fault %s: %s: %s", pb_status_name(world->fault.status),
           world->fault.where, world->fault.text);
    world->fault_dut = dut;
    world->is_frozen = true;
}

static void wake(struct pb_world *world, unsigned kind) { world->woken |= PBL_WAKE(kind) & world->wake_mask; }

/* --- what the model tells --- */

static void on_event(void *user, const struct pbl_event *event) {
    struct pb_world *world = user;
    pb_links_frame(&world->links, PBL_EVENT, event, sizeof *event, NULL, 0);
    wake(world, event->kind);
}

static void queue_for(struct pb_dut *dut, unsigned cord, struct pbw_record record) {
    record.cord = (uint8_t)(cord - dut->first_cord);
    if (pb_dut_queue(dut, &record) != PB_OK) abort(); /* out of memory: nothing that could be told would be right */
}

/* An EVSE or a vehicle, and of this cord. */
static bool serves(const struct pb_dut *dut, unsigned cord) {
    bool is_on_pilot = dut->actor == PBW_EVSE || dut->actor == PBW_PEV;
    return is_on_pilot && !dut->is_gone && cord >= dut->first_cord && cord - dut->first_cord < dut->cords;
}

/* The model tells both sides of the pilot; each has its own records. */
static bool is_for(const struct pb_dut *dut, const struct pbw_record *record) {
    return dut->actor == (record->type < PBW_EV_PILOT ? PBW_EVSE : PBW_PEV);
}

static void on_input(void *user, unsigned cord, const struct pbw_record *record) {
    struct pb_world *world = user;
    for (unsigned i = 0; i < world->dut_count; i++)
        if (serves(&world->duts[i], cord) && is_for(&world->duts[i], record)) queue_for(&world->duts[i], cord, *record);
}

static void tell_samples(struct pb_world *world, unsigned cord, bool is_scope, int64_t first_index,
                         const int16_t *counts, size_t count) {
    struct pbl_samples samples = {
        .cord = cord, .count = (uint32_t)count, .is_scope = is_scope, .first_index = first_index};
    pb_links_frame(&world->links, PBL_SAMPLES, &samples, sizeof samples, counts, count * sizeof *counts);
}

static void on_samples(void *user, unsigned cord, int64_t first_index, const int16_t *counts, size_t count) {
    tell_samples(user, cord, false, first_index, counts, count);
}

static void on_scope(void *user, unsigned cord, int64_t first_index, const int16_t *counts, size_t count) {
    tell_samples(user, cord, true, first_index, counts, count);
}

/* Between its blocks an oscilloscope sees nothing. */
static void on_scope_idle(void *user, unsigned cord, int64_t to_index) { (void)user, (void)cord, (void)to_index; }

static void on_modelled(void *user, unsigned cord, int64_t to_index) {
    struct pb_world *world = user;
    struct pbl_modelled modelled = {.cord = cord, .to_index = to_index};
    pb_links_frame(&world->links, PBL_MODELLED, &modelled, sizeof modelled, NULL, 0);
}

struct pb_model_sink pb_world_model_sink(struct pb_world *world) {
    return (struct pb_model_sink){.user = world,
                                  .event = on_event,
                                  .input = on_input,
                                  .samples = {.user = world, .samples = on_samples, .modelled = on_modelled},
                                  .scope = {.user = world, .samples = on_scope, .modelled = on_scope_idle}};
}

/* --- DUTs: start, bytes --- */

static void greet(void *user, unsigned cord, const struct pbw_record *record) {
    if (is_for(user, record)) queue_for(user, cord, *record);
}

static bool make_assemblies(struct pb_assembly *assemblies) {
    bool is_made = true;
    for (unsigned i = 0; i < PB_CONSOLES + PB_MESSAGE_LINKS; i++) {
        assemblies[i].bytes = malloc(i < PB_CONSOLES ? PB_CONSOLE_ROOM : PBW_MESSAGE_MAX);
        is_made = is_made && assemblies[i].bytes;
    }
    return is_made;
}

static enum pb_status parse_slave(const struct pb_world *world, const uint8_t *payload, size_t size,
                                  struct pbl_slave *ret_slave, char **ret_argv, struct pb_error *error) {
    if (size < sizeof *ret_slave + 2 || payload[size - 1] != 0)
        return pb_fail(error, PB_ERR_INPUT, 0, "slave", "%zu bytes, expected struct pbl_slave and an argv ended by NUL",
                       size);
    memcpy(ret_slave, payload, sizeof *ret_slave);
    bool has_cord = ret_slave->cord == 255 || ret_slave->cord < world->model.config.cords;
    if (!has_cord)
        return pb_fail(error, PB_ERR_INPUT, 0, "slave", "cord is %u, expected below %" PRIu32 " or 255",
                       ret_slave->cord, world->model.config.cords);
    if (ret_slave->actor < PBW_EVSE || ret_slave->actor > PBW_UTILITY)
        return pb_fail(error, PB_ERR_INPUT, 0, "slave", "actor is %u (%s), expected evse, pev, esci or utility",
                       ret_slave->actor, pb_wire_actor_name(ret_slave->actor));
    if (world->dut_count == PB_DUTS_MAX)
        return pb_fail(error, PB_ERR_INPUT, 0, "slave", "one more than %d slaves", PB_DUTS_MAX);
    unsigned count = 0;
    for (size_t at = sizeof *ret_slave; at < size; at += strlen((const char *)payload + at) + 1) {
        if (count == ARGS_MAX - 1)
            return pb_fail(error, PB_ERR_INPUT, 0, "slave", "more than %d arguments", ARGS_MAX - 1);
        ret_argv[count++] = (char *)(uintptr_t)(payload + at); /* exec does not write to them */
    }
    ret_argv[count] = NULL;
    return PB_OK;
}

enum pb_status pb_world_start_dut(struct pb_world *world, const uint8_t *payload, size_t size, struct pb_error *error) {
    struct pbl_slave slave;
    char *argv[ARGS_MAX];
    enum pb_status status = parse_slave(world, payload, size, &slave, argv, error);
    if (status != PB_OK) return status;
    unsigned number = world->dut_count;
    struct pb_dut *dut = &world->duts[number];
    if (!make_assemblies(world->assemblies[number])) return pb_fail(error, PB_ERR_MEMORY, 0, "slave", "out of memory");
    world->dut_count++;
    status = pb_dut_start(dut, number, &slave, world->model.config.cords, argv, world->log_fd,
                          world->model.config.answer_ms, world->now, &world->fault);
    if (status != PB_OK) {
        freeze(world, number);
        return PB_OK;
    }
    world->links.watched[number] = dut->fd;
    pb_log(world->log_fd, world->now, "slave", "%s started pid=%d %s", dut->who, (int)dut->pid, argv[0]);
    for (unsigned cord = 0; cord < world->model.config.cords; cord++) {
        if (!serves(dut, cord)) continue;
        pb_model_attach(&world->model, world->now, cord, (enum pbw_actor)dut->actor);
        pb_model_greet(&world->model, cord, dut, greet);
    }
    return PB_OK;
}

/* A link is a bus: whatever one slave says on it the others hear, as the bench does. A bit for each link. */
static const uint8_t links_of[] = {
    [PBW_EVSE] = 1 << PBW_LINK_ESCI | 1 << PBW_LINK_UTILITY | 1 << PBW_LINK_HLC,
    [PBW_PEV] = 1 << PBW_LINK_ESCI | 1 << PBW_LINK_UTILITY | 1 << PBW_LINK_HLC,
    [PBW_ESCI] = 1 << PBW_LINK_ESCI | 1 << PBW_LINK_UTILITY,
    [PBW_UTILITY] = 1 << PBW_LINK_UTILITY,
};

static bool hears(const struct pb_dut *dut, unsigned link) {
    return !dut->is_gone && (links_of[dut->actor] >> link & 1) != 0;
}

/* To all slaves on the link but one. Returns a bit for each that hears it. */
static uint8_t give_link(struct pb_world *world, unsigned but, unsigned link, const uint8_t *bytes, size_t size) {
    uint8_t heard = 0;
    for (unsigned i = 0; i < world->dut_count; i++) {
        if (i == but || !hears(&world->duts[i], link)) continue;
        if (pb_dut_queue_bytes(&world->duts[i], PBW_MSG_IN, (uint8_t)link, bytes, size) != PB_OK) abort();
        heard |= (uint8_t)(1u << i);
    }
    return heard;
}

enum pb_status pb_world_give_bytes(struct pb_world *world, uint16_t type, const uint8_t *payload, size_t size,
                                   struct pb_error *error) {
    struct pbl_text text;
    const uint32_t most = 2 * PBW_MESSAGE_MAX; /* the bench says too long a message on purpose */
    if (size <= sizeof text || size - sizeof text > most)
        return pb_fail(error, PB_ERR_INPUT, 0, "text", "%zu bytes, expected struct pbl_text and 1 to %u bytes", size,
                       most);
    memcpy(&text, payload, sizeof text);
    unsigned links = type == PBW_MSG_IN ? PB_MESSAGE_LINKS : PB_CONSOLES;
    bool is_for_all = type == PBW_MSG_IN && text.slave == PBL_ALL;
    if ((text.slave >= world->dut_count && !is_for_all) || text.link >= links)
        return pb_fail(error, PB_ERR_INPUT, 0, "text", "link %u of slave %u, expected below %u and below %u", text.link,
                       text.slave, links, world->dut_count);
    if (is_for_all) {
        (void)give_link(world, PBL_ALL, text.link, payload + sizeof text, size - sizeof text);
        return PB_OK;
    }
    struct pb_dut *dut = &world->duts[text.slave];
    if (dut->is_gone) return PB_OK;
    return pb_dut_queue_bytes(dut, type, text.link, payload + sizeof text, size - sizeof text);
}

static void tell_bytes(struct pb_world *world, unsigned number, bool is_message, uint8_t link,
                       struct pb_assembly *assembly) {
    struct pbl_text text = {.t_ns = world->now.ns, .slave = (uint8_t)number, .link = link};
    if (is_message) text.heard = give_link(world, number, link, assembly->bytes, assembly->size);
    pb_links_frame(&world->links, is_message ? PBL_MESSAGE_SEEN : PBL_SERIAL_SEEN, &text, sizeof text, assembly->bytes,
                   assembly->size);
    assembly->size = 0;
    wake(world, is_message ? PBL_EVENT_MESSAGE : PBL_EVENT_SERIAL);
}

/* A console chunk that outgrows its room is told in pieces; a message must not. */
static enum pb_status take_bytes(struct pb_world *world, unsigned number, const struct pbw_record *record) {
    const struct pbw_bytes *part = &record->u.bytes;
    bool is_message = record->type == PBW_MSG_OUT;
    struct pb_assembly *assembly = &world->assemblies[number][(is_message ? PB_CONSOLES : 0) + part->link];
    size_t room = is_message ? PBW_MESSAGE_MAX : PB_CONSOLE_ROOM;
    if (assembly->size + part->length > room) {
        if (is_message)
            return pb_fail(&world->fault, PB_ERR_PROTOCOL, 0, world->duts[number].who,
                           "a message on link %u is longer than %u bytes", part->link, PBW_MESSAGE_MAX);
        tell_bytes(world, number, is_message, part->link, assembly);
    }
    memcpy(assembly->bytes + assembly->size, part->bytes, part->length);
    assembly->size += part->length;
    if (part->is_last) tell_bytes(world, number, is_message, part->link, assembly);
    return PB_OK;
}

/* --- turns --- */

static void tell_ready(struct pb_world *world, unsigned number) {
    struct pbl_event event = {.t_ns = world->now.ns,
                              .value = 1,
                              .kind = PBL_EVENT_READY,
                              .index = (uint16_t)number,
                              .cord = world->duts[number].first_cord};
    on_event(world, &event);
}

void pb_world_watched(struct pb_world *world, unsigned number) {
    struct pb_dut *dut = &world->duts[number];
    if (dut->is_gone) return;
    struct pb_error error;
    struct pb_error *kept = world->is_frozen ? &error : &world->fault;
    if (pb_dut_out_of_turn(dut, &world->links, kept) != PB_OK && !world->is_frozen) freeze(world, number);
}

static void fail_dut(struct pb_world *world, unsigned number) {
    world->links.watched[number] = -1;
    pb_dut_end(&world->duts[number], &world->links, true);
    freeze(world, number);
}

/* Outputs stay with the DUT (held_at) until their instant comes. A DUT that finds no end at one instant has failed. */
static void take_turn(struct pb_world *world, unsigned number, pb_instant until) {
    struct pb_dut *dut = &world->duts[number];
    bool was_ready = dut->is_ready;
    enum pb_status status = PB_OK;
    if (++world->turns_here > PB_TURNS_AT_AN_INSTANT_MAX)
        status = pb_fail(&world->fault, PB_ERR_PROTOCOL, 0, dut->who,
                         "more than %d turns at the instant %" PRId64 " ns, expected time to go on",
                         PB_TURNS_AT_AN_INSTANT_MAX, world->now.ns);
    if (status == PB_OK) status = pb_dut_turn(dut, &world->links, world->now, until, &world->fault);
    if (status != PB_OK) fail_dut(world, number);
    else if (dut->is_ready && !was_ready) tell_ready(world, number);
}

static void apply_outputs(struct pb_world *world, unsigned number) {
    struct pb_dut *dut = &world->duts[number];
    dut->held_at = PB_INSTANT_NEVER;
    for (size_t i = 0; i < dut->from_count; i++) {
        const struct pbw_record *record = &dut->from[i];
        bool is_bytes = record->type == PBW_SERIAL_OUT || record->type == PBW_MSG_OUT;
        if (!is_bytes) {
            pb_model_drive(&world->model, world->now, dut->first_cord + record->cord, record);
        } else if (take_bytes(world, number, record) != PB_OK) {
            fail_dut(world, number);
            return;
        }
    }
}

static bool is_held(const struct pb_dut *dut) { return dut->held_at.ns != PB_INSTANT_NEVER.ns; }

/* Whether it has something to do at this very instant. */
static bool is_due_now(const struct pb_dut *dut, pb_instant now) {
    if (dut->is_gone || pb_is_before(now, dut->reached)) return false;
    if (is_held(dut)) return dut->held_at.ns <= now.ns;
    return pb_dut_has_input(dut) || (!pb_dut_is_blind(dut) && dut->not_before.ns <= now.ns);
}

/* When it must be looked at again. */
static pb_instant dut_next(const struct pb_world *world, const struct pb_dut *dut) {
    if (dut->is_gone) return PB_INSTANT_NEVER;
    if (is_held(dut)) return dut->held_at;
    if (pb_dut_has_input(dut)) return dut->reached; /* it is ahead: else there would be none left */
    if (!pb_dut_is_blind(dut)) return dut->not_before;
    return pb_after(dut->reached, pb_ns(world->model.config.quantum_ns));
}

static bool is_stopped(const struct pb_world *world) {
    return world->is_running_on ? false : world->is_frozen || world->links.is_bench_gone;
}

/* Everything that happens at now. */
static void settle(struct pb_world *world) {
    pb_model_run(&world->model, world->now);
    for (unsigned quiet = 0, number = 0; quiet < world->dut_count && !is_stopped(world);
         number = (number + 1) % world->dut_count) {
        struct pb_dut *dut = &world->duts[number];
        quiet++;
        if (!is_due_now(dut, world->now)) continue;
        quiet = 0;
        if (is_held(dut)) apply_outputs(world, number);
        else take_turn(world, number, world->now);
        pb_model_run(&world->model, world->now);
    }
}

/* Those that cannot look ahead go first, up to next. Returns where the world may go: next, or their first output. */
static pb_instant run_blind(struct pb_world *world, pb_instant next) {
    for (unsigned number = 0; number < world->dut_count && !is_stopped(world); number++) {
        struct pb_dut *dut = &world->duts[number];
        if (dut->is_gone || is_held(dut) || !pb_dut_is_blind(dut) || dut->reached.ns >= next.ns) continue;
        take_turn(world, number, next);
        next = pb_earlier(next, dut->held_at);
    }
    return next;
}

static pb_instant own_next(const struct pb_world *world) {
    pb_instant next = pb_model_next(&world->model);
    if (!(world->wake_mask & PBL_WAKE(PBL_EVENT_BLOCK))) return next;
    for (unsigned cord = 0; cord < world->model.config.cords; cord++)
        next = pb_earlier(next, pb_sampler_block_end(&world->model.cords[cord].sampler));
    return next;
}

static pb_instant next_stop(const struct pb_world *world, pb_instant until) {
    pb_instant next = pb_earlier(until, own_next(world));
    for (unsigned i = 0; i < world->dut_count; i++) next = pb_earlier(next, dut_next(world, &world->duts[i]));
    return pb_later(next, world->now);
}

static void check_blocks(struct pb_world *world) {
    for (unsigned cord = 0; cord < world->model.config.cords; cord++)
        if (pb_sampler_block_end(&world->model.cords[cord].sampler).ns <= world->now.ns) wake(world, PBL_EVENT_BLOCK);
}

static void run_to(struct pb_world *world, pb_instant until) {
    world->turns_here = 0;
    for (unsigned stops = 0;; stops++) {
        settle(world);
        check_blocks(world);
        if (is_stopped(world) || world->woken || world->now.ns >= until.ns || stops == PB_STOPS_AN_ADVANCE_MAX) return;
        pb_instant next = run_blind(world, next_stop(world, until));
        if (is_stopped(world)) return;
        if (next.ns > world->now.ns) world->turns_here = 0;
        world->now = next;
    }
}

static void tell_fault(struct pb_world *world) {
    struct pbl_fault fault = {
        .t_ns = world->now.ns, .slave = world->fault_dut, .status = (uint32_t)world->fault.status};
    char text[sizeof world->fault.where + sizeof world->fault.text + 2];
    int length = snprintf(text, sizeof text, "%s: %s", world->fault.where, world->fault.text);
    pb_links_frame(&world->links, PBL_FAULT, &fault, sizeof fault, text, (size_t)length);
    world->is_fault_told = true;
}

void pb_world_advance(struct pb_world *world, pb_instant until, uint32_t wake_mask) {
    world->wake_mask = wake_mask;
    world->woken = 0;
    for (unsigned cord = 0; cord < world->model.config.cords; cord++)
        pb_sampler_start_block(&world->model.cords[cord].sampler);
    run_to(world, until);
    for (unsigned cord = 0; cord < world->model.config.cords; cord++)
        pb_model_complete(&world->model, world->now, cord);
    if (world->is_frozen && !world->is_fault_told) tell_fault(world);
    struct pbl_advanced advanced = {world->now.ns};
    pb_links_frame(&world->links, PBL_ADVANCED, &advanced, sizeof advanced, NULL, 0);
    pb_links_flush(&world->links);
}

/* Wakes every so often, so that what the guardian sets is dated to that. */
#define RUN_ON_STEP_MS 10

void pb_world_run_on(struct pb_world *world) {
    struct pb_links *links = &world->links;
    pb_instant wall_start = pb_wall_now(), bench_start = world->now;
    world->is_running_on = true;
    world->wake_mask = world->woken = 0;
    for (;;) {
        pb_instant wall = pb_wall_now();
        if (wall.ns >= links->leave_at.ns) return;
        run_to(world, pb_after(bench_start, pb_between(wall_start, wall)));
        pb_instant next = pb_after(wall_start, pb_between(bench_start, next_stop(world, PB_INSTANT_NEVER)));
        (void)pb_links_wait(links, -1, 0, pb_earlier(next, pb_after(pb_wall_now(), pb_ms(RUN_ON_STEP_MS))));
    }
}

void pb_world_end_duts(struct pb_world *world, bool is_killed) {
    for (unsigned i = 0; i < world->dut_count; i++) pb_dut_end(&world->duts[i], &world->links, is_killed);
    for (unsigned i = 0; i < world->dut_count; i++) {
        pb_dut_finish(&world->duts[i]);
        for (unsigned k = 0; k < PB_CONSOLES + PB_MESSAGE_LINKS; k++) free(world->assemblies[i][k].bytes);
    }
}
