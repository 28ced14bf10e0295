/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guardian's write for devices that are spoken to in bytes: the note holds the whole request, what the device answers when it has obeyed,
 * and where to connect again when the guardian's own connection was dropped meanwhile. */
#ifndef PB_INSTRUMENTS_LINK_GUARD_H
#define PB_INSTRUMENTS_LINK_GUARD_H

#include "instruments/links/link.h"
#include "instruments/roles/driver.h"

/* What a note holds. */
struct pb_link_command {
    struct sockaddr_storage address;
    socklen_t address_size; /* 0: a line */
    uint16_t request_size, reply_size;
    uint8_t request[224], reply[64]; /* reply_size 0: no answer is expected */
};
_Static_assert(sizeof(struct pb_link_command) <= sizeof(struct pb_guard_note),
               "a command must fit into the guardian's note");

/* The guardian's descriptor: a connection of its own, or the line opened a second time. The caller's to close. */
PB_MUST_CHECK enum pb_status pb_link_guard_open(const struct pb_link_address *address, pb_instant deadline,
                                                int *ret_descriptor, struct pb_error *error);
/* Address and sizes into a note; PB_ERR_RANGE for a request or reply that does not fit. */
PB_MUST_CHECK enum pb_status pb_link_guard_note(const struct pb_link_address *address, const void *request,
                                                size_t request_size, const void *reply, size_t reply_size,
                                                struct pb_guard_note *ret_note, struct pb_error *error);
/* As pb_guard_ops.write. A line that is in use is waited for, for half of the time, and then written to all the same. */
enum pb_status pb_link_guard_write(int descriptor, unsigned channel, int64_t value, const struct pb_guard_note *note,
                                   int wait_ms);

#endif
