/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stub-utility: a utility as a process on the wire protocol. */
#include "firmware_stub/peer/host/program.h"
#include "firmware_stub/utility/defects.h"
#include "firmware_stub/utility/utility.h"
#include "world/wire/pb_wire.h"

enum { KEY_ENROLLED = PEER_KEY, KEY_NOBODY, KEY_ROAMING };

static const struct argp_option options[] = {
    {"enrolled", KEY_ENROLLED, "VIN", 0, "This vehicle is enrolled too (default: 1PB00000000000001 alone)", 0},
    {"nobody-enrolled", KEY_NOBODY, NULL, 0, "No vehicle is enrolled", 0},
    {"roaming", KEY_ROAMING, NULL, 0, "Asks the home utility about a vehicle that is not enrolled", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static const char *option(struct peer_setup *setup, int key, const char *text) {
    if (key == KEY_ROAMING) setup->parameters.is_roaming = 1;
    if (key == KEY_NOBODY) setup->enrolled_count = 0;
    if (key != KEY_ENROLLED) return NULL;
    if (!peer_is_vin(text)) return "expected a VIN, 17 capitals and digits without I, O and Q";
    if (setup->enrolled_count == PEER_ENROLLED_MAX) return "expected fewer vehicles";
    return peer_identity_option(text, setup->enrolled[setup->enrolled_count++]);
}

int main(int argc, char **argv) {
    static const struct peer_program program = {
        .name = "stub-utility",
        .text = "A utility in software, as a device under test or a peer of Pilotbench. "
                "Speaks the wire protocol of docs/wire.md on file descriptor 3, or lines of messages on real links.",
        .actor = PBW_UTILITY,
        .kind = &utility_kind,
        .defects = &utility_defects,
        .options = options,
        .option = option,
    };
    struct peer_setup setup = utility_standard;
    return peer_main(&program, &setup, argc, argv);
}
