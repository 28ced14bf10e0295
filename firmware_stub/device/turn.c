/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware_stub/device/turn.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LATEST_NS (INT64_C(1) << 62) /* latencies and delays are added to it */

bool device_is_zero(const void *bytes, size_t count) {
    const uint8_t *at = bytes;
    for (size_t i = 0; i < count; i++)
        if (at[i]) return false;
    return true;
}

bool device_is_empty(const struct pbw_record *record) { return DEVICE_IS_ZERO(record->u.raw); }
bool device_is_hello(const struct pbw_record *record) {
    return DEVICE_IS_ZERO(record->u.hello.reserved) && DEVICE_IS_ZERO(record->u.hello.rest);
}
bool device_is_bytes(const struct pbw_record *record) {
    const struct pbw_bytes *bytes = &record->u.bytes;
    return bytes->length >= 1 && bytes->length <= sizeof bytes->bytes && bytes->is_last <= 1 &&
           DEVICE_IS_ZERO(bytes->reserved);
}

enum device_result device_refuse(struct device_turn *turn, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(turn->text, sizeof turn->text, format, arguments);
    va_end(arguments);
    return DEVICE_ERROR;
}

enum device_result device_check_head(struct device_turn *turn, const struct pbw_record *record, const char *name) {
    if (record->seq != turn->in_seq)
        return device_refuse(turn, "seq is %" PRIu32 ", expected %" PRIu32, record->seq, turn->in_seq);
    if (!name) return device_refuse(turn, "type %u is unknown", record->type);
    if (turn->has_hello == (record->type == PBW_HELLO))
        return device_refuse(turn, "%s %s", name, turn->has_hello ? "comes twice" : "comes before HELLO");
    uint32_t cords = turn->has_hello ? turn->cords : 1;
    if (record->cord < cords) return DEVICE_MORE;
    return device_refuse(turn, "%s for cord %u, expected one below %" PRIu32, name, record->cord, cords);
}

enum device_result device_check_time(struct device_turn *turn, const struct pbw_record *record, const char *name,
                                     int64_t earliest_ns) {
    if (record->t_ns > LATEST_NS)
        return device_refuse(turn, "%s at %" PRId64 " ns is beyond all time", name, record->t_ns);
    if (record->t_ns >= earliest_ns || record->type == PBW_STOP) return DEVICE_MORE;
    return device_refuse(turn, "%s at %" PRId64 " ns is before %" PRId64 " ns", name, record->t_ns, earliest_ns);
}

enum device_result device_take_hello(struct device_turn *turn, const struct pbw_hello *hello, uint32_t version,
                                     uint8_t actor, uint32_t cords_max) {
    if (hello->version != version)
        return device_refuse(turn, "HELLO of version %" PRIu32 ", expected %" PRIu32, hello->version, version);
    if (hello->actor != actor)
        return device_refuse(turn, "HELLO wants actor %u, this is %s (%u)", hello->actor, turn->name, actor);
    if (hello->cords < 1 || hello->cords > cords_max)
        return device_refuse(turn, "HELLO announces %u cords, expected 1 to %" PRIu32, hello->cords, cords_max);
    turn->has_hello = true;
    turn->cords = hello->cords;
    return DEVICE_MORE;
}

struct pbw_record *device_answer(struct device_turn *turn, uint16_t type, int64_t now_ns) {
    struct pbw_record *answer = &turn->answer[turn->answer_count++];
    *answer = (struct pbw_record){.type = type, .seq = turn->out_seq++, .t_ns = now_ns};
    return answer;
}

size_t device_fill_bytes(struct pbw_bytes *part, uint8_t link, const char *bytes, size_t size) {
    part->length = (uint8_t)(size < sizeof part->bytes ? size : sizeof part->bytes);
    part->is_last = part->length == size;
    part->link = link;
    memcpy(part->bytes, bytes, part->length);
    return part->length;
}
