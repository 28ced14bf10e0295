/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside of harness/cli. A verb takes its own argv (argv[0] is "pilotbench VERB") and returns the program's exit status. */
#ifndef PB_HARNESS_CLI_H
#define PB_HARNESS_CLI_H

#include "harness/script/script.h"
#include "judge/summary.h"

#include <argp.h>

enum pb_exit {
    PB_EXIT_PASS = 0,
    PB_EXIT_FAIL = 1,
    PB_EXIT_INPUT = 2,
    PB_EXIT_INCONC = 3,
    PB_EXIT_ERROR = 4,
    PB_EXIT_INTERRUPTED = 130
};

int pb_cli_run(int argc, char **argv);
int pb_cli_list(int argc, char **argv);
int pb_cli_scan(int argc, char **argv);
int pb_cli_verify(int argc, char **argv);
int pb_cli_rejudge(int argc, char **argv);
int pb_cli_tell(int argc, char **argv);
int pb_cli_report(int argc, char **argv);

/* "pilotbench: PLACE: text" to stderr, one line of printable UTF-8 whatever the error quotes; returns the exit status that the error means. */
int pb_cli_complain(const struct pb_error *error);
/* argp without its own messages, which take two lines: one line that names found and expected, exit status 2. False: has complained. */
bool pb_cli_parse(const struct argp *parser, int argc, char **argv, void *input);
/* A verb's options, to standard output; ends the program with 0. pb_cli_parse() does so by itself for --help. */
_Noreturn void pb_cli_help(const struct argp *parser, char **argv);
/* For parser functions: complains, once a command line, and returns EINVAL. The second is for ARGP_KEY_ERROR: an option that argp does not know. */
error_t pb_cli_refuse(struct argp_state *state, const char *format, ...) PB_PRINTF(2, 3);
error_t pb_cli_refuse_option(struct argp_state *state);
/* The folder that holds test_suites/ and fixtures/: PB_DATA, else the one above the program's, else the installed one. Valid for the program's life. */
const char *pb_cli_data(void);
/* Bench, DUT and limits of a command line; paths that are not there are the virtual bench, the stub EVSE and the public limits. A DUT that cannot be started
 * on this bench is an error too. */
enum { PB_CLI_LIMITS_MAX = 8 };
struct pb_cli_limits {
    const char *paths[PB_CLI_LIMITS_MAX]; /* later files replace rows of earlier ones */
    size_t count;
};
struct pb_cli_inputs {
    struct pb_bench bench;
    struct pb_dut dut;
    struct pb_limits limits;
};
PB_MUST_CHECK enum pb_status pb_cli_read_inputs(const char *bench, const char *dut, const struct pb_cli_limits *limits,
                                                struct pb_cli_inputs *ret_inputs, struct pb_error *error);
/* For parser functions: one more --limits. */
error_t pb_cli_take_limits(struct argp_state *state, struct pb_cli_limits *limits, const char *path);
void pb_cli_finish_inputs(struct pb_cli_inputs *inputs);
/* Loads what a person named: a case ("S1"), or a suite file ("my/test.lua"). */
PB_MUST_CHECK enum pb_status pb_cli_load_suite(const char *name, const struct pb_script_setup *setup,
                                               struct pb_plan *plan, struct pb_error *error);

/* The table, to standard output. */
PB_MUST_CHECK enum pb_status pb_cli_report_text(struct pb_reader *reader, const struct pb_summary *summary,
                                                struct pb_error *error);
/* A file that something is written to, or read from; path NULL: none. */
struct pb_cli_output {
    const char *option, *path;
};
/* No two of them are one file: PB_ERR_INPUT, with the options' names. */
PB_MUST_CHECK enum pb_status pb_cli_check_apart(const struct pb_cli_output *files, size_t count,
                                                struct pb_error *error);
/* The reports that were asked for (NULL: not). path: the run file's. */
PB_MUST_CHECK enum pb_status pb_cli_report_files(struct pb_reader *reader, const struct pb_summary *summary,
                                                 const char *path, const char *junit, const char *html,
                                                 struct pb_error *error);

#endif
