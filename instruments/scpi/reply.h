/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts to and from SCPI devices: profiles, commands, replies. Pure. Number forms are NR1, NR2 and NR3 of IEEE 488.2-1992 clause 8.7; 9.9E37 (infinity)
 * and 9.91E37 (not a number) are those of SCPI-99 volume 1, 7.2.1.4 and 7.2.1.5. Arithmetic is on integers: no reading goes through a double. */
#ifndef PB_INSTRUMENTS_SCPI_REPLY_H
#define PB_INSTRUMENTS_SCPI_REPLY_H

#include "instruments/polled/profile.h"

enum { PB_SCPI_LINE_MAX = 200 }; /* bytes of a command or reply, without the new-line */

struct pb_scpi_row {
    struct pb_profile_row row;
    const char *query, *set, *on, *off;
};
struct pb_scpi_top {
    struct pb_profile_top top;
    const char *confirm, *errors;
    const char *identity_query, *identity_begins; /* of top.identity */
};
extern const struct pb_profile_kind pb_scpi_profile_kind;

/* The number of a reply line, in steps of the row's unit, rounded once. PB_ERR_PROTOCOL: anything but one number; PB_ERR_RANGE: overload, not a number, or
 * outside of the row's range. */
PB_MUST_CHECK enum pb_status pb_scpi_number(const struct pb_profile_row *row, const char *line, size_t length,
                                            int64_t *ret_value, struct pb_error *error);
/* Number and text of a line of SYST:ERR?: -222,"Data out of range". PB_ERR_PROTOCOL. */
PB_MUST_CHECK enum pb_status pb_scpi_error_line(const char *line, size_t length, int *ret_number,
                                                struct pb_error *error);
/* What a device's error number means (SCPI-99 volume 2, 21.8). */
enum pb_status pb_scpi_error_status(int number);
/* The command that sets a value, without a new-line, into ret_text (PB_SCPI_LINE_MAX + 1 bytes). PB_ERR_RANGE: it does not fit. */
PB_MUST_CHECK enum pb_status pb_scpi_command(const struct pb_scpi_row *row, int64_t value, char *ret_text);

#endif
