/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The serial ports of this machine, for `pilotbench scan`. */
#ifndef PB_INSTRUMENTS_PORTS_H
#define PB_INSTRUMENTS_PORTS_H

#include <stdbool.h>

enum { PB_PORT_LINE_BYTES = 320 };

struct pb_port {
    const char *path, *description; /* description: NULL if the system has none */
    bool is_usb;
    int vendor, product;
    const char *serial; /* USB: NULL if the adapter has none */
};

/* "/dev/ttyUSB0: FT232R USB UART, USB 0403:6001, serial number A50285BI; link: 'serial:usb:0403:6001:A50285BI'". The link is by identity where the
 * adapter has one that a bench file can say. Returns ret_line. */
char *pb_port_line(const struct pb_port *port, char ret_line[PB_PORT_LINE_BYTES]);
/* Tells a line a port; opens none. Returns how many; -1: they cannot be listed, which is told too. */
int pb_ports_scan(void (*tell)(void *user, const char *line), void *user);

#endif
