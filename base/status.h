/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one list of statuses, and the error context that travels with one.
 * Few, and distinct by what the caller does next. A driver translates its vendor's error at the boundary and keeps the
 * vendor's number in pb_error; nothing below harness/ logs. Results go to ret_ parameters, untouched on failure. */
#ifndef PB_BASE_STATUS_H
#define PB_BASE_STATUS_H

/* X(name, text) */
#define PB_STATUS_MAP(X)                                                                                               \
    X(OK, "ok")                                                                                                        \
    X(ERR_ARG, "the caller passed what it must not")                                                                   \
    X(ERR_INPUT, "a file, frame or message from outside is not as it must be")                                         \
    X(ERR_RANGE, "outside the stated range")                                                                           \
    X(ERR_UNSUPPORTED, "not supported here")                                                                           \
    X(ERR_GONE, "the other side is gone")                                                                              \
    X(ERR_TIMEOUT, "no answer in time")                                                                                \
    X(ERR_PROTOCOL, "the other side broke the protocol")                                                               \
    X(ERR_IO, "input or output failed")                                                                                \
    X(ERR_OVERRUN, "data were lost")                                                                                   \
    X(ERR_BUSY, "held by somebody else")                                                                               \
    X(ERR_NOT_FOUND, "not there")                                                                                      \
    X(ERR_MEMORY, "out of memory")                                                                                     \
    X(ERR_CHANGED, "not what was written")                                                                             \
    X(ERR_INTERRUPTED, "a person or a signal ended it")

enum pb_status {
#define X(name, text) PB_##name,
    PB_STATUS_MAP(X)
#undef X
        PB_STATUS_COUNT
};

/* What went wrong, where, and the vendor's own number (0 if none). Owned by the caller, filled at the boundary.
 * `where` is a place a person can go to: "bench.yaml:12:7", "instrument world", "dut evse". */
struct pb_error {
    enum pb_status status;
    int vendor_code;
    char where[160];
    char text[360];
};

/* On the way from an event to the answer to it: the linker lays such functions side by side, so that few pages of code are touched. */
#define PB_HOT __attribute__((hot))
#define PB_MUST_CHECK __attribute__((warn_unused_result))
#define PB_PRINTF(format_index, first_index) __attribute__((format(printf, format_index, first_index)))

/* "ERR_TIMEOUT"; "?" for a number that is not in the list. */
const char *pb_status_name(enum pb_status status);
/* "no answer in time". */
const char *pb_status_text(enum pb_status status);
/* Fills *error (NULL is allowed) and returns status, so that a failing function ends with `return pb_fail(...)`.
 * Texts that do not fit are cut at the end of a UTF-8 character. Never called with PB_OK. */
enum pb_status pb_fail(struct pb_error *error, enum pb_status status, int vendor_code, const char *where,
                       const char *format, ...) PB_PRINTF(5, 6);

#endif
