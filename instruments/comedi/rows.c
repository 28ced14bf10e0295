/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables tell what a row of each kind may say; the rest is the same for all. */
#include "instruments/comedi/rows.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define QUANTITY(name_, member_, unit_, fallback_, min_, max_, text_)                                                  \
    {                                                                                                                  \
        .name = name_, .type = PB_PARAM_QUANTITY, .offset = offsetof(struct comedi_row, member_),                      \
        .unit = PB_UNIT_##unit_, .fallback = fallback_, .min = min_, .max = max_, .text = text_                        \
    }
#define NEEDED(name_, type_, member_, min_, max_, text_)                                                               \
    {                                                                                                                  \
        .name = name_, .type = PB_PARAM_##type_, .offset = offsetof(struct comedi_row, member_), .is_required = true,  \
        .min = min_, .max = max_, .text = text_                                                                        \
    }
#define BOOL(name_, member_, text_)                                                                                    \
    {                                                                                                                  \
        .name = name_, .type = PB_PARAM_BOOL, .offset = offsetof(struct comedi_row, member_), .fallback = "false",     \
        .text = text_                                                                                                  \
    }

#define PLACE                                                                                                          \
    NEEDED("name", TEXT, name, NULL, NULL, "the channel's name in bench files"),                                       \
        NEEDED("role", TEXT, role, NULL, NULL, "what it is for: cp.sense, mains.switch, ..."),                         \
        NEEDED("line", QUANTITY, line, "0", "1023", "the board's channel number"),                                     \
        QUANTITY("subdevice", subdevice, NONE, "-1", "-1", "63", "the board's subdevice; -1: the first of the kind")

static const char *const references[] = {"ground", "common", "differential", "other", NULL};
#define ANALOGUE                                                                                                       \
    {.name = "reference",                                                                                              \
     .type = PB_PARAM_CHOICE,                                                                                          \
     .offset = offsetof(struct comedi_row, reference),                                                                 \
     .choices = references,                                                                                            \
     .fallback = "ground",                                                                                             \
     .text = "what the voltage is measured against"},                                                                  \
        QUANTITY("from", from_uv, VOLT, "-10 V", "-2000 V", "2000 V", "lowest voltage that must be within range"),     \
        QUANTITY("to", to_uv, VOLT, "10 V", "-2000 V", "2000 V", "highest voltage that must be within range"),         \
        QUANTITY("low_read", wiring.low_read_uv, VOLT, "0 V", "-2000 V", "2000 V",                                     \
                 "calibration, first point: what the channel says uncalibrated"),                                      \
        QUANTITY("low_true", wiring.low_true_uv, VOLT, "0 V", "-2000 V", "2000 V", "and what the reference said"),     \
        QUANTITY("high_read", wiring.high_read_uv, VOLT, "1 V", "-2000 V", "2000 V", "calibration, second point"),     \
        QUANTITY("high_true", wiring.high_true_uv, VOLT, "1 V", "-2000 V", "2000 V", "and what the reference said"),   \
        QUANTITY("u_level", u_level_uv, VOLT, "20 mV", "0 V", "100 V",                                                 \
                 "expanded uncertainty of a level: calibration, divider, linearity")

#define DIVIDER                                                                                                        \
    QUANTITY("divider_top", wiring.divider_top_mohm, OHM, "0 ohm", "0 ohm", "10 Mohm",                                 \
             "resistor between signal and input"),                                                                     \
        QUANTITY("divider_bottom", wiring.divider_bottom_mohm, OHM, "1 ohm", "1 ohm", "10 Mohm",                       \
                 "resistor between input and ground, the input's own beside it")

static const struct pb_param stream_in_params[] = {
    PLACE,
    ANALOGUE,
    DIVIDER,
    QUANTITY(
        "front_rise", front_rise_ns, SECOND, "0 s", "0 s", "1 ms",
        "10 to 90 % rise time of divider, cable and input together, as calibrated; 0 s: not known, so that no edge is timed"),
};
static const struct pb_param analogue_in_params[] = {
    PLACE,
    ANALOGUE,
    DIVIDER,
    QUANTITY("change", change_uv, VOLT, "10 mV", "0 V", "2000 V", "smaller changes are not told"),
};
static const struct pb_param analogue_out_params[] = {
    PLACE,
    ANALOGUE,
    QUANTITY("safe", safe, VOLT, "0 V", "-2000 V", "2000 V", "harmless value"),
    BOOL("energises", energises, "a value other than safe may energise something"),
};
static const struct pb_param digital_in_params[] = {
    PLACE,
    BOOL("inverted", is_inverted, "the line is low when what it senses is on"),
};
static const struct pb_param digital_out_params[] = {
    PLACE,
    BOOL("inverted", is_inverted, "the line is low when what it drives is on"),
    QUANTITY("safe", safe, NONE, "0", "0", "1", "harmless value"),
    BOOL("energises", energises, "a value other than safe may energise something"),
};

static const struct pb_param pulse_duty_params[] = {
    PLACE,
    QUANTITY("frequency", frequency_uhz, HERTZ, "1 kHz", "1 Hz", "1 MHz", "frequency of the pulses"),
    QUANTITY("safe", safe, PERCENT, "0 %", "0 %", "100 %", "harmless duty"),
    BOOL("energises", energises, "a duty other than safe may energise something"),
};
static const struct pb_param pulse_frequency_params[] = {PLACE};

struct file {
    int64_t version;
    const struct pb_node *lists[COMEDI_KINDS];
};

#define LIST(name_, kind_, text_)                                                                                      \
    {                                                                                                                  \
        .name = name_, .type = PB_PARAM_NODE, .node_kind = PB_NODE_LIST,                                               \
        .offset = offsetof(struct file, lists) + (kind_) * sizeof(const struct pb_node *), .text = text_               \
    }
static const struct pb_param file_params[] = {
    {.name = "pilotbench_comedi",
     .type = PB_PARAM_QUANTITY,
     .offset = offsetof(struct file, version),
     .is_required = true,
     .min = "1",
     .max = "1",
     .text = "version of this form: 1"},
    LIST("stream_in", COMEDI_STREAM_IN, "analogue inputs, sampled throughout"),
    LIST("analogue_in", COMEDI_ANALOGUE_IN, "analogue inputs, read at the bench file's `look` period"),
    LIST("analogue_out", COMEDI_ANALOGUE_OUT, "analogue outputs"),
    LIST("digital_in", COMEDI_DIGITAL_IN, "digital inputs, read at the bench file's `look` period"),
    LIST("digital_out", COMEDI_DIGITAL_OUT, "digital outputs"),
    LIST("pulse_duty", COMEDI_PULSE_DUTY, "counters that make pulses: how much of a period is high"),
    LIST("pulse_frequency", COMEDI_PULSE_FREQUENCY, "counters of pulse_duty whose frequency can be set too"),
};

static const struct {
    const struct pb_param *params;
    size_t count;
    unsigned access;
    enum pb_unit unit;
} kinds[COMEDI_KINDS] = {
    [COMEDI_STREAM_IN] = {stream_in_params, COUNT(stream_in_params), PB_ACCESS_STREAM, PB_UNIT_VOLT},
    [COMEDI_ANALOGUE_IN] = {analogue_in_params, COUNT(analogue_in_params), PB_ACCESS_EVENTS, PB_UNIT_VOLT},
    [COMEDI_ANALOGUE_OUT] = {analogue_out_params, COUNT(analogue_out_params), PB_ACCESS_DRIVE, PB_UNIT_VOLT},
    [COMEDI_DIGITAL_IN] = {digital_in_params, COUNT(digital_in_params), PB_ACCESS_EVENTS, PB_UNIT_NONE},
    [COMEDI_DIGITAL_OUT] = {digital_out_params, COUNT(digital_out_params), PB_ACCESS_DRIVE, PB_UNIT_NONE},
    [COMEDI_PULSE_DUTY] = {pulse_duty_params, COUNT(pulse_duty_params), PB_ACCESS_DRIVE, PB_UNIT_PERCENT},
    [COMEDI_PULSE_FREQUENCY] = {pulse_frequency_params, COUNT(pulse_frequency_params), PB_ACCESS_DRIVE, PB_UNIT_HERTZ},
};

static bool is_analogue(enum comedi_kind kind) { return kinds[kind].unit == PB_UNIT_VOLT; }

/* What a driven channel takes, in steps of its unit. */
static void limits_of(const struct comedi_row *row, int64_t *ret_min, int64_t *ret_max) {
    const struct {
        int64_t min, max;
    } limits[COMEDI_KINDS] = {[COMEDI_ANALOGUE_OUT] = {row->from_uv, row->to_uv},
                              [COMEDI_DIGITAL_OUT] = {0, 1},
                              [COMEDI_PULSE_DUTY] = {0, 1000000},
                              [COMEDI_PULSE_FREQUENCY] = {1000000, 1000000000000}};
    *ret_min = limits[row->kind].min;
    *ret_max = limits[row->kind].max;
}

/* Has the channel named before, or the same line of the same subdevice. */
static const struct comedi_row *same_as(const struct comedi_rows *rows, const struct comedi_row *row) {
    for (size_t i = 0; i < rows->count; i++) {
        const struct comedi_row *other = &rows->rows[i];
        bool is_same_line = other->kind == row->kind && other->line == row->line && other->subdevice == row->subdevice;
        if (strcmp(other->name, row->name) == 0 || is_same_line) return other;
    }
    return NULL;
}

static enum pb_status check_row(const struct comedi_rows *rows, const struct pb_node *node,
                                const struct comedi_row *row, struct pb_error *error) {
    int64_t min, max;
    const struct comedi_row *same = same_as(rows, row);
    if (!row->name[0] || !row->role[0])
        return pb_doc_mistake(rows->doc, node, error, "found an empty name or role, expected some text");
    if (same)
        return pb_doc_mistake(rows->doc, node, error,
                              "found the name or line of %.60s again, expected every name and line once", same->name);
    if (is_analogue(row->kind) && row->from_uv >= row->to_uv)
        return pb_doc_mistake(rows->doc, node, error, "found `from` not below `to`, expected a range");
    if (is_analogue(row->kind) &&
        (row->wiring.low_read_uv == row->wiring.high_read_uv || row->wiring.low_true_uv == row->wiring.high_true_uv))
        return pb_doc_mistake(rows->doc, node, error,
                              "found a calibration with two equal points, expected two different ones");
    limits_of(row, &min, &max);
    if (kinds[row->kind].access == PB_ACCESS_DRIVE && (row->safe < min || row->safe > max))
        return pb_doc_mistake(rows->doc, node, error, "found a safe value outside `from` to `to`, expected it inside");
    if (rows->count == COMEDI_ROWS_MAX)
        return pb_doc_mistake(rows->doc, node, error, "found more than %d channels, expected at most that",
                              COMEDI_ROWS_MAX);
    return PB_OK;
}

/* A frequency belongs to a duty's line, and rests where that says. */
static bool find_duty(const struct comedi_rows *rows, struct comedi_row *row) {
    if (row->kind != COMEDI_PULSE_FREQUENCY) return true;
    for (size_t i = 0; i < rows->count; i++) {
        const struct comedi_row *duty = &rows->rows[i];
        if (duty->kind != COMEDI_PULSE_DUTY || duty->line != row->line || duty->subdevice != row->subdevice) continue;
        row->safe = row->frequency_uhz = duty->frequency_uhz;
        return true;
    }
    return false;
}

static void add_row(struct comedi_rows *rows, const struct comedi_row *row) {
    struct pb_channel channel = {.name = row->name,
                                 .role = row->role,
                                 .access = kinds[row->kind].access,
                                 .unit = kinds[row->kind].unit,
                                 .is_kept_when_safe = row->kind == COMEDI_PULSE_FREQUENCY,
                                 .energises = row->energises};
    if (channel.access == PB_ACCESS_DRIVE) {
        limits_of(row, &channel.min, &channel.max);
        channel.safe = row->safe;
    }
    rows->channels[rows->count] = channel;
    rows->rows[rows->count++] = *row;
}

static enum pb_status read_list(struct comedi_rows *rows, const struct pb_node *list, enum comedi_kind kind,
                                struct pb_error *error) {
    for (size_t i = 0; i < pb_node_count(list); i++) {
        const struct pb_node *node = pb_node_at(list, i);
        struct comedi_row row = {.wiring = {.divider_bottom_mohm = 1}};
        enum pb_status status =
            pb_doc_bind(rows->doc, node, kinds[kind].params, kinds[kind].count, &row, sizeof row, error);
        row.kind = kind;
        if (status == PB_OK && !find_duty(rows, &row))
            status = pb_doc_mistake(rows->doc, node, error,
                                    "found a frequency without a duty of the same line in pulse_duty, expected both");
        if (status == PB_OK) status = check_row(rows, node, &row, error);
        if (status != PB_OK) return status;
        add_row(rows, &row);
    }
    return PB_OK;
}

enum pb_status comedi_rows_bind(struct pb_doc *doc, struct comedi_rows **ret_rows, struct pb_error *error) {
    struct file file = {0};
    struct comedi_rows *rows = calloc(1, sizeof *rows);
    if (!rows) {
        pb_doc_destroy(doc);
        return pb_fail(error, PB_ERR_MEMORY, 0, "driver comedi", "no memory");
    }
    rows->doc = doc;
    enum pb_status status =
        pb_doc_bind(doc, pb_doc_root(doc), file_params, COUNT(file_params), &file, sizeof file, error);
    for (int kind = 0; status == PB_OK && kind < COMEDI_KINDS; kind++)
        if (file.lists[kind]) status = read_list(rows, file.lists[kind], (enum comedi_kind)kind, error);
    if (status == PB_OK && rows->count == 0)
        status = pb_doc_mistake(doc, pb_doc_root(doc), error, "found no channel, expected at least one");
    if (status != PB_OK) {
        comedi_rows_destroy(rows);
        return status;
    }
    *ret_rows = rows;
    return PB_OK;
}

enum pb_status comedi_rows_read(const char *path, struct comedi_rows **ret_rows, struct pb_error *error) {
    struct pb_doc *doc;
    enum pb_status status = pb_doc_read_file(path, &doc, error);
    return status == PB_OK ? comedi_rows_bind(doc, ret_rows, error) : status;
}

void comedi_rows_destroy(struct comedi_rows *rows) {
    if (!rows) return;
    pb_doc_destroy(rows->doc);
    free(rows);
}
