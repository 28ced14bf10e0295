/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A board through libcomedi: opening, what it has, one value in or out, and its errors in our words. Everything that knows how libcomedi
 * tells a failure is here: by its return value; comedi_errno() may say "Success" where it failed (a command while one runs). */
#ifndef PB_INSTRUMENTS_COMEDI_BOARD_H
#define PB_INSTRUMENTS_COMEDI_BOARD_H

#include "instruments/comedi/rows.h"

#include <comedilib.h>

struct comedi_board {
    comedi_t *device;
    char where[96]; /* "instrument comedi /dev/comedi0" */
};
/* A row as found on the board. */
struct comedi_line {
    unsigned subdevice, line, range, reference;
    int type; /* enum comedi_subdevice_type */
    uint32_t maxdata;
    struct comedi_range_uv range_uv;
    struct comedi_scale scale; /* of analogue lines */
};

/* Also sets libcomedi's global behaviour: a code at the end of the range is a number, not a NaN. Errors: PB_ERR_NOT_FOUND (no such
 * file, no board behind it), PB_ERR_IO. */
PB_MUST_CHECK enum pb_status comedi_board_open(const char *path, struct comedi_board *ret_board,
                                               struct pb_error *error);
void comedi_board_close(struct comedi_board *board); /* also one that is all 0 */

/* The failure of the libcomedi call that has just returned: EBUSY and EACCES (locked) are PB_ERR_BUSY, EPIPE is PB_ERR_OVERRUN, ENODEV, ENXIO
 * and EIO are PB_ERR_GONE, ENOMEM is PB_ERR_MEMORY, EINVAL is PB_ERR_UNSUPPORTED, others PB_ERR_IO. `doing` begins the text. */
enum pb_status comedi_board_fail(const struct comedi_board *board, struct pb_error *error, const char *doing);

/* The only place where a span becomes libcomedi's ns, an unsigned of 32 bits: PB_ERR_RANGE for what is not above 0 or above 4.294967295 s. */
PB_MUST_CHECK enum pb_status comedi_board_ns(const struct comedi_board *board, pb_span span, unsigned *ret_ns,
                                             struct pb_error *error);

/* Finds subdevice, range (the narrowest that holds from..to) and scale. PB_ERR_UNSUPPORTED tells what the board has instead. */
PB_MUST_CHECK enum pb_status comedi_board_find(const struct comedi_board *board, const struct comedi_row *row,
                                               struct comedi_line *ret_line, struct pb_error *error);
/* For this open device alone, until it is closed. PB_ERR_BUSY: somebody else has it. */
PB_MUST_CHECK enum pb_status comedi_board_lock(const struct comedi_board *board, unsigned subdevice,
                                               struct pb_error *error);

/* One raw code. PB_ERR_BUSY while the subdevice streams. */
PB_MUST_CHECK enum pb_status comedi_board_read(const struct comedi_board *board, const struct comedi_line *line,
                                               uint32_t *ret_code, struct pb_error *error);

/* One output value as the kernel takes it, whole: written by the driver, and by the guardian with nothing but the descriptor. */
struct comedi_command {
    unsigned insn, subdevice, chanspec, n; /* of a comedi_insn */
    lsampl_t data[5];
};
/* Pulses. What is sent depends on what the subdevice is: a counter takes both at once, as times (INSN_CONFIG_PWM_OUTPUT); a PWM subdevice takes a period, and a
 * duty as a code. Not proven without hardware. */
struct comedi_pulses {
    int64_t frequency_uhz, duty_ppm;
};
struct comedi_command comedi_pulses_command(const struct comedi_line *line, enum comedi_kind changed,
                                            const struct comedi_pulses *pulses);
/* A PWM subdevice runs once it is armed; a counter does by itself. */
PB_MUST_CHECK enum pb_status comedi_board_arm(const struct comedi_board *board, const struct comedi_line *line,
                                              struct pb_error *error);
/* False: the value is not one that the line can have. */
bool comedi_command_make(const struct comedi_row *row, const struct comedi_line *line, int64_t value,
                         struct comedi_command *ret_command);
/* System calls and nothing else: 0, or errno. Pulses' times that the board cannot make exactly are rounded to 50 ns, 100 ns, 1 us. */
int comedi_command_send(int descriptor, const struct comedi_command *command);
/* Digital lines: direction is output, without a moment of the other value before it. */
PB_MUST_CHECK enum pb_status comedi_board_direct(const struct comedi_board *board, const struct comedi_line *line,
                                                 bool is_output, struct pb_error *error);

#endif
