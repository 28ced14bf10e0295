/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The side of the wire of a device that has boards, without a file descriptor: records in, a turn's records out. docs/wire.md tells the protocol.
 * Every input is checked before the device sees it. */
#ifndef DEVICE_WIRE_H
#define DEVICE_WIRE_H

#include "firmware_stub/device/turn.h"

#define DEVICE_OUTPUT_MAX 256
#define DEVICE_PENDING_MAX 256

/* First member of a board, or of a station. */
struct device {
    int64_t now_ns;
    /* Records made at now_ns, not sent yet; seq and t_ns are filled by who sends them. */
    struct pbw_record output[DEVICE_OUTPUT_MAX];
    size_t output_count;
};

/* The next output record; when there is no room the last one is lost, as in a UART that overruns. */
struct pbw_record *device_output(struct device *device, uint16_t type);
/* Bytes as records of a type (SERIAL_OUT, MSG_OUT) to a console or link. */
void device_output_bytes(struct device *device, uint16_t type, uint8_t link, const char *bytes, size_t size);

/* An input of a board. value.a within min and max and value.index at most index_max, where it is a value; is_right decides where it is
 * something else, the record's reserved bytes included. */
struct device_input {
    uint16_t type;
    const char *name;
    int64_t min, max;
    uint8_t index_max;
    bool (*is_right)(const struct pbw_record *record);                    /* NULL: it is a value */
    void (*take)(struct device *device, const struct pbw_record *record); /* it takes effect at now_ns */
    bool is_heard; /* only told, whenever it comes: it need not wait for its time */
};

struct device_kind {
    const char *name; /* "stub-pev" */
    uint8_t actor;    /* enum pbw_actor */
    uint32_t version; /* of its records */
    const struct device_input *inputs;
    size_t input_count;
    void (*start)(struct device *device, uint32_t cords, uint64_t seed, int64_t now_ns);
    /* When the board will next do something by itself; PBW_NEVER. */
    int64_t (*next_ns)(const struct device *device);
    /* Does all that is due up to and including until_ns, but stops at the first instant with output. now_ns is then that instant, else until_ns. */
    void (*run)(struct device *device, int64_t until_ns);
};

struct device_wire {
    struct device_turn turn; /* first */
    const struct device_kind *kind;
    struct device *device;
    const uint64_t *seed; /* instead of the one in HELLO; NULL */
    uint32_t cords_max;
    struct pbw_record pending[DEVICE_PENDING_MAX]; /* inputs of this turn */
    size_t pending_count;
    struct pbw_record answer[DEVICE_OUTPUT_MAX + 1];
};

/* kind, device and seed must stay, and so must the wire. cords_max: that the device has. */
void device_wire_init(struct device_wire *wire, const struct device_kind *kind, struct device *device,
                      uint32_t cords_max, const uint64_t *seed);

#endif
