/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pilotbench verify, rejudge, tell: what is done with a run file afterwards, or with a run from outside. */
#include "harness/cli/cli.h"

#include "harness/control/control.h"
#include "record/read/reader.h"

#include <stdio.h>
#include <string.h>

enum { FILES_MAX = 256 };
struct files {
    char *paths[FILES_MAX];
    size_t count;
};

static error_t parse_files(int key, char *text, struct argp_state *state) {
    struct files *files = state->input;
    if (key == ARGP_KEY_NO_ARGS) return pb_cli_refuse(state, "found no run file, expected at least one");
    if (key == ARGP_KEY_ERROR) return pb_cli_refuse_option(state);
    if (key != ARGP_KEY_ARG) return ARGP_ERR_UNKNOWN;
    if (files->count == FILES_MAX)
        return pb_cli_refuse(state, "found more than %d run files, expected at most that", FILES_MAX);
    files->paths[files->count++] = text;
    return 0;
}

typedef int file_fn(const char *path, struct pb_reader *reader);

static int for_each_file(int argc, char **argv, const char *text, file_fn *carry_out) {
    struct argp parser = {NULL, parse_files, "RUN ...", text, 0, 0, 0};
    struct files files = {0};
    int worst = 0;
    if (!pb_cli_parse(&parser, argc, argv, &files)) return PB_EXIT_INPUT;
    for (size_t i = 0; i < files.count; i++) {
        struct pb_reader *reader;
        struct pb_error error;
        int code = pb_reader_open(files.paths[i], &reader, &error) == PB_OK ? 0 : pb_cli_complain(&error);
        if (code == 0) {
            code = carry_out(files.paths[i], reader);
            pb_reader_close(reader);
        }
        if (code > worst) worst = code;
    }
    return worst;
}

static int verify_one(const char *path, struct pb_reader *reader) {
    struct pb_verify_result result;
    struct pb_error error;
    enum pb_status status = pb_reader_verify(reader, &result, &error);
    if (status == PB_ERR_CHANGED) {
        printf("%s: CHANGED: %s\n", path, result.finding[0] ? result.finding : error.text);
        return PB_EXIT_FAIL;
    }
    if (status != PB_OK) return pb_cli_complain(&error);
    printf("%s: %lld rows as written, head ", path, (long long)result.rows);
    for (size_t i = 0; i < 8; i++) printf("%02x", result.head[i]);
    printf("%s\n", result.is_closed ? ", closed" : ", not closed: the run was aborted (a cut tail cannot be seen)");
    return 0;
}

int pb_cli_verify(int argc, char **argv) {
    return for_each_file(
        argc, argv,
        "Checks hash chain, captures and head of run files. Exit status 1: something is not what was written.",
        verify_one);
}

static void show_difference(void *user, const struct pb_check *check, const char *what, const char *stored,
                            const char *anew) {
    printf("%s: %s%s%s was %s, is %s\n", (const char *)user, check ? check->id : "", check ? ": " : "", what, stored,
           anew);
}

static int rejudge_one(const char *path, struct pb_reader *reader) {
    struct pb_rejudge_result result;
    struct pb_error error;
    if (pb_rejudge(reader, show_difference, (void *)path, &result, &error) != PB_OK) return pb_cli_complain(&error);
    printf("%s: %lld readings and %lld verdicts judged again, %lld differ; verdict %s\n", path,
           (long long)result.readings, (long long)result.verdicts, (long long)result.differences,
           pb_verdict_name(result.verdict));
    return result.differences ? PB_EXIT_FAIL : 0;
}

int pb_cli_rejudge(int argc, char **argv) {
    return for_each_file(
        argc, argv,
        "Takes every reading of run files anew from the record and decides every verdict anew. Exit status 1: something differs.",
        rejudge_one);
}

#define TELL_WORDS "RUN abort|status|comment|answer [TEXT]"

int pb_cli_tell(int argc, char **argv) {
    static const struct argp parser = {
        NULL,
        NULL,
        TELL_WORDS,
        "Asks something of a run in progress. abort: outputs become safe, the rest is inconc; status: where it is; comment: a remark for the record; "
        "answer: to what the run asks a person for, \"done\" or \"cannot: why\".",
        0,
        0,
        0};
    if (argc > 1 && strcmp(argv[1], "--help") == 0) pb_cli_help(&parser, argv);
    char answer[512], path[4200];
    struct pb_error error;
    if (argc < 3 || argc > 4) {
        (void)pb_fail(&error, PB_ERR_INPUT, 0, "tell", "found %d words, expected " TELL_WORDS, argc - 1);
        return pb_cli_complain(&error);
    }
    snprintf(path, sizeof path, "%.4000s.sock", argv[1]);
    for (int verb = 0; verb < PB_VERB_COUNT; verb++)
        if (strcmp(pb_verb_name((enum pb_verb)verb), argv[2]) == 0) {
            if (pb_control_ask(path, (enum pb_verb)verb, argc > 3 ? argv[3] : "", 5000, answer, sizeof answer,
                               &error) != PB_OK)
                return pb_cli_complain(&error);
            puts(answer);
            return 0;
        }
    (void)pb_fail(&error, PB_ERR_INPUT, 0, "tell", "found '%.60s', expected abort, status, comment or answer", argv[2]);
    return pb_cli_complain(&error);
}
