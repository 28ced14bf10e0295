/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Modbus registers as a profile tells them: where a value stands, how its words are ordered, which adjacent ones are read in one transaction.
 * Pure: no library, no link. Source of function codes and limits: MODBUS Application Protocol Specification V1.1b3. */
#ifndef PB_INSTRUMENTS_MODBUS_MAP_H
#define PB_INSTRUMENTS_MODBUS_MAP_H

#include "instruments/polled/worker.h"

enum pb_modbus_table { PB_MODBUS_INPUT, PB_MODBUS_HOLDING, PB_MODBUS_COIL, PB_MODBUS_DISCRETE };
enum pb_modbus_type {
    PB_MODBUS_U16,
    PB_MODBUS_I16,
    PB_MODBUS_U32,
    PB_MODBUS_I32,
    PB_MODBUS_U64,
    PB_MODBUS_I64,
    PB_MODBUS_F32
};
/* Bytes of a value as they come over the wire, A the most significant. */
enum pb_modbus_order { PB_MODBUS_ABCD, PB_MODBUS_CDAB, PB_MODBUS_BADC, PB_MODBUS_DCBA };

struct pb_modbus_place {
    int table, type, order; /* enums above */
    int64_t address;        /* as in the frame: from 0 */
};
struct pb_modbus_row {
    struct pb_profile_row row;
    struct pb_modbus_place place;
};
struct pb_modbus_top {
    struct pb_profile_top top;
    struct pb_modbus_place identity; /* an integer that no two devices share */
};
extern const struct pb_profile_kind pb_modbus_profile_kind;

enum { PB_MODBUS_MAX_WORDS = 4, PB_MODBUS_GROUP_WORDS = 120, PB_MODBUS_GROUPS_MAX = 64 };

/* 16-bit registers (or bits) that a value takes. */
size_t pb_modbus_words(const struct pb_modbus_place *place);
/* The value of registers read. PB_ERR_PROTOCOL: no number, or outside of the row's range. */
PB_MUST_CHECK enum pb_status pb_modbus_decode(const struct pb_modbus_row *row, const uint16_t *words,
                                              int64_t *ret_value, struct pb_error *error);
/* Registers for a value of the row. PB_ERR_RANGE: the register has no such value. */
PB_MUST_CHECK enum pb_status pb_modbus_encode(const struct pb_modbus_row *row, int64_t value, uint16_t *ret_words,
                                              struct pb_error *error);
/* An integer register as it is. */
uint64_t pb_modbus_join(const struct pb_modbus_place *place, const uint16_t *words);

/* What is read in one transaction: rows of one table and period, one after the other without a gap. */
struct pb_modbus_groups {
    struct pb_worker_group groups[PB_MODBUS_GROUPS_MAX];
    unsigned channels[PB_MODBUS_GROUPS_MAX];
    size_t count;
};
void pb_modbus_group(const struct pb_profile *profile, struct pb_modbus_groups *ret_groups);

/* The whole frame that commands a value, and what the device echoes: RTU with CRC, or TCP with its header. Sizes at most 32. */
void pb_modbus_command_frame(const struct pb_modbus_place *place, const uint16_t *words, int unit, bool is_tcp,
                             uint8_t *ret_request, size_t *ret_request_size, uint8_t *ret_reply,
                             size_t *ret_reply_size);

#endif
