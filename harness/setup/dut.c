/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads a DUT statement. */
#include "harness/setup/dut.h"

#include "harness/setup/tables.h"
#include "messages/catalogue.h"

#include <stdio.h>
#include <string.h>

static const char *const actor_names[PB_ACTOR_COUNT] = {"customer", "evse", "pev", "esci", "eumd", "utility"};

const char *pb_actor_name(enum pb_actor actor) { return actor < PB_ACTOR_COUNT ? actor_names[actor] : "?"; }
enum pb_actor pb_actor_find(const char *name) {
    int i = 0;
    while (i < PB_ACTOR_COUNT && strcmp(actor_names[i], name) != 0) i++;
    return (enum pb_actor)i;
}

#define COUNT(table) (sizeof(table) / sizeof *(table))

static const char *const connections[] = {"S1", "S2", "S3", NULL};

const struct pb_param pb_dut_ics_params[] = {
    {.name = "rated_current",
     .type = PB_PARAM_QUANTITY,
     .offset = offsetof(struct pb_dut_ics, rated_current_ma),
     .unit = PB_UNIT_AMPERE,
     .is_required = true,
     .min = "6 A",
     .max = "80 A",
     .text = "the current that the EVSE announces as available (ALC)"},
    {.name = "ventilation",
     .type = PB_PARAM_BOOL,
     .offset = offsetof(struct pb_dut_ics, ventilation),
     .fallback = "false",
     .text = "true: charges vehicles that ask for ventilation (state D)"},
    {.name = "asks_ventilation",
     .type = PB_PARAM_BOOL,
     .offset = offsetof(struct pb_dut_ics, asks_ventilation),
     .fallback = "false",
     .text = "true: a vehicle that asks for ventilation (state D)"},
    {.name = "bcb_toggle",
     .type = PB_PARAM_BOOL,
     .offset = offsetof(struct pb_dut_ics, bcb_toggle),
     .fallback = "false",
     .text = "true: a vehicle that toggles between B and C while it waits for PWM (ISO 15118-3)"},
    {.name = "console_schedule",
     .type = PB_PARAM_BOOL,
     .offset = offsetof(struct pb_dut_ics, console_schedule),
     .fallback = "false",
     .text = "true: a vehicle that waits so many seconds before it charges after a line `start in 120` on its console"},
    {.name = "console_energy",
     .type = PB_PARAM_BOOL,
     .offset = offsetof(struct pb_dut_ics, console_energy),
     .fallback = "false",
     .text =
         "true: a vehicle that answers a line `energy?` on its console by `energy 1234 Wh`: taken since it was plugged in"},
    {.name = "console_stop",
     .type = PB_PARAM_BOOL,
     .offset = offsetof(struct pb_dut_ics, console_stop),
     .fallback = "false",
     .text = "true: a line `stop` on the console stops charging, for good, until `start`"},
    {.name = "evse_messages",
     .type = PB_PARAM_TEXT,
     .offset = offsetof(struct pb_dut_ics, evse_messages),
     .fallback = "all",
     .text = "what the EVSE and its meter say on message links: all, none, or names of messages (docs/messages.md)"},
    {.name = "pev_messages",
     .type = PB_PARAM_TEXT,
     .offset = offsetof(struct pb_dut_ics, pev_messages),
     .fallback = "all",
     .text = "what a vehicle that is the device says on message links: all, none, or names of messages"},
    {.name = "programs",
     .type = PB_PARAM_TEXT,
     .offset = offsetof(struct pb_dut_ics, programs),
     .fallback = "U1",
     .text = "utility programs that a session uses: some of U1 to U5"},
    {.name = "cords",
     .type = PB_PARAM_QUANTITY,
     .offset = offsetof(struct pb_dut_ics, cords),
     .fallback = "1",
     .min = "1",
     .max = "2",
     .text = "cords of the EVSE; with two of them it divides rated_current"},
    {.name = "share",
     .type = PB_PARAM_QUANTITY,
     .offset = offsetof(struct pb_dut_ics, share_ma),
     .unit = PB_UNIT_AMPERE,
     .fallback = "0 A",
     .min = "0 A",
     .max = "80 A",
     .text = "the current that it announces on each of two cords while both are in use; 0 A: half of rated_current"},
    {.name = "connection",
     .type = PB_PARAM_CHOICE,
     .offset = offsetof(struct pb_dut_ics, connection),
     .choices = connections,
     .fallback = "S1",
     .text = "how a session connects: S1 cordset, S2 premise EVSE, S3 premise EVSE with charger"},
    {.name = "own_clock",
     .type = PB_PARAM_BOOL,
     .offset = offsetof(struct pb_dut_ics, own_clock),
     .fallback = "false",
     .text =
         "true: keeps a clock of its own that the bench cannot set; how far each session's schedule is from it stands in the record and in the "
         "reports (see ixit.clock_ahead)"},
    {.name = "binds_first",
     .type = PB_PARAM_BOOL,
     .offset = offsetof(struct pb_dut_ics, binds_first),
     .fallback = "false",
     .text = "true: the vehicle binds before it asks for energy (the order of L2); false: after it (the order of S1)"},
    {.name = "dc_hlc",
     .type = PB_PARAM_BOOL,
     .offset = offsetof(struct pb_dut_ics, dc_hlc),
     .fallback = "false",
     .text = "true: transfers DC by high-level communication, and announces it with 5 % duty"},
    {.name = "portal",
     .type = PB_PARAM_BOOL,
     .offset = offsetof(struct pb_dut_ics, portal),
     .fallback = "true",
     .text = "false: takes no part in the consumer portal's flow at home (Portal), whose case is not run"},
    {.name = "portal_third_party",
     .type = PB_PARAM_BOOL,
     .offset = offsetof(struct pb_dut_ics, portal_third_party),
     .fallback = "true",
     .text = "false: takes no part in the same at a third party's (Portal-third-party), whose case is not run"},
    {.name = "health_check",
     .type = PB_PARAM_BOOL,
     .offset = offsetof(struct pb_dut_ics, health_check),
     .fallback = "true",
     .text = "false: takes no part in the health check of a vehicle (HealthCheck), whose case is not run"},
    {.name = "power_feed",
     .type = PB_PARAM_BOOL,
     .offset = offsetof(struct pb_dut_ics, power_feed),
     .fallback = "true",
     .text =
         "false: takes no part in charging by prices and control from the network (PowerFeed), whose case is not run"},
};
const size_t pb_dut_ics_count = COUNT(pb_dut_ics_params);

const struct pb_param pb_dut_ixit_params[] = {
    {.name = "power_up",
     .type = PB_PARAM_QUANTITY,
     .offset = offsetof(struct pb_dut_ixit, power_up_ns),
     .unit = PB_UNIT_SECOND,
     .fallback = "5 s",
     .min = "1 ms",
     .max = "10 min",
     .text = "longest time from supply on to 12 V on the pilot"},
    {.name = "pwm_start",
     .type = PB_PARAM_QUANTITY,
     .offset = offsetof(struct pb_dut_ixit, pwm_start_ns),
     .unit = PB_UNIT_SECOND,
     .fallback = "10 s",
     .min = "1 ms",
     .max = "1 h",
     .text = "longest time from vehicle connected to PWM on"},
    {.name = "s2_close",
     .type = PB_PARAM_QUANTITY,
     .offset = offsetof(struct pb_dut_ixit, s2_close_ns),
     .unit = PB_UNIT_SECOND,
     .fallback = "10 s",
     .min = "1 ms",
     .max = "1 h",
     .text = "longest time in which a vehicle closes S2: from an offer, or from being told to charge"},
    {.name = "s2_open",
     .type = PB_PARAM_QUANTITY,
     .offset = offsetof(struct pb_dut_ixit, s2_open_ns),
     .unit = PB_UNIT_SECOND,
     .fallback = "10 s",
     .min = "1 ms",
     .max = "1 h",
     .text = "longest time in which a vehicle opens S2 when it is told to stop"},
    {.name = "draw",
     .type = PB_PARAM_QUANTITY,
     .offset = offsetof(struct pb_dut_ixit, draw_ns),
     .unit = PB_UNIT_SECOND,
     .fallback = "10 s",
     .min = "1 ms",
     .max = "1 h",
     .text = "longest time from supply at a vehicle's inlet to current"},
    {.name = "earth_loss",
     .type = PB_PARAM_QUANTITY,
     .offset = offsetof(struct pb_dut_ixit, earth_loss_ns),
     .unit = PB_UNIT_SECOND,
     .fallback = "2 s",
     .min = "1 ms",
     .max = "1 min",
     .text = "longest time from loss of earth to open contacts"},
    {.name = "stop",
     .type = PB_PARAM_QUANTITY,
     .offset = offsetof(struct pb_dut_ixit, stop_ns),
     .unit = PB_UNIT_SECOND,
     .fallback = "10 s",
     .min = "1 ms",
     .max = "1 min",
     .text = "longest time from a stop at the device to open contacts (the vehicle has 6 s to stop drawing)"},
    {.name = "report",
     .type = PB_PARAM_QUANTITY,
     .offset = offsetof(struct pb_dut_ixit, report_ns),
     .unit = PB_UNIT_SECOND,
     .fallback = "10 s",
     .min = "1 ms",
     .max = "1 h",
     .text = "longest time from the end of charging to the device's report of energy"},
    {.name = "set_clock",
     .type = PB_PARAM_TEXT,
     .offset = offsetof(struct pb_dut_ixit, set_clock),
     .fallback = "",
     .text =
         "how the device's clock is set to the schedule's time at each connection: a console line with {time} in it, which becomes HH:MM:SS, or "
         "time_of_day, the message of that name to a gateway or vehicle; empty: there is no way"},
    {.name = "clock_ahead",
     .type = PB_PARAM_QUANTITY,
     .offset = offsetof(struct pb_dut_ixit, clock_ahead_ns),
     .unit = PB_UNIT_SECOND,
     .fallback = "0 s",
     .min = "-24 h",
     .max = "24 h",
     .text =
         "own_clock: how far the device's clock is ahead of UTC; on simulated time of a day that begins with the run"},
};
const size_t pb_dut_ixit_count = COUNT(pb_dut_ixit_params);

struct top {
    int64_t version;
    const struct pb_node *actors, *process, *processes, *ics, *ixit;
    struct pb_dut dut;
};
#define TEXT(name_, member_, required_, text_)                                                                         \
    {                                                                                                                  \
        .name = name_, .type = PB_PARAM_TEXT, .offset = offsetof(struct top, dut.member_), .is_required = required_,   \
        .fallback = "", .text = text_                                                                                  \
    }
#define NODE(name_, member_, kind_, required_, text_)                                                                  \
    {                                                                                                                  \
        .name = name_, .type = PB_PARAM_NODE, .offset = offsetof(struct top, member_), .node_kind = PB_NODE_##kind_,   \
        .is_required = required_, .text = text_                                                                        \
    }
static const struct pb_param top_params[] = {
    {.name = "pilotbench_dut",
     .type = PB_PARAM_QUANTITY,
     .offset = offsetof(struct top, version),
     .is_required = true,
     .min = "1",
     .max = "1",
     .text = "version of this form: 1"},
    TEXT("name", name, true, "how reports call the device"),
    TEXT("maker", maker, false, "manufacturer"),
    TEXT("model", model, false, "type"),
    TEXT("serial", serial, false, "serial number"),
    TEXT("firmware", firmware, false, "firmware version"),
    NODE("actors", actors, LIST, true, "which actors of a use case the device is: evse, pev, esci, eumd, utility"),
    NODE("process", process, LIST, false, "program and arguments, where the device is software on the wire protocol"),
    NODE("processes", processes, LIST, false, "where it is several programs: entries with `actor` and `argv`"),
    NODE("ics", ics, MAP, true, "capabilities"),
    NODE("ixit", ixit, MAP, false, "extra information for testing"),
};

struct entry {
    const char *actor;
    const struct pb_node *argv;
};
static const struct pb_param process_params[] = {
    {.name = "actor",
     .type = PB_PARAM_TEXT,
     .offset = offsetof(struct entry, actor),
     .is_required = true,
     .text =
         "evse, pev, esci or utility; one of the device's actors, each once. The meter (eumd) belongs to the EVSE's"},
    {.name = "argv",
     .type = PB_PARAM_NODE,
     .offset = offsetof(struct entry, argv),
     .node_kind = PB_NODE_LIST,
     .is_required = true,
     .text = "program and arguments"},
};

const struct pb_param_table pb_dut_tables[] = {
    {"The file", "", top_params, COUNT(top_params)},
    {"An entry of `processes`", "In place of `process`, where the device is several programs on one run.",
     process_params, COUNT(process_params)},
    {"`ics`",
     "What the device can do (implementation conformance statement, ISO/IEC 9646). Suites read it as `ics.NAME`; `--set NAME=VALUE` changes "
     "it for one run.",
     pb_dut_ics_params, COUNT(pb_dut_ics_params)},
    {"`ixit`",
     "Extra information for testing. Suites read it as `ixit.NAME`; `--set NAME=VALUE` changes it for one run.",
     pb_dut_ixit_params, COUNT(pb_dut_ixit_params)},
    {NULL, NULL, NULL, 0},
};

static enum pb_status read_actors(struct pb_dut *dut, const struct pb_node *list, struct pb_error *error) {
    for (size_t i = 0; i < pb_node_count(list); i++) {
        const struct pb_node *node = pb_node_at(list, i);
        const char *text = pb_node_text(node);
        enum pb_actor actor = text ? pb_actor_find(text) : PB_ACTOR_COUNT;
        if (actor == PB_ACTOR_COUNT || actor == PB_ACTOR_CUSTOMER)
            return pb_doc_mistake(dut->doc, node, error,
                                  "found actor '%.80s', expected evse, pev, esci, eumd or utility",
                                  text ? text : "(no text)");
        if (dut->actors & PB_ACTOR_BIT(actor))
            return pb_doc_mistake(dut->doc, node, error, "found actor '%s' a second time, expected each once", text);
        dut->actors |= PB_ACTOR_BIT(actor);
    }
    return PB_OK;
}

static enum pb_status add_process(struct pb_dut *dut, enum pb_actor actor, const struct pb_node *list,
                                  struct pb_error *error) {
    size_t count = pb_node_count(list);
    if (!count)
        return pb_doc_mistake(dut->doc, list, error, "found an empty list, expected a program and its arguments");
    if (count > PB_DUT_ARGS_MAX)
        return pb_doc_mistake(dut->doc, list, error, "found more than %d arguments, expected at most that",
                              PB_DUT_ARGS_MAX);
    struct pb_dut_process *process = &dut->processes[dut->process_count++];
    *process = (struct pb_dut_process){.actor = actor, .node = pb_node_at(list, 0)};
    for (size_t i = 0; i < count; i++) {
        const struct pb_node *node = pb_node_at(list, i);
        process->argv[i] = pb_node_text(node);
        if (!process->argv[i])
            return pb_doc_mistake(dut->doc, node, error, "found no single text, expected %s",
                                  i ? "an argument" : "a program");
        if (!process->argv[i][0] && (i == 0 || pb_node_is_plain(node)))
            return pb_doc_mistake(dut->doc, node, error, "found nothing, expected %s", i ? "an argument" : "a program");
    }
    return PB_OK;
}

/* Those that a process can be greeted as, in this order where one process is several. */
static const enum pb_actor process_actors[] = {PB_ACTOR_EVSE, PB_ACTOR_PEV, PB_ACTOR_ESCI, PB_ACTOR_UTILITY};

static enum pb_actor first_actor(unsigned actors) {
    for (size_t i = 0; i < COUNT(process_actors); i++)
        if (actors & PB_ACTOR_BIT(process_actors[i])) return process_actors[i];
    return PB_ACTOR_EVSE;
}

static enum pb_status read_entry(struct pb_dut *dut, const struct pb_node *node, struct pb_error *error) {
    struct entry entry;
    enum pb_status status =
        pb_doc_bind(dut->doc, node, process_params, COUNT(process_params), &entry, sizeof entry, error);
    if (status != PB_OK) return status;
    enum pb_actor actor = pb_actor_find(entry.actor);
    const struct pb_node *place = pb_node_find(node, "actor");
    if (actor == PB_ACTOR_COUNT || first_actor(PB_ACTOR_BIT(actor)) != actor)
        return pb_doc_mistake(dut->doc, place, error,
                              "found a process for '%.80s', expected evse, pev, esci or utility", entry.actor);
    if (!(dut->actors & PB_ACTOR_BIT(actor)))
        return pb_doc_mistake(dut->doc, place, error, "found a process for %s, expected one of the device's actors",
                              entry.actor);
    for (size_t i = 0; i < dut->process_count; i++)
        if (dut->processes[i].actor == actor)
            return pb_doc_mistake(dut->doc, place, error, "found a second process for %s, expected one", entry.actor);
    return add_process(dut, actor, entry.argv, error); /* each actor once: there is room */
}

static enum pb_status read_processes(struct pb_dut *dut, const struct pb_node *process, const struct pb_node *processes,
                                     struct pb_error *error) {
    enum pb_status status = PB_OK;
    if (process && processes)
        return pb_doc_mistake(dut->doc, processes, error, "found both `process` and `processes`, expected one of them");
    if (process) status = add_process(dut, first_actor(dut->actors), process, error);
    if (processes && !pb_node_count(processes))
        return pb_doc_mistake(dut->doc, processes, error, "found an empty list, expected entries with actor and argv");
    for (size_t i = 0; processes && i < pb_node_count(processes) && status == PB_OK; i++)
        status = read_entry(dut, pb_node_at(processes, i), error);
    memcpy(dut->argv, dut->processes[0].argv, sizeof dut->argv);
    return status;
}
_Static_assert(COUNT(process_actors) == PB_DUT_PROCESSES_MAX, "room for one process an actor");

/* "U1 U3": what a session's programs may be. A name that is none would quietly leave its steps out. */
static bool are_programs(const char *text) {
    while (*text) {
        if (text[0] != 'U' || text[1] < '1' || text[1] > '5' || (text[2] && text[2] != ' ')) return false;
        for (text += 2; *text == ' '; text++) {}
    }
    return true;
}

/* "all", "none", or names of messages: one that is none would quietly leave its checks out. Length of the first such word; 0: all are right. */
static int wrong_message(const char *text, const char **ret_word) {
    char word[48];
    if (strcmp(text, "all") == 0 || strcmp(text, "none") == 0) return 0;
    for (text += strspn(text, " "); *text; text += strcspn(text, " "), text += strspn(text, " ")) {
        int length = (int)strcspn(text, " ");
        snprintf(word, sizeof word, "%.*s", length, text);
        *ret_word = text;
        if ((size_t)length >= sizeof word || pb_catalogue_find(word) == pb_catalogue_count) return length;
    }
    return 0;
}
static const char messages_format[] = "found the unknown message '%.*s', expected all, none, or names of messages";

static const struct {
    const char *name;
    size_t offset;
} message_lists[] = {{"evse_messages", offsetof(struct pb_dut_ics, evse_messages)},
                     {"pev_messages", offsetof(struct pb_dut_ics, pev_messages)}};

static enum pb_status check_messages(const struct pb_dut *dut, const struct pb_node *ics, struct pb_error *error) {
    for (size_t i = 0; i < COUNT(message_lists); i++) {
        const char *text = *(const char *const *)((const char *)&dut->ics + message_lists[i].offset);
        const char *word = "";
        int wrong = wrong_message(text, &word);
        if (wrong)
            return pb_doc_mistake(dut->doc, pb_node_find(ics, message_lists[i].name), error, messages_format,
                                  wrong < 60 ? wrong : 60, word);
    }
    return PB_OK;
}

/* Why the clock cannot be set so; NULL: it can. */
static const char *clock_fault(const struct pb_dut *dut) {
    const char *way = dut->ixit.set_clock, *time = strstr(way, "{time}");
    bool hears = (dut->actors & (PB_ACTOR_BIT(PB_ACTOR_ESCI) | PB_ACTOR_BIT(PB_ACTOR_PEV))) != 0 &&
                 !(dut->actors & PB_ACTOR_BIT(PB_ACTOR_UTILITY));
    if (!way[0]) return NULL;
    if (dut->ics.own_clock) return "own_clock beside it, which says that it cannot be set, expected one of the two";
    if (strcmp(way, PB_DUT_CLOCK_MESSAGE) == 0)
        return hears ? NULL
                     : "a device that takes no message from a utility, expected a console line with {time} in it";
    if (!time || strstr(time + 1, "{time}")) return "no single {time}, expected a line with one, or time_of_day";
    return strlen(way) < 80 ? NULL : "a line of 80 bytes or more, expected a shorter one";
}
static const char programs_format[] = "found programs '%.80s', expected some of U1 U2 U3 U4 U5";

enum pb_status pb_dut_bind(struct pb_doc *doc, struct pb_dut *ret_dut, struct pb_error *error) {
    struct top top = {0};
    enum pb_status status = pb_doc_bind(doc, pb_doc_root(doc), top_params, COUNT(top_params), &top, sizeof top, error);
    struct pb_dut *dut = &top.dut;
    dut->doc = doc;
    if (status == PB_OK) status = read_actors(dut, top.actors, error);
    if (status == PB_OK) status = read_processes(dut, top.process, top.processes, error);
    if (status == PB_OK)
        status = pb_doc_bind(doc, top.ics, pb_dut_ics_params, pb_dut_ics_count, &dut->ics, sizeof dut->ics, error);
    if (status == PB_OK && !are_programs(dut->ics.programs))
        status = pb_doc_mistake(doc, pb_node_find(top.ics, "programs"), error, programs_format, dut->ics.programs);
    if (status == PB_OK) status = check_messages(dut, top.ics, error);
    if (status == PB_OK)
        status = top.ixit ? pb_doc_bind(doc, top.ixit, pb_dut_ixit_params, pb_dut_ixit_count, &dut->ixit,
                                        sizeof dut->ixit, error)
                          : pb_params_default(pb_dut_ixit_params, pb_dut_ixit_count, &dut->ixit, error);
    if (status == PB_OK && clock_fault(dut))
        status = pb_doc_mistake(doc, pb_node_find(top.ixit, "set_clock"), error, "found set_clock '%.80s' with %s",
                                dut->ixit.set_clock, clock_fault(dut));
    if (status != PB_OK) {
        pb_doc_destroy(doc);
        return status;
    }
    *ret_dut = *dut;
    return PB_OK;
}

enum pb_status pb_dut_read(const char *path, struct pb_dut *ret_dut, struct pb_error *error) {
    struct pb_doc *doc;
    enum pb_status status = pb_doc_read_file(path, &doc, error);
    return status == PB_OK ? pb_dut_bind(doc, ret_dut, error) : status;
}

void pb_dut_finish(struct pb_dut *dut) {
    pb_doc_destroy(dut->doc);
    *dut = (struct pb_dut){0};
}

static const struct pb_param *find_param(const struct pb_param *params, size_t count, const char *name, size_t length) {
    for (size_t i = 0; i < count; i++)
        if (strlen(params[i].name) == length && strncmp(params[i].name, name, length) == 0) return &params[i];
    return NULL;
}

static enum pb_status refuse_name(const char *where, const char *name, size_t length, struct pb_error *error) {
    char known[200] = "";
    for (size_t i = 0; i < pb_dut_ics_count + pb_dut_ixit_count; i++) {
        const char *one =
            i < pb_dut_ics_count ? pb_dut_ics_params[i].name : pb_dut_ixit_params[i - pb_dut_ics_count].name;
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "", one);
    }
    return pb_fail(error, PB_ERR_INPUT, 0, where, "found the unknown name '%.*s', expected one of: %s",
                   length < 60 ? (int)length : 60, name, known);
}

enum pb_status pb_dut_set(struct pb_dut *dut, const char *assignment, struct pb_error *error) {
    char where[160];
    snprintf(where, sizeof where, "--set %s", assignment);
    const char *equals = strchr(assignment, '=');
    if (!equals) return pb_fail(error, PB_ERR_INPUT, 0, where, "found no '=', expected name=value");
    size_t length = (size_t)(equals - assignment);
    char *target = (char *)&dut->ics;
    const struct pb_param *param = find_param(pb_dut_ics_params, pb_dut_ics_count, assignment, length);
    if (!param) {
        target = (char *)&dut->ixit;
        param = find_param(pb_dut_ixit_params, pb_dut_ixit_count, assignment, length);
    }
    if (!param) return refuse_name(where, assignment, length, error);
    if (strcmp(param->name, "programs") == 0 && !are_programs(equals + 1))
        return pb_fail(error, PB_ERR_INPUT, 0, where, programs_format, equals + 1);
    for (size_t i = 0; i < COUNT(message_lists); i++) {
        const char *word = "";
        int wrong = strcmp(param->name, message_lists[i].name) == 0 ? wrong_message(equals + 1, &word) : 0;
        if (wrong) return pb_fail(error, PB_ERR_INPUT, 0, where, messages_format, wrong < 60 ? wrong : 60, word);
    }
    enum pb_status status = pb_param_parse(param, where, equals + 1, target, error);
    if (status == PB_OK && clock_fault(dut))
        return pb_fail(error, PB_ERR_INPUT, 0, where, "found set_clock '%.80s' with %s", dut->ixit.set_clock,
                       clock_fault(dut));
    return status;
}
