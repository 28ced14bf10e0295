/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stub-esci: a premise's gateway as a process on the wire protocol. */
#include "firmware_stub/esci/defects.h"
#include "firmware_stub/esci/gateway.h"
#include "firmware_stub/peer/host/program.h"
#include "world/wire/pb_wire.h"

#include <stdlib.h>

enum { KEY_LIMIT = PEER_KEY, KEY_QUIET };

static const struct argp_option options[] = {
    {"limit", KEY_LIMIT, "W", 0, "What the premise bears, 100 to 1000000 (default 24000)", 0},
    {"quiet", KEY_QUIET, "S", 0, "A session without metering for so long is over, 1 to 86400 (default 600)", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static const char *number(const char *text, long min, long max, int32_t *ret_number) {
    char *end;
    long value = strtol(text, &end, 10);
    if (end == text || *end || value < min || value > max) return "expected a whole number in range (see --help)";
    *ret_number = (int32_t)value;
    return NULL;
}

static const char *option(struct peer_setup *setup, int key, const char *text) {
    struct peer_parameters *parameters = &setup->parameters;
    if (key != KEY_LIMIT) return number(text, 1, 86400, &parameters->quiet_s);
    const char *complaint = number(text, 100, 1000000, &parameters->limit_mw);
    if (!complaint) parameters->limit_mw *= 1000;
    return complaint;
}

int main(int argc, char **argv) {
    static const struct peer_program program = {
        .name = "stub-esci",
        .text = "A premise's gateway (ESCI) in software, as a device under test or a peer of Pilotbench. "
                "Speaks the wire protocol of docs/wire.md on file descriptor 3, or lines of messages on real links.",
        .actor = PBW_ESCI,
        .kind = &gateway_kind,
        .defects = &gateway_defects,
        .options = options,
        .option = option,
    };
    struct peer_setup setup = gateway_standard;
    return peer_main(&program, &setup, argc, argv);
}
