/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "instruments/links/ports.h"

#include "instruments/links/serial.h"

#include <ctype.h>
#include <libserialport.h>
#include <stdio.h>
#include <string.h>

/* As far as a bench file's 'quoted text' and pb_usb_identity_parse() take it. */
static bool can_be_named(const char *serial) {
    for (const char *at = serial; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr("-_.:", *at)) return false;
    return serial[0] && strlen(serial) < sizeof((struct pb_usb_identity *)NULL)->serial;
}

char *pb_port_line(const struct pb_port *port, char ret_line[PB_PORT_LINE_BYTES]) {
    const char *about = port->description ? port->description : "no description";
    if (!port->is_usb) {
        snprintf(ret_line, PB_PORT_LINE_BYTES, "%s: %.80s; link: 'serial:%s'", port->path, about, port->path);
        return ret_line;
    }
    bool has_serial = port->serial && can_be_named(port->serial);
    snprintf(ret_line, PB_PORT_LINE_BYTES,
             "%s: %.80s, USB %04x:%04x, serial number %.63s; link: 'serial:usb:%04x:%04x%s%s'", port->path, about,
             (unsigned)port->vendor, (unsigned)port->product, port->serial ? port->serial : "none",
             (unsigned)port->vendor, (unsigned)port->product, has_serial ? ":" : "", has_serial ? port->serial : "");
    return ret_line;
}

static void tell_port(const struct sp_port *from, void (*tell)(void *user, const char *line), void *user) {
    char line[PB_PORT_LINE_BYTES];
    struct pb_port port = {.path = sp_get_port_name(from), .description = sp_get_port_description(from)};
    port.is_usb = sp_get_port_transport(from) == SP_TRANSPORT_USB &&
                  sp_get_port_usb_vid_pid(from, &port.vendor, &port.product) == SP_OK;
    if (port.is_usb) port.serial = sp_get_port_usb_serial(from);
    tell(user, pb_port_line(&port, line));
}

int pb_ports_scan(void (*tell)(void *user, const char *line), void *user) {
    struct sp_port **ports;
    int found = 0;
    tell(user, "none is opened; pseudo terminals are not listed (pty:PATH), nor what hangs on a line");
    if (sp_list_ports(&ports) != SP_OK) {
        tell(user, "the system does not list its serial ports");
        return -1;
    }
    for (; ports[found]; found++) tell_port(ports[found], tell, user);
    sp_free_port_list(ports);
    return found;
}
