/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the boards of this machine have. Looks only: nothing is locked, set or started. */
#include "instruments/comedi/board.h"
#include "instruments/comedi/comedi.h"

#include <stdio.h>
#include <string.h>

enum { BOARDS_MAX = 48, LINE_BYTES = 240 }; /* minors from 48 on are single subdevices */

static const char *const types[] = {
    [COMEDI_SUBD_AI] = "analogue in", [COMEDI_SUBD_AO] = "analogue out",    [COMEDI_SUBD_DI] = "digital in",
    [COMEDI_SUBD_DO] = "digital out", [COMEDI_SUBD_DIO] = "digital in/out", [COMEDI_SUBD_COUNTER] = "counter",
    [COMEDI_SUBD_PWM] = "PWM",
};

static void append(char line[LINE_BYTES], const char *text) {
    size_t used = strlen(line);
    snprintf(line + used, LINE_BYTES - used, "%s", text);
}

static void append_ranges(comedi_t *device, unsigned subdevice, char line[LINE_BYTES]) {
    int count = comedi_get_n_ranges(device, subdevice, 0);
    for (int i = 0; i < count; i++) {
        const comedi_range *range = comedi_get_range(device, subdevice, 0, (unsigned)i);
        char text[64];
        if (!range) continue;
        snprintf(text, sizeof text, "%s%g to %g %s", i ? ", " : "; ranges ", range->min, range->max,
                 range->unit == UNIT_volt ? "V"
                 : range->unit == UNIT_mA ? "mA"
                                          : "(no unit)");
        append(line, text);
    }
}

static void append_rate(comedi_t *device, unsigned subdevice, char line[LINE_BYTES]) {
    comedi_cmd cmd = {0};
    char text[64];
    if (!(comedi_get_subdevice_flags(device, subdevice) & SDF_CMD_READ)) return append(line, "; single values only");
    if (comedi_get_cmd_generic_timed(device, subdevice, &cmd, 1, 1) < 0 || cmd.scan_begin_arg + cmd.convert_arg == 0)
        return append(line, "; streams");
    unsigned period_ns = cmd.scan_begin_src == TRIG_TIMER ? cmd.scan_begin_arg : cmd.convert_arg;
    snprintf(text, sizeof text, "; streams, one line at up to %.6g kHz", 1e6 / period_ns);
    append(line, text);
}

static void tell_subdevice(comedi_t *device, unsigned subdevice, void (*tell)(void *, const char *), void *user) {
    char line[LINE_BYTES];
    int type = comedi_get_subdevice_type(device, subdevice);
    bool is_known = type > 0 && (size_t)type < sizeof types / sizeof *types && types[type];
    int bits = 32 - __builtin_clz(comedi_get_maxdata(device, subdevice, 0) | 1);
    if (type == COMEDI_SUBD_UNUSED) return;
    snprintf(line, sizeof line, "  subdevice %u: %s, %d lines", subdevice, is_known ? types[type] : "of no use here",
             comedi_get_n_channels(device, subdevice));
    if (type == COMEDI_SUBD_AI || type == COMEDI_SUBD_AO) {
        char text[16];
        snprintf(text, sizeof text, ", %d bit", bits);
        append(line, text);
        append_ranges(device, subdevice, line);
    }
    if (type == COMEDI_SUBD_AI) append_rate(device, subdevice, line);
    if (type == COMEDI_SUBD_COUNTER || type == COMEDI_SUBD_PWM) append(line, "; pulses: not proven without hardware");
    tell(user, line);
}

static void tell_board(const char *path, const struct comedi_board *board, void (*tell)(void *, const char *),
                       void *user) {
    char line[LINE_BYTES];
    int count = comedi_get_n_subdevices(board->device);
    snprintf(line, sizeof line, "%s: comedi driver %s, board %s", path, comedi_get_driver_name(board->device),
             comedi_get_board_name(board->device));
    tell(user, line);
    for (int i = 0; i < count; i++) tell_subdevice(board->device, (unsigned)i, tell, user);
}

int pb_comedi_scan(void (*tell)(void *user, const char *line), void *user) {
    int found = 0;
    tell(user, "boards are looked for as /dev/comedi0 and on; counter PWM: not proven without hardware");
    for (int minor = 0; minor < BOARDS_MAX; minor++) {
        char path[32], line[LINE_BYTES];
        struct comedi_board board;
        struct pb_error error;
        snprintf(path, sizeof path, "/dev/comedi%d", minor);
        enum pb_status status = comedi_board_open(path, &board, &error);
        if (status == PB_ERR_NOT_FOUND) continue;
        found++;
        if (status == PB_OK) {
            tell_board(path, &board, tell, user);
            comedi_board_close(&board);
            continue;
        }
        snprintf(line, sizeof line, "%s: %.180s", path, error.text);
        tell(user, line);
    }
    return found;
}
