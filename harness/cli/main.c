/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pilotbench: the verbs. */
#include "harness/cli/cli.h"

#include "base/text.h"

#include <malloc.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *text;
    int (*carry_out)(int argc, char **argv);
} verbs[] = {
    {"run", "run cases on a bench against a device under test", pb_cli_run},
    {"list", "show the cases there are, or the words of suites", pb_cli_list},
    {"scan", "show what instruments this machine has", pb_cli_scan},
    {"report", "write the report of a run file: HTML, JUnit, table", pb_cli_report},
    {"verify", "check that a run file is what was written", pb_cli_verify},
    {"rejudge", "judge a run file again and compare", pb_cli_rejudge},
    {"tell", "ask something of a run in progress: abort, comment, status, answer", pb_cli_tell},
};

static int usage(void) {
    printf("Usage: pilotbench VERB ...\n\n");
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) printf("  %-9s %s\n", verbs[i].name, verbs[i].text);
    printf(
        "\n`pilotbench VERB --help` tells each verb's options.\n"
        "Exit status: 1 a check failed; else 4 bench error; else 3 inconclusive; 0 pass; 2 bad usage or input; 130 interrupted.\n");
    return 0;
}

static int refuse_verb(const char *found) {
    struct pb_error error;
    char quoted[80], known[160] = "";
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "", verbs[i].name);
    }
    (void)pb_fail(&error, PB_ERR_INPUT, 0, "", "found %s%s, expected one of: %s (pilotbench --help)",
                  found ? "verb " : "no verb", found ? pb_text_quote(found, quoted, sizeof quoted) : "", known);
    return pb_cli_complain(&error);
}

int main(int argc, char **argv) {
    signal(SIGPIPE, SIG_IGN);
    mallopt(M_TRIM_THRESHOLD, 256 << 20); /* what the suite's loading gives back is the run's, and the report's */
    if (argc < 2) return refuse_verb(NULL);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) return usage();
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
    return refuse_verb(argv[1]);
}

/* One line of printable characters: a quoted name may hold anything, a terminal's commands too. */
static void complain(const char *program, const char *where, const char *text) {
    char line[sizeof(struct pb_error) + 128];
    snprintf(line, sizeof line, "%s: %s%s%s", program, where, where[0] ? ": " : "", text);
    size_t length = strlen(line);
    for (size_t i = pb_text_utf8_length(line, length); i < length; i += pb_text_utf8_length(line + i, length - i))
        line[i] = '?';
    for (char *c = line; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F) *c = '?';
    fprintf(stderr, "%s\n", line);
}

error_t pb_cli_refuse(struct argp_state *state, const char *format, ...) {
    char text[400];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (!state->hook) complain(state->name, "", text);
    state->hook = state; /* has complained */
    return EINVAL;
}

error_t pb_cli_refuse_option(struct argp_state *state) {
    /* next is behind the option, or still at a group of letters. */
    const char *word = state->argv[state->next - 1];
    if (word[0] != '-' && state->next < state->argc) word = state->argv[state->next];
    char quoted[80];
    return pb_cli_refuse(state,
                         "found the option %s, expected one that `%s --help` shows, with its value if it has one",
                         pb_text_quote(word, quoted, sizeof quoted), state->name);
}

_Noreturn void pb_cli_help(const struct argp *parser, char **argv) {
    argp_help(parser, stdout, ARGP_HELP_STD_HELP, argv[0]);
    exit(0);
}

/* What keeps argp's own messages away keeps its help away too. */
bool pb_cli_parse(const struct argp *parser, int argc, char **argv, void *input) {
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-?") == 0) pb_cli_help(parser, argv);
    return argp_parse(parser, argc, argv, ARGP_NO_ERRS, NULL, input) == 0;
}

int pb_cli_complain(const struct pb_error *error) {
    complain("pilotbench", error->where, error->text);
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
