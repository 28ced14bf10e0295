/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Serial ports by libserialport, for link.c and for drivers that need a port's path. A port is named by its file or by the identity of its USB
 * adapter, which stays when unplugging gives it another file. (A pseudo terminal is no port to this library: use the pty link.) */
#ifndef PB_INSTRUMENTS_SERIAL_H
#define PB_INSTRUMENTS_SERIAL_H

#include "instruments/links/link.h"

struct pb_serial;

/* What tells a USB adapter from others. */
struct pb_usb_identity {
    int vendor, product;
    char serial[64]; /* "": any */
};

/* "usb:0403:6001" or "usb:0403:6001:A50285BI". False: not of that form. */
bool pb_usb_identity_parse(const char *text, struct pb_usb_identity *ret_identity);
bool pb_usb_identity_matches(const struct pb_usb_identity *wanted, int vendor, int product, const char *serial);

/* The file of a port now. A path stays as it is; an identity is looked for. PB_ERR_GONE: no such adapter is plugged in; PB_ERR_INPUT: two are;
 * PB_ERR_IO. */
PB_MUST_CHECK enum pb_status pb_serial_path(const struct pb_link_address *address, char *ret_path, size_t size,
                                            struct pb_error *error);

/* Errors as pb_link_open(). */
PB_MUST_CHECK enum pb_status pb_serial_open(const struct pb_link_address *address, const struct pb_line *line,
                                            struct pb_serial **ret_serial, struct pb_error *error);
void pb_serial_close(struct pb_serial *serial); /* NULL is fine */
int pb_serial_descriptor(const struct pb_serial *serial);
/* What is there now; *ret_size may be 0. PB_ERR_IO. */
PB_MUST_CHECK enum pb_status pb_serial_read(struct pb_serial *serial, void *ret_bytes, size_t size, size_t *ret_size,
                                            struct pb_error *error);
PB_MUST_CHECK enum pb_status pb_serial_write(struct pb_serial *serial, const void *bytes, size_t size, pb_span within,
                                             struct pb_error *error);

/* libserialport takes milliseconds, and 0 for ever: rounded up, PB_ERR_RANGE for what is not positive or does not fit. */
PB_MUST_CHECK enum pb_status pb_serial_timeout(pb_span span, unsigned *ret_ms);

#endif
