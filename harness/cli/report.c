/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pilotbench report: formats of a run that was recorded. The same facts as `run` writes. */
#include "harness/cli/cli.h"

#include "record/read/reader.h"
#include "reports/report.h"

#include <argp.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- shared with run ---- */

static int width_of_terminal(void) {
    struct winsize window;
    if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col) return window.ws_col;
    return 120;
}

enum pb_status pb_cli_report_text(struct pb_reader *reader, const struct pb_summary *summary, struct pb_error *error) {
    const char *self_test = pb_reader_header(reader, "self_test");
    const char *mutate = pb_reader_header(reader, "mutate");
    if (self_test) printf("%s\n", self_test);
    if (mutate) printf("messages to the device were mutated: %s\n", mutate);
    const struct pb_report_options look = {.width = width_of_terminal(),
                                           .is_colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR"),
                                           .is_utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0};
    return pb_report_text(stdout, summary, &look, error);
}

enum pb_status pb_cli_report_files(struct pb_reader *reader, const struct pb_summary *summary, const char *path,
                                   const char *junit, const char *html, struct pb_error *error) {
    const struct pb_report_fact facts[] = {{"bench", pb_reader_header(reader, "bench")},
                                           {"dut", pb_reader_header(reader, "dut")},
                                           {"self_test", pb_reader_header(reader, "self_test")},
                                           {"device_clock", pb_reader_header(reader, "device_clock")},
                                           {"seed", pb_reader_header(reader, "seed")},
                                           {"mutate", pb_reader_header(reader, "mutate")},
                                           {"limits", pb_reader_header(reader, "limits")},
                                           {"strict_limits", pb_reader_header(reader, "strict_limits")},
                                           {"run_file", path}};
    const struct pb_report_facts all = {pb_reader_header(reader, "started_utc"), facts, sizeof facts / sizeof *facts};
    enum pb_status status = junit ? pb_report_junit(junit, summary, &all, error) : PB_OK;
    if (status == PB_OK && html) status = pb_report_html(html, reader, summary, &all, error);
    return status;
}

/* ---- files ---- */

/* Where a file is, or will be: its folder's path without links, and its name. False: it is none (/dev/null), or cannot be there. */
static bool place_of(const char *path, char *ret_place, size_t size) {
    char folder[PATH_MAX], real[PATH_MAX];
    struct stat found;
    if (stat(path, &found) == 0 && !S_ISREG(found.st_mode)) return false;
    if (realpath(path, real)) {
        snprintf(ret_place, size, "%s", real);
        return true;
    }
    const char *slash = strrchr(path, '/');
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
    if (!realpath(folder, real)) return false;
    snprintf(ret_place, size, "%s/%s", real, slash ? slash + 1 : path);
    return true;
}

enum pb_status pb_cli_check_apart(const struct pb_cli_output *files, size_t count, struct pb_error *error) {
    char place[2 * PATH_MAX], other[2 * PATH_MAX];
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < i; k++)
            if (files[i].path && files[k].path && place_of(files[i].path, place, sizeof place) &&
                place_of(files[k].path, other, sizeof other) && strcmp(place, other) == 0)
                return pb_fail(error, PB_ERR_INPUT, 0, files[i].option,
                               "found %.200s, which is the file of %s too, expected one of its own", files[i].path,
                               files[k].option);
    return PB_OK;
}

/* ---- the verb ---- */

struct report_options {
    const char *path, *html, *junit;
    bool is_text;
};

static error_t parse(int key, char *text, struct argp_state *state) {
    struct report_options *options = state->input;
    switch (key) {
    case 'h': options->html = text; return 0;
    case 'j': options->junit = text; return 0;
    case 't': options->is_text = true; return 0;
    case ARGP_KEY_ARG:
        if (options->path) return pb_cli_refuse(state, "found a second run file '%s', expected one", text);
        options->path = text;
        return 0;
    case ARGP_KEY_END: return options->path ? 0 : pb_cli_refuse(state, "found no run file, expected one");
    case ARGP_KEY_ERROR: return pb_cli_refuse_option(state);
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option rows[] = {
    {"html", 'h', "FILE", 0, "write an HTML page", 0},
    {"junit", 'j', "FILE", 0, "write a JUnit file", 0},
    {"text", 't', 0, 0, "print the table (also when nothing else is asked for)", 0},
    {0}};

int pb_cli_report(int argc, char **argv) {
    static const struct argp parser = {
        rows, parse, "RUN", "Writes reports of a run file. Exit status 0: written, whatever the verdict was.", 0, 0, 0};
    struct report_options options = {0};
    struct pb_reader *reader;
    struct pb_summary summary;
    struct pb_error error;
    setlocale(LC_CTYPE, "");
    if (!pb_cli_parse(&parser, argc, argv, &options)) return PB_EXIT_INPUT;
    const struct pb_cli_output files[] = {{"RUN", options.path}, {"--junit", options.junit}, {"--html", options.html}};
    enum pb_status status = pb_cli_check_apart(files, sizeof files / sizeof *files, &error);
    if (status == PB_OK) status = pb_reader_open(options.path, &reader, &error);
    if (status != PB_OK) return pb_cli_complain(&error);
    status = pb_summary_read(reader, &summary, &error);
    if (status == PB_OK) {
        status = pb_cli_report_files(reader, &summary, options.path, options.junit, options.html, &error);
        if (status == PB_OK && (options.is_text || (!options.junit && !options.html)))
            status = pb_cli_report_text(reader, &summary, &error);
        pb_summary_finish(&summary);
    }
    pb_reader_close(reader);
    return status == PB_OK ? 0 : pb_cli_complain(&error);
}
