/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records from outside into stub-evse's side of the wire: HELLO is given, the rest is the input, 64 bytes a record. Bytes 4 to 7
 * (seq) are put right where the first input byte is even, so that the fuzzer gets past them. */
#include <stdlib.h>
#include <string.h>

#include "firmware_stub/evse/host/station.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct board_setup healthy[EVSE_CORDS_MAX];
    static struct station station;
    static struct device_wire wire;
    for (int i = 0; i < EVSE_CORDS_MAX; i++)
        healthy[i] = (struct board_setup){board_parameters_standard, evse_parameters_standard,
                                          evse_sharing_parameters_standard, station_parameters_standard};
    healthy[0].station.cords = EVSE_CORDS_MAX; /* HELLO says how many of them there are */
    memset(&station, 0, sizeof station);
    station.setups = healthy;
    device_wire_init(&wire, &station_kind, &station.device, EVSE_CORDS_MAX, NULL);
    struct pbw_record record = {.type = PBW_HELLO};
    record.u.hello =
        (struct pbw_hello){.version = PBW_VERSION, .actor = PBW_EVSE, .cords = size && data[0] & 2 ? 2 : 1, .seed = 1};
    if (wire.turn.take(&wire.turn, &record) != DEVICE_ANSWER) abort();
    bool is_helped = size && data[0] % 2 == 0;
    for (size_t at = 1; at + sizeof record <= size && at < 1 + 2000 * sizeof record; at += sizeof record) {
        memcpy(&record, data + at, sizeof record);
        if (is_helped) record.seq = wire.turn.in_seq;
        enum device_result result = wire.turn.take(&wire.turn, &record);
        if (result == DEVICE_STOP || result == DEVICE_ERROR) break;
        if (result != DEVICE_ANSWER) continue;
        const struct pbw_record *done = &wire.answer[wire.turn.answer_count - 1];
        if (done->type != PBW_DONE || (done->u.value.a <= done->t_ns && done->t_ns != PBW_NEVER)) abort();
        for (size_t i = 0; i < wire.turn.answer_count; i++)
            if (wire.answer[i].t_ns != done->t_ns) abort();
    }
    return 0;
}
