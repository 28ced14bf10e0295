/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "instruments/comedi/board.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { LINES_A_WORD = 32 };

static const struct {
    const char *name;
    int types[3]; /* ended by 0, COMEDI_SUBD_UNUSED */
} wanted[COMEDI_KINDS] = {
    [COMEDI_STREAM_IN] = {"an analogue input", {COMEDI_SUBD_AI}},
    [COMEDI_ANALOGUE_IN] = {"an analogue input", {COMEDI_SUBD_AI}},
    [COMEDI_ANALOGUE_OUT] = {"an analogue output", {COMEDI_SUBD_AO}},
    [COMEDI_DIGITAL_IN] = {"a digital input", {COMEDI_SUBD_DI, COMEDI_SUBD_DIO}},
    [COMEDI_DIGITAL_OUT] = {"a digital output", {COMEDI_SUBD_DO, COMEDI_SUBD_DIO}},
    [COMEDI_PULSE_DUTY] = {"a counter or PWM", {COMEDI_SUBD_COUNTER, COMEDI_SUBD_PWM}},
    [COMEDI_PULSE_FREQUENCY] = {"a counter or PWM", {COMEDI_SUBD_COUNTER, COMEDI_SUBD_PWM}},
};

static const struct {
    int number;
    enum pb_status status;
} meanings[] = {
    {EBUSY, PB_ERR_BUSY},    {EACCES, PB_ERR_BUSY},        {EPIPE, PB_ERR_OVERRUN},
    {ENODEV, PB_ERR_GONE},   {ENXIO, PB_ERR_GONE},         {EIO, PB_ERR_GONE},
    {ENOMEM, PB_ERR_MEMORY}, {EINVAL, PB_ERR_UNSUPPORTED}, {ETIMEDOUT, PB_ERR_TIMEOUT},
};

/* ---- opening and errors ---- */

enum pb_status comedi_board_open(const char *path, struct comedi_board *ret_board, struct pb_error *error) {
    struct comedi_board board = {0};
    snprintf(board.where, sizeof board.where, "instrument comedi %s", path);
    comedi_loglevel(0);
    comedi_set_global_oor_behavior(COMEDI_OOR_NUMBER);
    errno = 0;
    board.device = comedi_open(path);
    if (!board.device) {
        int number = errno;
        enum pb_status status = number == ENOENT || number == ENODEV || number == ENXIO ? PB_ERR_NOT_FOUND : PB_ERR_IO;
        return pb_fail(error, status, number, board.where, "cannot be opened (%s)%s", strerror(number),
                       number == EACCES ? "; who may use it is in the group of the file" : "");
    }
    *ret_board = board;
    return PB_OK;
}

void comedi_board_close(struct comedi_board *board) {
    if (board->device) comedi_close(board->device);
    board->device = NULL;
}

enum pb_status comedi_board_fail(const struct comedi_board *board, struct pb_error *error, const char *doing) {
    int number = errno;
    enum pb_status status = PB_ERR_IO;
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (meanings[i].number == number) status = meanings[i].status;
    return pb_fail(error, status, number, board->where, "%s failed (%s)", doing,
                   number ? strerror(number) : "libcomedi gives no reason");
}

enum pb_status comedi_board_ns(const struct comedi_board *board, pb_span span, unsigned *ret_ns,
                               struct pb_error *error) {
    if (span.ns <= 0 || span.ns > UINT_MAX)
        return pb_fail(error, PB_ERR_RANGE, 0, board->where, "found a time of %lld ns, expected 1 ns to 4.294967295 s",
                       (long long)span.ns);
    *ret_ns = (unsigned)span.ns;
    return PB_OK;
}

/* ---- what the board has ---- */

static bool is_kind(enum comedi_kind kind, int type) {
    for (const int *known = wanted[kind].types; *known; known++)
        if (*known == type) return true;
    return false;
}

static enum pb_status find_subdevice(const struct comedi_board *board, const struct comedi_row *row,
                                     struct comedi_line *line, struct pb_error *error) {
    int count = comedi_get_n_subdevices(board->device);
    int first = row->subdevice < 0 ? 0 : (int)row->subdevice;
    int end = row->subdevice < 0 || row->subdevice >= count ? count : first + 1;
    for (int i = first; i < end; i++) {
        line->type = comedi_get_subdevice_type(board->device, (unsigned)i);
        if (!is_kind(row->kind, line->type)) continue;
        line->subdevice = (unsigned)i;
        return PB_OK;
    }
    if (row->subdevice < 0)
        return pb_fail(error, PB_ERR_UNSUPPORTED, 0, board->where, "%s: the board has no subdevice that is %s",
                       row->name, wanted[row->kind].name);
    return pb_fail(error, PB_ERR_UNSUPPORTED, 0, board->where, "%s: subdevice %d of %d is not %s", row->name, first,
                   count, wanted[row->kind].name);
}

/* libcomedi's ranges are multiples of 1 uV, told as doubles. */
static int64_t micro(double volts) { return (int64_t)(volts * 1e6 + (volts < 0 ? -0.5 : 0.5)); }

/* Within 1 % of the range: a calibration moves its ends a little. */
static bool holds(const struct comedi_scale *scale, const struct comedi_row *row) {
    int64_t a = comedi_scale_uv(scale, 0), b = comedi_scale_uv(scale, scale->maxdata);
    int64_t low = a < b ? a : b, high = a < b ? b : a, margin = (high - low) / 100;
    return low - margin <= row->from_uv && high + margin >= row->to_uv;
}

/* The narrowest that holds what is asked for at the far end of the wiring. */
static enum pb_status find_range(const struct comedi_board *board, const struct comedi_row *row,
                                 struct comedi_line *line, struct pb_error *error) {
    char offered[160] = "";
    bool is_found = false;
    int count = comedi_get_n_ranges(board->device, line->subdevice, line->line);
    for (int i = 0; i < count; i++) {
        const comedi_range *range = comedi_get_range(board->device, line->subdevice, line->line, (unsigned)i);
        if (!range || range->unit != UNIT_volt) continue;
        struct comedi_range_uv range_uv = {micro(range->min), micro(range->max)};
        struct comedi_scale scale;
        size_t used = strlen(offered);
        snprintf(offered + used, sizeof offered - used, "%s%g to %g V", used ? ", " : "", range->min, range->max);
        if (!comedi_scale_make(&row->wiring, &range_uv, line->maxdata, &scale) || !holds(&scale, row)) continue;
        if (is_found && range_uv.max_uv - range_uv.min_uv >= line->range_uv.max_uv - line->range_uv.min_uv) continue;
        is_found = true;
        line->range = (unsigned)i;
        line->range_uv = range_uv;
        line->scale = scale;
    }
    if (is_found) return PB_OK;
    return pb_fail(error, PB_ERR_UNSUPPORTED, 0, board->where,
                   "%s: no range of the board holds %lld to %lld mV; it has %s (before divider and calibration)",
                   row->name, (long long)(row->from_uv / 1000), (long long)(row->to_uv / 1000),
                   offered[0] ? offered : "none in volts");
}

enum pb_status comedi_board_find(const struct comedi_board *board, const struct comedi_row *row,
                                 struct comedi_line *ret_line, struct pb_error *error) {
    struct comedi_line line = {.line = (unsigned)row->line, .reference = (unsigned)row->reference};
    enum pb_status status = find_subdevice(board, row, &line, error);
    if (status != PB_OK) return status;
    int count = comedi_get_n_channels(board->device, line.subdevice);
    if (count < 0 || line.line >= (unsigned)count)
        return pb_fail(error, PB_ERR_UNSUPPORTED, 0, board->where, "%s: found line %u, expected one below %d",
                       row->name, line.line, count);
    line.maxdata = comedi_get_maxdata(board->device, line.subdevice, line.line);
    if (line.maxdata == 0) return comedi_board_fail(board, error, "asking for the greatest code");
    if (row->kind <= COMEDI_ANALOGUE_OUT) status = find_range(board, row, &line, error);
    if (status == PB_OK) *ret_line = line;
    return status;
}

enum pb_status comedi_board_lock(const struct comedi_board *board, unsigned subdevice, struct pb_error *error) {
    if (comedi_lock(board->device, subdevice) >= 0) return PB_OK;
    char doing[48];
    snprintf(doing, sizeof doing, "locking subdevice %u", subdevice);
    return comedi_board_fail(board, error, doing);
}

/* ---- single values ---- */

enum pb_status comedi_board_read(const struct comedi_board *board, const struct comedi_line *line, uint32_t *ret_code,
                                 struct pb_error *error) {
    lsampl_t code;
    if (comedi_data_read(board->device, line->subdevice, line->line, line->range, line->reference, &code) != 1)
        return comedi_board_fail(board, error, "reading a value");
    *ret_code = code;
    return PB_OK;
}

bool comedi_command_make(const struct comedi_row *row, const struct comedi_line *line, int64_t value,
                         struct comedi_command *ret_command) {
    uint32_t code;
    if (row->kind == COMEDI_ANALOGUE_OUT) {
        if (value < row->from_uv || value > row->to_uv || !comedi_scale_code(&line->scale, value, &code)) return false;
        *ret_command = (struct comedi_command){.insn = INSN_WRITE,
                                               .subdevice = line->subdevice,
                                               .chanspec = CR_PACK(line->line, line->range, line->reference),
                                               .n = 1,
                                               .data = {code}};
        return true;
    }
    if (row->kind != COMEDI_DIGITAL_OUT || value < 0 || value > 1) return false;
    unsigned base = line->line / LINES_A_WORD * LINES_A_WORD, bit = 1U << line->line % LINES_A_WORD;
    *ret_command = (struct comedi_command){.insn = INSN_BITS,
                                           .subdevice = line->subdevice,
                                           .chanspec = CR_PACK(base, 0, 0),
                                           .n = 2,
                                           .data = {bit, (value == 1) != row->is_inverted ? bit : 0}};
    return true;
}

struct comedi_command comedi_pulses_command(const struct comedi_line *line, enum comedi_kind changed,
                                            const struct comedi_pulses *pulses) {
    lsampl_t period_ns = (lsampl_t)((1000000000000000 + pulses->frequency_uhz / 2) / pulses->frequency_uhz);
    lsampl_t high_ns = (lsampl_t)((period_ns * pulses->duty_ppm + 500000) / 1000000);
    struct comedi_command command = {.subdevice = line->subdevice, .chanspec = CR_PACK(line->line, 0, 0)};
    if (line->type == COMEDI_SUBD_PWM && changed == COMEDI_PULSE_DUTY) {
        command.insn = INSN_WRITE;
        command.n = 1;
        command.data[0] = (lsampl_t)((line->maxdata * pulses->duty_ppm + 500000) / 1000000);
        return command;
    }
    const lsampl_t both[] = {INSN_CONFIG_PWM_OUTPUT, CMDF_ROUND_NEAREST, high_ns, CMDF_ROUND_NEAREST,
                             period_ns - high_ns};
    const lsampl_t period[] = {INSN_CONFIG_PWM_SET_PERIOD, period_ns};
    bool is_pwm = line->type == COMEDI_SUBD_PWM;
    command.insn = INSN_CONFIG;
    command.n = is_pwm ? 2 : 5;
    memcpy(command.data, is_pwm ? period : both, is_pwm ? sizeof period : sizeof both);
    return command;
}

enum pb_status comedi_board_arm(const struct comedi_board *board, const struct comedi_line *line,
                                struct pb_error *error) {
    if (line->type != COMEDI_SUBD_PWM) return PB_OK;
    struct comedi_command command = {.insn = INSN_CONFIG,
                                     .subdevice = line->subdevice,
                                     .chanspec = CR_PACK(line->line, 0, 0),
                                     .n = 2,
                                     .data = {INSN_CONFIG_ARM}};
    errno = comedi_command_send(comedi_fileno(board->device), &command);
    return errno ? comedi_board_fail(board, error, "arming a PWM") : PB_OK;
}

/* A board that cannot make a counter's times exactly answers EAGAIN; the times it could make do not come through the kernel. These steps are tried. */
static const lsampl_t steps_ns[] = {50, 100, 1000};

int comedi_command_send(int descriptor, const struct comedi_command *command) {
    lsampl_t data[5];
    memcpy(data, command->data, sizeof data);
    comedi_insn insn = {.insn = command->insn,
                        .n = command->n,
                        .data = data,
                        .subdev = command->subdevice,
                        .chanspec = command->chanspec};
    int result = ioctl(descriptor, COMEDI_INSN, &insn);
    for (size_t i = 0; result < 0 && errno == EAGAIN && i < sizeof steps_ns / sizeof *steps_ns; i++) {
        data[2] = (command->data[2] + steps_ns[i] / 2) / steps_ns[i] * steps_ns[i];
        data[4] = (command->data[4] + steps_ns[i] / 2) / steps_ns[i] * steps_ns[i];
        result = ioctl(descriptor, COMEDI_INSN, &insn);
    }
    return result < 0 ? errno : 0;
}

enum pb_status comedi_board_direct(const struct comedi_board *board, const struct comedi_line *line, bool is_output,
                                   struct pb_error *error) {
    if (line->type != COMEDI_SUBD_DIO) return PB_OK;
    if (comedi_dio_config(board->device, line->subdevice, line->line, is_output ? COMEDI_OUTPUT : COMEDI_INPUT) >= 0)
        return PB_OK;
    return comedi_board_fail(board, error, "setting a line's direction");
}
