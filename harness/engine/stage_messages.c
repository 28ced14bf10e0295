/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages and lines to the device: links that must be up, placeholders that stand for what the bench has counted. How they go out, mutated or not, is
 * stage_post.c's. */
#include "harness/engine/stage_private.h"

#include <stdio.h>
#include <string.h>

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
    while (status == PB_OK && !is_up(stage, role)) status = pb_stage__turn_towards(stage, stage->now, error);
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
    enum pb_status status = pb_stage__record(stage, PB_ROW_ACTION, stage->now, role, 0, 0, 0, 0, line, error);
    return status == PB_OK ? pb_stage__send_bytes(stage, role, text, strlen(text), error) : status;
}

/* What the placeholders of messages stand for, counted up to now on the present cord. */
static int64_t counted(struct pb_stage *stage, const char *name) {
    struct cord *cord = pb_stage__present(stage);
    pb_stage__count_energy(cord, stage->now);
    int64_t wh = pb_stage__energy_wh(cord), charging_ns = cord->charging_ns, counted;
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
        enum pb_status status = pb_stage__turn_towards(stage, until, error);
        if (status != PB_OK) return status;
    }
    return PB_OK;
}
