/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/conformance/fixture.h"

#include "tests/conformance/comedi_fixtures.h"
#include "tests/instruments/live.h"
#include "tests/instruments/modbus_server.h"
#include "tests/instruments/scpi_server.h"
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

const char fixture_log_path[] = PB_BUILD_DIR "/tests/conformance.world.log";

/* ---- virtual: the world's log tells ---- */

static void start_virtual(char *ret_params, size_t size) {
    (void)unlink(fixture_log_path);
    snprintf(ret_params, size, "world: %s/pilotbench-world, cords: 2", PB_BUILD_DIR);
}

static int64_t observe_virtual(const struct pb_channel *channel) {
    char line[400], wanted[80];
    int64_t value = channel->safe;
    static const char second[] = "cord2_";
    bool is_second = strncmp(channel->name, second, strlen(second)) == 0;
    const char *name = channel->name + (is_second ? strlen(second) : 0);
    FILE *log = fopen(fixture_log_path, "r");
    assert_non_null(log);
    snprintf(wanted, sizeof wanted, " set %s=", name);
    while (fgets(line, sizeof line, log)) {
        const char *at = strstr(line, wanted);
        if (at && (strstr(at, " cord=1") != NULL) == is_second) value = strtoll(at + strlen(wanted), NULL, 10);
    }
    fclose(log);
    return strcmp(name, "residual") == 0 ? value / 1000 : value; /* the world counts it in uA */
}

static void finish_virtual(void) { (void)unlink(fixture_log_path); }

/* ---- modbus ---- */

static struct modbus_server modbus;

static const char modbus_profile[] =
    "pilotbench_instrument: 1\n"
    "name: everything\n"
    "source: this test\n"
    "driver: modbus\n"
    "channels:\n"
    "  - {name: in, role: eumd.voltage, access: read, unit: V, min: 0 V, max: 300 V, table: input, address: 1, scale: 0.1 V, period: 1 ms}\n"
    "  - {name: door, role: guard_door, access: read, unit: none, min: 0, max: 1, table: discrete, address: 1, period: 3 ms}\n"
    "  - {name: relay, role: mains.switch, access: drive, unit: none, min: 0, max: 1, safe: 0, energises: true, table: coil, address: 0}\n"
    "  - {name: word, role: load, access: drive, unit: A, min: -2 A, max: 32 A, safe: 0 A, table: holding, address: 0, type: i16, scale: 1 A, per: 100}\n"
    "  - {name: long, role: cp.load.r2, access: drive, unit: ohm, min: 100 ohm, max: 100 kohm, safe: 2740 ohm, kept_when_safe: true, table: holding,\n"
    "     address: 2, type: u32, order: cdab, scale: 0.001 ohm}\n"
    "  - {name: single, role: cp.source, access: drive, unit: V, min: -12 V, max: 12 V, safe: 0 V, table: holding, address: 4, type: f32}\n";

static void start_modbus(char *ret_params, size_t size) {
    modbus = modbus_server_start(true, 1);
    modbus.shared->holding[2] = 2740000 & 0xFFFF;
    modbus.shared->holding[3] = 2740000 >> 16;
    modbus.shared->input[1] = 2305;
    snprintf(ret_params, size, "profile: %s, link: '%s', timeout: 2 s", live_write_profile(modbus_profile),
             modbus.link);
}

static int64_t observe_modbus(const struct pb_channel *channel) {
    const uint16_t *words = modbus.shared->holding;
    if (strcmp(channel->name, "relay") == 0) return modbus.shared->coils[0];
    if (strcmp(channel->name, "word") == 0) return (int64_t)(int16_t)words[0] * 10;
    if (strcmp(channel->name, "long") == 0) return words[2] | (int64_t)words[3] << 16;
    uint32_t bits = (uint32_t)words[4] << 16 | words[5];
    float number;
    memcpy(&number, &bits, sizeof number);
    return (int64_t)((double)number * 1e6);
}

static void finish_modbus(void) { modbus_server_finish(&modbus); }

/* ---- scpi ---- */

static struct scpi_server scpi;

static const char scpi_profile[] =
    "pilotbench_instrument: 1\n"
    "name: everything\n"
    "source: this test\n"
    "driver: scpi\n"
    "identity: {begins: 'Keysight'}\n"
    "confirm: '*OPC?'\n"
    "errors: 'SYST:ERR?'\n"
    "channels:\n"
    "  - {name: in, role: meter.voltage, access: read, unit: V, min: -20 V, max: 20 V, query: 'MEAS:VOLT:DC?', period: 1 ms}\n"
    "  - {name: k1, role: mains.switch, access: drive, unit: none, min: 0, max: 1, safe: 0, energises: true, on: 'ROUT:CLOS (@101)',\n"
    "     off: 'ROUT:OPEN (@101)', query: 'ROUT:CLOS? (@101)', settle: 2 ms}\n"
    "  - {name: out, role: cp.source, access: drive, unit: V, min: -12 V, max: 12 V, safe: 0 V, set: 'VOLT {}'}\n";

static void start_scpi(char *ret_params, size_t size) {
    scpi = scpi_server_start(true);
    snprintf(ret_params, size, "profile: %s, link: '%s', timeout: 2 s", live_write_profile(scpi_profile), scpi.link);
}

static int64_t observe_scpi(const struct pb_channel *channel) {
    if (strcmp(channel->name, "k1") == 0) return scpi.shared->relays[1];
    double volts = strtod(scpi.shared->last_set + strlen("VOLT "), NULL);
    return (int64_t)(volts * 1e6 + (volts < 0 ? -0.5 : 0.5));
}

static void finish_scpi(void) { scpi_server_finish(&scpi); }

/* ---- jsonl: a program that says again what it hears ---- */

static void start_jsonl(char *ret_params, size_t size) {
    snprintf(ret_params, size, "role: esci, exec: [/bin/cat], wait: 5 s");
}
static int64_t observe_nothing(const struct pb_channel *channel) {
    (void)channel;
    return 0;
}
static void finish_nothing(void) {}

static const struct fixture here[] = {
    {.driver = "virtual", .start = start_virtual, .observe = observe_virtual, .finish = finish_virtual},
    {.driver = "modbus",
     .start = start_modbus,
     .observe = observe_modbus,
     .is_seen_after_close = true,
     .finish = finish_modbus},
    {.driver = "scpi",
     .start = start_scpi,
     .observe = observe_scpi,
     .is_seen_after_close = true,
     .finish = finish_scpi},
    {.driver = "jsonl", .start = start_jsonl, .observe = observe_nothing, .finish = finish_nothing},
};
const struct fixture *const fixtures[] = {
    &here[0],
    &here[1],
    &here[2],
    &here[3],
    &comedi_fixtures[0],
    &comedi_fixtures[1],
    &comedi_fixtures[2],
    &comedi_fixtures[3],
    NULL,
};
_Static_assert(COMEDI_FIXTURES == 4, "every fixture is in the list");
