/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pilotbench scan: asks each driver what this machine has for it, and lists the ports that links go over. Nothing found is an answer, not an error. */
#include "harness/cli/cli.h"

#include "instruments/links/ports.h"
#include "instruments/roles/driver.h"

#include <stdio.h>

static error_t parse_nothing(int key, char *text, struct argp_state *state) {
    if (key == ARGP_KEY_ERROR) return pb_cli_refuse_option(state);
    if (key == ARGP_KEY_ARG) return pb_cli_refuse(state, "found '%.80s', expected no argument", text);
    return ARGP_ERR_UNKNOWN;
}

static void tell(void *user, const char *line) {
    (void)user;
    printf("  %s\n", line);
}

int pb_cli_scan(int argc, char **argv) {
    static const struct argp parser = {
        .parser = parse_nothing,
        .doc =
            "Shows the instruments that this machine has, by driver, and its serial ports. Looks only: nothing is set."};
    if (!pb_cli_parse(&parser, argc, argv, NULL)) return PB_EXIT_INPUT;
    for (size_t i = 0; pb_drivers[i]; i++) {
        if (!pb_drivers[i]->scan) continue;
        printf("driver %s: %s\n", pb_drivers[i]->name, pb_drivers[i]->summary);
        if (pb_drivers[i]->scan(tell, NULL) == 0) printf("  nothing found\n");
    }
    puts("serial ports: for drivers with a link");
    if (pb_ports_scan(tell, NULL) == 0) puts("  nothing found");
    return 0;
}
