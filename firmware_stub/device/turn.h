/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every stub's side of the wire has, whoever it plays: numbering, the answer that is being made, what was wrong, and the checks that hold for
 * all records (docs/wire.md). */
#ifndef DEVICE_TURN_H
#define DEVICE_TURN_H

#include "world/wire/pb_wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum device_result {
    DEVICE_MORE,   /* no answer yet: the turn goes on */
    DEVICE_ANSWER, /* send answer[0..answer_count) now */
    DEVICE_STOP,   /* the run is over */
    DEVICE_ERROR   /* the world broke the protocol: text says how */
};

/* First member of a side. */
struct device_turn {
    const char *name; /* "stub-pev" */
    /* One record from the world. An answer must be sent before the next call. */
    enum device_result (*take)(struct device_turn *turn, const struct pbw_record *record);
    struct pbw_record *answer; /* the side's, with room for its longest */
    size_t answer_count;
    uint32_t in_seq, out_seq, cords; /* cords: after HELLO */
    bool has_hello;
    char text[160];
};

bool device_is_zero(const void *bytes, size_t count);
#define DEVICE_IS_ZERO(member) device_is_zero((member), sizeof(member))
/* Payloads as they may be, their reserved bytes included: none, HELLO's, that of a console or link. */
bool device_is_empty(const struct pbw_record *record);
bool device_is_hello(const struct pbw_record *record);
bool device_is_bytes(const struct pbw_record *record);

/* DEVICE_ERROR with this text. */
__attribute__((format(printf, 2, 3))) enum device_result device_refuse(struct device_turn *turn, const char *format,
                                                                       ...);
/* Number, type, HELLO once and first, cord. name: the type's; NULL: it is unknown. DEVICE_MORE: right so far. */
enum device_result device_check_head(struct device_turn *turn, const struct pbw_record *record, const char *name);
/* Not before earliest_ns, which does not hold for STOP, and not beyond all time. DEVICE_MORE: right. */
enum device_result device_check_time(struct device_turn *turn, const struct pbw_record *record, const char *name,
                                     int64_t earliest_ns);
/* A HELLO to this actor, of this version of its records, for at most so many cords, is taken note of. DEVICE_MORE: right. */
enum device_result device_take_hello(struct device_turn *turn, const struct pbw_hello *hello, uint32_t version,
                                     uint8_t actor, uint32_t cords_max);

/* The next record of the answer. */
struct pbw_record *device_answer(struct device_turn *turn, uint16_t type, int64_t now_ns);
/* As many bytes as fit into a record, for a console or link. Returns how many. */
size_t device_fill_bytes(struct pbw_bytes *part, uint8_t link, const char *bytes, size_t size);

#endif
