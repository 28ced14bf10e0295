/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads a bench file. Every driven channel of every instrument must stand in `safe`, so that nothing is forgotten by the guardian. */
#include "harness/setup/bench.h"

#include "harness/setup/tables.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SPAN(name_, member_, fallback_, min_, max_, text_)                                                             \
    {                                                                                                                  \
        .name = name_, .type = PB_PARAM_QUANTITY, .offset = offsetof(struct pb_bench_measuring, member_),              \
        .unit = PB_UNIT_SECOND, .fallback = fallback_, .min = min_, .max = max_, .text = text_                         \
    }

#define OTHER(name_, member_, unit_, fallback_, min_, max_, text_)                                                     \
    {                                                                                                                  \
        .name = name_, .type = PB_PARAM_QUANTITY, .offset = offsetof(struct pb_bench_measuring, member_),              \
        .unit = PB_UNIT_##unit_, .fallback = fallback_, .min = min_, .max = max_, .text = text_                        \
    }

static const struct pb_param measuring_params[] = {
    SPAN("settle", settle_ns, "5 ms", "0 s", "1 s", "left out after a change before a level or PWM reading begins"),
    SPAN("window", window_ns, "40 ms", "5 ms", "1 s", "length of a level or PWM reading"),
    SPAN("scope_block", scope_block_ns, "5 ms", "1 ms", "50 ms", "length of an oscilloscope's block"),
    SPAN("think_min", think_min_ns, "200 ms", "0 s", "1 h",
         "shortest pause before an action of a person or the vehicle"),
    SPAN("think_max", think_max_ns, "1200 ms", "0 s", "1 h", "longest such pause"),
    OTHER("charger", charger_ma, AMPERE, "16 A", "1 A", "80 A", "charger size of the emulated vehicle"),
    SPAN("contact_settle", contact_settle_ns, "50 ms", "0 s", "1 s",
         "time in which contacts may bounce after they have closed"),
    OTHER("supply", supply_uv, VOLT, "120 V", "1 V", "1000 V", "nominal supply, for the bench's own count of energy"),
    OTHER("r2", r2_mohm, OHM, "2.74 kohm", "1 kohm", "10 kohm", "calibrated resistance of state B"),
    OTHER("r2_u", u_r2_mohm, OHM, "5.5 ohm", "0 ohm", "1 kohm", "its expanded uncertainty"),
    OTHER("diode", diode_uv, VOLT, "0.7 V", "0.3 V", "1.2 V", "calibrated drop of the vehicle's diode at 3 mA"),
    OTHER("diode_u", u_diode_uv, VOLT, "20 mV", "0 V", "0.5 V", "its expanded uncertainty"),
    OTHER("source", source_mohm, OHM, "1 kohm", "100 ohm", "100 kohm", "calibrated resistance of cp.source"),
    OTHER("source_u", u_source_mohm, OHM, "3 ohm", "0 ohm", "10 kohm", "its expanded uncertainty"),
    OTHER(
        "pilot_capacitance", own_ff, FARAD, "0 F", "0 F", "100 nF",
        "what the bench itself hangs on the pilot (driver stage, divider, cable); 0 F: not stated, and no vehicle's is measured"),
    OTHER("pilot_capacitance_u", u_own_ff, FARAD, "0 F", "0 F", "100 nF", "its expanded uncertainty"),
    OTHER("current_u", u_current_ma, AMPERE, "20 mA", "0 A", "10 A", "expanded uncertainty of current.sense"),
    SPAN("schedule_window", schedule_window_ns, "0 s", "0 s", "100 h",
         "a session's clock times are pressed into so long; 0 s: as they are"),
    SPAN("operator", operator_ns, "0 s", "0 s", "24 h",
         "time that a person gets for what the bench has no instrument for (supply, coupler), on the wall clock; 0 s: "
         "nobody is there"),
    SPAN("hang", hang_ns, "10 s", "1 s", "1 h",
         "silence after which the guardian takes the harness for hung (wall time)"),
};

struct top {
    int64_t version;
    const char *name;
    int clock;
    const struct pb_node *instruments, *roles, *safe, *measuring;
};
static const char *const clocks[] = {"simulated", "wall", NULL};
#define NODE(name_, member_, kind_, required_, text_)                                                                  \
    {                                                                                                                  \
        .name = name_, .type = PB_PARAM_NODE, .offset = offsetof(struct top, member_), .node_kind = PB_NODE_##kind_,   \
        .is_required = required_, .text = text_                                                                        \
    }
static const struct pb_param top_params[] = {
    {.name = "pilotbench_bench",
     .type = PB_PARAM_QUANTITY,
     .offset = offsetof(struct top, version),
     .is_required = true,
     .min = "1",
     .max = "1",
     .text = "version of this form: 1"},
    {.name = "name",
     .type = PB_PARAM_TEXT,
     .offset = offsetof(struct top, name),
     .is_required = true,
     .text = "how reports call the bench"},
    {.name = "clock",
     .type = PB_PARAM_CHOICE,
     .offset = offsetof(struct top, clock),
     .choices = clocks,
     .fallback = "simulated",
     .text = "simulated: as fast as possible; wall: hardware, real message links"},
    NODE("instruments", instruments, MAP, true, "name: {driver: ..., its parameters}"),
    NODE("roles", roles, MAP, false, "role: instrument.channel, where more than one channel could play it"),
    NODE("safe", safe, LIST, true,
         "outputs in the order in which they are made safe: {output: instrument.channel, settle: ...}"),
    NODE("measuring", measuring, MAP, false, "how the bench measures and plays"),
};

struct entry {
    const char *output;
    int64_t settle_ns;
};
static const struct pb_param safe_params[] = {
    {.name = "output",
     .type = PB_PARAM_TEXT,
     .offset = offsetof(struct entry, output),
     .is_required = true,
     .text = "instrument.channel"},
    {.name = "settle",
     .type = PB_PARAM_QUANTITY,
     .offset = offsetof(struct entry, settle_ns),
     .unit = PB_UNIT_SECOND,
     .fallback = "0 s",
     .min = "0 s",
     .max = "10 s",
     .text = "time to wait after it"},
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

const struct pb_param_table pb_bench_tables[] = {
    {"The file", "", top_params, COUNT(top_params)},
    {"`measuring`", "How the bench measures and plays. All of it may be left out.", measuring_params,
     COUNT(measuring_params)},
    {"An entry of `safe`",
     "Every output of every instrument stands here once, in the order in which the guardian makes them safe.",
     safe_params, COUNT(safe_params)},
    {NULL, NULL, NULL, 0},
};

static bool is_in_table(const struct pb_driver *driver, const char *key) {
    for (size_t i = 0; i < driver->param_count; i++)
        if (strcmp(driver->params[i].name, key) == 0) return true;
    return false;
}

/* "world": what stands before the point in "world.cp_sense". */
static bool is_name(const char *text) {
    for (const char *c = text; *c; c++)
        if (!isalnum((unsigned char)*c) && *c != '_' && *c != '-') return false;
    return text[0];
}

static enum pb_status refuse_driver(const struct pb_bench *bench, const struct pb_node *name, struct pb_error *error) {
    char known[160] = "";
    for (size_t k = 0; pb_drivers[k]; k++) {
        if (k) strncat(known, ", ", sizeof known - strlen(known) - 1);
        strncat(known, pb_drivers[k]->name, sizeof known - strlen(known) - 1);
    }
    return pb_doc_mistake(bench->doc, name, error, "found the unknown driver '%.80s', expected one of: %s",
                          pb_node_text(name), known);
}

/* A profile's mistake has a place of its own; what its driver cannot say is told at the instrument's. */
static enum pb_status take_channels(const struct pb_bench *bench, const struct pb_node *node,
                                    struct pb_bench_instrument *instrument, struct pb_error *error) {
    const struct pb_driver *driver = instrument->driver;
    const char *name = pb_doc_name(bench->doc), *slash = strrchr(name, '/');
    char folder[4096] = ".";
    if (slash) snprintf(folder, sizeof folder, "%.*s", slash > name ? (int)(slash - name) : 1, name);
    enum pb_status status = driver->rows ? driver->rows->prepare(instrument->config, folder, error) : PB_OK;
    if (status == PB_ERR_INPUT && !error->where[0]) {
        struct pb_error why = *error;
        return pb_doc_mistake(bench->doc, node, error, "%s", why.text);
    }
    if (status != PB_OK) return status;
    instrument->channels = pb_driver_channels(driver, instrument->config, &instrument->channel_count);
    const char *fault =
        driver->rows ? pb_channels_fault(driver, instrument->channels, instrument->channel_count) : NULL;
    if (!fault) return PB_OK;
    return pb_doc_mistake(bench->doc, node, error, "found %s, expected channels that driver %s can serve", fault,
                          driver->name);
}

/* The driver's own table plus `driver`, which every instrument has. */
static enum pb_status read_instrument(struct pb_bench *bench, const struct pb_node *map, size_t i,
                                      struct pb_error *error) {
    const struct pb_node *node = pb_node_at(map, i);
    struct pb_bench_instrument *instrument = &bench->instruments[i];
    instrument->name = pb_node_key(map, i);
    if (!is_name(instrument->name))
        return pb_doc_mistake(bench->doc, pb_node_key_node(map, i), error,
                              "found the instrument name '%.80s', expected letters, digits, '_' and '-'",
                              instrument->name);
    if (pb_node_kind(node) != PB_NODE_MAP)
        return pb_doc_mistake(bench->doc, node, error, "found no map, expected {driver: ..., ...}");
    const struct pb_node *name = pb_node_find(node, "driver");
    if (!name || !pb_node_text(name))
        return pb_doc_mistake(bench->doc, node, error, "found no driver, expected `driver: NAME`");
    instrument->driver = pb_driver_find(pb_node_text(name));
    if (!instrument->driver) return refuse_driver(bench, name, error);
    size_t count = instrument->driver->param_count + 1, size = instrument->driver->config_size + sizeof(const char *);
    struct pb_param *params = calloc(count, sizeof *params);
    instrument->config = calloc(1, size);
    bench->instrument_count = i + 1; /* from here on pb_bench_finish() frees the config */
    if (!params || !instrument->config) {
        free(params);
        return pb_fail(error, PB_ERR_MEMORY, 0, pb_doc_name(bench->doc), "no memory");
    }
    memcpy(params, instrument->driver->params, (count - 1) * sizeof *params);
    params[count - 1] = (struct pb_param){.name = "driver",
                                          .type = PB_PARAM_TEXT,
                                          .offset = size - sizeof(const char *),
                                          .is_required = true,
                                          .text = "which driver"};
    enum pb_status status =
        is_in_table(instrument->driver, "driver")
            ? pb_fail(error, PB_ERR_ARG, 0, instrument->driver->name, "a driver may not have a parameter called driver")
            : pb_doc_bind(bench->doc, node, params, count, instrument->config, size, error);
    free(params);
    return status == PB_OK ? take_channels(bench, node, instrument, error) : status;
}

static bool has_channel(const struct pb_bench_instrument *instrument, unsigned channel) {
    return !instrument->driver->has_channel || instrument->driver->has_channel(instrument->config, channel);
}

/* "world.cp_sense" -> instrument and channel. */
static enum pb_status find_channel(const struct pb_bench *bench, const struct pb_node *node, const char *text,
                                   size_t *ret_instrument, unsigned *ret_channel, struct pb_error *error) {
    const char *dot = text ? strchr(text, '.') : NULL;
    if (!dot)
        return pb_doc_mistake(bench->doc, node, error, "found '%.80s', expected instrument.channel",
                              text ? text : "no text");
    for (size_t i = 0; i < bench->instrument_count; i++) {
        const struct pb_bench_instrument *instrument = &bench->instruments[i];
        if (strlen(instrument->name) != (size_t)(dot - text) ||
            strncmp(instrument->name, text, (size_t)(dot - text)) != 0)
            continue;
        size_t channel = pb_channel_find(instrument->channels, instrument->channel_count, dot + 1);
        if (channel == instrument->channel_count || !has_channel(instrument, (unsigned)channel))
            return pb_doc_mistake(
                bench->doc, node, error,
                "found the unknown channel '%.80s', expected one of driver %s (pilotbench list --channels shows them)",
                dot + 1, instrument->driver->name);
        *ret_instrument = i;
        *ret_channel = (unsigned)channel;
        return PB_OK;
    }
    int length = dot - text < 80 ? (int)(dot - text) : 80;
    return pb_doc_mistake(bench->doc, node, error, "found the unknown instrument '%.*s', expected one of `instruments`",
                          length, text);
}

static enum pb_status add_role(struct pb_bench *bench, const struct pb_node *node, const char *role, size_t instrument,
                               unsigned channel, struct pb_error *error) {
    if (bench->role_count == PB_ROLES_MAX)
        return pb_doc_mistake(bench->doc, node, error, "found more than %d roles, expected at most that", PB_ROLES_MAX);
    bench->roles[bench->role_count++] = (struct pb_bench_role){role, instrument, channel};
    return PB_OK;
}

static enum pb_status read_roles(struct pb_bench *bench, const struct pb_node *map, struct pb_error *error) {
    for (size_t i = 0; i < pb_node_count(map); i++) {
        const struct pb_node *node = pb_node_at(map, i);
        const char *role = pb_node_key(map, i);
        size_t instrument = 0;
        unsigned channel = 0;
        enum pb_status status = find_channel(bench, node, pb_node_text(node), &instrument, &channel, error);
        if (status != PB_OK) return status;
        const char *offered = bench->instruments[instrument].channels[channel].role;
        if (strcmp(offered, role) != 0)
            return pb_doc_mistake(bench->doc, pb_node_key_node(map, i), error,
                                  "found role '%.60s' for channel %.60s, expected %s, the only role it can play", role,
                                  pb_node_text(node), offered);
        status = add_role(bench, node, role, instrument, channel, error);
        if (status != PB_OK) return status;
    }
    return PB_OK;
}

/* Roles that the file does not name: bound when exactly one channel offers them. */
static enum pb_status bind_rest(struct pb_bench *bench, const struct pb_node *place, struct pb_error *error) {
    for (size_t i = 0; i < bench->instrument_count; i++)
        for (unsigned k = 0; k < bench->instruments[i].channel_count; k++) {
            const char *role = bench->instruments[i].channels[k].role;
            if (pb_bench_role(bench, role) < bench->role_count || !has_channel(&bench->instruments[i], k)) continue;
            for (size_t j = i + 1; j < bench->instrument_count; j++)
                for (size_t m = 0; m < bench->instruments[j].channel_count; m++)
                    if (strcmp(bench->instruments[j].channels[m].role, role) == 0)
                        return pb_doc_mistake(
                            bench->doc, place, error,
                            "found two instruments (%s, %s) that can be role %s, expected `roles` to say which",
                            bench->instruments[i].name, bench->instruments[j].name, role);
            enum pb_status status = add_role(bench, place, role, i, k, error);
            if (status != PB_OK) return status;
        }
    return PB_OK;
}

static bool is_in_safe(const struct pb_bench *bench, size_t instrument, unsigned channel) {
    for (size_t i = 0; i < bench->safe_count; i++)
        if (bench->safe[i].instrument == instrument && bench->safe[i].channel == channel) return true;
    return false;
}

static enum pb_status read_safe(struct pb_bench *bench, const struct pb_node *list, struct pb_error *error) {
    for (size_t i = 0; i < pb_node_count(list); i++) {
        const struct pb_node *node = pb_node_at(list, i);
        struct entry entry = {0};
        struct pb_bench_safe safe = {0};
        enum pb_status status =
            pb_doc_bind(bench->doc, node, safe_params, COUNT(safe_params), &entry, sizeof entry, error);
        if (status == PB_OK)
            status =
                find_channel(bench, pb_node_find(node, "output"), entry.output, &safe.instrument, &safe.channel, error);
        if (status != PB_OK) return status;
        const struct pb_channel *channel = &bench->instruments[safe.instrument].channels[safe.channel];
        if (!(channel->access & PB_ACCESS_DRIVE) || channel->is_kept_when_safe)
            return pb_doc_mistake(bench->doc, node, error, "found %.80s, expected an output that can be made safe",
                                  entry.output);
        if (is_in_safe(bench, safe.instrument, safe.channel))
            return pb_doc_mistake(bench->doc, node, error, "found %.80s a second time, expected every output once",
                                  entry.output);
        if (bench->safe_count == PB_SAFE_MAX)
            return pb_doc_mistake(bench->doc, node, error, "found more than %d outputs, expected at most that",
                                  PB_SAFE_MAX);
        safe.settle = pb_ns(entry.settle_ns);
        bench->safe[bench->safe_count++] = safe;
    }
    for (size_t i = 0; i < bench->instrument_count; i++)
        for (unsigned k = 0; k < bench->instruments[i].channel_count; k++) {
            const struct pb_channel *channel = &bench->instruments[i].channels[k];
            bool is_output = (channel->access & PB_ACCESS_DRIVE) && has_channel(&bench->instruments[i], k);
            if (is_output && !channel->is_kept_when_safe && !is_in_safe(bench, i, k))
                return pb_doc_mistake(bench->doc, list, error,
                                      "found no entry for %s.%s, expected every output in the safe order",
                                      bench->instruments[i].name, channel->name);
        }
    return PB_OK;
}

/* The guardian is no safety function for people. What the world in software energises is in software. */
static enum pb_status refuse_energy(const struct pb_bench *bench, const struct top *top, struct pb_error *error) {
    if (bench->clock == PB_CLOCK_SIMULATED || pb_bench_role(bench, "estop") < bench->role_count) return PB_OK;
    for (size_t i = 0; i < bench->instrument_count; i++)
        for (unsigned k = 0; k < bench->instruments[i].channel_count; k++)
            if (bench->instruments[i].channels[k].energises && !bench->instruments[i].driver->time &&
                has_channel(&bench->instruments[i], k))
                return pb_doc_mistake(bench->doc, pb_node_at(top->instruments, i), error,
                                      "found %s.%s, which can energise, and no role estop, expected an input that says "
                                      "that the emergency stop is closed",
                                      bench->instruments[i].name, bench->instruments[i].channels[k].name);
    return PB_OK;
}

static enum pb_status check_whole(const struct pb_bench *bench, const struct top *top, struct pb_error *error) {
    size_t owners = 0;
    if (bench->measuring.think_max_ns < bench->measuring.think_min_ns) {
        const struct pb_node *place = pb_node_find(top->measuring, "think_max");
        return pb_doc_mistake(bench->doc, place ? place : pb_node_find(top->measuring, "think_min"), error,
                              "found think_max below think_min, expected it to be the longer of the two");
    }
    if (bench->measuring.operator_ns > 0 && bench->clock == PB_CLOCK_SIMULATED)
        return pb_doc_mistake(bench->doc, pb_node_find(top->measuring, "operator"), error,
                              "found an operator on a bench on simulated time, expected none: time would not wait");
    for (size_t i = 0; i < bench->instrument_count; i++) {
        const struct pb_driver *driver = bench->instruments[i].driver;
        owners += driver->time != NULL;
        if (bench->clock == PB_CLOCK_WALL ? !driver->live : !driver->time)
            return pb_doc_mistake(bench->doc, pb_node_key_node(top->instruments, i), error,
                                  "found driver %s, which runs on the %s clock, on a bench whose clock is %s, expected "
                                  "drivers of that clock",
                                  driver->name, clocks[driver->time ? PB_CLOCK_SIMULATED : PB_CLOCK_WALL],
                                  clocks[bench->clock]);
    }
    if (bench->clock == PB_CLOCK_WALL && owners > 1)
        return pb_doc_mistake(bench->doc, top->instruments, error,
                              "found %zu worlds in software, expected at most one (driver virtual)", owners);
    if (bench->clock == PB_CLOCK_SIMULATED && owners != 1)
        return pb_doc_mistake(bench->doc, top->instruments, error,
                              "found %zu instruments that own simulated time, expected one (driver virtual)", owners);
    return refuse_energy(bench, top, error);
}

enum pb_status pb_bench_bind(struct pb_doc *doc, struct pb_bench *ret_bench, struct pb_error *error) {
    struct pb_bench bench = {.doc = doc};
    struct top top = {0};
    enum pb_status status = pb_doc_bind(doc, pb_doc_root(doc), top_params, COUNT(top_params), &top, sizeof top, error);
    if (status == PB_OK) {
        bench.name = top.name;
        bench.clock = top.clock;
        if (top.measuring)
            status = pb_doc_bind(bench.doc, top.measuring, measuring_params, COUNT(measuring_params), &bench.measuring,
                                 sizeof bench.measuring, error);
        else status = pb_params_default(measuring_params, COUNT(measuring_params), &bench.measuring, error);
    }
    for (size_t i = 0; status == PB_OK && i < pb_node_count(top.instruments); i++)
        status = i < PB_INSTRUMENTS_MAX
                     ? read_instrument(&bench, top.instruments, i, error)
                     : pb_doc_mistake(bench.doc, top.instruments, error,
                                      "found more than %d instruments, expected at most that", PB_INSTRUMENTS_MAX);
    if (status == PB_OK && top.roles) status = read_roles(&bench, top.roles, error);
    if (status == PB_OK) status = bind_rest(&bench, top.instruments, error);
    if (status == PB_OK) status = check_whole(&bench, &top, error);
    if (status == PB_OK) status = read_safe(&bench, top.safe, error);
    if (status != PB_OK) {
        pb_bench_finish(&bench);
        return status;
    }
    *ret_bench = bench;
    return PB_OK;
}

enum pb_status pb_bench_read(const char *path, struct pb_bench *ret_bench, struct pb_error *error) {
    struct pb_doc *doc;
    enum pb_status status = pb_doc_read_file(path, &doc, error);
    return status == PB_OK ? pb_bench_bind(doc, ret_bench, error) : status;
}

void pb_bench_finish(struct pb_bench *bench) {
    for (size_t i = 0; i < bench->instrument_count; i++) {
        struct pb_bench_instrument *instrument = &bench->instruments[i];
        if (instrument->config && instrument->driver->rows) instrument->driver->rows->release(instrument->config);
        free(instrument->config);
    }
    pb_doc_destroy(bench->doc);
    *bench = (struct pb_bench){0};
}

PB_HOT size_t pb_bench_role(const struct pb_bench *bench, const char *role) {
    size_t i = 0;
    while (i < bench->role_count && strcmp(bench->roles[i].role, role) != 0) i++;
    return i;
}

PB_HOT const struct pb_channel *pb_bench_channel(const struct pb_bench *bench, size_t role) {
    return &bench->instruments[bench->roles[role].instrument].channels[bench->roles[role].channel];
}

PB_HOT const char *pb_bench_cord_role(unsigned cord, const char *role, char *ret_name) {
    static const char *const shared[] = {"mains.switch",   "pe.break",    "ventilation.block",
                                         "ambient.heater", "dut.console", "dut.console.pev",
                                         "esci",           "utility"};
    if (!cord) return role;
    for (size_t i = 0; i < COUNT(shared); i++)
        if (strcmp(shared[i], role) == 0) return role;
    snprintf(ret_name, PB_ROLE_NAME_SIZE, "cord[%u].%s", cord + 1, role);
    return ret_name;
}
