/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Boards run side by side to the next instant at which one of them, or the sharing, does something. */
#include "firmware_stub/evse/host/station.h"

#include <jansson.h>
#include <string.h>

#define MS_NS INT64_C(1000000)

static bool is_shared(const struct station *station) { return station->cord_count > 1; }

static uint32_t now_ms(const struct station *station) { return (uint32_t)(station->device.now_ns / MS_NS); }

/* A new vehicle begins a new session. */
static void look_at(struct station *station, uint32_t cord, struct evse_sharing_view *ret_view) {
    const struct board *board = &station->boards[cord];
    bool is_in_use = board->is_running && evse_is_in_use(&board->core);
    if (is_in_use && !station->cords[cord].was_in_use) station->cords[cord].session = ++station->sessions;
    station->cords[cord].was_in_use = is_in_use;
    *ret_view = (struct evse_sharing_view){is_in_use, is_in_use && board->core.mode == EVSE_CHARGING,
                                           board->is_running ? evse_announced_ma(&board->core) : 0};
}

/* The millisecond in which a time of the sharing has come. */
static int64_t due_ns(const struct station *station) {
    uint32_t at_ms;
    if (!evse_sharing_next_ms(&station->sharing, &at_ms)) return PBW_NEVER;
    int64_t left_ms = (int32_t)(at_ms - now_ms(station));
    return left_ms <= 0 ? station->device.now_ns : (station->device.now_ns / MS_NS + left_ms) * MS_NS;
}

/* Until grants and what boards make of them have settled. */
static void share(struct station *station) {
    struct evse_sharing_view views[EVSE_CORDS_MAX];
    bool has_changed = is_shared(station);
    while (has_changed) {
        for (uint32_t i = 0; i < station->cord_count; i++) look_at(station, i, &views[i]);
        has_changed = evse_sharing_update(&station->sharing, now_ms(station), views);
        for (uint32_t i = 0; has_changed && i < station->cord_count; i++)
            if (station->boards[i].granted_ma != station->sharing.cords[i].granted_ma)
                board_grant(&station->boards[i], station->sharing.cords[i].granted_ma);
    }
    station->sharing_due_ns = is_shared(station) ? due_ns(station) : PBW_NEVER;
}

static void collect(struct station *station) {
    for (uint32_t i = 0; i < station->cord_count; i++) {
        struct board *board = &station->boards[i];
        for (size_t k = 0; k < board->output_count; k++) {
            station->device.output[station->device.output_count] = board->output[k];
            station->device.output[station->device.output_count++].cord = (uint8_t)i;
        }
        board->output_count = 0;
    }
}

int64_t station_next_ns(const struct station *station) {
    int64_t next_ns = station->sharing_due_ns;
    for (uint32_t i = 0; i < station->cord_count; i++) {
        int64_t board_ns = board_next_ns(&station->boards[i]);
        if (board_ns < next_ns) next_ns = board_ns;
    }
    return next_ns;
}

void station_set_now(struct station *station, int64_t now_ns) {
    station->device.now_ns = now_ns;
    for (uint32_t i = 0; i < station->cord_count; i++) station->boards[i].now_ns = now_ns;
}

/* Everything due at now_ns; the boards' own, then the sharing, again until all is quiet. */
static void run_now(struct station *station) {
    do {
        for (uint32_t i = 0; i < station->cord_count; i++) {
            board_run(&station->boards[i], station->device.now_ns);
            station->boards[i].now_ns = station->device.now_ns;
        }
        share(station);
        collect(station);
    } while (station_next_ns(station) <= station->device.now_ns);
}

void station_run(struct station *station, int64_t until_ns) {
    share(station); /* inputs have taken effect */
    collect(station);
    for (;;) {
        int64_t next_ns = station_next_ns(station);
        if (next_ns == PBW_NEVER || next_ns > until_ns ||
            (station->device.output_count && next_ns > station->device.now_ns))
            break;
        if (next_ns > station->device.now_ns) station_set_now(station, next_ns);
        run_now(station);
    }
    if (!station->device.output_count && until_ns > station->device.now_ns) station_set_now(station, until_ns);
}

void station_input(struct station *station, const struct pbw_record *record) {
    uint32_t last = record->type == PBW_SERIAL_IN ? station->cord_count - 1 : record->cord; /* one console for all */
    for (uint32_t i = record->cord; i <= last; i++) board_input(&station->boards[i], record);
}

void station_hears(struct station *station, const char *bytes, size_t size) {
    const char *type = NULL, *to = NULL, *vin = NULL;
    int is_bound = 0;
    json_int_t cord = 0;
    json_t *message = json_loadb(bytes, size, 0, NULL);
    bool is_read = json_unpack(message, "{s:s,s:s,s:{s:b,s:I,s:s}}", "type", &type, "to", &to, "fields", "success",
                               &is_bound, "cord", &cord, "vin", &vin) == 0;
    bool is_ours = is_read && strcmp(type, "binding_confirmation") == 0 && strcmp(to, "eumd") == 0 && is_bound;
    if (is_ours && cord >= 1 && cord <= station->cord_count && strlen(vin) < STATION_VIN_ROOM)
        strcpy(station->cords[cord - 1].vin, vin);
    json_decref(message);
}

void station_switch_coils(struct station *station, uint32_t cord, bool is_on) {
    for (uint32_t i = 0; i < station->cord_count; i++)
        if (station->setups->station.coil_of[cord] >> i & 1) board_switch_coil(&station->boards[i], is_on);
}

const char *station_vehicle_of(const struct station *station, uint32_t cord) {
    return station->cords[station->setups->station.vehicle_of[cord]].vin;
}

uint32_t station_session_of(const struct station *station, uint32_t cord) { return station->cords[cord].session; }

uint32_t station_next_id(struct station *station) { return station->ids++; }

void station_gather(struct station *station, uint32_t cord, int64_t *energy_nj, int64_t *charging_ms) {
    for (uint32_t i = 0; station->setups->station.is_one_record && i < station->cord_count; i++)
        if (i != cord) board_take_counts(&station->boards[i], energy_nj, charging_ms);
}

void station_init(struct station *station, const struct board_setup *setups, uint32_t cord_count, uint64_t seed) {
    memset(station, 0, sizeof *station);
    station->setups = setups;
    station->cord_count = cord_count;
    station->sharing_due_ns = PBW_NEVER;
    evse_sharing_begin(&station->sharing, &setups->sharing, cord_count);
    for (uint32_t i = 0; i < cord_count; i++) {
        board_init(&station->boards[i], &setups[i], seed + i);
        station->boards[i].cord = i;
        if (!is_shared(station)) continue;
        station->boards[i].station = station;
        station->boards[i].granted_ma = 0;
    }
}
