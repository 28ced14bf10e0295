/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a DUT sends in a turn, as bytes. Whatever passes must keep the promises that the world builds on. */
#include "world/wire_turn.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct pb_wire_turn turn = {
        .who = "slave 0 (evse)", .actor = PBW_EVSE, .cords = 2, .earliest = {100}, .until = {1000}};
    if (size > 0) turn.is_ready = data[0] & 1;
    for (size_t at = 1; at + sizeof(struct pbw_record) <= size; at += sizeof(struct pbw_record)) {
        struct pbw_record record;
        struct pb_error error = {.status = PB_OK};
        memcpy(&record, data + at, sizeof record);
        if (pb_wire_turn_feed(&turn, &record, &error) != PB_OK) {
            if (error.status != PB_ERR_PROTOCOL || !error.text[0]) abort();
            return 0;
        }
        if (record.cord >= 2 || !turn.is_ready) abort();
        if (turn.has_output && (turn.output_at.ns < 100 || turn.output_at.ns > 1000)) abort();
        if (turn.is_done && (turn.reached.ns < 100 || turn.reached.ns > 1000)) abort();
        if ((record.type == PBW_SERIAL_OUT || record.type == PBW_MSG_OUT) &&
            (record.u.bytes.length > 40 || record.u.bytes.link > 3))
            abort();
        if (record.type == PBW_CP_PWM && record.u.cp_pwm.frequency_uhz <= 0) abort();
    }
    return 0;
}
