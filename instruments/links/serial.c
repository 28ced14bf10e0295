/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libserialport's boundary: its return codes become statuses here, errno is kept as the vendor's code. Reads are poll(2) by the caller and then
 * sp_nonblocking_read(): the blocking form spins on a port that was unplugged (read gives 0 for ever) until its time is up. */
#include "instruments/links/serial.h"

#include <ctype.h>
#include <errno.h>
#include <libserialport.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pb_serial {
    struct sp_port *port;
    int descriptor;
    char path[108];
};

enum pb_status pb_serial_timeout(pb_span span, unsigned *ret_ms) {
    if (span.ns <= 0) return PB_ERR_RANGE;
    int64_t ms = span.ns / 1000000 + (span.ns % 1000000 != 0);
    if (ms > UINT_MAX) return PB_ERR_RANGE;
    *ret_ms = (unsigned)ms;
    return PB_OK;
}

/* ---- which port ---- */

static bool parse_hex4(const char *text, int *ret_value) {
    for (int i = 0; i < 4; i++)
        if (!isxdigit((unsigned char)text[i])) return false;
    char digits[5] = {text[0], text[1], text[2], text[3], 0};
    *ret_value = (int)strtol(digits, NULL, 16);
    return true;
}

bool pb_usb_identity_parse(const char *text, struct pb_usb_identity *ret_identity) {
    struct pb_usb_identity identity = {0};
    if (strncmp(text, "usb:", 4) != 0 || !parse_hex4(text + 4, &identity.vendor) || text[8] != ':' ||
        !parse_hex4(text + 9, &identity.product))
        return false;
    const char *rest = text + 13;
    if (*rest == ':') {
        if (!rest[1] || strlen(rest + 1) >= sizeof identity.serial) return false;
        strcpy(identity.serial, rest + 1);
    } else if (*rest) {
        return false;
    }
    *ret_identity = identity;
    return true;
}

bool pb_usb_identity_matches(const struct pb_usb_identity *wanted, int vendor, int product, const char *serial) {
    if (vendor != wanted->vendor || product != wanted->product) return false;
    return !wanted->serial[0] || (serial && strcmp(serial, wanted->serial) == 0);
}

static enum pb_status vendor_failed(enum sp_return code, const char *where, const char *what, struct pb_error *error) {
    static const struct {
        enum sp_return code;
        enum pb_status status;
        const char *text;
    } meanings[] = {
        {SP_ERR_ARG, PB_ERR_GONE, "no such serial port"},
        {SP_ERR_MEM, PB_ERR_MEMORY, "out of memory"},
        {SP_ERR_SUPP, PB_ERR_UNSUPPORTED, "the port cannot do that"},
    };
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (meanings[i].code == code)
            return pb_fail(error, meanings[i].status, (int)code, where, "%s: %s", what, meanings[i].text);
    int number = sp_last_error_code();
    char *message = sp_last_error_message();
    enum pb_status status = number == ENOENT || number == ENODEV || number == ENXIO ? PB_ERR_GONE
                            : number == EBUSY                                       ? PB_ERR_BUSY
                                                                                    : PB_ERR_IO;
    (void)pb_fail(error, status, number, where, "%s: %s", what, message ? message : "unknown error");
    sp_free_error_message(message);
    return status;
}

static enum pb_status find_adapter(const struct pb_usb_identity *wanted, const char *where, char *ret_path, size_t size,
                                   struct pb_error *error) {
    struct sp_port **ports;
    enum sp_return code = sp_list_ports(&ports);
    if (code != SP_OK) return vendor_failed(code, where, "listing the serial ports", error);
    size_t found = 0;
    for (size_t i = 0; ports[i]; i++) {
        int vendor, product;
        if (sp_get_port_transport(ports[i]) != SP_TRANSPORT_USB ||
            sp_get_port_usb_vid_pid(ports[i], &vendor, &product) != SP_OK)
            continue;
        if (!pb_usb_identity_matches(wanted, vendor, product, sp_get_port_usb_serial(ports[i]))) continue;
        if (!found++) snprintf(ret_path, size, "%s", sp_get_port_name(ports[i]));
    }
    sp_free_port_list(ports);
    if (!found) return pb_fail(error, PB_ERR_GONE, 0, where, "no adapter of that identity is plugged in");
    if (found > 1)
        return pb_fail(error, PB_ERR_INPUT, 0, where,
                       "found %zu adapters of that identity, expected one (add its serial number: usb:VID:PID:SERIAL)",
                       found);
    return PB_OK;
}

enum pb_status pb_serial_path(const struct pb_link_address *address, char *ret_path, size_t size,
                              struct pb_error *error) {
    struct pb_usb_identity wanted;
    if (pb_usb_identity_parse(address->path, &wanted))
        return find_adapter(&wanted, address->text, ret_path, size, error);
    snprintf(ret_path, size, "%s", address->path);
    return PB_OK;
}

/* ---- opening ---- */

static enum sp_return set_up(struct sp_port *port, const struct pb_line *line, const char **ret_what) {
    static const enum sp_parity parities[] = {
        [PB_PARITY_NONE] = SP_PARITY_NONE, [PB_PARITY_EVEN] = SP_PARITY_EVEN, [PB_PARITY_ODD] = SP_PARITY_ODD};
    const struct {
        const char *what;
        enum sp_return (*set)(struct sp_port *port, int value);
        int value;
    } steps[] = {{"setting the baud rate", sp_set_baudrate, line->baud},
                 {"setting 8 data bits", sp_set_bits, 8},
                 {"setting the stop bits", sp_set_stopbits, line->stop_bits}};
    enum sp_return code = SP_OK;
    for (size_t i = 0; code == SP_OK && i < sizeof steps / sizeof *steps; i++) {
        *ret_what = steps[i].what;
        code = steps[i].set(port, steps[i].value);
    }
    if (code != SP_OK) return code;
    *ret_what = "setting parity and flow control";
    code = sp_set_parity(port, parities[line->parity]);
    if (code == SP_OK) code = sp_set_flowcontrol(port, SP_FLOWCONTROL_NONE);
    if (code == SP_OK) code = sp_flush(port, SP_BUF_BOTH);
    return code;
}

enum pb_status pb_serial_open(const struct pb_link_address *address, const struct pb_line *line,
                              struct pb_serial **ret_serial, struct pb_error *error) {
    struct pb_serial *serial = calloc(1, sizeof *serial);
    if (!serial) return pb_fail(error, PB_ERR_MEMORY, 0, address->text, "out of memory");
    const char *what = "opening";
    enum pb_status status = pb_serial_path(address, serial->path, sizeof serial->path, error);
    if (status == PB_OK && strncmp(serial->path, "/dev/pts/", 9) == 0)
        status = pb_fail(error, PB_ERR_UNSUPPORTED, 0, address->text,
                         "found a pseudo terminal, expected a serial port (write pty:%s)", serial->path);
    if (status != PB_OK) goto failed;
    enum sp_return code = sp_get_port_by_name(serial->path, &serial->port);
    if (code == SP_OK && (code = sp_open(serial->port, SP_MODE_READ_WRITE)) == SP_OK) {
        code = sp_get_port_handle(serial->port, &serial->descriptor);
        if (code == SP_OK) code = set_up(serial->port, line, &what);
        if (code != SP_OK) (void)sp_close(serial->port);
    }
    if (code == SP_OK) {
        *ret_serial = serial;
        return PB_OK;
    }
    status = vendor_failed(code, address->text, what, error);
failed:
    if (serial->port) sp_free_port(serial->port);
    free(serial);
    return status;
}

void pb_serial_close(struct pb_serial *serial) {
    if (!serial) return;
    (void)sp_close(serial->port);
    sp_free_port(serial->port);
    free(serial);
}

int pb_serial_descriptor(const struct pb_serial *serial) { return serial->descriptor; }

enum pb_status pb_serial_read(struct pb_serial *serial, void *ret_bytes, size_t size, size_t *ret_size,
                              struct pb_error *error) {
    enum sp_return got = sp_nonblocking_read(serial->port, ret_bytes, size);
    if (got < 0) return vendor_failed(got, serial->path, "reading", error);
    *ret_size = (size_t)got;
    return PB_OK;
}

enum pb_status pb_serial_write(struct pb_serial *serial, const void *bytes, size_t size, pb_span within,
                               struct pb_error *error) {
    unsigned ms;
    if (pb_serial_timeout(within, &ms) != PB_OK)
        return pb_fail(error, PB_ERR_TIMEOUT, 0, serial->path, "no time left to write");
    enum sp_return put = sp_blocking_write(serial->port, bytes, size, ms);
    if (put < 0) return vendor_failed(put, serial->path, "writing", error);
    if ((size_t)put < size)
        return pb_fail(error, PB_ERR_TIMEOUT, 0, serial->path, "only %d of %zu bytes were taken within %u ms", (int)put,
                       size, ms);
    return PB_OK;
}
