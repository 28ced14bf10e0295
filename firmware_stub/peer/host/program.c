/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware_stub/peer/host/program.h"

#include "firmware_stub/device/program.h"
#include "firmware_stub/peer/host/links.h"
#include "firmware_stub/peer/host/wire.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct arguments {
    const struct peer_program *program;
    struct peer_setup *setup;
    uint64_t seed;
    bool has_seed;
    const char *links[PEER_LINKS]; /* real ones; NULL: none */
};

enum { KEY_DEFECT = 256, KEY_LIST, KEY_SEED, KEY_PREMISE, KEY_LINK, KEY_UPSTREAM };

static const struct argp_option options[] = {
    {"premise", KEY_PREMISE, "ID", 0, "The premise (default P-1)", 0},
    {"seed", KEY_SEED, "N", 0, "Delays by this seed instead of the world's", 0},
    {"defect", KEY_DEFECT, "NAME[=VALUE]", 0, "Have this defect; may be given several times", 0},
    {"premise-link", KEY_LINK, "LINK", 0,
     "In real time instead of the wire: the premise's messages over tcp:, tcp-listen:ADDRESS:PORT, unix:, unix-listen:, "
     "pty:PATH or stdio",
     0},
    {"utility-link", KEY_UPSTREAM, "LINK", 0, "The same for the messages of the utility's side", 0},
    {"list-defects", KEY_LIST, NULL, 0, "Print name, value and meaning of each defect, and exit", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

const char *peer_identity_option(const char *text, char *ret_text) {
    size_t length = strlen(text);
    if (!length || length >= PEER_TEXT_MAX) return "expected 1 to 40 characters";
    memcpy(ret_text, text, length + 1);
    return NULL;
}

static const char *seed_option(struct arguments *arguments, const char *text) {
    char *end;
    errno = 0;
    arguments->seed = strtoull(text, &end, 10);
    arguments->has_seed = true;
    return errno || end == text || *end || *text == '-' ? "expected a whole number" : NULL;
}

static const char *link_option(struct arguments *arguments, size_t number, const char *text) {
    arguments->links[number] = text;
    return peer_links_check(text);
}

static error_t parse(int key, char *text, struct argp_state *state) {
    struct arguments *arguments = state->input;
    const struct peer_program *program = arguments->program;
    const char *wrong = NULL, *option = "";
    switch (key) {
    case KEY_PREMISE: option = "--premise", wrong = peer_identity_option(text, arguments->setup->premise); break;
    case KEY_SEED: option = "--seed", wrong = seed_option(arguments, text); break;
    case KEY_LINK: option = "--premise-link", wrong = link_option(arguments, PEER_PREMISE, text); break;
    case KEY_UPSTREAM: option = "--utility-link", wrong = link_option(arguments, PEER_UPSTREAM, text); break;
    case KEY_DEFECT:
        option = "--defect", wrong = defect_apply(program->defects, &arguments->setup->parameters, text);
        break;
    case KEY_LIST: defects_print(program->defects); exit(0);
    default:
        if (key < PEER_KEY || key >= PEER_KEYS_END || !program->option) return ARGP_ERR_UNKNOWN;
        option = program->name, wrong = program->option(arguments->setup, key, text);
    }
    if (wrong) argp_error(state, "%s: \"%s\": %s", option, text, wrong);
    return 0;
}

int peer_main(const struct peer_program *program, struct peer_setup *setup, int argc, char **argv) {
    static struct wire wire;
    struct argp_option all[PEER_KEYS_END - PEER_KEY + sizeof options / sizeof options[0]];
    size_t count = 0;
    for (const struct argp_option *row = program->options; row && row->name; row++) all[count++] = *row;
    memcpy(all + count, options, sizeof options);
    struct argp argp = {.options = all, .parser = parse, .doc = program->text};
    struct arguments arguments = {.program = program, .setup = setup};
    argp_err_exit_status = DEVICE_EXIT_USAGE;
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    signal(SIGPIPE, SIG_IGN);
    if (arguments.links[PEER_PREMISE] || arguments.links[PEER_UPSTREAM])
        return peer_links_serve(program->name, program->kind, setup, arguments.seed, arguments.links);
    wire_init(&wire, program->name, program->actor, program->kind, setup, arguments.has_seed ? &arguments.seed : NULL);
    int exit_status = device_serve(&wire.turn);
    wire_finish(&wire);
    return exit_status;
}
