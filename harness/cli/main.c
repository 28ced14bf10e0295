/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pilotbench: the verbs. */
#include "harness/cli/cli.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *text;
    int (*carry_out)(int argc, char **argv);
} verbs[] = {
    {"run", "run cases on a bench against a device under test", pb_cli_run},
    {"list", "show the cases there are, or the words of suites", pb_cli_list},
    {"verify", "check that a run file is what was written", pb_cli_verify},
    {"rejudge", "judge a run file again and compare", pb_cli_rejudge},
    {"tell", "ask something of a run in progress: abort, comment, status", pb_cli_tell},
};

static int usage(FILE *out, int status) {
    fprintf(out, "Usage: pilotbench VERB ...\n\n");
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) fprintf(out, "  %-9s %s\n", verbs[i].name, verbs[i].text);
    fprintf(out, "\n`pilotbench VERB --help` tells each verb's options.\n"
                 "Exit status: 1 a check failed; else 4 bench error; else 3 inconclusive; 0 pass; 2 bad usage or input; 130 interrupted.\n");
    return status;
}

int main(int argc, char **argv) {
    signal(SIGPIPE, SIG_IGN);
    if (argc < 2) return usage(stderr, PB_EXIT_INPUT);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) return usage(stdout, 0);
    if (strcmp(argv[1], "--version") == 0) {
        puts("pilotbench " PB_VERSION);
        return 0;
    }
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        static char name[64];
        if (strcmp(argv[1], verbs[i].name) != 0) continue;
        snprintf(name, sizeof name, "pilotbench %s", verbs[i].name);
        argv[1] = name;
        return verbs[i].carry_out(argc - 1, argv + 1);
    }
    fprintf(stderr, "pilotbench: found verb '%s', expected run, list, verify, rejudge or tell (pilotbench --help)\n", argv[1]);
    return PB_EXIT_INPUT;
}

int pb_cli_complain(const struct pb_error *error) {
    fprintf(stderr, "pilotbench: %s%s%s\n", error->where, error->where[0] ? ": " : "", error->text);
    switch (error->status) {
    case PB_ERR_INPUT:
    case PB_ERR_ARG:
    case PB_ERR_RANGE:
    case PB_ERR_NOT_FOUND:
    case PB_ERR_UNSUPPORTED:
    case PB_ERR_IO:
    case PB_ERR_BUSY: return PB_EXIT_INPUT;
    case PB_ERR_INTERRUPTED: return PB_EXIT_INTERRUPTED;
    default: return PB_EXIT_ERROR;
    }
}
