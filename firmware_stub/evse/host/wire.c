/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a station takes from the wire: its inputs, as a device kind. */
#include "firmware_stub/evse/host/station.h"

#include <string.h>

static void take(struct device *device, const struct pbw_record *record) {
    struct station *station = (struct station *)device;
    station_set_now(station, device->now_ns);
    station_input(station, record);
}

/* Said by others on a link. Only a station of several cords listens: to the premise's link, for who its vehicles are. */
static void hear(struct device *device, const struct pbw_record *record) {
    struct station *station = (struct station *)device;
    const struct pbw_bytes *bytes = &record->u.bytes;
    if (bytes->link != PBW_LINK_ESCI || station->cord_count < 2) return;
    size_t room = sizeof station->message - station->message_size;
    if (bytes->length <= room) memcpy(station->message + station->message_size, bytes->bytes, bytes->length);
    station->message_size = bytes->length <= room ? station->message_size + bytes->length : sizeof station->message + 1;
    if (!bytes->is_last) return;
    if (station->message_size <= sizeof station->message)
        station_hears(station, station->message, station->message_size);
    station->message_size = 0;
}

static bool is_load_right(const struct pbw_record *record) {
    const struct pbw_cp_load *load = &record->u.cp_load;
    return load->kind <= PBW_LOAD_SHORT && load->milliohm >= 0 && load->femtofarad >= 0 && load->diode_uv >= 0 &&
           load->diode_uv <= 5000000 && DEVICE_IS_ZERO(load->reserved) && DEVICE_IS_ZERO(load->rest);
}

#define VALUE(word, least, most, last)                                                                                 \
    { .type = PBW_##word, .name = #word, .min = least, .max = most, .index_max = last, .take = take }
static const struct device_input inputs[] = {
    {.type = PBW_CP_LOAD, .name = "CP_LOAD", .is_right = is_load_right, .take = take},
    VALUE(PP_OHM, 0, INT64_MAX, UINT8_MAX),
    VALUE(MAINS, 0, 2000000, UINT8_MAX),
    VALUE(POLE_VOLTS, 0, 2000000, 3),
    VALUE(PE_OK, 0, 1, UINT8_MAX),
    VALUE(VENT_OK, 0, 1, UINT8_MAX),
    VALUE(CCID_TRIP, 0, INT64_MAX, UINT8_MAX),
    VALUE(EV_AMPS, INT64_MIN, INT64_MAX, 3),
    VALUE(TEMP, -273150, 1000000, UINT8_MAX),
    VALUE(POWER, 0, 2, UINT8_MAX),
    {.type = PBW_SERIAL_IN, .name = "SERIAL_IN", .is_right = device_is_bytes, .take = take},
    {.type = PBW_MSG_IN, .name = "MSG_IN", .is_right = device_is_bytes, .take = hear, .is_heard = true},
};

static void start(struct device *device, uint32_t cords, uint64_t seed, int64_t now_ns) {
    struct station *station = (struct station *)device;
    station_init(station, station->setups, cords, seed);
    station_set_now(station, now_ns);
}

static int64_t next_ns(const struct device *device) { return station_next_ns((const struct station *)device); }

static void run(struct device *device, int64_t until_ns) { station_run((struct station *)device, until_ns); }

const struct device_kind station_kind = {
    .name = "stub-evse",
    .actor = PBW_EVSE,
    .version = PBW_VERSION,
    .inputs = inputs,
    .input_count = sizeof inputs / sizeof inputs[0],
    .start = start,
    .next_ns = next_ns,
    .run = run,
};
