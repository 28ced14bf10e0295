/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A box of relays on a Modbus server (libmodbus, TCP), in software: coil 0 switches the supply, coil 1 S2; discrete input 0 shows the contactor of a
 * device that closes 30 ms after both are on and opens 20 ms after one is off; input 1 shows an emergency stop, closed at the start.
 * Coil 0 is also a person's switch. Prints its link, then a line for every change of a coil: its number, its value. Input lines: "on" and "off" work the switch by hand, "stop" opens the emergency stop, "weld" keeps the contactor
 * closed, "drop" lets it fall. Ends with its input. */
#include "base/wall.h"
#include "tests/instruments/modbus_server.h"

#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { COILS = 2, CLOSE_MS = 30, OPEN_MS = 20 };

struct box {
    struct modbus_shared *shared;
    uint8_t seen[COILS];
    bool is_wanted, is_welded, is_dropped;
    pb_instant moves_at; /* NEVER: the contactor rests */
};

static void show_coils(struct box *box) {
    for (int i = 0; i < COILS; i++) {
        if (box->shared->coils[i] == box->seen[i]) continue;
        box->seen[i] = box->shared->coils[i];
        printf("%d=%d\n", i, box->seen[i]);
        fflush(stdout);
    }
}

static void move_contactor(struct box *box) {
    bool is_wanted = (box->seen[0] && box->seen[1] && !box->is_dropped) || box->is_welded;
    if (is_wanted != box->is_wanted) {
        box->is_wanted = is_wanted;
        box->moves_at = pb_after(pb_wall_now(), pb_ms(is_wanted ? CLOSE_MS : OPEN_MS));
    }
    if (pb_is_before(pb_wall_now(), box->moves_at)) return;
    box->shared->discretes[0] = box->is_wanted;
    box->moves_at = PB_INSTANT_NEVER;
}

/* False at the end of the input. */
static bool obey(struct box *box) {
    char line[80];
    ssize_t size = read(STDIN_FILENO, line, sizeof line - 1);
    if (size <= 0) return false;
    line[size] = 0;
    if (strstr(line, "on")) box->shared->coils[0] = 1;
    if (strstr(line, "off")) box->shared->coils[0] = 0;
    if (strstr(line, "stop")) box->shared->discretes[1] = 0;
    if (strstr(line, "weld")) box->is_welded = true;
    if (strstr(line, "drop")) box->is_dropped = true;
    return true;
}

int main(void) {
    struct modbus_server server = modbus_server_start(true, 1);
    struct box box = {.shared = server.shared, .moves_at = PB_INSTANT_NEVER};
    box.shared->discretes[1] = 1;
    printf("%s\n", server.link);
    fflush(stdout);
    for (bool is_going = true; is_going;) {
        struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
        if (poll(&input, 1, 1) > 0) is_going = obey(&box);
        show_coils(&box);
        move_contactor(&box);
    }
    modbus_server_finish(&server);
    return 0;
}
