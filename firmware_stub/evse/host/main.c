/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stub-evse: an EVSE as a DUT process on the wire protocol (docs/wire.md), file descriptor 3.
 * Exit 0: the world said STOP or closed; 2: bad arguments; 3: the world broke the protocol, or the descriptor failed. */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>

#include "firmware_stub/device/program.h"
#include "firmware_stub/evse/host/defects.h"
#include "firmware_stub/evse/host/station.h"

struct arguments {
    struct board_setup setups[EVSE_CORDS_MAX]; /* of each cord */
    uint64_t seed;
    bool has_seed;
};

enum { KEY_DEFECT = 256, KEY_LIST, KEY_SEED, KEY_PWM_DELAY, KEY_WAKE, KEY_METER, KEY_CORDS, KEY_SECOND };

static const struct argp_option options[] = {
    {"rated-current", 'r', "A", 0, "The installer's current switch, 6 to 80 (default 32)", 0},
    {"cords", KEY_CORDS, "N", 0, "Cords, 1 or 2, that share the current of the switch (default 1)", 0},
    {"ventilation", 'v', NULL, 0, "The site's ventilation contact is wired (state D may charge)", 0},
    {"pwm-delay", KEY_PWM_DELAY, "MS", 0, "From a vehicle to PWM (default 500)", 0},
    {"wake-up", KEY_WAKE, "S", 0, "Legacy wake-up after so long in B2 (default 0: none)", 0},
    {"meter", KEY_METER, NULL, 0, "Counts the energy and reports it to the gateway at the end of charging", 0},
    {"seed", KEY_SEED, "N", 0, "Tolerances and noise by this seed instead of the world's", 0},
    {"defect", KEY_DEFECT, "NAME[=VALUE]", 0, "Have this defect; may be given several times", 0},
    {"cord-2-defect", KEY_SECOND, "NAME[=VALUE]", 0, "The second cord's board alone has this defect; likewise", 0},
    {"list-defects", KEY_LIST, NULL, 0, "Print name, value and meaning of each defect, and exit", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static long number(struct argp_state *state, const char *what, const char *text, long min, long max) {
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno || end == text || *end || value < min || value > max)
        argp_error(state, "%s is \"%s\", expected a whole number from %ld to %ld", what, text, min, max);
    return value;
}

static void have(struct argp_state *state, struct board_setup *setup, const char *defect) {
    const char *wrong = defect_apply(&evse_defects, setup, defect);
    if (wrong) argp_error(state, "--defect %s: %s", defect, wrong);
}

static error_t parse(int key, char *text, struct argp_state *state) {
    struct arguments *arguments = state->input;
    struct board_setup *setup = arguments->setups, *second = arguments->setups + 1;
    switch (key) {
    case 'r':
        setup->board.switch_ma = second->board.switch_ma =
            (int32_t)number(state, "--rated-current", text, 6, 80) * 1000;
        setup->sharing.supply_ma = (uint32_t)setup->board.switch_ma;
        return 0;
    case KEY_CORDS: setup->station.cords = (int32_t)number(state, "--cords", text, 1, EVSE_CORDS_MAX); return 0;
    case 'v': setup->board.is_ventilated = second->board.is_ventilated = 1; return 0;
    case KEY_PWM_DELAY:
        setup->core.pwm_start_ms = second->core.pwm_start_ms = (uint32_t)number(state, "--pwm-delay", text, 0, 600000);
        return 0;
    case KEY_WAKE:
        setup->core.wake_after_ms = second->core.wake_after_ms =
            (uint32_t)number(state, "--wake-up", text, 0, 3600) * 1000;
        return 0;
    case KEY_METER: setup->board.is_metered = second->board.is_metered = 1; return 0;
    case KEY_SEED:
        arguments->seed = (uint64_t)number(state, "--seed", text, 0, INT64_MAX);
        arguments->has_seed = true;
        return 0;
    case KEY_DEFECT:
        have(state, setup, text);
        have(state, second, text);
        return 0;
    case KEY_SECOND: have(state, second, text); return 0;
    case KEY_LIST: defects_print(&evse_defects); exit(0);
    default: return ARGP_ERR_UNKNOWN;
    }
}

int main(int argc, char **argv) {
    static const struct argp argp = {options,
                                     parse,
                                     NULL,
                                     "An EVSE in software as a device under test of Pilotbench. "
                                     "Speaks the wire protocol of docs/wire.md on file descriptor 3.",
                                     NULL,
                                     NULL,
                                     NULL};
    static struct station station;
    static struct device_wire wire;
    const struct board_setup healthy = {board_parameters_standard, evse_parameters_standard,
                                        evse_sharing_parameters_standard, station_parameters_standard};
    struct arguments arguments = {.setups = {healthy, healthy}};
    argp_err_exit_status = DEVICE_EXIT_USAGE;
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    station.setups = arguments.setups;
    device_wire_init(&wire, &station_kind, &station.device, (uint32_t)arguments.setups->station.cords,
                     arguments.has_seed ? &arguments.seed : NULL);
    return device_serve(&wire.turn);
}
