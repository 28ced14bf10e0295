/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stub-pev: a vehicle as a DUT process on the wire protocol (docs/wire.md), file descriptor 3.
 * Exit 0: the world said STOP or closed; 2: bad arguments; 3: the world broke the protocol, or the descriptor failed. */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>

#include "firmware_stub/device/program.h"
#include "firmware_stub/pev/host/board.h"
#include "firmware_stub/pev/host/defects.h"

struct arguments {
    struct board_setup *setup;
    uint64_t seed;
    bool has_seed;
};

enum { KEY_DEFECT = 256, KEY_LIST, KEY_SEED, KEY_START, KEY_SLEEPER, KEY_RAMP, KEY_BCB };

static const struct argp_option options[] = {
    {"charger", 'c', "A", 0, "The charger's size, 1 to 80 (default 32)", 0},
    {"ventilation", 'v', NULL, 0, "Asks for ventilation (state D)", 0},
    {"energy", 'e', "WH", 0, "Full after so much in a session (default: never)", 0},
    {"start-at", KEY_START, "S", 0, "Charges from this second of the bench clock on (default: at once)", 0},
    {"sleeper", KEY_SLEEPER, NULL, 0, "Woken by nothing but the pilot coming back from state E or F (legacy wake-up)",
     0},
    {"ramp", KEY_RAMP, "MA", 0, "The charger rises by so much each 0.1 s, 100 to 80000 (default 2500)", 0},
    {"bcb", KEY_BCB, "N", 0, "Toggles between B and C so many times, 1 to 3, while it waits for PWM (default: not)", 0},
    {"seed", KEY_SEED, "N", 0, "Tolerances and noise by this seed instead of the world's", 0},
    {"defect", KEY_DEFECT, "NAME[=VALUE]", 0, "Have this defect; may be given several times", 0},
    {"list-defects", KEY_LIST, NULL, 0, "Print name, value and meaning of each defect, and exit", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static uint32_t number(struct argp_state *state, const char *what, const char *text, long min, long max) {
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno || end == text || *end || value < min || value > max)
        argp_error(state, "%s is \"%s\", expected a whole number from %ld to %ld", what, text, min, max);
    return (uint32_t)value;
}

static error_t parse(int key, char *text, struct argp_state *state) {
    struct arguments *arguments = state->input;
    struct board_setup *setup = arguments->setup;
    const char *wrong;
    switch (key) {
    case 'c': setup->board.charger_ma = (int32_t)number(state, "--charger", text, 1, 80) * 1000; return 0;
    case 'v': setup->board.asks_ventilation = 1; return 0;
    case 'e': setup->core.want_wh = number(state, "--energy", text, 1, 1000000); return 0;
    case KEY_START: setup->core.start_s = number(state, "--start-at", text, 1, 1000000); return 0;
    case KEY_SLEEPER: setup->core.wake_sources = PEV_WAKE_TOGGLE; return 0;
    case KEY_RAMP: setup->core.ramp_up_ma = number(state, "--ramp", text, 100, 80000); return 0;
    case KEY_BCB: setup->core.bcb_count = number(state, "--bcb", text, 1, 3); return 0;
    case KEY_SEED:
        arguments->seed = number(state, "--seed", text, 0, INT32_MAX);
        arguments->has_seed = true;
        return 0;
    case KEY_DEFECT:
        wrong = defect_apply(&pev_defects, setup, text);
        if (wrong) argp_error(state, "--defect %s: %s", text, wrong);
        return 0;
    case KEY_LIST: defects_print(&pev_defects); exit(0);
    default: return ARGP_ERR_UNKNOWN;
    }
}

int main(int argc, char **argv) {
    static const struct argp argp = {.options = options,
                                     .parser = parse,
                                     .doc = "A vehicle in software as a device under test of Pilotbench. "
                                            "Speaks the wire protocol of docs/wire.md on file descriptor 3."};
    static struct board board;
    static struct device_wire wire;
    board.setup = (struct board_setup){board_parameters_standard, pev_parameters_standard};
    struct arguments arguments = {.setup = &board.setup};
    argp_err_exit_status = DEVICE_EXIT_USAGE;
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    device_wire_init(&wire, &board_kind, &board.device, 1, arguments.has_seed ? &arguments.seed : NULL);
    return device_serve(&wire.turn);
}
