/* SPDX-License-Identifier: GPL-3.0-or-later */
/* modbus_rate: transactions a second of ten registers through our driver, as the engine would drain it, against a bare loop of libmodbus on the same
 * server; the two in turn. Usage: bench_modbus PAIRS. Prints "ours bare" a line. */
#include "base/wall.h"
#include "instruments/roles/driver.h"
#include "tests/instruments/modbus_server.h"

#include <errno.h>
#include <modbus/modbus.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRANSACTIONS = 1500, WARM_UP = 200, REGISTERS = 10 };

static size_t seen;

static void give_up(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static void on_event(void *user, const struct pb_seen *event) {
    (void)user;
    (void)event;
    seen++;
}
static void on_complete(void *user, pb_instant to) {
    (void)user;
    (void)to;
}

static void write_profile(char *text, size_t size) {
    size_t used = (size_t)snprintf(text, size,
                                   "pilotbench_instrument: 1\nname: bench\nsource: none\ndriver: modbus\nchannels:\n");
    for (int i = 0; i < REGISTERS; i++)
        used += (size_t)snprintf(
            text + used, size - used,
            "  - {name: c%d, role: r%d, access: read, unit: V, min: 0 V, max: 65535 V, table: holding, address: %d, period: 0 s}\n",
            i, i, i);
}

static double rate(pb_instant from, size_t count) {
    return (double)count * 1e9 / (double)pb_between(from, pb_wall_now()).ns;
}

static void drain_until(const struct pb_driver *driver, struct pb_instrument *instrument, size_t count) {
    struct pb_error error;
    struct pollfd entry = {.fd = driver->live->descriptor(instrument), .events = POLLIN};
    while (seen < count) {
        (void)poll(&entry, 1, 5000);
        if (driver->live->poll(instrument, pb_wall_now(), &error) != PB_OK) give_up(error.text);
    }
}

static double ours(const char *params) {
    const struct pb_driver *driver = pb_driver_find("modbus");
    struct pb_doc *doc = NULL;
    struct pb_error error;
    struct pb_instrument *instrument = NULL;
    void *config = calloc(1, driver->config_size);
    const struct pb_opening opening = {.sink = {.event = on_event, .complete = on_complete}};
    if (!config || pb_doc_read_text("bench", params, strlen(params), &doc, &error) != PB_OK ||
        pb_doc_bind(doc, pb_doc_root(doc), driver->params, driver->param_count, config, driver->config_size, &error) !=
            PB_OK ||
        driver->rows->prepare(config, ".", &error) != PB_OK ||
        driver->core->open(config, &opening, &instrument, &error) != PB_OK)
        give_up(error.text);
    seen = 0;
    drain_until(driver, instrument, (size_t)WARM_UP * REGISTERS);
    pb_instant from = pb_wall_now();
    size_t before = seen;
    drain_until(driver, instrument, before + (size_t)TRANSACTIONS * REGISTERS);
    double result = rate(from, (seen - before) / REGISTERS);
    driver->core->close(instrument);
    driver->rows->release(config);
    free(config);
    pb_doc_destroy(doc);
    return result;
}

static double bare(int port) {
    uint16_t words[REGISTERS];
    modbus_t *context = modbus_new_tcp("127.0.0.1", port);
    if (!context || modbus_connect(context) != 0) give_up(modbus_strerror(errno));
    pb_instant from = PB_INSTANT_ZERO;
    for (int i = 0; i < WARM_UP + TRANSACTIONS; i++) {
        if (i == WARM_UP) from = pb_wall_now();
        if (modbus_read_registers(context, 0, REGISTERS, words) != REGISTERS) give_up(modbus_strerror(errno));
    }
    double result = rate(from, TRANSACTIONS);
    modbus_close(context);
    modbus_free(context);
    return result;
}

int main(int argc, char **argv) {
    char profile[3000], params[500], path[] = "/tmp/pb-bench-modbus-XXXXXX";
    int pairs = argc > 1 ? atoi(argv[1]) : 5, descriptor = mkstemp(path);
    struct modbus_server server = modbus_server_start(true, 1);
    write_profile(profile, sizeof profile);
    FILE *file = descriptor >= 0 ? fdopen(descriptor, "w") : NULL;
    if (!file || fputs(profile, file) < 0 || fclose(file) != 0) give_up("no profile");
    snprintf(params, sizeof params, "{profile: %s, link: '%s', timeout: 5 s}", path, server.link);
    for (int i = 0; i < pairs; i++) {
        double own = ours(params);
        printf("%.0f %.0f\n", own, bare(server.port));
        fflush(stdout);
    }
    remove(path);
    modbus_server_finish(&server);
    return 0;
}
